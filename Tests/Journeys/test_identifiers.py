"""By what people sign in: the phone that they change themselves, and the one address of all tenants."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from Harness.browser import Browser
from Harness.gatehouse import TENANT, Gatehouse
from Harness.people import someone
from Harness.signing_in import sign_in_by_password
from conftest import DESKTOP_ZH, NO_SCRIPTS, NO_SCRIPTS_EN, PHONE_EN, has_chinese
from pages import ChangePhonePage, Portal, SharedEntrance, SignInPage

VISITORS = [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS, NO_SCRIPTS_EN]


def signed_in(page, gatehouse, person):
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    return Portal(page, gatehouse.issuer).is_shown()


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_a_person_changes_the_phone_with_a_code_to_the_old_and_one_to_the_new(gatehouse, examples, visit, shoot, visitor):
    person, new_phone = gatehouse.known_person(), someone().phone
    page = visit(visitor)
    signed_in(page, gatehouse, person)

    change = ChangePhonePage(page, gatehouse.issuer).open()
    shoot(page, "phone-old")
    change.send_code()
    code = gatehouse.sms.next_code(person.phone, "UPDATE_MOBILE_SMS")
    change.enter_code(f"{(int(code) + 1) % 1_000_000:06d}")
    assert has_chinese(change.refusal()) == visitor.locale.startswith("zh")
    shoot(page, "phone-old-wrong-code")
    change.enter_code(code)

    expect(change.new_phone).to_be_visible()
    shoot(page, "phone-new")
    change.new_phone.fill(new_phone)
    change.send_code()
    shoot(page, "phone-new-code-sent")
    change.enter_code(gatehouse.sms.next_code(new_phone, "BIND_MOBILE_SMS"))

    expect(page).to_have_url(f"{gatehouse.issuer}/account?notice=phoneChanged")
    shoot(page, "phone-changed")
    assert gatehouse.sms.next_message(person.phone, "MOBILE_CHANGED_SMS")
    stranger, by_new_phone = Browser(), replace(person, username=new_phone)
    portal = sign_in_by_password(stranger, stranger.open(f"{gatehouse.issuer}/"), by_new_phone)
    assert portal.url == f"{gatehouse.issuer}/"


@pytest.fixture
def shared(tmp_path):
    """A Gatehouse with an address of all tenants, beside the tenant's own."""
    server = Gatehouse(tmp_path)
    server.shared_address = f"http://127.0.0.1:{server.http_port}"
    server.environment["GATEHOUSE_HTTP_SHARED_ADDRESS"] = server.shared_address
    server.apply()
    with server:
        yield server


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_the_shared_address_leads_to_the_tenants_own_page(shared, visit, shoot, visitor):
    person = shared.known_person()
    page = visit(visitor)
    page.goto(shared.shared_address)
    entrance = SharedEntrance(page)
    shoot(page, "shared")
    entrance.enter(f"{person.username}@nowhere")
    expect(page.get_by_role("alert")).to_be_visible()
    shoot(page, "shared-unknown")
    entrance.enter(f"{person.username}@{TENANT}")

    sign_in = SignInPage(page)
    expect(sign_in.password_form.locator("input[name=username]")).to_have_value(person.username)
    assert page.url.startswith(shared.issuer)
    sign_in.enter_password(person.username, person.password)
    expect(page).to_have_url(f"{shared.issuer}/")
