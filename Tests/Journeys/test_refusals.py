"""Who is kept out, and that the page gives nothing away."""

import pytest
from playwright.sync_api import expect

from Harness.browser import Browser
from Harness.people import PASSWORD
from Harness.signing_in import sign_in_by_password
from conftest import DESKTOP_EN, PHONE_ZH
from pages import Portal, SetPasswordPage, SignInPage, first_sign_in

FREEZES_AFTER = 10  # wrong passwords; product.md's default


@pytest.fixture
def person(gatehouse, examples, visit):
    """Someone who has signed in before, elsewhere."""
    someone = gatehouse.new_person()
    page = visit()
    Portal(page, gatehouse.issuer).open()
    first_sign_in(page, someone, gatehouse.sms, PASSWORD)
    Portal(page, gatehouse.issuer).is_shown()
    return someone


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH], ids=str)
def test_a_wrong_password_and_an_unknown_account_get_the_same_words(gatehouse, person, visit, shoot, visitor):
    page = visit(visitor)
    Portal(page, gatehouse.issuer).open()
    sign_in = SignInPage(page).is_shown()
    sign_in.enter_password(person.username, "Wrong-Harbour-42")
    wrong = sign_in.refusal()
    shoot(page, "wrong-password")
    sign_in.enter_password("nobody.here", "Wrong-Harbour-42")
    page.wait_for_load_state()
    assert sign_in.refusal() == wrong
    sign_in.enter_password(person.username, person.password)
    Portal(page, gatehouse.issuer).is_shown()


def test_a_wrong_code_is_refused_and_the_right_one_still_counts(gatehouse, examples, visit):
    person = gatehouse.new_person()
    page = visit()
    Portal(page, gatehouse.issuer).open()
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    code = gatehouse.sms.next_code(person.phone)
    sign_in.enter_code(f"{(int(code) + 1) % 1_000_000:06d}")
    assert sign_in.refusal()
    sign_in.enter_code(code)
    SetPasswordPage(page).is_shown()


def test_a_frozen_account_refuses_the_right_password_with_the_same_words(gatehouse, person, visit, shoot):
    browser = Browser()
    page = browser.open(f"{gatehouse.issuer}/")
    right, person.password = person.password, "Wrong-Harbour-42"
    for _ in range(FREEZES_AFTER - 1):
        page = sign_in_by_password(browser, page, person)

    visitor = visit()
    Portal(visitor, gatehouse.issuer).open()
    sign_in = SignInPage(visitor).is_shown()
    sign_in.enter_password(person.username, person.password)  # the tenth
    wrong = sign_in.refusal()
    sign_in.enter_password(person.username, right)
    visitor.wait_for_load_state()
    assert sign_in.refusal() == wrong
    shoot(visitor, "frozen")


def test_a_disabled_user_is_out_at_once_and_stays_out_until_enabled(gatehouse, examples, person, visit):
    page = visit()
    portal = Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    portal.is_shown()

    gatehouse.command("user", "disable", "--tenant", "acme", person.username)
    portal.open()
    sign_in = SignInPage(page).is_shown()
    page.goto(f"{examples.oauth}sign-in")
    sign_in.is_shown()
    page.goto(f"{examples.cas}sign-in")
    sign_in.is_shown()
    sign_in.enter_password(person.username, person.password)
    assert sign_in.refusal()

    gatehouse.command("user", "enable", "--tenant", "acme", person.username)
    sign_in.enter_password(person.username, person.password)
    expect(page).to_have_url(examples.cas)


def test_a_disabled_application_cannot_be_entered(gatehouse, examples, person, visit, shoot):
    page = visit()
    portal = Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    portal.is_shown()
    try:
        for slug in ("oauth-app", "cas-app"):
            gatehouse.command("application", "disable", "--tenant", "acme", slug)
        for address in (examples.oauth, examples.cas):
            answer = page.goto(f"{address}sign-in")
            assert answer.status in (400, 403) and page.url.startswith(gatehouse.issuer)
            expect(page.locator("h1")).to_be_visible()
        shoot(page, "application-disabled")
        portal.open()
        expect(portal.tile("OAuth application")).to_have_count(0)
    finally:
        for slug in ("oauth-app", "cas-app"):
            gatehouse.command("application", "enable", "--tenant", "acme", slug)
