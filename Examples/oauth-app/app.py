"""A web application that signs people in through OpenID Connect. Flask and Authlib do the protocol."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, render_template, session

PORT = int(os.environ.get("PORT", "8090"))
BASE_URL = os.environ.get("BASE_URL", f"http://127.0.0.1:{PORT}")  # where browsers find this application
ISSUER = os.environ.get("ISSUER", "http://localhost:8080")

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)  # local sessions end when this process does
app.config["SESSION_COOKIE_NAME"] = "oauth_app"
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"

# Discovery tells Authlib every address and key; state, nonce and PKCE are on.
gatehouse = OAuth(app).register(
    "gatehouse",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=Path(os.environ["CLIENT_SECRET_FILE"]).read_text().strip(),
    client_kwargs={"scope": "openid profile email phone", "code_challenge_method": "S256"},
)


@app.get("/")
def home():
    return render_template("page.html", claims=session.get("claims"), sso=ISSUER)


@app.get("/sign-in")
def sign_in():
    return gatehouse.authorize_redirect(f"{BASE_URL}/callback")


@app.get("/callback")
def callback():
    token = gatehouse.authorize_access_token()  # checks state, redeems the code, verifies the ID token
    session["claims"] = {**token["userinfo"], **gatehouse.userinfo(token=token)}
    session["id_token"] = token["id_token"]
    return redirect(f"{BASE_URL}/")


@app.post("/sign-out")
def sign_out():
    """Ends the local session, then asks Gatehouse to end the one that all applications share."""
    query = {"client_id": gatehouse.client_id, "post_logout_redirect_uri": f"{BASE_URL}/"}
    if "id_token" in session:
        query["id_token_hint"] = session["id_token"]
    session.clear()
    return redirect(f"{gatehouse.load_server_metadata()['end_session_endpoint']}?{urlencode(query)}")


@app.errorhandler(AuthlibBaseError)
def refused(error):
    return render_template("page.html", error=error.description or error.error, sso=ISSUER), 400


if __name__ == "__main__":
    app.run("127.0.0.1", PORT)
