"""A web application that signs people in through CAS 3.0, with Flask and Python's standard library."""

import os
import secrets
from urllib.parse import urlencode
from urllib.request import urlopen
from xml.etree import ElementTree

from flask import Flask, redirect, render_template, request, session

PORT = int(os.environ.get("PORT", "8091"))
BASE_URL = os.environ.get("BASE_URL", f"http://127.0.0.1:{PORT}")  # where browsers find this application
SERVICE = f"{BASE_URL}/sign-in"  # as registered
CAS_SERVER = os.environ.get("CAS_SERVER", "http://localhost:8080/cas")
CAS = {"cas": "http://www.yale.edu/tp/cas"}

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)  # local sessions end when this process does
app.config["SESSION_COOKIE_NAME"] = "cas_app"
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


@app.get("/")
def home():
    return render_template("page.html", user=session.get("user"), attributes=session.get("attributes"), sso=CAS_SERVER)


@app.get("/sign-in")
def sign_in():
    """The registered service: without a ticket it sends the browser to CAS, with one it asks CAS whose it is."""
    ticket = request.args.get("ticket")
    if not ticket:
        return redirect(f"{CAS_SERVER}/login?{urlencode({'service': SERVICE})}")
    user, attributes = validate(ticket)
    if user is None:
        return render_template("page.html", error=attributes, sso=CAS_SERVER), 403
    session["user"], session["attributes"] = user, attributes
    return redirect(f"{BASE_URL}/")


def validate(ticket):
    """The user and their attributes (name to list of values), or None and the reason."""
    query = urlencode({"service": SERVICE, "ticket": ticket})
    with urlopen(f"{CAS_SERVER}/p3/serviceValidate?{query}", timeout=10) as response:
        answer = ElementTree.fromstring(response.read())
    success = answer.find("cas:authenticationSuccess", CAS)
    if success is None:
        return None, answer.find("cas:authenticationFailure", CAS).get("code")
    attributes = {}
    for attribute in success.findall("cas:attributes/*", CAS):
        attributes.setdefault(attribute.tag.split("}")[-1], []).append(attribute.text or "")
    return success.findtext("cas:user", namespaces=CAS).strip(), attributes


@app.post("/sign-out")
def sign_out():
    """Ends the local session, then the one that all applications share."""
    session.clear()
    return redirect(f"{CAS_SERVER}/logout?{urlencode({'service': f'{BASE_URL}/'})}")


if __name__ == "__main__":
    app.run("127.0.0.1", PORT)
