"""Make parts by the tasks of a Spark cluster, through Spark Connect: Apache Spark 4, Sail, or whoever speaks it.

One query, `range -> mapInArrow`, has a row for each part. The job (prepared plan and sink) goes along once, with the function; back come
rows with the receipts, one for each part as soon as it is whole. A task that Spark tries again, or twice at a time, writes the same.
"""

from __future__ import annotations

import pickle
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from seedbed.core.errors import EdgeError, ModelError, PluginError, SeedbedError
from seedbed.core.sinks import Part
from seedbed.core.version import __version__
from seedbed.run.executors import threads
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.told import error_of, told_of
from seedbed.run.journal import PartDone

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.connect.session import SparkSession

    from seedbed.run.make import Job

_SETTINGS = {"tasks": "in how many tasks the parts are made; one for each where left out"}

#: More tasks at once make the driver slow, not the run fast.
_MOST_TASKS = 10_000

#: The function's bytes are in one message of Spark Connect, which takes 128 MiB; a driver of 1 GB copes with 20 MiB, and dies of 90.
_MOST_BYTES = 48 << 20

#: Seconds until a server must have answered its port: the client itself would knock for ten minutes.
_KNOCK_S = 10.0
_PORT = 15002

#: What comes back for a part: its number; then seconds and receipt, or what went wrong.
_ROW = "part bigint, seconds double, receipt string, error string"

_INSTALL = (
    "install the same seedbed where the tasks run: in the Python of the cluster's machines (PYSPARK_PYTHON), or in the server's for Sail"
)

Batches: TypeAlias = "Iterator[pa.RecordBatch]"


def check(crew: Crew) -> None:
    """Refuse what can't be: no master, a setting that isn't known, no client."""
    crew.only(_SETTINGS, "spark")
    crew.count("tasks", 1, most=_MOST_TASKS)
    if crew.master is None:
        raise ModelError(
            "it isn't said where Spark is", where="--executor spark", fix="give --master sc://host:port (15002 is the usual port)"
        )
    _host_of(crew.master)
    _session_class()


