"""A Slurm cluster of one node, out of Debian's packages: munged, slurmctld and slurmd on free ports."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.clusters import missing, program, stop, wait_for
from tests.servers.postgres import free_port

CPUS = 2

# An array of small jobs ends in seconds only where the scheduler looks every second.
_CONF = """
ClusterName=seedbed
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=100000,batch_sched_delay=0,defer_batch
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=2
MinJobAge=300
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


@dataclass(frozen=True, slots=True)
class Slurm:
    """A cluster that runs: `environment` is what its clients need."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """What a client says."""
        done = subprocess.run(command, env={**os.environ, **self.environment}, check=True, capture_output=True, text=True, timeout=30)
        return done.stdout


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """A cluster of one node with two processors; skipped where one isn't root, and where the packages are missing, except in CI."""
    absent = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if program(name) is None]
    if absent:
        missing(f"{', '.join(absent)} missing (Debian, Ubuntu: apt-get install slurm-wlm munge)")
    if os.geteuid():
        pytest.skip("slurmd starts jobs as root only")
    folder = Path(tempfile.mkdtemp(prefix="seedbed-slurm-"))
    try:
        yield from _running(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(folder: Path) -> Iterator[Slurm]:
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    folder.chmod(0o755)  # munged looks whether others may replace its socket
    conf = folder / "slurm.conf"
    conf.write_text(_CONF.format(host=host, folder=folder, controller=free_port(), node=free_port(), cpus=CPUS))
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    munged = [f"--socket={folder}/munge.socket", f"--key-file={key}", f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log"]
    environment = {"SLURM_CONF": str(conf)}
    started: list[subprocess.Popen[bytes]] = []
    log = folder / "log"

    def start(name: str, *arguments: str) -> None:
        path = program(name)
        assert path
        with log.open("ab") as output:
            started.append(
                subprocess.Popen([path, *arguments], env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
            )

    try:
        start("munged", "--foreground", f"--seed-file={folder}/munged.seed", *munged)
        wait_for("munged", (folder / "munge.socket").exists, started, folder / "munged.log")
        start("slurmctld", "-D")
        start("slurmd", "-D", "-N", host)
        cluster = Slurm(folder, environment)
        wait_for("Slurm", lambda: _is_idle(cluster), started, folder / "slurmd.log")
        yield cluster
    finally:
        for process in reversed(started):
            stop(process)


def _is_idle(cluster: Slurm) -> bool:
    try:
        return cluster.run("sinfo", "-h", "-o", "%T").strip() == "idle"
    except subprocess.SubprocessError:
        return False
