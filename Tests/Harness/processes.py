"""Child processes that are always stopped by the one that started them."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from Harness.waiting import wait_until


def free_port():
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def temporary_directory(name):
    """A directory that a server running as another user may enter; pytest's own are closed to it."""
    path = Path(tempfile.mkdtemp(prefix=f"gatehouse-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def start(command, log, environment=None, **options):
    """Starts a child whose output goes to the file `log`. It does not share our terminal's Ctrl-C."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )


def stop(process, seconds=15):
    """Asks the child to end and returns its exit status; one that does not end in time is killed and reported."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{process.args[0]} did not stop within {seconds} seconds")
    return process.returncode


@contextmanager
def running(command, port, log, environment=None, **options):
    """A child that listens on `port`, for as long as the block runs."""
    process = start(command, log, environment, **options)
    try:
        wait_until(lambda: process.poll() is not None or listens(port), f"{command[0]} listens on {port}")
        assert process.poll() is None, f"{command[0]} stopped at once:\n{Path(log).read_text(errors='replace')}"
        yield process
    finally:
        stop(process)
