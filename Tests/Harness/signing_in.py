"""The sign-in page as a browser without scripts walks it."""

from Harness.people import PASSWORD


def sign_in_by_password(browser, page, person, until=None):
    form = page.form("username", "password")
    return browser.submit(form, until, action="password", username=person.username, password=person.password)


def request_code(browser, page, person):
    return browser.submit(page.form("phone"), action="send", phone=person.phone, code="")


def sign_in_by_sms(browser, page, person, sms, until=None):
    """Sends the code and enters it. Where that leads (the application, or setting a password) is the page returned."""
    page = request_code(browser, page, person)
    code = sms.next_code(person.phone)
    return browser.submit(page.form("phone", "code"), until, action="verify", phone=person.phone, code=code)


def set_password(browser, page, person, password=PASSWORD, until=None):
    form = page.new_password_form
    assert form, f"{page.url} ({page.status}) does not ask for a new password:\n{page.text[:4000]}"
    page = browser.submit(form, until, **{name: password for name in form.passwords})
    person.password = password
    return page


def sign_in(browser, page, person, sms, until=None):
    """However this person can: the first time by SMS and setting a password, then by password."""
    if person.password:
        return sign_in_by_password(browser, page, person, until)
    return set_password(browser, sign_in_by_sms(browser, page, person, sms, until), person, until=until)
