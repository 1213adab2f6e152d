"""The personal centre: what people see and change of their own."""

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, NO_SCRIPTS_EN, PHONE_EN, PHONE_ZH, has_chinese
from pages import EmailPage, SignInPage

VISITORS = [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS, NO_SCRIPTS_EN]
PAGES = ["profile", "email", "sessions", "history", "applications"]


def signed_in(page, gatehouse, person):
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    expect(page).to_have_url(f"{gatehouse.issuer}/")


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, DESKTOP_EN, PHONE_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_the_account_page_leads_to_everything_and_back(install, visit, shoot, visitor):
    gatehouse = install({"session.places": "127.0.0.0/8 总部 Office", "profile.editable": "name,nickname,language"})
    person = gatehouse.known_person()
    page = visit(visitor)
    signed_in(page, gatehouse, person)
    home = f"{gatehouse.issuer}/account"
    page.goto(home)
    shoot(page, "account")
    for name in PAGES:
        page.locator(f"main a[href='/account/{name}']").click()
        expect(page).to_have_url(f"{home}/{name}")
        assert has_chinese(page.locator("h1").inner_text()) == visitor.locale.startswith("zh")
        width = page.evaluate("document.documentElement.scrollWidth") if visitor.scripts else 0
        assert width <= visitor.width
        shoot(page, f"account-{name}")
        page.locator("main a[href='/account']").last.click()
        expect(page).to_have_url(home)


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_a_person_proves_an_email_address(gatehouse, visit, shoot, visitor):
    person = gatehouse.known_person()
    new = f"{person.username}@new.example"
    page = visit(visitor)
    signed_in(page, gatehouse, person)
    email = EmailPage(page, gatehouse.issuer).open()
    email.ask("not an address", PASSWORD)
    if visitor.scripts:
        expect(page.locator("#email-error, [role=alert]").first).to_be_visible()
    email.ask(new, "Wrong-Harbour-42")
    expect(email.alert).to_be_visible()
    shoot(page, "email-wrong-password")
    email.ask(new, PASSWORD)
    code = gatehouse.mail.next_code(new, "VERIFY_EMAIL")
    expect(page.locator("#code")).to_be_visible()
    shoot(page, "email-code")
    email.enter_code(f"{(int(code) + 1) % 1_000_000:06d}")
    assert has_chinese(email.alert.inner_text()) == visitor.locale.startswith("zh")
    email.enter_code(code)
    expect(page).to_have_url(f"{gatehouse.issuer}/account?notice=emailVerified")
    shoot(page, "email-verified")
    email.open()
    expect(page.locator(".identity")).to_contain_text(new)
    shoot(page, "email-of-the-account")
    assert gatehouse.mail.next_message(person.email, "EMAIL_CHANGED")


@pytest.mark.parametrize("visitor", [PHONE_ZH, NO_SCRIPTS_EN], ids=str)
def test_a_chosen_language_speaks_at_every_browser(gatehouse, visit, shoot, visitor):
    person = gatehouse.known_person()
    page, other = visit(visitor), visit(DESKTOP_EN)
    for each in (page, other):
        signed_in(each, gatehouse, person)
    chosen, heading = ("en", "My account") if visitor.locale.startswith("zh") else ("zh-Hans", "我的账号")
    page.goto(f"{gatehouse.issuer}/account/profile")
    page.locator(f"#language-{chosen}").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("html")).to_have_attribute("lang", chosen)
    shoot(page, "language-chosen")
    other.goto(f"{gatehouse.issuer}/account")
    expect(other.locator("h1")).to_have_text(heading)


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_an_application_is_taken_what_it_was_allowed(gatehouse, examples, visit, shoot, visitor):
    person = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{examples.oauth}sign-in")
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    expect(page).to_have_url(examples.oauth)
    page.goto(f"{examples.cas}sign-in")
    page.goto(f"{gatehouse.issuer}/account/applications")
    expect(page.locator("main .session-device")).to_have_count(2)
    shoot(page, "applications")
    page.locator("form[action$=withdraw] button").click()
    expect(page).to_have_url(f"{gatehouse.issuer}/account/applications?notice=applicationWithdrawn")
    expect(page.locator("form[action$=withdraw]")).to_have_count(0)
    shoot(page, "application-withdrawn")


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_another_device_is_signed_out(gatehouse, visit, shoot, visitor):
    person = gatehouse.known_person()
    lost, page = visit(), visit(visitor)
    for each in (lost, page):
        signed_in(each, gatehouse, person)
    page.goto(f"{gatehouse.issuer}/account/sessions")
    expect(page.locator("main .session")).to_have_count(2)
    shoot(page, "two-devices")
    page.locator("form[action$=end-others] button").click()
    expect(page.locator("main .session")).to_have_count(1)
    lost.goto(f"{gatehouse.issuer}/account")
    SignInPage(lost).is_shown()


def test_an_operator_tries_out_whether_email_is_sent(install):
    gatehouse = install()
    done = gatehouse.command("mail", "test", "somebody@example.com", "--tenant", "acme", "--language", "en")
    assert done == {"gateway": "file", "reference": None}
    assert [(mail["to"], mail["purpose"]) for mail in gatehouse.mail.all()] == [("somebody@example.com", "TEST_EMAIL")]
