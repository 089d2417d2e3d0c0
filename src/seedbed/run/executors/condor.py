"""Make parts by jobs of HTCondor: a DAG with a node for each task, sent and followed through HTCondor's own bindings.

DAGMan tries a node again that failed; a job that is held or whose machine goes away is taken back and tried again as well. A task goes on
after its last whole part.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError, PluginError, SeedbedError
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.folder import TaskFolder
from seedbed.run.executors.pool import CORES, ENVIRONMENT, MEMORY_MB, RETRIES, check_pool, make_in_pool
from seedbed.write.atomic import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    import htcondor2

    from seedbed.run.make import Job

_SETTINGS = {
    "pool": "the address of the pool's central manager",
    "schedd": "the name of the queue, where it isn't this machine's",
    "dagman": "the path of condor_dagman there, where it isn't on the PATH",
    "disk": "the disk of each job in MB",
    "requirements": "what a machine must be, as a ClassAd expression",
    "accounting_group": "the group that pays",
}
_DISK_MB = 1024

#: Variables that a job may need to reach where it writes to.
_HANDED_ON = "AWS_*,AZURE_*,GOOGLE_*,PG*,SSL_CERT_*,PYTHONPATH,XDG_CACHE_HOME"

_FIX = "look whether the pool is up (`condor_status`, `condor_q`), then run again with --resume"


def check(crew: Crew) -> None:
    """Refuse settings that can't be, and a machine without the bindings."""
    check_pool(crew, _SETTINGS, "condor")
    crew.count("disk", _DISK_MB)
    for name in ("requirements", "accounting_group"):
        if "\n" in crew.settings.get(name, ""):
            raise ModelError(f"`{name}` is one line", where="--pool-option")
    _bindings()


