"""Apache mod_auth_openidc, as Debian ships it."""

import secrets

import pytest

from Harness.apache import apache
from Harness.applications import oauth_application
from Harness.signing_in import sign_in

CLIENT_ID, SECRET = "apache-openidc", secrets.token_urlsafe(32)


@pytest.fixture(scope="module")
def site(gatehouse, trusted):
    def configuration(directory, address):
        return f"""
OIDCProviderMetadataURL {gatehouse.issuer}/.well-known/openid-configuration
OIDCCABundlePath {trusted}
OIDCClientID {CLIENT_ID}
OIDCClientSecret {SECRET}
OIDCRedirectURI {address}/protected/callback
OIDCCryptoPassphrase {secrets.token_urlsafe(16)}
OIDCPKCEMethod S256
OIDCScope "openid profile email phone"
OIDCRemoteUserClaim preferred_username
<Location /protected>
    AuthType openid-connect
    Require valid-user
</Location>
"""

    with apache(["auth_openidc"], configuration) as address:
        redirect_uri = f"{address}/protected/callback"
        gatehouse.apply(applications=[oauth_application(CLIENT_ID, redirect_uri, SECRET)])
        yield address


def test_the_person_arrives_with_claims(site, gatehouse, browser, person):
    page = sign_in(browser, browser.open(f"{site}/protected"), person, gatehouse.sms)
    assert page.status == 200, page.text
    arrived = page.response.json()
    assert arrived["REMOTE_USER"] == person.username
    assert arrived["OIDC_CLAIM_iss"] == gatehouse.issuer
    assert arrived["OIDC_CLAIM_email"] == person.email
    assert arrived["OIDC_CLAIM_phone_number"] == f"+86{person.phone}"
    assert arrived["OIDC_CLAIM_name"] == person.name


def test_a_replayed_code_is_refused(site, gatehouse, browser, person, refuses_code):
    sign_in(browser, browser.open(f"{site}/protected"), person, gatehouse.sms)
    refuses_code(CLIENT_ID, SECRET, f"{site}/protected/callback", browser.last("code"))
