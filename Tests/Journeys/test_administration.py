"""Administrators: the members, a reset with a proof, a member's phone."""

import re

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, PHONE_ZH
from pages import MembersPage, SetPasswordPage, SignInPage

NEW_PASSWORD = "Brighter-Lantern-7"


def administrator(gatehouse, page):
    """Somebody with the role, signed in."""
    person = gatehouse.known_person()
    gatehouse.command("user", "change", person.username, "--role", "administrator")
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")
    return person


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, DESKTOP_EN, PHONE_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_an_administrator_resets_passwords_with_a_code_and_a_phone_with_the_password(install, visit, shoot, visitor):
    gatehouse = install()
    first, second, other = (gatehouse.known_person() for _ in range(3))
    member = visit()
    member.goto(f"{gatehouse.issuer}/")
    SignInPage(member).is_shown().enter_password(first.username, PASSWORD)
    expect(member).to_have_url(f"{gatehouse.issuer}/")

    page = visit(visitor)
    me = administrator(gatehouse, page)
    page.locator("nav.sections a[href='/admin/users']").click()
    members = MembersPage(page, gatehouse.issuer).is_shown()
    expect(members.rows).to_have_count(4)
    expect(members.row(me.username).locator("input")).to_have_count(0)
    shoot(page, "members")
    members.find(first.phone)
    expect(members.rows).to_have_count(1)
    assert first.phone not in page.url
    shoot(page, "members-found")
    members.open()
    members.select(first.username, second.username)
    members.press_reset()
    expect(page.locator(".concerned li")).to_have_count(2)
    shoot(page, "reset")

    page.locator("input[value='one-time']").check()
    members.confirm()  # without any proof
    expect(page.locator("#currentPassword-error")).to_be_visible()
    members.send_code()
    expect(page.locator("#code")).to_be_visible()
    expect(page.locator("input[value='one-time']")).to_be_checked()
    shoot(page, "reset-code")
    page.locator("#code").fill("000000")
    members.confirm()
    expect(page.get_by_role("alert")).to_be_visible()
    shoot(page, "reset-refused")
    page.locator("#code").fill(gatehouse.sms.next_code(me.phone, "CONFIRM_SMS"))
    page.locator("#code").press("Enter")
    expect(page.locator(".results tbody tr")).to_have_count(2)
    expect(page.locator(".event-alarming")).to_have_count(0)
    shoot(page, "reset-done")

    # The member is out, and comes in again by what was sent.
    member.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(member).is_shown()
    sign_in.enter_password(first.username, gatehouse.sms.next_code(first.phone, "NEW_PWD_SMS"))
    SetPasswordPage(member).is_shown().enter(NEW_PASSWORD)
    expect(member).to_have_url(f"{gatehouse.issuer}/")

    members.open()
    members.row(other.username).locator("a[href*='/admin/users/phone']").click()
    expect(page).to_have_url(re.compile(r"/admin/users/phone\?user="))
    page.locator("#phone").fill(second.phone)
    page.locator("#currentPassword").fill(PASSWORD)
    page.locator("#currentPassword").press("Enter")
    expect(page.locator("#phone-error")).to_be_visible()
    shoot(page, "member-phone-taken")
    page.locator("#phone").fill("13900000009")
    page.locator("#currentPassword").fill(PASSWORD)
    members.confirm()
    expect(page).to_have_url(f"{gatehouse.issuer}/admin/users?notice=memberPhoneChanged")
    expect(members.row(other.username)).to_contain_text("139****0009")
    gatehouse.sms.next_message(other.phone, "MOBILE_CHANGED_SMS")


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH], ids=str)
def test_a_frozen_member_is_released_and_somebody_without_the_role_sees_nothing(install, visit, shoot, visitor):
    gatehouse = install()
    frozen = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    for _ in range(10):
        sign_in.enter_password(frozen.username, "Wrong-Harbour-42")
        assert sign_in.refusal()
    me = administrator(gatehouse, page)
    members = MembersPage(page, gatehouse.issuer).open()
    expect(members.row(frozen.username).locator(".badge-danger")).to_be_visible()
    shoot(page, "members-frozen")
    members.select(frozen.username)
    members.press_unfreeze()
    expect(page).to_have_url(f"{gatehouse.issuer}/admin/users?notice=membersUnfrozen")
    expect(members.row(frozen.username).locator(".badge-danger")).to_have_count(0)
    shoot(page, "members-unfrozen")

    gatehouse.command("user", "change", me.username, "--no-role")
    members.select(frozen.username)
    members.press_reset()
    expect(page.locator("h1")).to_have_text("没有此项权限" if visitor.locale.startswith("zh") else "You may not do this")
    shoot(page, "not-permitted")
    page.goto(f"{gatehouse.issuer}/")
    expect(page.locator("a[href^='/admin']")).to_have_count(0)


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_an_administrator_is_told_how_to_prove_a_domain(install, visit, shoot, visitor):
    gatehouse = install()
    page = visit(visitor)
    administrator(gatehouse, page)
    page.goto(f"{gatehouse.issuer}/admin")
    page.locator("nav.console-pages a[href='/admin/domains']").click()
    shoot(page, "domains-none")
    add = page.locator("form:has(#domain) button[type=submit]")
    page.locator("#domain").fill("https://people.example/")
    add.click()
    expect(page.locator("#domain-error")).to_be_visible()
    expect(page.locator("#domain")).to_have_value("https://people.example/")
    shoot(page, "domains-refused")
    page.locator("#domain").fill("people.example")
    add.click()
    claimed = gatehouse.command("domain", "list")[0]
    for text in (claimed["token"], claimed["file"]["url"], claimed["cname"]["name"], claimed["cname"]["target"]):
        expect(page.get_by_text(text, exact=True)).to_be_visible()
    shoot(page, "domains-added")
    page.locator("form[action='/admin/domains/remove'] button").click()
    expect(page).to_have_url(f"{gatehouse.issuer}/admin/domains?notice=domainRemoved")
    assert gatehouse.command("domain", "list") == []
