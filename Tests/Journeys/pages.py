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

    def ask_for_code(self, phone):
        self.choose("phone")
        self.phone_form.locator("input[name=phone]").fill(phone)
        self.press_send()

    def press_send(self):
        self.phone_form.locator("button[value=send]:not([tabindex='-1'])").click()

    def send_code(self, phone):
        self.ask_for_code(phone)
        self.is_told_of_code()

    def is_told_of_code(self):
        expect(self.phone_form.locator(".notice:not(.puzzle)")).to_be_visible()

    def enter_code(self, code):
        self.phone_form.locator("input[name=code]").fill(code)
        self.phone_form.locator("button[value=verify]:not([tabindex='-1'])").click()

    def enter_password(self, username, password):
        self.choose("password")
        self.password_form.locator("input[name=username]").fill(username)
        self.password_form.locator("input[name=password]").fill(password)
        self.password_form.locator("input[name=password]").press("Enter")

    def forget_password(self):
        self.choose("password")
        self.page.locator("a[href*='/login/forgotten']").click()
        return ForgottenPasswordPage(self.page).is_shown()

    @property
    def puzzle_state(self):
        """What the open form says of its puzzle."""
        return self.page.locator("[data-puzzle-state]:visible")

    def refusal(self):
        """The words of the refusal."""
        expect(self.alert).to_be_visible()
        return self.alert.inner_text()


class ForgottenPasswordPage(SignInPage):
    """Phone and code as on the sign-in page."""

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/login/forgotten"))
        return self

    def choose(self, method):
        assert method == "phone"


class JoinPage:
    """Coming in by an invitation."""

    def __init__(self, page):
        self.page = page

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/join\?"))
        return self

    def fill(self, name, phone):
        self.page.locator("#name").fill(name)
        self.page.locator("#phone").fill(phone)

    def send(self):
        self.page.locator("button[value=send]:not([tabindex='-1'])").click()

    def enter(self, code):
        self.page.locator("#code").fill(code)
        self.page.locator("button[value=verify]:not([tabindex='-1'])").click()


class SetPasswordPage:
    def __init__(self, page):
        self.page = page
        self.inputs = page.locator("input[autocomplete=new-password]")
        self.alert = page.get_by_role("alert")

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/login/password"))
        expect(self.inputs).to_have_count(2)
        return self

    @property
    def reason(self):
        return self.page.locator(".lead").inner_text()

    def enter(self, password, repeated=None):
        self.inputs.nth(0).fill(password)
        self.inputs.nth(1).fill(repeated or password)
        self.page.locator("form:has(input[autocomplete=new-password]) button[type=submit]").last.click()


class ChangePasswordPage:
    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/account/password"
        self.new, self.repeated = page.locator("#newPassword"), page.locator("#repeatedPassword")
        self.summary = page.locator("[data-rules-summary]")

    def open(self):
        self.page.goto(self.address)
        return self

    def enter(self, current, password):
        self.page.locator("#currentPassword").fill(current)
        self.new.fill(password)
        self.repeated.fill(password)
        self.repeated.press("Enter")

    def verdicts(self):
        """What the page says of each rule: True, False, or None where it does not know."""
        verdict = "(has) => has('rule-met') ? true : has('rule-violated') ? false : null"
        return self.page.locator("[data-rule]").evaluate_all(
            f"""(rules) => Object.fromEntries(rules.map((rule) =>
                [rule.dataset.rule, ({verdict})((name) => rule.classList.contains(name))]))"""
        )


class ChangePhonePage:
    """First the code to the old phone, then the new number and the code to that."""

    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/account/phone"
        self.new_phone = page.locator("input[name=phone]")
        self.alert = page.get_by_role("alert")

    def open(self):
        self.page.goto(self.address)
        return self

    def send_code(self):
        self.page.locator("button[value=send]:not([tabindex='-1'])").click()
        expect(self.page.locator(".notice:not(.puzzle)")).to_be_visible()

    def enter_code(self, code):
        self.page.locator("input[name=code]").fill(code)
        self.page.locator("button[value=verify]:not([tabindex='-1'])").click()

    def refusal(self):
        expect(self.alert).to_be_visible()
        return self.alert.inner_text()


