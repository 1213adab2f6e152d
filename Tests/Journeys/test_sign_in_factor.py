"""A second factor at sign-in: an app, recovery codes, a passkey; and one that is demanded of everyone."""

import time

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, PHONE_ZH
from pages import Portal, SecondFactorPages, SetPasswordPage, SignInFactorPage, SignInPage
from test_second_factor import app_code, code_of, signed_in, virtual_authenticator

VISITORS = [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS]


def with_app(gatehouse, visit):
    """Somebody who has set up an app, and its secret."""
    page = visit()
    person = signed_in(gatehouse, page)
    pages = SecondFactorPages(page, gatehouse.issuer).open()
    page.locator("a[href$='/account/second-factor/app']").click()
    secret = pages.app_secret()
    pages.enter_app_code(app_code(secret), PASSWORD)
    codes = page.locator(".recovery-codes li").all_inner_texts()
    return person, secret, codes


def next_code(secret):
    """The code after the one that was used: a clock of a phone may be ahead."""
    return code_of(secret, int(time.time()) // 30 + 1)


def is_in(page, gatehouse):
    expect(page).to_have_url(f"{gatehouse.issuer}/")
    return Portal(page, gatehouse.issuer)


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_who_has_an_app_is_asked_for_it(gatehouse, visit, shoot, visitor):
    person, secret, codes = with_app(gatehouse, visit)
    page = visit(visitor)
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    factor = SignInFactorPage(page).is_shown()
    shoot(page, "factor-app")
    factor.enter("000000" if next_code(secret) != "000000" else "000001")
    expect(factor.alert).to_be_visible()
    shoot(page, "factor-app-wrong")
    factor.choose("recovery_code")
    shoot(page, "factor-recovery-code")
    factor.choose("totp").enter(next_code(secret))
    is_in(page, gatehouse)


def test_a_recovery_code_lets_its_person_in_once(gatehouse, visit):
    person, _, codes = with_app(gatehouse, visit)
    page = visit()
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    SignInFactorPage(page).is_shown().choose("recovery_code").enter(codes[0].lower())
    is_in(page, gatehouse)
    again = visit()
    Portal(again, gatehouse.issuer).open()
    SignInPage(again).is_shown().enter_password(person.username, PASSWORD)
    factor = SignInFactorPage(again).is_shown().choose("recovery_code")
    factor.enter(codes[0])
    expect(factor.alert).to_be_visible()


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_a_passkey_signs_in_by_itself_and_as_second_factor(gatehouse, visit, shoot, visitor):
    page = visit(visitor)
    virtual_authenticator(page)
    person = signed_in(gatehouse, page)
    page.goto(f"{gatehouse.issuer}/account/passkeys/add")
    page.locator("#currentPassword").fill(PASSWORD)
    page.locator("button[value=confirm]:not([tabindex='-1'])").click()
    page.locator("[data-passkey-start]").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    Portal(page, gatehouse.issuer).open().sign_out()

    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()
    shoot(page, "sign-in-with-passkey")
    page.locator("form[data-passkey] [data-passkey-start]").click()
    is_in(page, gatehouse)

    pages = SecondFactorPages(page, gatehouse.issuer).open()
    page.locator("a[href$='/account/second-factor/app']").click()
    pages.enter_app_code(app_code(pages.app_secret()), PASSWORD)
    Portal(page, gatehouse.issuer).open().sign_out()
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    SignInFactorPage(page).is_shown().choose("passkey")
    shoot(page, "factor-passkey")
    page.locator("[data-passkey-start]").click()
    is_in(page, gatehouse)


def test_without_scripts_no_passkey_is_offered(gatehouse, visit):
    page = visit(NO_SCRIPTS)
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()
    expect(page.locator("form[data-passkey]")).to_be_hidden()


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH, NO_SCRIPTS], ids=str)
def test_where_one_is_demanded_an_app_is_set_up_on_the_way_in(install, visit, shoot, tmp_path, visitor):
    gatehouse = install({"secondFactor.demand": "everyone", "secondFactor.methods": "totp"})
    person = gatehouse.new_person()
    page = visit(visitor)
    Portal(page, gatehouse.issuer).open()
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    factor = SignInFactorPage(page).is_shown()
    shoot(page, "factor-set-up")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    picture = tmp_path / "symbol.png"
    page.locator(".symbol img").screenshot(path=picture)
    [read] = zxingcpp.read_barcodes(Image.open(picture))
    assert read.text == page.locator("a[href^='otpauth:']").get_attribute("href")
    assert f"secret={secret}" in read.text
    factor.enter(app_code(secret))
    shoot(page, "factor-recovery-codes")
    assert len(page.locator(".recovery-codes li").all()) == 10
    page.locator(".card a.button-primary").click()
    SetPasswordPage(page).is_shown().enter(PASSWORD)
    is_in(page, gatehouse)


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_a_code_to_the_phone_after_the_password_and_the_password_after_a_code(install, visit, shoot, visitor):
    gatehouse = install({"secondFactor.demand": "everyone"})
    person = gatehouse.known_person()
    page = visit(visitor)
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    factor = SignInFactorPage(page).is_shown()
    shoot(page, "factor-sms")
    factor.send_code()
    shoot(page, "factor-sms-sent")
    factor.enter(gatehouse.sms.next_code(person.phone, "OTP_REST_SMS"), "verify")
    is_in(page, gatehouse).sign_out()
    Portal(page, gatehouse.issuer).open()
    sign_in = SignInPage(page).is_shown()
    # Somebody else: one phone gets one message a minute.
    person = gatehouse.known_person()
    sign_in.send_code(person.phone)
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    factor = SignInFactorPage(page).is_shown()
    shoot(page, "factor-password")
    factor.enter_password(PASSWORD)
    is_in(page, gatehouse)
