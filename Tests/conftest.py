import signal

import pytest

from Harness.authority import make_certificate


def stop_once(*_):
    """Ctrl-C and a stop from outside end the run through every fixture, so that no child process is left."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


# A shell starts what it runs in the background with Ctrl-C ignored, and children would inherit that.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop_once)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("authority"))
