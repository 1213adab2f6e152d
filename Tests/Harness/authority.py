"""A certificate authority for one test run, and a certificate for localhost."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Certificate:
    authority: Path  # PEM, what clients are told to trust
    certificate: Path
    key: Path


def make_certificate(directory):
    """Made anew each run, so that none is in the repository and none expires."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    openssl(
        *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Gatehouse test authority"],
        *["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "ca.key", "-out", "ca.pem"],
    )
    openssl(
        *["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"],
        *["-keyout", "server.key", "-out", "server.csr"],
    )
    (directory / "extensions").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    openssl(
        *["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
        *["-extfile", "extensions", "-out", "server.pem"],
    )
    return Certificate(directory / "ca.pem", directory / "server.pem", directory / "server.key")
