"""Somebody who forgot the password gets a code, sets another one and is where they were going."""

import pytest
from playwright.sync_api import expect

from Harness.browser import Browser
from Harness.people import PASSWORD
from Harness.signing_in import sign_in_by_password
from conftest import DESKTOP_ZH, NO_SCRIPTS, NO_SCRIPTS_EN, PHONE_EN, has_chinese
from pages import Portal, SetPasswordPage, SignInPage

NEW_PASSWORD = "Brighter-Lantern-7"


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS, NO_SCRIPTS_EN], ids=str)
def test_it_leads_back_into_the_application_and_ends_every_other_session(gatehouse, examples, visit, shoot, visitor):
    person = gatehouse.known_person()
    elsewhere = Browser()
    portal = sign_in_by_password(elsewhere, elsewhere.open(f"{gatehouse.issuer}/"), person)
    assert portal.url == f"{gatehouse.issuer}/"

    page = visit(visitor)
    page.goto(examples.oauth)
    page.locator("#sign-in").click()
    forgotten = SignInPage(page).is_shown().forget_password()
    shoot(page, "forgotten")
    forgotten.send_code(person.phone)
    shoot(page, "forgotten-code-sent")
    code = gatehouse.sms.next_code(person.phone, "FORGET_PWD_SMS")
    forgotten.enter_code(f"{(int(code) + 1) % 1_000_000:06d}")
    assert has_chinese(forgotten.refusal()) == visitor.locale.startswith("zh")
    shoot(page, "forgotten-wrong-code")
    forgotten.enter_code(code)

    set_password = SetPasswordPage(page).is_shown()
    assert set_password.reason in (
        "请设置新密码。设置后，其他设备上的登录都将退出。",
        "Set a new password. You will be signed out everywhere else.",
    )
    shoot(page, "forgotten-set-password")
    set_password.enter(NEW_PASSWORD)

    expect(page).to_have_url(examples.oauth)
    expect(page.locator("#preferred_username")).to_have_text(person.username)
    assert person.username in gatehouse.sms.next_message(person.phone, "PWD_CHANGED_SMS")["text"]
    assert "/login" in elsewhere.open(f"{gatehouse.issuer}/").url

    stranger = Browser()
    page = sign_in_by_password(stranger, stranger.open(f"{gatehouse.issuer}/"), person)
    assert page.status == 422
    person.password = NEW_PASSWORD
    assert sign_in_by_password(stranger, page, person).url == f"{gatehouse.issuer}/"


def test_an_unknown_phone_sees_the_same_pages(gatehouse, examples, visit):
    page = visit()
    Portal(page, gatehouse.issuer).open()
    forgotten = SignInPage(page).is_shown().forget_password()
    forgotten.send_code("13999999999")
    forgotten.enter_code("123456")
    assert forgotten.is_shown().refusal()
    page.locator(".aside a").click()
    SignInPage(page).is_shown().choose("password")


def test_enter_sends_the_code_first_and_then_goes_on(gatehouse, examples, visit):
    person = gatehouse.known_person()
    page = visit()
    Portal(page, gatehouse.issuer).open()
    forgotten = SignInPage(page).is_shown().forget_password()
    page.locator("#phone").fill(person.phone)
    page.locator("#phone").press("Enter")
    forgotten.is_told_of_code()
    page.locator("#code").fill(gatehouse.sms.next_code(person.phone, "FORGET_PWD_SMS"))
    page.locator("#code").press("Enter")
    SetPasswordPage(page).is_shown().enter(PASSWORD + "-2")
    Portal(page, gatehouse.issuer).is_shown()
