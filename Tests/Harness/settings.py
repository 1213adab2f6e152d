"""The settings of Gatehouse that the tests use, in one place. Docs/operate.md describes them."""

# Every test's person gets one message, and some type wrong passwords, all from one address: only what is counted per
# address is in the way. The rest stays as delivered; the journeys are about some of it (the freeze).
RELAXED = {
    "GATEHOUSE_SMS_SEND_PER_ADDRESS_HOUR": "off",
    "GATEHOUSE_PUZZLE_ADDRESS_SENDS": "off",
    "GATEHOUSE_PUZZLE_ADDRESS_FAILURES": "off",
}


def environment(directory, http_port, operations_port, database_url=None, certificate=None, limits=RELAXED):
    """What the binary reads. `directory` gets everything that this installation keeps; `limits` differ from what is
    delivered."""
    values = {
        **limits,
        "GATEHOUSE_DATA_DIRECTORY": str(directory / "Data"),
        "GATEHOUSE_KEYS_DIRECTORY": str(directory / "Keys"),
        "GATEHOUSE_HTTP_HOST": "127.0.0.1",
        "GATEHOUSE_HTTP_PORT": str(http_port),
        "GATEHOUSE_OPERATIONS_PORT": str(operations_port),
        # Nothing of a test looks beyond this machine.
        "GATEHOUSE_DOMAIN_CHECK_INTERVAL": "off",
        "GATEHOUSE_DNS_SERVERS": "127.0.0.1:1",
        "GATEHOUSE_SMS_GATEWAY": "file",
        "GATEHOUSE_SMS_FILE": str(directory / "sms.jsonl"),
        "GATEHOUSE_MAIL_GATEWAY": "file",
        "GATEHOUSE_MAIL_FILE": str(directory / "mail.jsonl"),
    }
    if database_url:
        values["GATEHOUSE_DATABASE_URL"] = database_url
    if certificate:
        values["GATEHOUSE_TLS_CERTIFICATE"] = str(certificate.certificate)
        values["GATEHOUSE_TLS_KEY"] = str(certificate.key)
    return values
