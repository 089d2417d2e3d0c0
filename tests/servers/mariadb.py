"""A MariaDB of Debian's packages (or whatever the PATH has)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.postgres import PASSWORD, START_S, free_port


@dataclass(frozen=True, slots=True)
class MariaDB:
    """A server that runs: its port on 127.0.0.1, and the folder of its socket."""

    port: int
    folder: Path

    def url(self, database: str = "test", password: str = PASSWORD, **options: str) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mysql://seedbed:{password}@127.0.0.1:{self.port}/{database}" + (f"?{said}" if said else "")


def program(name: str) -> str | None:
    """A program of the server, also where it is not on the PATH of those who aren't root."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def user() -> str | None:
    """Who runs the server: it refuses root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB server with an empty database `test`; skipped where the package is missing, except in CI."""
    server, installer = program("mariadbd"), program("mariadb-install-db")
    if server is None or installer is None:
        reason = "MariaDB is not installed (Debian, Ubuntu: apt-get install mariadb-server)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="seedbed-my-"))  # short: the path of a socket has at most 107 letters
    try:
        yield from running(server, installer, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def running(server: str, installer: str, folder: Path) -> Iterator[MariaDB]:
    """Start a server in a folder, and stop it at the end."""
    as_user = user()
    if as_user:
        shutil.chown(folder, as_user)
    data = folder / "data"
    made = [installer, "--no-defaults", f"--datadir={data}", "--skip-test-db", "--auth-root-authentication-method=normal"]
    subprocess.run(made, user=as_user, check=True, capture_output=True, timeout=START_S, cwd=folder)
    prepared = folder / "init.sql"
    said = ["CREATE DATABASE test", f"CREATE USER seedbed IDENTIFIED BY '{PASSWORD}'", "GRANT ALL ON *.* TO seedbed"]
    prepared.write_text("".join(f"{statement};\n" for statement in said))  # the server takes one a line
    prepared.chmod(0o644)  # the folder itself is closed to others
    port = free_port()
    settings = {
        "datadir": data,
        "port": port,
        "bind-address": "127.0.0.1",
        "socket": folder / "socket",
        "pid-file": folder / "pid",
        "init-file": prepared,
        "innodb-flush-log-at-trx-commit": 0,
        "max-connections": 30,
        "skip-name-resolve": 1,  # else the nameless user of localhost goes before ours
    }
    command = [server, "--no-defaults", *(f"--{name}={value}" for name, value in settings.items())]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, user=as_user, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait(process, log)
        yield MariaDB(port, folder)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        if "ready for connections" in log.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"MariaDB did not start:\n{log.read_text()}")
