"""python-cas: CAS 2.0 and 3.0."""

import pytest
from cas import CASClient

from Harness.applications import cas_application
from Harness.signing_in import sign_in

SERVICE = "https://python-cas.acme.example/cas?next=%2Freports"  # a query of its own; never asked


@pytest.fixture(scope="module", autouse=True)
def application(gatehouse):
    gatehouse.apply(applications=[cas_application("python-cas", SERVICE)])


@pytest.fixture
def client(gatehouse, request):
    return CASClient(
        version=request.param,
        service_url=SERVICE,
        server_url=f"{gatehouse.issuer}/cas/",
        verify_ssl_certificate=gatehouse.verify,
    )


def ticket_for(client, gatehouse, browser, person):
    page = browser.open(client.get_login_url(), until=SERVICE)
    if not page.url.startswith(SERVICE):
        page = sign_in(browser, page, person, gatehouse.sms, until=SERVICE)
    return page.query["ticket"]


@pytest.mark.parametrize("client", [2, 3], indirect=True)
def test_the_person_arrives_and_a_ticket_works_once(client, gatehouse, browser, person):
    ticket = ticket_for(client, gatehouse, browser, person)
    assert client.verify_ticket(ticket)[0] == person.username
    assert client.verify_ticket(ticket)[0] is None


@pytest.mark.parametrize("client", [3], indirect=True)
def test_the_released_attributes_arrive(client, gatehouse, browser, person, expected):
    _, attributes, _ = client.verify_ticket(ticket_for(client, gatehouse, browser, person))
    assert expected.items() <= attributes.items()


@pytest.mark.parametrize("client", [3], indirect=True)
def test_a_ticket_dies_with_a_validation_that_fails(client, gatehouse, browser, person):
    ticket = ticket_for(client, gatehouse, browser, person)
    other = browser.session.get(
        f"{gatehouse.issuer}/cas/serviceValidate", params={"service": "https://other.example/", "ticket": ticket}
    )
    assert "authenticationFailure" in other.text
    assert client.verify_ticket(ticket)[0] is None


@pytest.mark.parametrize("client", [3], indirect=True)
def test_logout_ends_the_session(client, gatehouse, browser, person):
    ticket_for(client, gatehouse, browser, person)
    browser.open(client.get_logout_url())
    assert browser.open(client.get_login_url(), until=SERVICE).has_form("username", "password")