def make(job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts by tasks: so many as there are workers where these are given, else one for each part.

    Raises:
        EdgeError: the server can't be reached, or a task failed.
        PluginError: seedbed isn't where the tasks run, or is another one.
    """
    assert crew.master is not None
    tasks = min(len(parts), crew.count("tasks", crew.workers or min(len(parts), _MOST_TASKS)))
    spread = [part for task in range(tasks) for part in parts[task::tasks]]  # each task gets as many costly parts as the next
    sent = pickle.dumps((job, spread))
    if len(sent) > _MOST_BYTES:
        message = f"the prepared plan has {len(sent) / 1e6:,.0f} MB, and Spark Connect takes {_MOST_BYTES / 1e6:,.0f} MB at a time"
        raise ModelError(message, where="--executor spark", fix="run it with --executor condor or slurm, or in slices of tables")
    made: dict[int, PartDone] = {}
    failed: dict[int, str] = {}
    with _session(crew.master) as session:
        is_doubled = session.conf.get("spark.speculation", "false") == "true"
        found = session.range(0, len(parts), 1, tasks).mapInArrow(_function(sent), _ROW)
        for row in found.toLocalIterator():
            number = row["part"]
            if row["error"] and (number < 0 or not is_doubled):
                raise error_of(row["error"], fix=_INSTALL)
            if row["error"]:  # which the other copy of the task may not have met
                failed[number] = row["error"]
            elif number not in made:
                part = replace(PartDone.from_line(row["receipt"]), seconds=row["seconds"])
                made[number] = replace(part, leaves=())
                done(part)
    for number, told in failed.items():
        if number not in made:
            raise error_of(told)
    if len(made) < len(parts):
        missing = f"{len(parts) - len(made):,} parts did not come back from Spark"
        raise EdgeError(missing, where=_place(crew.master), fix="run again with --resume")
    if is_doubled:
        _settle(job, spread, made, done)


def _settle(job: Job, parts: Sequence[Part], made: Mapping[int, PartDone], done: Done) -> None:
    """Make those parts again, here, whose files a second copy of the task has replaced: their values are the same, their bytes may not be."""
    replaced = [parts[number] for number, part in made.items() if not job.sink.holds(part.written, thoroughly=True)]
    if replaced:
        threads.make(job, replaced, done, Crew())


# ------------------------------------------------------------------------------------------ the session


def _session_class() -> type[SparkSession]:
    with warnings.catch_warnings(), _in_a_file():
        warnings.simplefilter("ignore")  # of the versions of pandas, which isn't used
        try:
            from pyspark.sql.connect.session import SparkSession
        except ImportError as error:
            message = f"Spark's client is not installed, or not whole ({error})"
            raise PluginError(message, where="--executor spark", fix="pip install 'seedbed[spark]'") from error
    return SparkSession


@contextmanager
def _in_a_file() -> Iterator[None]:
    """Let the program look as if it were in a file: where it isn't (`python -c`), Spark's client takes it for a test of its own, and ends it."""
    main = sys.modules["__main__"]
    if main.__spec__ is not None or hasattr(main, "__file__"):
        yield
        return
    main.__file__ = ""
    try:
        yield
    finally:
        del main.__file__


@contextmanager
def _session(master: str) -> Iterator[SparkSession]:
    """A session of its own, which ends with the run; what goes wrong in it leaves as an error of ours."""
    kind = _session_class()
    from pyspark.errors import PySparkException

    _knock(master)
    with warnings.catch_warnings(), _in_a_file():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            session = kind.builder.remote(master).create()
            try:
                yield session
            except BaseException:
                with suppress(Exception):
                    session.interruptAll()
                raise
            finally:
                with suppress(Exception):
                    session.stop()
        except SeedbedError:
            raise
        except PySparkException as error:
            raise EdgeError(_cause(str(error)), where=_place(master), fix=_remedy(str(error))) from error


def _host_of(master: str) -> tuple[str, int]:
    """The host and the port of `sc://host:port/;token=...`."""
    try:
        parts = urlsplit(master)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if host is None or parts.scheme != "sc":
        raise ModelError(
            "Spark is reached by Spark Connect only", where="--master", fix="give sc://host:port, where a Connect server listens"
        )
    return host, port


def _place(master: str) -> str:
    """The master without its token."""
    host, port = _host_of(master)
    return f"sc://{host}:{port}"


def _knock(master: str) -> None:
    """Look whether anybody is there."""
    try:
        socket.create_connection(_host_of(master), timeout=_KNOCK_S).close()
    except OSError as error:
        fix = "start the Connect server (sbin/start-connect-server.sh, or `sail spark server`), or mend --master"
        raise EdgeError(f"no Spark Connect server answers: {error.strerror or error}", where=_place(master), fix=fix) from error


def _cause(text: str) -> str:
    """The line of an error that says most: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    traced = [at for at, line in enumerate(lines) if line.startswith("File ")]
    if traced:
        after = next(
            (line for line in lines[traced[-1] + 1 :] if line.partition(":")[0].endswith(("Error", "Exception", "Interrupt"))), None
        )
        return f"a task of Spark failed: {after or lines[-1]}"
    return f"Spark says: {lines[0] if lines else 'nothing'}"


def _remedy(text: str) -> str:
    if "No module named" in text:
        return _INSTALL
    if "PYTHON_VERSION_MISMATCH" in text:
        return "let the workers use the same minor version of Python as here (PYSPARK_PYTHON)"
    return "look at the log of Spark, then run again with --resume"


# ------------------------------------------------------------------------------------------ what a task does


def _function(sent: bytes) -> Callable[[Batches], Batches]:
    """What every task does. It goes to the workers by its code, not by its name, so that it can tell where seedbed is missing."""
    version = __version__

    def make_parts(batches: Batches) -> Batches:
        import pyarrow as pa

        try:
            from seedbed.core.version import __version__ as there
            from seedbed.run.executors.spark import rows_of

            wrong = None if there == version else f"seedbed is {there} where the tasks run, and {version} here"
        except ImportError as error:
            wrong = f"seedbed can't be loaded where the tasks run: {error}"
        for batch in batches:
            for row in rows_of(sent, batch.column(0).to_pylist()) if wrong is None else [(-1, 0.0, "", wrong)]:
                kinds = (pa.int64(), pa.float64(), pa.string(), pa.string())
                arrays = [pa.array([value], kind) for value, kind in zip(row, kinds, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=["part", "seconds", "receipt", "error"])

    return make_parts


def rows_of(sent: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, float, str, str]]:
    """Make the parts of these numbers, on a worker; of each its number, seconds and receipt, or what went wrong."""
    from seedbed.run.executors.workshop import workshop

    shop = workshop(sent)
    for number in numbers:
        try:
            made = shop.make(number)
        except SeedbedError as error:
            yield number, 0.0, "", told_of(error)
            return
        yield number, made.seconds, made.to_line(), ""
