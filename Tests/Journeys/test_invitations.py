"""Invitations: an administrator makes one, people come in by it, with and without approval; several enterprises."""

import re

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, PHONE_EN, PHONE_ZH
from pages import JoinPage, SetPasswordPage
from test_administration import administrator

NEW_PASSWORD = "Brighter-Lantern-7"


def confirm(page):
    page.locator("#currentPassword").fill(PASSWORD)
    page.locator("button[value=confirm]:not([tabindex='-1'])").click()


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, DESKTOP_EN, PHONE_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_an_administrator_invites_and_somebody_joins_by_the_link(install, visit, shoot, visitor):
    gatehouse = install(settings={"sms.send.interval": "off"})
    gatehouse.command("department", "add", "sales", "--name", "销售部 Sales")
    page = visit(visitor)
    administrator(gatehouse, page)
    page.goto(f"{gatehouse.issuer}/admin")
    page.locator("nav.console-pages a[href='/admin/invitations']").click()
    shoot(page, "invitations-none")
    page.locator("a[href^='/admin/invitations/open']").click()
    shoot(page, "department-open")
    confirm(page)
    expect(page).to_have_url(f"{gatehouse.issuer}/admin/invitations?notice=departmentOpened")
    page.locator("a[href='/admin/invitations/new']").click()
    page.locator("#days").fill("0")
    confirm(page)
    expect(page.locator("#days-error")).to_be_visible()
    shoot(page, "invitation-refused")
    page.locator("#days").fill("3")
    page.locator("#limit").fill("2")
    page.locator("#label").fill("Fair <b>2026</b>")
    confirm(page)
    expect(page.locator(".symbol img")).to_be_visible()
    shoot(page, "invitation-made")
    link = page.locator("code", has_text="/join?code=").inner_text()
    page.goto(f"{gatehouse.issuer}/admin/invitations")
    expect(page.locator(".session-device", has_text="Fair <b>2026</b>")).to_be_visible()
    shoot(page, "invitations")

    guest = visit(visitor)
    guest.goto(link)
    join = JoinPage(guest).is_shown()
    shoot(guest, "join")
    phone = "13900000021"
    join.fill("Grace Gold", phone)
    guest.locator("#invitation").fill("abcd efgh")
    join.send()
    expect(guest.locator("#invitation-error")).to_be_visible()
    shoot(guest, "join-refused")
    guest.locator("#invitation").fill(link[-8:].lower())
    join.send()
    expect(guest.locator(".notice:not(.puzzle)")).to_be_visible()
    expect(guest.locator("#name")).to_have_value("Grace Gold")
    shoot(guest, "join-code-sent")
    join.enter(gatehouse.sms.next_code(phone, "REGISTER_SMS"))
    SetPasswordPage(guest).is_shown().enter(NEW_PASSWORD)
    expect(guest).to_have_url(f"{gatehouse.issuer}/")
    message = gatehouse.sms.next_message(phone, "NEW_MEMBER_SMS")
    assert gatehouse.issuer in message["text"]
    guest.goto(f"{gatehouse.issuer}/account/enterprises")
    shoot(guest, "enterprises")
    guest.locator("button[value=send]").click()
    guest.locator("#code").fill(gatehouse.sms.next_code(phone, "ENTERPRISE_SMS"))
    guest.locator("#code").press("Enter")
    expect(guest.locator("[role=status]")).to_be_visible()
    shoot(guest, "enterprises-none")


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH, NO_SCRIPTS], ids=str)
def test_a_request_is_accepted_another_declined_and_a_member_is_told_so(install, visit, shoot, visitor):
    gatehouse = install()
    gatehouse.command("department", "add", "sales", "--name", "Sales", "--invites")
    code = gatehouse.command("invitation", "add", "--department", "sales", "--approval")["code"]
    member = gatehouse.known_person()
    names = {"13900000031": "Grace Gold", "13900000032": "Heidi Hall", member.phone: "Somebody"}
    headings = []
    for phone, name in names.items():
        guest = visit(visitor)
        guest.goto(f"{gatehouse.issuer}/")
        guest.locator("a[href^='/join']").click()
        join = JoinPage(guest).is_shown()
        guest.locator("#invitation").fill(code)
        join.fill(name, phone)
        join.send()
        expect(guest.locator(".notice:not(.puzzle)")).to_be_visible()
        join.enter(gatehouse.sms.next_code(phone, "REGISTER_SMS"))
        expect(guest.locator("form")).to_have_count(0)
        headings.append(guest.locator("h1").inner_text())
        shoot(guest, f"join-result-{len(headings)}")
    assert headings[0] == headings[1] != headings[2]

    page = visit(visitor)
    administrator(gatehouse, page)
    page.goto(f"{gatehouse.issuer}/admin/invitations")
    requests = page.locator("section[aria-labelledby=requests-title] li")
    expect(requests).to_have_count(2)
    shoot(page, "requests")
    requests.filter(has_text="Heidi").locator("button").click()
    expect(requests).to_have_count(1)
    gatehouse.sms.next_message("13900000032", "JOIN_DECLINED_SMS")
    requests.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/admin/invitations/accept"))
    shoot(page, "request-accept")
    confirm(page)
    expect(requests).to_have_count(0)
    gatehouse.sms.next_message("13900000031", "NEW_MEMBER_SMS")
    users = {user["name"]: user["departments"] for user in gatehouse.command("user", "list")}
    assert users["Grace Gold"] == ["sales"] and "Heidi Hall" not in users
