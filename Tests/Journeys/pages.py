"""The pages of Gatehouse as a person uses them. The only place that knows their markup."""

import re

from playwright.sync_api import expect


class SignInPage:
    def __init__(self, page):
        self.page = page
        self.password_form = page.locator("form:has(input[name=username]):has(input[name=password])")
        self.phone_form = page.locator("form:has(input[name=phone])")
        self.alert = page.get_by_role("alert")

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/login(\?|$)"))
        return self

    def choose(self, method):
        """`password` or `phone`, unless that form is already open."""
        form = self.phone_form if method == "phone" else self.password_form
        expect(self.page.locator("h1")).to_be_visible()
        if not form.locator("input:visible").count():
            self.page.locator(f"#tab-{method}").click()
        expect(form.locator(f"input[name={'phone' if method == 'phone' else 'username'}]")).to_be_visible()

    def send_code(self, phone):
        self.choose("phone")
        self.phone_form.locator("input[name=phone]").fill(phone)
        self.phone_form.locator("button[value=send]:not([tabindex='-1'])").click()
        expect(self.page.get_by_role("status").first).to_be_visible()

    def enter_code(self, code):
        self.phone_form.locator("input[name=code]").fill(code)
        self.phone_form.locator("button[value=verify]:not([tabindex='-1'])").click()

    def enter_password(self, username, password):
        self.choose("password")
        self.password_form.locator("input[name=username]").fill(username)
        self.password_form.locator("input[name=password]").fill(password)
        self.password_form.locator("input[name=password]").press("Enter")

    def refusal(self):
        """The words of the refusal."""
        expect(self.alert).to_be_visible()
        return self.alert.inner_text()


class SetPasswordPage:
    def __init__(self, page):
        self.page = page
        self.inputs = page.locator("input[autocomplete=new-password]")
        self.alert = page.get_by_role("alert")

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/login/password"))
        expect(self.inputs).to_have_count(2)
        return self

    def enter(self, password, repeated=None):
        self.inputs.nth(0).fill(password)
        self.inputs.nth(1).fill(repeated or password)
        self.page.locator("form:has(input[autocomplete=new-password]) button[type=submit]").last.click()


class Portal:
    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/"

    def open(self):
        self.page.goto(self.address)
        return self

    def is_shown(self):
        expect(self.page).to_have_url(self.address)
        expect(self.tile("OAuth application")).to_be_visible()
        return self

    def tile(self, name):
        return self.page.get_by_role("link", name=name)

    def sign_out(self):
        """The link or button in the page's head, and the confirmation where one is asked."""
        self.page.locator("form[action*=logout] button[type=submit]").first.click()
        self.page.wait_for_load_state()


def first_sign_in(page, person, sms, password):
    """From the sign-in page to wherever it leads, as someone who has no password yet."""
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    sign_in.enter_code(sms.next_code(person.phone))
    SetPasswordPage(page).is_shown().enter(password)
    person.password = password
