"""Passwords that somebody else chose, and such as grow old."""

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, PHONE_ZH
from pages import ChangePasswordPage, Portal, SetPasswordPage, SignInPage

NEW_PASSWORD = "Brighter-Lantern-7"


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_a_one_time_password_leads_to_setting_another(gatehouse, examples, visit, shoot, visitor):
    person = gatehouse.known_person()
    done = gatehouse.command("user", "reset-password", "--tenant", "acme", "--one-time", person.username)
    assert done == [{"username": person.username, "outcome": "reset"}]
    one_time = gatehouse.sms.next_code(person.phone, "NEW_PWD_SMS")

    page = visit(visitor)
    page.goto(f"{examples.oauth}sign-in")
    sign_in = SignInPage(page).is_shown()
    sign_in.enter_password(person.username, PASSWORD)
    assert sign_in.refusal()
    sign_in.enter_password(person.username, one_time)
    set_password = SetPasswordPage(page).is_shown()
    shoot(page, "one-time-password")
    set_password.enter(one_time)
    expect(set_password.alert).to_be_visible()  # it is one of the last passwords
    set_password.enter(NEW_PASSWORD)
    expect(page).to_have_url(examples.oauth)
    expect(page.locator("#preferred_username")).to_have_text(person.username)


def test_a_tenants_initial_password_has_to_be_changed(install, visit):
    gatehouse = install()
    secret = gatehouse.directory / "initial"
    secret.write_text("Welcome-Aboard-24\n")
    gatehouse.command("tenant", "change", "acme", "--set-file", f"password.initial={secret}")
    gatehouse.command("user", "add", "lin.mei", "--tenant", "acme", "--phone", "13800138000")

    page = visit(DESKTOP_ZH)
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password("lin.mei", "Welcome-Aboard-24")
    set_password = SetPasswordPage(page).is_shown()
    assert set_password.reason == "当前密码由管理员设置。为了账号安全，请换成只有自己知道的密码。"
    set_password.enter(NEW_PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")


def test_a_password_from_another_system_opens_the_door_once_and_again(gatehouse, examples, visit):
    person = gatehouse.known_person()
    for _ in range(2):  # the second time its hash is one of ours
        page = visit()
        page.goto(f"{examples.oauth}sign-in")
        SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
        expect(page).to_have_url(examples.oauth)
        expect(page.locator("#preferred_username")).to_have_text(person.username)


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_a_password_that_is_about_to_expire_is_told_of_with_the_way_to_change_it(install, visit, shoot, visitor):
    gatehouse = install({"password.maximumAge": "228h"})  # nine days and a half: nine, whenever the page is shown
    person = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    warning = page.locator(".notice-warning")
    for address in ("/", "/account"):
        page.goto(f"{gatehouse.issuer}{address}")
        expect(warning).to_contain_text("9 天" if visitor.locale.startswith("zh") else "9 day(s)")
        shoot(page, f"expiry-{'account' if address != '/' else 'portal'}")

    warning.get_by_role("link").click()
    expect(page).to_have_url(ChangePasswordPage(page, gatehouse.issuer).address)


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH], ids=str)
def test_changing_the_password_tells_how_many_attempts_are_left(gatehouse, visit, shoot, visitor):
    person = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    change = ChangePasswordPage(page, gatehouse.issuer).open()
    shoot(page, "change-password")
    change.enter("Wrong-Harbour-42", NEW_PASSWORD)
    expect(page.locator("#currentPassword-error")).to_contain_text(" 9 ")
    shoot(page, "change-password-attempts-left")
    change.enter(PASSWORD, NEW_PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/account?notice=passwordSaved")
