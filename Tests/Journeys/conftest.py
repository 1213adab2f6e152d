"""Real Chromium against a real Gatehouse: where the store matters, once on each."""

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from Harness.demo import examples as run_examples
from Harness.gatehouse import Gatehouse, make_database

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def gatehouse(request, tmp_path_factory):
    database_url = make_database() if request.param == "postgresql" else None
    server = Gatehouse(tmp_path_factory.mktemp(request.param), database_url)
    server.apply()
    with server:
        yield server


@pytest.fixture(scope="session")
def examples(gatehouse):
    with run_examples(gatehouse) as addresses:
        yield addresses


@pytest.fixture
def install(tmp_path):
    """Starts a Gatehouse of the test's own, with the product's limits but for the tenant's settings that are given."""
    with ExitStack() as stack:

        def start(settings=None, environment=None):
            server = Gatehouse(tmp_path, limits=environment or {})
            server.apply(settings=settings)
            return stack.enter_context(server)

        yield start


@pytest.fixture(scope="session")
def chromium():
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Visitor:
    """How a person comes: window, language, and whether scripts run."""

    name: str
    width: int = 1280
    height: int = 800
    locale: str = "en-US"
    scripts: bool = True
    scheme: str = "light"

    def __str__(self):
        return self.name


DESKTOP_ZH = Visitor("desktop-zh", locale="zh-CN")
DESKTOP_EN = Visitor("desktop-en")
PHONE_ZH = Visitor("phone-zh", 390, 844, "zh-CN")
PHONE_EN = Visitor("phone-en", 390, 844, scheme="dark")
NO_SCRIPTS = Visitor("no-scripts-zh", 390, 844, "zh-CN", scripts=False)
NO_SCRIPTS_EN = Visitor("no-scripts-en", scripts=False, scheme="dark")


@pytest.fixture
def visit(chromium):
    """Opens a fresh browser profile for a visitor. What the browser complained about Gatehouse fails the test."""
    contexts, complaints = [], []

    def open_profile(visitor=DESKTOP_EN):
        context = chromium.new_context(
            viewport={"width": visitor.width, "height": visitor.height},
            locale=visitor.locale,
            java_script_enabled=visitor.scripts,
            color_scheme=visitor.scheme,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: note(message))
        page.visitor = visitor
        return page

    def note(message):
        # An address that answers 4xx is logged too; tests assert on the page itself there.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"{message.location.get('url')}: {message.text}")

    yield open_profile
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def shoot(request):
    """Takes a screenshot of the whole page, SCREENSHOTS/<store>/<visitor>-<name>.png, and has axe-core look at it."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    folder = Path(os.environ["SCREENSHOTS"]) / parameters.get("gatehouse", "sqlite")
    folder.mkdir(parents=True, exist_ok=True)

    def take(page, name):
        page.screenshot(path=folder / f"{page.visitor}-{name}.png", full_page=True)
        if not page.visitor.scripts:
            return  # axe-core is one
        found = Axe().run(page).response["violations"]
        assert not found, f"{name}: " + "; ".join(
            f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in found
        )

    return take


def has_chinese(text):
    return re.search(r"[\u4e00-\u9fff]", text) is not None
