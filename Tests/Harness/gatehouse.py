"""One Gatehouse installation in a directory of its own: started, commanded, killed and started again."""

import json
import os
import secrets
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests

from Harness import processes, settings
from Harness.people import PASSWORD, PASSWORD_HASH, someone
from Harness.sms import SMS
from Harness.waiting import wait_until

TENANT = "acme"
REPOSITORY = Path(__file__).resolve().parents[2]


def make_database():
    """A new, empty PostgreSQL database and its URL."""
    server = urlsplit(os.environ["TEST_POSTGRESQL"])
    name = f"test_{secrets.token_hex(6)}"
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--command", f"CREATE DATABASE {name}", server.geturl()],
        check=True,
    )
    return urlunsplit(server._replace(path=f"/{name}"))


class Gatehouse:
    def __init__(self, directory, database_url=None, certificate=None, limits=settings.RELAXED):
        self.directory = directory
        self.binary = os.environ["BIN"]
        self.http_port = processes.free_port()
        self.operations_port = processes.free_port()
        self.issuer = f"{'https' if certificate else 'http'}://localhost:{self.http_port}"
        self.verify = str(certificate.authority) if certificate else True  # as `requests` takes it
        self.environment = settings.environment(
            directory, self.http_port, self.operations_port, database_url, certificate, limits
        )
        self.environment["GATEHOUSE_TEMPLATES_DIRECTORY"] = str(REPOSITORY / "Templates")
        self.environment["GATEHOUSE_PASSWORD_COMMON_LIST"] = str(REPOSITORY / "Resources" / "common-passwords.txt")
        self.sms = SMS(directory / "sms.jsonl")
        self.mail = SMS(directory / "mail.jsonl")  # the same form, with e-mail addresses
        self.log = directory / "gatehouse.log"
        self.process = None
        self._documents = 0

    # Commands

    def command(self, *arguments):
        """Runs one command and returns what it printed as JSON."""
        done = subprocess.run(
            [self.binary, *arguments, "--json"],
            env={**os.environ, **self.environment},
            cwd=self.directory,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"gatehouse {' '.join(arguments)}: {done.stderr or done.stdout}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def apply(self, *, users=(), applications=(), settings=None):
        """Adds to the tenant (JSON is YAML). What an earlier document named stays."""
        tenant = {"code": TENANT, "name": "Acme 企业", "issuer": self.issuer, "groups": ["engineering", "sales"]}
        if settings:
            tenant["settings"] = settings
        tenant["users"], tenant["applications"] = list(users), list(applications)
        self._documents += 1
        path = self.directory / f"apply-{self._documents}.yaml"
        path.write_text(json.dumps({"tenants": [tenant]}, ensure_ascii=False, indent=2))
        self.command("apply", "-f", str(path))

    def new_person(self, **changes):
        """A person without a password, as an administrator creates one."""
        person = someone()
        for name, value in changes.items():
            setattr(person, name, value)
        self.apply(users=[person.document()])
        return person

    def known_person(self, **changes):
        """A person with a password that was brought from another system, and who has never been here."""
        return self.new_person(password=PASSWORD, password_hash=PASSWORD_HASH, **changes)

    # The server

    def start(self):
        self.process = processes.start([self.binary, "serve"], self.log, self.environment, cwd=self.directory)
        wait_until(lambda: self.process.poll() is not None or self.is_ready(), "gatehouse is ready")
        assert self.process.poll() is None, f"gatehouse serve stopped:\n{self.log.read_text(errors='replace')}"

    def is_ready(self):
        try:
            return requests.get(f"http://127.0.0.1:{self.operations_port}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self):
        """A graceful stop is part of the product: it must come in time and with status 0."""
        status = processes.stop(self.process)
        assert status == 0, f"gatehouse serve ended with {status}:\n{self.log.read_text(errors='replace')[-4000:]}"

    def kill(self):
        """As a power cut would, as far as a process can tell: SIGKILL, no warning."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
