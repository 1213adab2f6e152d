"""phpCAS, as Debian ships it, under PHP's own web server."""

from pathlib import Path

import pytest

from Harness import processes
from Harness.applications import cas_application
from Harness.signing_in import sign_in

PAGES = Path(__file__).parent / "php"


@pytest.fixture(scope="module")
def site(gatehouse, trusted):
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {"CAS_SERVER": f"{gatehouse.issuer}/cas", "SERVICE_BASE": address, "CAS_AUTHORITY": str(trusted)}
    with processes.temporary_directory("php") as directory:
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", PAGES, "-d", f"session.save_path={directory}"]
        with processes.running(command, port, directory / "php.log", environment):
            gatehouse.apply(applications=[cas_application("phpcas", f"{address}/index.php")])
            yield address


def test_the_person_arrives_with_attributes(site, gatehouse, browser, person, expected):
    page = sign_in(browser, browser.open(f"{site}/index.php"), person, gatehouse.sms)
    assert page.status == 200, page.text
    arrived = page.response.json()
    assert arrived["user"] == person.username
    assert expected.items() <= arrived["attributes"].items()


def test_a_replayed_ticket_is_refused(site, gatehouse, browser, person, refuses_ticket):
    sign_in(browser, browser.open(f"{site}/index.php"), person, gatehouse.sms)
    refuses_ticket(f"{site}/index.php", browser.last("ticket"))


def test_logout_ends_the_session(site, gatehouse, browser, person):
    sign_in(browser, browser.open(f"{site}/index.php"), person, gatehouse.sms)
    browser.open(f"{site}/index.php?logout")
    assert browser.open(f"{site}/index.php").has_form("username", "password")
