"""The program that reads compose files: on the PATH, or Debian 13's package unpacked into a folder of its own. It needs no engine to check one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.servers.clusters import missing
from tests.servers.condor import MIRROR

FETCH_S = 120


@pytest.fixture(scope="session")
def docker_compose() -> Path:
    """Compose of version 2 or later, which is written in Go."""
    found = shutil.which("docker-compose")
    if found is not None and _is_new(Path(found)):
        return Path(found)
    folder = Path(tempfile.gettempdir()) / f"seedbed-compose-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = _unpacked(folder) or _fetched(folder)
    if program is None:
        missing("Docker Compose can't be had from Debian 13")
    return program


def _is_new(program: Path) -> bool:
    done = subprocess.run([program, "version", "--short"], capture_output=True, text=True, timeout=20, check=False)
    return done.returncode == 0 and not done.stdout.startswith("1.")


def _unpacked(folder: Path) -> Path | None:
    return next((path for path in folder.glob("package/usr/**/docker-compose") if os.access(path, os.X_OK) and path.is_file()), None)


def _fetched(folder: Path) -> Path | None:
    """Fetch the package by apt, which is told of Debian 13 for this one command, and unpack it."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb {MIRROR} trixie main\n")
    told = {"Etc::sourcelist": folder / "sources.list", "Etc::sourceparts": "/dev/null", "State::lists": folder / "lists", "Cache": folder}
    options = [f"-oDir::{name}={value}" for name, value in told.items()] + ["-oAPT::Sandbox::User="]
    for words in (["update"], ["download", "docker-compose"]):
        done = subprocess.run(["apt-get", *options, "-q", *words], cwd=folder, capture_output=True, timeout=FETCH_S, check=False)
        if done.returncode != 0:
            return None
    package = next(folder.glob("docker-compose_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, folder / "package"], check=True, timeout=FETCH_S)
    shutil.rmtree(folder / "lists")
    return _unpacked(folder)
