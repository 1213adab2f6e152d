"""Authlib's OpenID Connect client for Flask: confidential with either way to authenticate, and public with PKCE."""

import secrets
from urllib.parse import urlsplit

import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, jsonify

from Harness.applications import oauth_application
from Harness.signing_in import sign_in

REDIRECT_URI = "https://authlib.acme.example/callback"  # never asked: the browser stops before it


class Application:
    """The relying application, called in process; only its requests to Gatehouse use the network."""

    def __init__(self, gatehouse, method):
        self.method = method
        self.client_id = f"authlib-{method.replace('_', '-')}"
        self.secret = None if method == "none" else secrets.token_urlsafe(32)
        gatehouse.apply(applications=[oauth_application(self.client_id, REDIRECT_URI, self.secret)])
        app = Flask(__name__)
        app.secret_key = secrets.token_bytes(32)
        self.tokens = []
        self.client = OAuth(app).register(
            "gatehouse",
            server_metadata_url=f"{gatehouse.issuer}/.well-known/openid-configuration",
            client_id=self.client_id,
            client_secret=self.secret,
            client_kwargs={
                "scope": "openid profile email phone",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method,
            },
        )

        @app.get("/login")
        def login():
            return self.client.authorize_redirect(REDIRECT_URI)

        @app.get("/callback")
        def callback():
            try:
                token = self.client.authorize_access_token()  # verifies signature, iss, aud, exp and nonce
            except OAuthError as error:
                return jsonify(error=error.error), 400
            self.tokens.append(token)
            return jsonify(id_token=token["userinfo"], userinfo=self.client.userinfo(token=token))

        self.requests = app.test_client()

    def authorize(self, browser, person, sms):
        """A whole sign-in, up to the redirect to the callback."""
        page = browser.open(self.requests.get("/login").location, until=REDIRECT_URI)
        return sign_in(browser, page, person, sms, until=REDIRECT_URI)

    def call_back(self, page):
        return self.requests.get(f"/callback?{urlsplit(page.url).query}")


@pytest.fixture(scope="module", params=["client_secret_basic", "client_secret_post", "none"])
def application(gatehouse, request):
    return Application(gatehouse, request.param)


def test_the_person_arrives_with_verified_claims(application, gatehouse, browser, person):
    page = application.authorize(browser, person, gatehouse.sms)
    answer = application.call_back(page)
    assert answer.status_code == 200, answer.text
    id_token, userinfo = answer.json["id_token"], answer.json["userinfo"]
    assert id_token["iss"] == page.query["iss"] == gatehouse.issuer
    assert id_token["sub"] == userinfo["sub"]
    assert userinfo["preferred_username"] == person.username
    assert userinfo["name"] == person.name
    assert userinfo["email"] == person.email
    assert userinfo["phone_number"] == f"+86{person.phone}"


def test_a_signed_in_browser_is_not_asked_again(application, gatehouse, browser, person):
    application.authorize(browser, person, gatehouse.sms)
    again = browser.open(application.requests.get("/login").location, until=REDIRECT_URI)
    assert application.call_back(again).json["userinfo"]["preferred_username"] == person.username


def test_a_replayed_code_is_refused_and_revokes_what_it_gave(application, gatehouse, browser, person):
    page = application.authorize(browser, person, gatehouse.sms)
    with application.requests.session_transaction() as session:
        remembered = dict(session)  # state, nonce and code_verifier, which Authlib forgets after the first use
    assert application.call_back(page).status_code == 200
    bearer = {"Authorization": f"Bearer {application.tokens[-1]['access_token']}"}
    assert browser.session.get(f"{gatehouse.issuer}/oauth2/userinfo", headers=bearer).status_code == 200

    with application.requests.session_transaction() as session:
        session.update(remembered)
    replay = application.call_back(page)
    assert (replay.status_code, replay.json) == (400, {"error": "invalid_grant"})
    assert browser.session.get(f"{gatehouse.issuer}/oauth2/userinfo", headers=bearer).status_code == 401


def test_a_refresh_token_is_rotated_and_reuse_of_the_old_one_revokes_the_new(application, gatehouse, browser, person):
    assert application.call_back(application.authorize(browser, person, gatehouse.sms)).status_code == 200
    client = OAuth2Session(application.client_id, application.secret, token_endpoint_auth_method=application.method)
    endpoint = application.client.load_server_metadata()["token_endpoint"]
    old = application.tokens[-1]["refresh_token"]
    new = client.refresh_token(endpoint, refresh_token=old)
    assert new["access_token"] and new["refresh_token"] != old
    for spent in (old, new["refresh_token"]):
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.refresh_token(endpoint, refresh_token=spent)
