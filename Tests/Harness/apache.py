"""Apache httpd from Debian with a temporary configuration: one protected location, one CGI that shows what arrived."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from Harness import processes

MODULES = Path("/usr/lib/apache2/modules")
# What every server here needs; the module under test is added.
COMMON = ["mpm_prefork", "authn_core", "authz_core", "authz_user", "alias", "cgi", "env", "unixd", "log_config"]

# Prints the environment as JSON: REMOTE_USER, and headers as HTTP_….
SHOW = """#!/usr/bin/python3
import json, os, sys
body = json.dumps({name: os.fsencode(value).decode("utf-8", "replace") for name, value in os.environ.items()})
sys.stdout.write("Content-Type: application/json\\r\\n\\r\\n" + body)
"""


@contextmanager
def apache(modules, configuration):
    """Runs Apache for the block and gives its address. `configuration` is a function of (directory, address)."""
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    with processes.temporary_directory("apache") as directory:
        show = directory / "show"
        show.write_text(SHOW)
        show.chmod(0o755)
        (directory / "cookies").mkdir()
        loaded = [name for name in COMMON + modules if (MODULES / f"mod_{name}.so").exists()]  # some are built in
        lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in loaded]
        lines += [f"Listen 127.0.0.1:{port}", "ServerName 127.0.0.1", f"PidFile {directory}/pid", "LogLevel info"]
        lines += [f"ErrorLog {directory}/error.log", f"DefaultRuntimeDir {directory}", f"Mutex file:{directory}"]
        lines += ["StartServers 2", "MaxRequestWorkers 8", f"ScriptAlias /protected {show}"]
        if os.geteuid() == 0:
            lines += ["User www-data", "Group www-data"]
            shutil.chown(directory / "cookies", "www-data")
        lines += [configuration(directory, address)]
        file = directory / "httpd.conf"
        file.write_text("\n".join(lines) + "\n")
        command = ["/usr/sbin/apache2", "-f", file, "-d", directory, "-DFOREGROUND"]
        try:
            with processes.running(command, port, directory / "output.log"):
                yield address
        except BaseException:
            for log in ("output.log", "error.log"):
                if (directory / log).exists():
                    print(f"--- apache {log}\n{(directory / log).read_text(errors='replace')}")
            raise
