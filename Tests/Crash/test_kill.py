"""SIGKILL under load, on each store: what was answered is there after the restart, what was used stays used.

Clients run sign-ins in parallel and note what they were told. The server is killed in the middle, started again on
the same data, and held to every note. A request without an answer may have happened or not, but never twice.
"""

import base64
import hashlib
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import requests

from Harness.applications import cas_application, oauth_application
from Harness.browser import Browser
from Harness.gatehouse import Gatehouse, make_database
from Harness.signing_in import sign_in
from Harness.waiting import wait_until

CLIENT_ID = "crash"
REDIRECT_URI = "https://crash.acme.example/callback"
SERVICE = "https://crash.acme.example/cas"
CLIENTS = 6
ROUNDS = 3
ENOUGH = 40  # answered redemptions before each kill

VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Notes:
    """What the clients were told. Each list is only appended to, so that threads may share it."""

    unused_codes: list = field(default_factory=list)
    redeemed: list = field(default_factory=list)  # (code, newest tokens)
    spent_refresh_tokens: list = field(default_factory=list)
    codes_in_doubt: list = field(default_factory=list)  # sent, not answered
    unused_tickets: list = field(default_factory=list)
    validated_tickets: list = field(default_factory=list)
    tickets_in_doubt: list = field(default_factory=list)


class Client:
    """One browser with the person's session, and the applications behind it."""

    def __init__(self, gatehouse, cookies):
        self.issuer = gatehouse.issuer
        self.browser = Browser()
        self.browser.session.cookies.update(cookies)

    def authorize(self):
        page = self.browser.open(
            f"{self.issuer}/oauth2/authorize?response_type=code&client_id={CLIENT_ID}&scope=openid"
            f"&redirect_uri={REDIRECT_URI}&code_challenge={CHALLENGE}&code_challenge_method=S256&state=s",
            until=REDIRECT_URI,
        )
        return page.query["code"]

    def token(self, **parameters):
        return self.browser.session.post(
            f"{self.issuer}/oauth2/token", data={"client_id": CLIENT_ID, **parameters}, timeout=30
        )

    def redeem(self, code):
        return self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, code_verifier=VERIFIER
        )

    def refresh(self, refresh_token):
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def userinfo(self, access_token):
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.browser.session.get(f"{self.issuer}/oauth2/userinfo", headers=headers, timeout=30)

    def ticket(self):
        return self.browser.open(f"{self.issuer}/cas/login?service={SERVICE}", until=SERVICE).query["ticket"]

    def validates(self, ticket):
        answer = self.browser.session.get(
            f"{self.issuer}/cas/serviceValidate", params={"service": SERVICE, "ticket": ticket}, timeout=30
        )
        assert answer.status_code == 200
        return "authenticationSuccess" in answer.text

    def work(self, notes, stop):
        """Sign-ins without end; leaves when the server does."""
        turn = 0
        try:
            while not stop.is_set():
                turn += 1
                self.one_sign_in(notes, keep=turn % 3 == 0, refresh=turn % 2 == 0)
        except requests.RequestException:
            pass  # the kill

    def one_sign_in(self, notes, keep, refresh):
        code, ticket = self.authorize(), self.ticket()
        if keep:
            notes.unused_codes.append(code)
            notes.unused_tickets.append(ticket)
            return
        tokens = answered(notes.codes_in_doubt, code, lambda: self.redeem(code))
        assert tokens.status_code == 200, tokens.text
        tokens = tokens.json()
        if refresh:
            old = tokens["refresh_token"]
            try:
                tokens = self.refresh(old).json()
                notes.spent_refresh_tokens.append(old)
            except requests.RequestException:
                notes.redeemed.append((code, None))  # whether the first tokens still count is not known
                raise
        notes.redeemed.append((code, tokens))
        assert answered(notes.tickets_in_doubt, ticket, lambda: self.validates(ticket))
        notes.validated_tickets.append(ticket)


def answered(in_doubt, credential, ask):
    """The answer; without one, the credential is noted as in doubt."""
    try:
        return ask()
    except requests.RequestException:
        in_doubt.append(credential)
        raise


@pytest.fixture(params=["sqlite", "postgresql"])
def gatehouse(request, tmp_path):
    server = Gatehouse(tmp_path, make_database() if request.param == "postgresql" else None)
    server.apply(
        applications=[oauth_application(CLIENT_ID, REDIRECT_URI), cas_application("crash-cas", SERVICE)],
    )
    with server:
        yield server


@pytest.fixture
def cookies(gatehouse):
    """Of a browser that is signed in."""
    browser, person = Browser(), gatehouse.new_person()
    sign_in(browser, browser.open(f"{gatehouse.issuer}/"), person, gatehouse.sms)
    return browser.session.cookies


@pytest.mark.timeout(300)
def test_a_kill_loses_no_answer_and_revives_nothing_used(gatehouse, cookies):
    for _ in range(ROUNDS):
        notes = load_until_killed(gatehouse, cookies)
        gatehouse.start()
        check(notes, Client(gatehouse, cookies))  # the session, too, outlived the kill


def load_until_killed(gatehouse, cookies):
    notes, stop = Notes(), threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        workers = [pool.submit(Client(gatehouse, cookies).work, notes, stop) for _ in range(CLIENTS)]
        try:
            wait_until(
                lambda: len(notes.redeemed) >= ENOUGH or any(worker.done() for worker in workers),
                f"{ENOUGH} redemptions under load",
                seconds=60,
            )
        finally:
            gatehouse.kill()
            stop.set()
    for worker in workers:
        worker.result()
    assert len(notes.redeemed) >= ENOUGH, "the load ended before the kill"
    return notes


def check(notes, client):
    # What was answered is there.
    for code, tokens in notes.redeemed:
        assert tokens is None or client.userinfo(tokens["access_token"]).status_code == 200
    for code in notes.unused_codes:
        assert client.redeem(code).status_code == 200
    for ticket in notes.unused_tickets:
        assert client.validates(ticket)
    # What was used stays used, and reuse revokes what it gave.
    for ticket in notes.validated_tickets + notes.unused_tickets:
        assert not client.validates(ticket)
    for token in notes.spent_refresh_tokens:
        assert_refused(client.refresh(token))
    for code, tokens in notes.redeemed:
        assert_refused(client.redeem(code))
        assert tokens is None or client.userinfo(tokens["access_token"]).status_code == 401
    # What is in doubt works at most once from now on.
    for code in notes.codes_in_doubt:
        assert client.redeem(code).status_code in (200, 400)
        assert_refused(client.redeem(code))
    for ticket in notes.tickets_in_doubt:
        client.validates(ticket)
        assert not client.validates(ticket)


def assert_refused(answer):
    assert (answer.status_code, answer.json().get("error")) == (400, "invalid_grant"), answer.text


def test_of_parallel_redemptions_one_wins(gatehouse, cookies):
    clients = [Client(gatehouse, cookies) for _ in range(16)]
    with ThreadPoolExecutor(len(clients)) as pool:
        for _ in range(5):
            code, ticket = clients[0].authorize(), clients[0].ticket()
            answers = list(pool.map(lambda client: client.redeem(code).status_code, clients))
            assert sorted(answers) == [200] + [400] * 15
            assert sum(pool.map(lambda client: client.validates(ticket), clients)) == 1
