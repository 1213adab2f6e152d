"""Leaving: from the portal, from an OAuth application and from a CAS application."""

import pytest
from playwright.sync_api import expect

from Harness.people import PASSWORD
from conftest import DESKTOP_ZH, NO_SCRIPTS
from pages import Portal, SignInPage, first_sign_in


@pytest.fixture
def signed_in(gatehouse, examples, visit):
    """A browser whose person is signed in to Gatehouse and to both applications."""

    def make(visitor):
        page = visit(visitor)
        Portal(page, gatehouse.issuer).open()
        first_sign_in(page, gatehouse.new_person(), gatehouse.sms, PASSWORD)
        Portal(page, gatehouse.issuer).is_shown()
        for address in (examples.oauth, examples.cas):
            page.goto(f"{address}sign-in")
            expect(page).to_have_url(address)
        return page

    return make


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, NO_SCRIPTS], ids=str)
def test_signing_out_of_the_portal_ends_the_session(gatehouse, examples, signed_in, shoot, visitor):
    page = signed_in(visitor)
    portal = Portal(page, gatehouse.issuer).open().is_shown()
    portal.sign_out()
    shoot(page, "signed-out")
    portal.open()
    SignInPage(page).is_shown()
    page.go_back()
    page.goto(f"{examples.oauth}sign-in")
    SignInPage(page).is_shown()


def test_signing_out_of_the_oauth_application_comes_back_to_it(gatehouse, examples, signed_in):
    page = signed_in(DESKTOP_ZH)
    page.goto(examples.oauth)
    page.locator("#sign-out").click()
    expect(page).to_have_url(examples.oauth)
    expect(page.locator("#sign-in")).to_be_visible()
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()


def test_signing_out_of_the_cas_application_comes_back_to_it(gatehouse, examples, signed_in):
    page = signed_in(DESKTOP_ZH)
    page.goto(examples.cas)
    page.locator("#sign-out").click()
    expect(page).to_have_url(examples.cas)
    expect(page.locator("#sign-in")).to_be_visible()
    Portal(page, gatehouse.issuer).open()
    SignInPage(page).is_shown()