class SecondFactorPages:
    """The overview of a person's second step, and the forms that change it with the password."""

    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/account/second-factor"

    def open(self):
        self.page.goto(self.address)
        return self.is_shown()

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/account/second-factor(\?|$)"))
        return self

    def app_secret(self):
        """As a person types it into the app."""
        return self.page.locator(".secret").inner_text().replace(" ", "")

    def enter_app_code(self, code, password):
        self.page.locator("#appCode").fill(code)
        self.confirm(password)

    def change(self, act, password):
        self.page.locator(f"a[href$='act={act}']").click()
        self.confirm(password)

    def confirm(self, password):
        self.page.locator("#currentPassword").fill(password)
        self.page.locator("button[value=confirm]:not([tabindex='-1'])").click()

class EmailPage:
    """The address with a proof, then the code that was sent to it."""

    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/account/email"
        self.alert = page.get_by_role("alert")

    def open(self):
        self.page.goto(self.address)
        return self

    def ask(self, email, password):
        self.page.locator("#email").fill(email)
        self.page.locator("#currentPassword").fill(password)
        self.page.locator("button[value=confirm]:not([tabindex='-1'])").click()

    def enter_code(self, code):
        self.page.locator("#code").fill(code)
        self.page.locator("button[value=verify]:not([tabindex='-1'])").click()


class SignInFactorPage:
    """The step after the first factor."""

    def __init__(self, page):
        self.page = page
        self.alert = page.get_by_role("alert")

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/login/second-factor"))
        return self

    def choose(self, factor):
        self.page.locator(f"a[href$='factor={factor}']:not([href*='lang='])").click()
        expect(self.page.locator(f"input[name=factor][value={factor}]")).to_have_count(1)
        return self

    def send_code(self):
        self.page.locator("button[value=send]").click()
        expect(self.page.locator(".notice:not(.puzzle)")).to_be_visible()

    def enter(self, code, action=None):
        self.page.locator("#code").fill(code)
        self.page.locator(f"button[value={action}]" if action else "button.button-primary:not([value])").click()

    def enter_password(self, password):
        self.page.locator("#password").fill(password)
        self.page.locator("#password").press("Enter")


class SharedEntrance:
    """The page of all tenants, which asks for the enterprise."""

    def __init__(self, page):
        self.page = page

    def enter(self, account):
        self.page.locator("input[name=account]").fill(account)
        self.page.locator("form:has(input[name=account]) button[type=submit]").click()


class MembersPage:
    """The list of members, and the forms of what is done to them."""

    def __init__(self, page, issuer):
        self.page, self.address = page, f"{issuer}/admin/users"
        self.rows = page.locator("table.members tbody tr")

    def open(self):
        self.page.goto(self.address)
        return self.is_shown()

    def is_shown(self):
        expect(self.page).to_have_url(re.compile(r"/admin/users(\?|$)"))
        return self

    def row(self, username):
        return self.rows.filter(has=self.page.locator(".member-username").get_by_text(username, exact=True))

    def find(self, text):
        self.page.locator("#search").fill(text)
        self.page.locator("#search").press("Enter")

    def select(self, *usernames):
        for username in usernames:
            self.row(username).locator("input").check()

    def press_reset(self):
        self.page.locator("form:has(table.members) button:not([formaction])").click()

    def press_unfreeze(self):
        self.page.locator("form:has(table.members) button[formaction]").click()

    def send_code(self):
        self.page.locator("button[value=send]").click()

    def confirm(self):
        self.page.locator("button[value=confirm]:not([tabindex='-1'])").click()


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
