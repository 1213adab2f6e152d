"""An enterprise's own receiver of messages, as `sms.webhook.url` calls one. The signature is checked by the library of
the people who wrote the specification."""

import base64
import json
import secrets
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks import Webhook, WebhookVerificationError

from Harness.sms import Inbox


class Receiver(Inbox):
    def __init__(self):
        super().__init__()
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.url = None
        self.refused = []  # why a request was not taken
        self._messages = []

    def all(self):
        return list(self._messages)

    def take(self, headers, body):
        """Status and answer to one request."""
        try:
            message = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError as error:
            self.refused.append(str(error))
            return 401, {}
        self._messages.append({**message, "code": message["parameters"].get("code")})
        return 200, {"id": f"receiver-{len(self._messages)}"}


@contextmanager
def receiver():
    """A receiver on loopback, for as long as the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/messages"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
