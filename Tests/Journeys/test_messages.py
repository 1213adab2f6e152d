"""Ways that messages go: to a receiver of the enterprise's own, by another way when the first fails, or not at all."""

import base64

import pytest
from playwright.sync_api import expect

from Harness import processes
from Harness.people import PASSWORD
from Harness.receiver import receiver as run_receiver
from Harness.waiting import wait_until
from conftest import DESKTOP_ZH, PHONE_EN
from pages import SetPasswordPage, SignInPage, first_sign_in

LOOPBACK = {"GATEHOUSE_OUTGOING_LOOPBACK": "on"}


@pytest.fixture
def receiver():
    with run_receiver() as receiver:
        yield receiver
        assert receiver.refused == []


def nowhere():
    """An address at which nobody listens."""
    return f"http://127.0.0.1:{processes.free_port()}"


def ledger(gatehouse):
    """What became of each message, newest first, once it is known."""

    def settled():
        messages = gatehouse.command("sms", "ledger", "--tenant", "acme")
        return messages if messages and all(message["outcome"] for message in messages) else None

    return wait_until(settled, "every message is settled")


def test_a_receiver_of_ones_own_delivers_the_code(install, visit, receiver):
    settings = {"sms.gateway": "webhook", "sms.webhook.url": receiver.url, "sms.webhook.secret": receiver.secret}
    gatehouse = install(settings, LOOPBACK)
    person = gatehouse.new_person()
    page = visit()
    page.goto(f"{gatehouse.issuer}/")
    first_sign_in(page, person, receiver, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")
    assert receiver.all()[0]["type"] == "sms.send"
    assert [(line["gateway"], line["reference"], line["outcome"]) for line in ledger(gatehouse)] == [
        ("webhook", "receiver-1", "accepted")
    ]


def test_when_the_first_way_fails_the_second_one_delivers(install, visit, receiver):
    settings = {
        "sms.gateway": "alibaba",
        "sms.alibaba.url": nowhere(),
        "sms.alibaba.key": "key-of-nobody",
        "sms.alibaba.secret": "secret-of-nobody",
        "sms.alibaba.signature": "Acme",
        "sms.alibaba.templates": "LOGIN_SMS=SMS_1:code",
        "sms.fallback": "webhook",
        "sms.webhook.url": receiver.url,
        "sms.webhook.secret": receiver.secret,
    }
    gatehouse = install(settings, LOOPBACK)
    person = gatehouse.new_person()
    page = visit()
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    sign_in.enter_code(receiver.next_code(person.phone))
    SetPasswordPage(page).is_shown()
    assert [(line["gateway"], line["outcome"], line["username"]) for line in ledger(gatehouse)] == [
        ("webhook", "accepted", person.username)
    ]


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_when_nothing_can_be_sent_the_next_one_is_told_and_uses_the_password(install, visit, shoot, visitor):
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    settings = {"sms.gateway": "webhook", "sms.webhook.url": nowhere(), "sms.webhook.secret": secret}
    gatehouse = install(settings, LOOPBACK)
    person = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    assert [line["outcome"] for line in ledger(gatehouse)] == ["failed"]

    page.goto(f"{gatehouse.issuer}/")
    sign_in.ask_for_code(person.phone)
    sentences = {
        True: "短信暂时无法发送，请稍后再试，或改用账号密码登录。",
        False: "Text messages cannot be sent at the moment. Try again later, or sign in with your password.",
    }
    expect(sign_in.alert).to_have_text(sentences[visitor.locale.startswith("zh")])
    shoot(page, "no-messages")
    sign_in.enter_password(person.username, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")
