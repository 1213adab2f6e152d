"""The two applications under Examples/, beside a Gatehouse of the tests."""

import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from Harness import processes
from Harness.applications import cas_application, oauth_application
from Harness.gatehouse import REPOSITORY


@dataclass
class Examples:
    oauth: str  # addresses, ending in "/"
    cas: str


@contextmanager
def examples(gatehouse):
    oauth_port, cas_port = processes.free_port(), processes.free_port()
    addresses = Examples(f"http://127.0.0.1:{oauth_port}/", f"http://127.0.0.1:{cas_port}/")
    secret = gatehouse.directory / "oauth-app.secret"
    secret.write_text(secrets.token_urlsafe(32))
    gatehouse.apply(
        applications=[
            oauth_application(
                "oauth-app",
                f"{addresses.oauth}callback",
                secret.read_text(),
                name="OAuth application",
                postLogoutRedirectURIs=[addresses.oauth],
                launchURL=f"{addresses.oauth}sign-in",
            ),
            cas_application(
                "cas-app",
                f"{addresses.cas}sign-in",
                addresses.cas,
                name="CAS application",
                launchURL=f"{addresses.cas}sign-in",
            ),
        ]
    )
    started = [
        ("oauth-app", oauth_port, {"ISSUER": gatehouse.issuer, "CLIENT_ID": "oauth-app", "CLIENT_SECRET_FILE": str(secret)}),
        ("cas-app", cas_port, {"CAS_SERVER": f"{gatehouse.issuer}/cas"}),
    ]
    with ExitStack() as stack:
        for name, port, environment in started:
            command = ["/usr/bin/python3", REPOSITORY / "Examples" / name / "app.py"]
            log = gatehouse.directory / f"{name}.log"
            stack.enter_context(processes.running(command, port, log, {"PORT": str(port), **environment}))
        yield addresses
