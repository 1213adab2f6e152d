"""A person's second step: authenticator app, SMS codes, recovery codes, passkeys; and what an administrator takes away."""

import base64
import hashlib
import hmac
import re
import time

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, PHONE_ZH
from pages import MembersPage, SecondFactorPages, SignInPage
from test_administration import administrator


def code_of(secret, counter):
    """RFC 4226, not by our own code."""
    mac = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset:offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def app_code(secret):
    return code_of(secret, int(time.time()) // 30)


def signed_in(gatehouse, page):
    person = gatehouse.known_person()
    page.goto(f"{gatehouse.issuer}/account")
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/account")
    return person


def virtual_authenticator(page):
    """A built-in authenticator that checks its person by itself; gives back how to ask what it holds."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return lambda: devtools.send("WebAuthn.getCredentials", made)["credentials"]


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, DESKTOP_EN, PHONE_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_a_person_sets_up_an_app_and_sms_codes_and_removes_them(gatehouse, visit, shoot, visitor):
    page = visit(visitor)
    person = signed_in(gatehouse, page)
    shoot(page, "account-with-second-factor")
    page.locator("a[href='/account/second-factor']").click()
    pages = SecondFactorPages(page, gatehouse.issuer).is_shown()
    shoot(page, "second-factor-none")

    page.locator("a[href='/account/second-factor/app']").click()
    expect(page.locator(".symbol img")).to_be_visible()
    secret = pages.app_secret()
    shoot(page, "app")
    pages.enter_app_code("000000", PASSWORD)
    expect(page.locator("#appCode-error")).to_be_visible()
    assert pages.app_secret() == secret
    shoot(page, "app-refused")
    pages.enter_app_code(app_code(secret), PASSWORD)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    shoot(page, "recovery-codes")
    gatehouse.sms.next_message(person.phone, "FACTOR_CHANGED_SMS")

    page.locator("a.button-primary").click()
    pages.is_shown()
    pages.change("sms-on", PASSWORD)
    expect(page).to_have_url(re.compile("notice=smsFactorOn"))
    shoot(page, "second-factor-all")
    assert gatehouse.command("user", "factors", person.username) == {
        "username": person.username, "totp": True, "sms": True, "passkeys": 0, "recoveryCodes": 10,
    }
    page.locator("a[href$='act=remove-app']").click()
    expect(page.locator("#currentPassword")).to_be_visible()
    expect(page.locator("button[value=send]")).to_have_count(0)
    shoot(page, "app-remove")
    pages.confirm("Wrong-Harbour-42")
    expect(page.get_by_role("alert")).to_be_visible()
    pages.confirm(PASSWORD)
    expect(page).to_have_url(re.compile("notice=appRemoved"))
    pages.change("sms-off", PASSWORD)
    expect(page).to_have_url(re.compile("notice=smsFactorOff"))
    assert gatehouse.command("user", "factors", person.username)["recoveryCodes"] == 0


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, DESKTOP_EN, PHONE_ZH, PHONE_EN], ids=str)
def test_a_person_adds_names_and_removes_a_passkey(gatehouse, visit, shoot, visitor):
    page = visit(visitor)
    signed_in(gatehouse, page)
    credentials = virtual_authenticator(page)
    page.locator("a[href='/account/passkeys']").click()
    shoot(page, "passkeys-none")
    pages = SecondFactorPages(page, gatehouse.issuer)
    page.locator("a[href='/account/passkeys/add']").click()
    shoot(page, "passkey-add")
    pages.confirm(PASSWORD)
    expect(page.locator("[data-passkey-start]")).to_be_visible()
    shoot(page, "passkey-new")
    page.locator("#label").fill("My <laptop>")
    page.locator("[data-passkey-start]").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert len(credentials()) == 1 and credentials()[0]["isResidentCredential"]
    page.locator("a.button-primary").click()
    expect(page.locator(".session-device")).to_contain_text("My <laptop>")
    shoot(page, "passkeys")

    # The same device does not get a second one.
    page.locator("a[href='/account/passkeys/add']").click()
    pages.confirm(PASSWORD)
    page.locator("[data-passkey-start]").click()
    expect(page.locator("[data-passkey-state]")).not_to_be_empty()
    shoot(page, "passkey-exists")
    assert len(credentials()) == 1

    page.goto(f"{gatehouse.issuer}/account/passkeys")
    page.locator(".rename summary").click()
    page.locator(".rename input[name=label]").fill("Work")
    shoot(page, "passkey-rename")
    page.locator(".rename button").click()
    expect(page.locator(".session-device")).to_contain_text("Work")
    page.locator("a[href^='/account/passkeys/remove']").click()
    shoot(page, "passkey-remove")
    pages.confirm(PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/account/passkeys?notice=passkeyRemoved")
    expect(page.locator(".session-device")).to_have_count(0)


def test_without_scripts_the_page_says_what_passkeys_need(gatehouse, visit, shoot):
    page = visit(NO_SCRIPTS)
    signed_in(gatehouse, page)
    page.goto(f"{gatehouse.issuer}/account/passkeys/add")
    assert "JavaScript" in page.locator("noscript").inner_text()
    shoot(page, "passkey-add")


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH], ids=str)
def test_an_administrator_helps_somebody_who_has_lost_the_device(install, visit, shoot, visitor):
    gatehouse = install()
    member = visit()
    person = signed_in(gatehouse, member)
    SecondFactorPages(member, gatehouse.issuer).open().change("sms-on", PASSWORD)
    expect(member.locator(".recovery-codes li")).to_have_count(10)
    page = visit(visitor)
    administrator(gatehouse, page)
    members = MembersPage(page, gatehouse.issuer).open()
    shoot(page, "members-with-factors")
    members.row(person.username).locator("a[href*='/admin/users/factors']").click()
    shoot(page, "member-factors")
    page.locator("#currentPassword").fill(PASSWORD)
    members.confirm()
    expect(page).to_have_url(f"{gatehouse.issuer}/admin/users?notice=memberFactorsRemoved")
    gatehouse.sms.next_message(person.phone, "FACTOR_CHANGED_SMS")
    member.goto(f"{gatehouse.issuer}/account")
    SignInPage(member).is_shown()
    assert gatehouse.command("user", "factors", person.username)["sms"] is False
