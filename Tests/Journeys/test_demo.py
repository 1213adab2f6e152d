"""`make run`, as someone who has just cloned the repository: it starts, it works, it stops, it remembers."""

import os
import re
import signal
import subprocess
import time

import pytest

from Harness import processes
from Harness.browser import Browser
from Harness.gatehouse import REPOSITORY
from Harness.people import PASSWORD, Person
from Harness.signing_in import request_code, set_password, sign_in_by_password
from Harness.waiting import wait_until

PORTS = ["GATEHOUSE_HTTP_PORT", "GATEHOUSE_OPERATIONS_PORT", "OAUTH_APP_PORT", "CAS_APP_PORT"]


class Demo:
    """One `make run` in a terminal of its own, with its data and ports elsewhere than a person's."""

    def __init__(self, directory, ports, log):
        self.ports, self.log = ports, log
        environment = {name: str(port) for name, port in ports.items()}
        environment["GATEHOUSE_DATA_DIRECTORY"] = str(directory / "Data")
        environment["GATEHOUSE_KEYS_DIRECTORY"] = str(directory / "Keys")
        started = time.monotonic()
        self.process = processes.start(["make", "run"], log, environment, cwd=REPOSITORY)
        try:
            wait_until(lambda: "Gatehouse is running" in self.text or self.process.poll() is not None, "make run", 120)
            assert self.process.poll() is None, self.text
        except BaseException:
            self.interrupt()
            raise
        self.seconds = time.monotonic() - started

    @property
    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def interrupt(self):
        """Ctrl-C: the terminal sends it to every process of the foreground group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError(f"Ctrl-C did not end it within 30 seconds:\n{self.text[-4000:]}")


@pytest.fixture
def demo(tmp_path):
    ports = {name: processes.free_port() for name in PORTS}
    running = []

    def start():
        running.append(Demo(tmp_path, ports, tmp_path / f"run-{len(running)}.log"))
        return running[-1]

    yield start
    for each in running:
        each.interrupt()


def test_make_run_works_stops_cleanly_and_keeps_its_data(demo, tmp_path):
    first = demo()
    person = Person("lin.mei", "林梅", "13800138000", "lin.mei@demo.example", "E1001")
    assert person.phone in first.text and person.username in first.text
    application = f"http://127.0.0.1:{first.ports['OAUTH_APP_PORT']}"

    browser = Browser()
    page = request_code(browser, browser.open(f"{application}/sign-in"), person)
    code = wait_until(lambda: re.search(r"(?<!\d)\d{6}(?!\d)", first.text[first.text.index("Ctrl-C") :]), "the SMS code")
    page = browser.submit(page.form("phone", "code"), action="verify", phone=person.phone, code=code.group())
    page = set_password(browser, page, person, PASSWORD)
    assert page.url == f"{application}/" and person.name in page.text
    page = browser.open(f"http://127.0.0.1:{first.ports['CAS_APP_PORT']}/sign-in")
    assert page.status == 200 and person.name in page.text

    secret = tmp_path / "Data" / "demo-oauth-app.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "Data").stat().st_mode & 0o777 == 0o700
    kept = secret.read_text()
    first.interrupt()
    assert not [port for port in first.ports.values() if processes.listens(port)]

    second = demo()
    assert second.seconds < 30
    assert secret.read_text() == kept
    stranger = Browser()
    page = sign_in_by_password(stranger, stranger.open(f"{application}/sign-in"), person)
    assert page.url == f"{application}/" and person.name in page.text
