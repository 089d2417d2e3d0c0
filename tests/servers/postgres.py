"""A PostgreSQL of Debian's packages (or whatever `pg_config` or the PATH has)."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

START_S = 60
PASSWORD = "loopback"  # noqa: S105 - of a server that lives as long as the tests


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that runs: its port on 127.0.0.1, and the folder of its socket."""

    port: int
    folder: Path

    def url(self, database: str = "postgres", **options: str) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}" + (f"?{said}" if said else "")


def programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version that is here."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0] or 0))
    on_path = shutil.which("postgres")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def user() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server with an empty database `postgres`; skipped where the package is missing, except in CI."""
    bin_folder = programs()
    if bin_folder is None:
        reason = "PostgreSQL is not installed (Debian, Ubuntu: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="seedbed-pg-"))  # short: the path of a socket has at most 107 letters
    try:
        yield from _running(bin_folder, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(programs: Path, folder: Path) -> Iterator[Postgres]:
    as_user = user()
    if as_user:
        shutil.chown(folder, as_user)
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)  # the folder itself is closed to others
    data = folder / "data"
    made = [f"--pgdata={data}", "--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    subprocess.run([programs / "initdb", *made, "--no-sync"], user=as_user, check=True, capture_output=True, timeout=START_S, cwd=folder)
    port = free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off", "max_connections=30"]
    command: list[str | Path] = [programs / "postgres", "-D", data, *(part for setting in settings for part in ("-c", setting))]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, user=as_user, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait(server, log)
        yield Postgres(port, folder)
    finally:
        server.send_signal(signal.SIGINT)  # the fast way down: doesn't wait for clients
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def _wait(server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        if "ready to accept connections" in log.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