def make(job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts by the nodes of a DAG; `workers` is how many are in the queue at a time, where that is limited."""
    make_in_pool(_Condor(crew.settings.get("pool"), crew.settings.get("schedd")), job, parts, done, crew)


def _bindings() -> Any:
    """HTCondor's own; they read the configuration of this machine, or the file that CONDOR_CONFIG names."""
    try:
        import htcondor2
    except ImportError as error:
        message = "HTCondor's bindings are not installed"
        raise PluginError(message, where="--executor condor", fix="pip install 'seedbed[condor]'") from error
    return htcondor2


class _Condor:
    name = "condor"

    def __init__(self, pool: str | None, schedd: str | None) -> None:
        self._pool, self._name = pool, schedd

    def send(self, folder: TaskFolder, command: Sequence[str], crew: Crew) -> dict[str, Any]:
        """One DAG, which sends a job for each task."""
        root = folder.path
        write_whole(root / "task.sub", _description(folder, command, crew).encode())
        write_whole(root / "run.dag", _dag(folder, crew).encode())
        options: dict[str, Any] = {"force": True, "include_env": _HANDED_ON, "batch-name": "seedbed"}
        if crew.workers:
            options["maxjobs"] = crew.workers
        if "dagman" in crew.settings:
            options["dagman"] = crew.settings["dagman"]
        with _edge_errors():
            condor = _bindings()
            submit = condor.Submit.from_dag(str(root / "run.dag"), options)
            return {"cluster": self._schedd().submit(submit).cluster(), "schedd": self._name, "at": self._pool}

    def is_busy(self, sent: dict[str, Any]) -> bool:
        """Whether the DAG or a node of it is in the queue."""
        with _edge_errors():
            return bool(self._schedd().query(constraint=_constraint(sent), projection=["ClusterId"]))

    def cancel(self, sent: dict[str, Any]) -> None:
        """Take the DAG out of the queue, and its nodes with it."""
        with _edge_errors():
            condor = _bindings()
            self._schedd().act(condor.JobAction.Remove, _constraint(sent), reason="the run of seedbed ended")

    def reason(self, sent: dict[str, Any], folder: TaskFolder) -> str:
        """Why jobs were held or taken away, as the DAG's log of its nodes tells."""
        del sent
        return _told_by_log(folder)

    def _schedd(self) -> htcondor2.Schedd:
        """The queue: the named one, this machine's, or the only one of the pool."""
        condor = _bindings()
        collector = condor.Collector(self._pool) if self._pool else condor.Collector()
        if self._name:
            return condor.Schedd(collector.locate(condor.DaemonType.Schedd, self._name))
        if not self._pool:
            with suppress(condor.HTCondorException):
                return condor.Schedd()
        found = collector.query(condor.AdType.Schedd)
        if len(found) != 1:
            names = ", ".join(str(each.get("Name")) for each in found) or "none"
            message = f"the pool has {len(found)} queues: {names}"
            raise EdgeError(message, where="--executor condor", fix="name one with --pool-option schedd=NAME")
        return condor.Schedd(found[0])


def _constraint(sent: Mapping[str, Any]) -> str:
    cluster = int(sent["cluster"])
    return f"ClusterId == {cluster} || DAGManJobId == {cluster}"


def _description(folder: TaskFolder, command: Sequence[str], crew: Crew) -> str:
    """The submit description of a node; `task` is a variable of the DAG."""
    environment = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    said = {
        "universe": "vanilla",
        "executable": command[0],
        "arguments": '"' + " ".join("$(task)" if word == "{task}" else _quoted(word) for word in command[1:]) + '"',
        "initialdir": os.getcwd(),  # noqa: PTH109 - targets may be said from here
        "environment": f'"{environment}"',
        "getenv": _HANDED_ON,
        "should_transfer_files": "NO",
        "output": f"{folder.path}/log/$(task).log",
        "error": f"{folder.path}/log/$(task).log",
        "log": f"{folder.path}/nodes.log",
        "request_cpus": crew.count("cores", CORES),
        "request_memory": f"{crew.count('memory', MEMORY_MB)}MB",
        "request_disk": f"{crew.count('disk', _DISK_MB)}MB",
        "job_lease_duration": 1200,
        "periodic_remove": "JobStatus == 5",  # held: the node failed, and DAGMan tries it again
        **{name: crew.settings[name] for name in ("requirements", "accounting_group") if name in crew.settings},
    }
    return "".join(f"{name} = {value}\n" for name, value in said.items()) + "queue\n"


def _dag(folder: TaskFolder, crew: Crew) -> str:
    """A node for each task, tried again unless it says that this can't help (exit codes of seedbed: 1 and 2)."""
    retries = crew.count("retries", RETRIES, least=0)
    lines = []
    for task in range(folder.tasks):
        lines += [f"JOB task{task} {folder.path}/task.sub", f'VARS task{task} task="{task}"', f"RETRY task{task} {retries} UNLESS-EXIT 2"]
    return "\n".join([*lines, ""])


def _quoted(word: str) -> str:
    """A word of the new syntax of arguments."""
    return "'" + word.replace("'", "''").replace('"', '""') + "'"


def _told_by_log(folder: TaskFolder) -> str:
    """The reason that HTCondor gave last for holding a job, else for taking one away."""
    condor = _bindings()
    held = taken = ""
    with suppress(condor.HTCondorException, OSError):
        for event in condor.JobEventLog(str(folder.path / "nodes.log")).events(0):
            held = str(event.get("HoldReason") or held)
            taken = str(event.get("Reason") or taken)
    return f"HTCondor says: {held or taken}" if held or taken else ""


@contextmanager
def _edge_errors() -> Iterator[None]:
    """What the bindings raise, as an error of ours."""
    condor = _bindings()
    try:
        yield
    except SeedbedError:
        raise
    except (condor.HTCondorException, RuntimeError, OSError) as error:
        raise EdgeError(f"HTCondor says: {error}", where="--executor condor", fix=_FIX) from error
