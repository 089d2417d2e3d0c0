"""An HTCondor pool of one node: Debian 13's package in a folder of its own, since Debian 12 has none.

The folder is made once (debootstrap and apt, under a minute) and kept in the temporary directory. The daemons see it as their root,
with this machine's temporary files, checkout and Python at the same paths, in namespaces that end with them. There they
run as an ordinary user, as a personal pool does, who is root only to this machine's files: HTCondor starts no job as root.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.clusters import missing, program, wait_for
from tests.servers.postgres import free_port

BUILD_S = 600
MIRROR = os.environ.get("SEEDBED_DEBIAN_MIRROR", "http://deb.debian.org/debian")
USER = "seedbed"
CHECKOUT = Path(__file__).resolve().parents[2]

_BOTH = """
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:{port}
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
UID_DOMAIN = seedbed.test
FILESYSTEM_DOMAIN = seedbed.test
use security : host_based
SEC_DEFAULT_AUTHENTICATION_METHODS = CLAIMTOBE
SEC_CLIENT_AUTHENTICATION_METHODS = CLAIMTOBE
SEC_CLAIMTOBE_USER = {user}
LOCAL_DIR = {folder}/local
LOG = $(LOCAL_DIR)/log
SPOOL = $(LOCAL_DIR)/spool
EXECUTE = $(LOCAL_DIR)/execute
LOCK = $(LOCAL_DIR)/lock
RUN = $(LOCAL_DIR)/run
RELEASE_DIR = /usr
BIN = /usr/bin
SBIN = /usr/sbin
LIB = /usr/lib/condor
LIBEXEC = /usr/libexec/condor
SHARE = /usr/share/condor
USE_SHARED_PORT = False
DAGMAN_USER_LOG_SCAN_INTERVAL = 1
DAGMAN_SUBMIT_DELAY = 0
DAGMAN_USE_STRICT = 0
ALLOW_ADMINISTRATOR = *
ALLOW_WRITE = *
ALLOW_READ = *
ALLOW_NEGOTIATOR = *
ALLOW_DAEMON = *
"""

# Every interval is a second: by default a job waits for a minute.
_POOL = """
use ROLE : CentralManager
use ROLE : Submit
use ROLE : Execute
NUM_CPUS = 2
NUM_SLOTS_TYPE_1 = 2
SLOT_TYPE_1 = cpus=1, memory=50%, disk=50%
SLOT_TYPE_1_PARTITIONABLE = False
MOUNT_UNDER_SCRATCH =
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 1
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 1
PERIODIC_EXPR_INTERVAL = 1
MAX_PERIODIC_EXPR_INTERVAL = 1
JOB_START_DELAY = 0
START = True
SUSPEND = False
PREEMPT = False
KILL = False
RANK = 0
"""

_START = """
set -e
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
for path in $SHARED; do
    if [ -d "$path" ]; then mkdir -p "$ROOT$path"; else mkdir -p "$ROOT$(dirname "$path")"; touch "$ROOT$path"; fi
    mount --bind "$path" "$ROOT$path"
done
cd "$ROOT"
pivot_root . .old
umount -l /.old
cd /
exec unshare --user --map-user=1000 --map-group=1000 condor_master -f
"""


@dataclass(frozen=True, slots=True)
class Condor:
    """A pool that runs: `environment` is what its clients need."""

    folder: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def condor() -> Iterator[Condor]:
    """A pool of one node with two slots; skipped where one isn't root, and where it can't be made, except in CI."""
    absent = [name for name in ("debootstrap", "unshare", "pivot_root") if program(name) is None]
    if absent:
        missing(f"{', '.join(absent)} missing (Debian, Ubuntu: apt-get install debootstrap)")
    if os.geteuid():
        pytest.skip("only root can make a folder the root of other processes")
    root = _root()
    folder = Path(tempfile.mkdtemp(prefix="seedbed-condor-"))
    try:
        yield from _running(root, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    """Debian 13 with HTCondor in a folder, made where it isn't there; one process at a time."""
    root = Path(tempfile.gettempdir()) / "seedbed-condor-trixie"
    with Path(f"{root}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            made = root.with_suffix(".making")
            shutil.rmtree(made, ignore_errors=True)
            _build(made)
            made.rename(root)
    return root


def _build(root: Path) -> None:
    install = "export DEBIAN_FRONTEND=noninteractive; apt-get install -y -qq --no-install-recommends condor"
    steps = [["debootstrap", "--variant=minbase", "trixie", str(root), MIRROR], ["chroot", str(root), "sh", "-c", install]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, timeout=BUILD_S, check=False)
        if done.returncode:
            missing(f"`{' '.join(step[:3])}` fails: {(done.stdout + done.stderr)[-2000:]}")
        policy = root / "usr/sbin/policy-rc.d"  # the package must not start its daemons
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    with (root / "etc/passwd").open("a") as passwd:
        passwd.write(f"{USER}:x:1000:1000::/tmp:/bin/sh\n")
    (root / ".old").mkdir()


def _shared() -> list[Path]:
    """What jobs need of this machine, at the same paths: temporary files, the checkout, the environment, its Python."""
    paths = {Path(tempfile.gettempdir()).resolve(), CHECKOUT, Path(sys.prefix).resolve()}
    if sys.base_prefix == "/usr":
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        paths |= {Path("/usr/bin", name), Path("/usr/lib", name)}
    else:
        paths.add(Path(sys.base_prefix).resolve())
    return sorted(path for path in paths if not any(path != other and path.is_relative_to(other) for other in paths))


def _running(root: Path, folder: Path) -> Iterator[Condor]:
    said = _BOTH.format(port=free_port(), user=USER, folder=folder)
    (folder / "pool.conf").write_text(said + _POOL)
    (folder / "client.conf").write_text(said)
    for name in ("log", "spool", "execute", "lock", "run"):
        (folder / "local" / name).mkdir(parents=True)
    if sys.base_prefix == "/usr":  # what a virtual environment of Debian's Python points to
        python = root / "usr/bin/python3"
        python.unlink(missing_ok=True)
        python.symlink_to(f"python{sys.version_info.major}.{sys.version_info.minor}")
    environment = {"ROOT": str(root), "SHARED": " ".join(map(str, _shared())), "CONDOR_CONFIG": str(folder / "pool.conf")}
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _START]
    log = folder / "log"
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    with log.open("wb") as output:
        master = subprocess.Popen(command, env={"PATH": path, **environment}, stdout=output, stderr=subprocess.STDOUT, cwd="/")
    client = {"CONDOR_CONFIG": str(folder / "client.conf")}
    try:
        wait_for("HTCondor", lambda: _slots(client) == 2, [master], log)
        yield Condor(folder, client)
    finally:
        master.kill()  # and with it, all that it started
        master.wait(10)


def _slots(environment: dict[str, str]) -> int:
    """How many slots the pool has, and a queue; asked by another process, since the bindings read their configuration once."""
    script = "import htcondor2 as c; a = c.Collector(); print(bool(a.query(c.AdType.Schedd)) * len(a.query(c.AdType.Startd, projection=['Name'])))"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False
    )
    return int(done.stdout) if done.returncode == 0 else 0
