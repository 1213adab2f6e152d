"""The main job: sign in once, enter an OAuth application, a CAS application and the portal."""

import pytest
from playwright.sync_api import expect

from conftest import DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, has_chinese
from Harness.people import PASSWORD
from pages import Portal, SetPasswordPage, SignInPage


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_a_first_sign_in_by_sms_opens_every_application(gatehouse, examples, visit, shoot, visitor):
    person = gatehouse.new_person()
    page = visit(visitor)

    page.goto(examples.oauth)
    page.locator("#sign-in").click()
    sign_in = SignInPage(page).is_shown()
    expects_language(page, visitor)
    shoot(page, "1-sign-in")
    sign_in.choose("phone")
    shoot(page, "2-phone")
    sign_in.send_code(person.phone)
    shoot(page, "3-code-sent")
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))

    set_password = SetPasswordPage(page).is_shown()
    expects_language(page, visitor)
    shoot(page, "4-set-password")
    set_password.enter("password")
    expect(set_password.is_shown().alert).to_be_visible()
    shoot(page, "5-weak-password")
    set_password.enter(PASSWORD)

    expect(page).to_have_url(examples.oauth)
    expect(page.locator("#preferred_username")).to_have_text(person.username)
    expect(page.locator("#email")).to_have_text(person.email)
    shoot(page, "6-oauth-application")

    page.goto(examples.cas)
    page.locator("#sign-in").click()
    expect(page).to_have_url(examples.cas)
    expect(page.locator("#user")).to_have_text(person.username)
    expect(page.locator("#displayName")).to_have_text(person.name)
    shoot(page, "7-cas-application")

    portal = Portal(page, gatehouse.issuer).open().is_shown()
    expects_language(page, visitor)
    shoot(page, "8-portal")
    portal.tile("CAS application").click()
    expect(page).to_have_url(examples.cas)


def test_the_language_is_the_persons_choice(gatehouse, examples, visit):
    page = visit(DESKTOP_ZH)
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    SignInPage(page).enter_password("nobody", PASSWORD)
    assert not has_chinese(SignInPage(page).refusal())


def test_an_abandoned_first_sign_in_leaves_nobody_signed_in(gatehouse, examples, visit):
    person = gatehouse.new_person()
    page = visit()
    Portal(page, gatehouse.issuer).open()
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    SetPasswordPage(page).is_shown()
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()


def expects_language(page, visitor):
    """The page says its language, and its headline is in it."""
    chinese = visitor.locale.startswith("zh")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if chinese else "en")
    assert has_chinese(page.locator("h1").inner_text()) == chinese
