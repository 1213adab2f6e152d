"""What arrives on phones."""

import json
from collections import Counter

from Harness.waiting import wait_until


class Inbox:
    """Messages as some gateway delivers them: mappings with to, purpose, text and, where there is one, code."""

    def __init__(self):
        self._read = Counter()

    def all(self):
        """Every message so far, oldest first."""
        raise NotImplementedError

    def messages(self, phone, purpose=None):
        """Every message to `phone`, oldest first."""
        found = [message for message in self.all() if message["to"].endswith(phone)]
        return [message for message in found if purpose in (None, message["purpose"])]

    def next_message(self, phone, purpose):
        """The first message of that purpose to `phone` that was not read yet; waits for it."""
        position = self._read[phone, purpose]
        message = wait_until(lambda: self.messages(phone, purpose)[position:], f"{purpose} to {phone}")[0]
        self._read[phone, purpose] += 1
        return message

    def next_code(self, phone, purpose="LOGIN_SMS"):
        """The code of the next message."""
        message = self.next_message(phone, purpose)
        assert message["code"] in message["text"]
        return message["code"]


class SMS(Inbox):
    """What the gateway `file` wrote: one JSON object a line."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def all(self):
        """A last line that is still being written does not count yet."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]
