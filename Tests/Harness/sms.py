"""Reads what the `file` SMS gateway wrote: one JSON object a line, with to, purpose, text, code and time."""

import json
from collections import Counter

from Harness.waiting import wait_until


class SMS:
    def __init__(self, path):
        self.path = path
        self._read = Counter()

    def messages(self, phone):
        """Every message to `phone`, oldest first. A last line that is still being written does not count yet."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        return [message for message in map(json.loads, lines) if message["to"].endswith(phone)]

    def next_code(self, phone):
        """The code of the first message to `phone` that was not read yet; waits for it."""
        position = self._read[phone]
        message = wait_until(lambda: self.messages(phone)[position:], f"an SMS to {phone}")[0]
        self._read[phone] += 1
        assert message["code"] in message["text"]
        return message["code"]
