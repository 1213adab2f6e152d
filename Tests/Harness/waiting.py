"""Waiting on a condition, never for a time."""

import time


def wait_until(condition, what, seconds=30):
    """The first true value that `condition` returns; fails naming `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} seconds: {what}")
        time.sleep(0.02)
