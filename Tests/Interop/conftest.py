"""One Gatehouse over TLS, as clients meet it in production, for clients that nobody here wrote."""

import shutil
from types import SimpleNamespace

import pytest

from Harness import processes
from Harness.applications import CAS_ATTRIBUTES
from Harness.browser import Browser
from Harness.gatehouse import Gatehouse


@pytest.fixture(scope="session")
def trusted(certificate):
    """The test authority where servers running as another user can read it."""
    with processes.temporary_directory("authority") as directory:
        yield shutil.copy(certificate.authority, directory / "ca.pem")


@pytest.fixture(scope="session", autouse=True)
def python_clients_trust_it(trusted):
    """A variable of the machine's own would win over what a client passes to `requests` (psf/requests, still so)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        yield


@pytest.fixture(scope="session")
def gatehouse(certificate, tmp_path_factory):
    server = Gatehouse(tmp_path_factory.mktemp("gatehouse"), certificate=certificate)
    server.apply()  # the tenant exists before the server answers for it
    with server:
        yield server


@pytest.fixture(scope="session")
def person(gatehouse):
    return gatehouse.new_person()


@pytest.fixture
def browser(gatehouse):
    return Browser(verify=gatehouse.verify)


@pytest.fixture
def expected(person):
    """What a CAS application must be told about the person."""
    values = SimpleNamespace(name=person.name, email=person.email, employeeID=person.employee_id, groups=person.groups[0])
    return {released: getattr(values, attribute) for released, attribute in CAS_ATTRIBUTES.items()}


@pytest.fixture
def refuses_ticket(gatehouse, browser):
    """Asserts that the server does not take a ticket again."""

    def check(service, ticket):
        answer = browser.session.get(
            f"{gatehouse.issuer}/cas/serviceValidate", params={"service": service, "ticket": ticket}, timeout=30
        )
        assert 'code="INVALID_TICKET"' in answer.text, answer.text

    return check


@pytest.fixture
def refuses_code(gatehouse, browser):
    """Asserts that the server does not take a code again, and says so as RFC 6749 §5.2 wants it."""

    def check(client_id, secret, redirect_uri, code, **more):
        answer = browser.session.post(
            f"{gatehouse.issuer}/oauth2/token",
            auth=(client_id, secret),
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **more},
            timeout=30,
        )
        assert (answer.status_code, answer.json().get("error")) == (400, "invalid_grant"), answer.text

    return check
