"""Apache mod_auth_cas, as Debian ships it. It validates tickets over https only."""

import pytest

from Harness.apache import apache
from Harness.applications import cas_application
from Harness.signing_in import sign_in


@pytest.fixture(scope="module")
def site(gatehouse, trusted):
    def configuration(directory, address):
        return f"""
CASVersion 2
CASLoginURL {gatehouse.issuer}/cas/login
CASValidateURL {gatehouse.issuer}/cas/p3/serviceValidate
CASCertificatePath {trusted}
CASCookiePath {directory}/cookies/
CASRootProxiedAs {address}
<Location /protected>
    AuthType CAS
    CASAuthNHeader CAS-User
    Require valid-user
</Location>
"""

    with apache(["auth_cas"], configuration) as address:
        gatehouse.apply(applications=[cas_application("apache-cas", f"{address}/protected")])
        yield address


def test_the_person_arrives_with_attributes(site, gatehouse, browser, person, expected):
    page = sign_in(browser, browser.open(f"{site}/protected"), person, gatehouse.sms)
    assert page.status == 200, page.text
    arrived = page.response.json()
    assert arrived["REMOTE_USER"] == person.username
    assert {name: arrived.get(f"HTTP_CAS_{name.upper()}") for name in expected} == expected


def test_a_replayed_ticket_is_refused(site, gatehouse, browser, person, refuses_ticket):
    sign_in(browser, browser.open(f"{site}/protected"), person, gatehouse.sms)
    refuses_ticket(f"{site}/protected", browser.last("ticket"))
