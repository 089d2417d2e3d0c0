"""Does data keep what a model or a checks document says? From opening the data to the report."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.check.check import Check
from seedbed.check.outcome import CheckResult
from seedbed.check.results import Origin, Report
from seedbed.check.structure import Checker, Compiled, Progress, gather
from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.sources import Opened, open_tables
from seedbed.run.queryable import DatabaseScan, Engine, queryable
from seedbed.run.rules import Rules, compiled, hints, named_tables, read_rules

if TYPE_CHECKING:
    from seedbed.check.shelf import Shelf
    from seedbed.run.pushdown import Pushed


_STOPPED = "not judged: the run stopped at the first failure"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the data is checked, and how: some tables only, stopping at the first failure, with what clock, by what engine."""

    tables: tuple[str, ...] | None = None
    fail_fast: bool = False
    now: dt.datetime | None = None
    workers: int = 2
    engine: Engine = "auto"
    queries: bool = True
    shelf: Shelf | None = None


def validate(  # noqa: PLR0913 - every option by its name
    data: Any,
    rules: Rules | Mapping[str, object] | str | Path,
    *,
    tables: Sequence[str] | None = None,
    threshold: float = 80.0,
    fail_fast: bool = False,
    quarantine: str | Path | None = None,
    state: str | Path | None = None,
    now: dt.datetime | None = None,
    profile: str | None = None,
    workers: int = 2,
    engine: Engine = "auto",
    queries: bool = True,
    low_memory: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Check data against a model or a checks document; every promise becomes a result, and nothing of the data makes it raise.

    `data` is a folder, a file, the address of a database, a mapping of names to frames (DataFrames of Spark too, which are checked where their
    rows are), or one frame (see `open_tables`); `rules` a
    model, a checks document, a data contract (ODCS 3), plain data of one, or the path of one. `tables` limits the checks to those of some tables, `threshold`
    is the least score that `report.accepted` asks for. `fail_fast` reads table after table and stops behind the first that breaks a
    hard promise. `quarantine` is a folder for the rows that fail (`failed/T.parquet`, with a column `_failed_checks`) and the others
    (`passed/T.parquet`). `state` is a file: what it has gathered of earlier parts of the data is added, and the sum is kept there.
    `now` is the time that fresh data are compared with; the clock's where left out. `engine` says who looks at tables of a database:
    `sql` lets the database count what SQL can say and reads the rows for the rest, `stream` always reads them, `auto` is `sql` for servers
    and `stream` for files. `queries` says whether each result tells the query that gives its failing rows; to write them takes a moment.
    `low_memory` is for tables beyond what memory holds: one thread reads, in smaller pieces, and keys that take more than a few megabytes lie
    in a temporary file; the report is the same.

    Raises:
        ModelError: the rules, or what is asked, cannot be.
        EdgeError: the data, the folder or the file can't be read or written.
        DataError: the data is of no known kind, or the state is broken.

    >>> import pyarrow as pa
    >>> users = pa.table({"id": [1, 2, 2], "age": [34, 17, 51]})
    >>> checks = {"version": "1.0", "tables": {"user": [{"kind": "primary_key", "columns": ["id"]}]}}
    >>> report = validate({"user": users}, checks)
    >>> [(result.id, result.status, result.failing) for result in report.results]
    [('user.pk_unique', 'failed', 2), ('user.pk_not_null', 'passed', 0)]
    """
    begun = time.perf_counter()
    if not 0 <= threshold <= 100:
        raise ModelError(f"no score reaches {threshold:g}", fix="give a threshold from 0 to 100")
    if quarantine is not None and state is not None:
        raise ModelError("rows of earlier parts can't be set apart", fix="leave out `quarantine` or `state`")
    if engine == "sql" and (quarantine is not None or state is not None or fail_fast):
        raise ModelError("`quarantine`, `state` and `fail_fast` look at rows, SQL doesn't", fix="leave out `engine`, or them")
    if low_memory and state is not None:
        raise ModelError("a `state` is kept in memory as a whole", fix="leave out `state` or `low_memory`")
    known, told = read_rules(rules, profile)
    if is_of_spark(data):
        if quarantine is not None or state is not None or fail_fast or low_memory or engine == "sql":
            fix = "leave out `quarantine`, `state`, `fail_fast`, `low_memory` and `engine`"
            raise ModelError("DataFrames of Spark are checked where they are, all at once", where="data", fix=fix)
        from seedbed.run.spark_frames import check_frames

        report = check_frames(known, data, tables, now)
        return replace(report, threshold=threshold, origin=_origin("DataFrames of Spark", told, now, begun))
    with (
        _shelf(is_wanted=low_memory) as shelf,
        open_tables(data, hints=hints(known), dictionaries=True, low_memory=low_memory) as opened,
    ):
        wanted = Wanted(None if tables is None else tuple(tables), fail_fast, now, 1 if low_memory else workers, engine, queries, shelf)
        report = _checked(known, opened, wanted, quarantine, state, progress)
        where = opened.where
    return replace(report, threshold=threshold, origin=_origin(where, told, now, begun))


def is_of_spark(data: object) -> bool:
    """Whether there are DataFrames of Spark among the tables."""
    return isinstance(data, Mapping) and any(type(frame).__module__.startswith("pyspark.sql.") for frame in data.values())


def _origin(where: str, rules: str | None, now: dt.datetime | None, begun: float) -> Origin:
    at = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).isoformat(timespec="seconds")
    return Origin(where, rules, at, round(time.perf_counter() - begun, 3))


def _shelf(*, is_wanted: bool) -> AbstractContextManager[Shelf | None]:
    """A file for keys, where memory is dear."""
    if not is_wanted:
        return nullcontext()
    from seedbed.run.shelf import ShelfFile

    return ShelfFile()


def _checked(
    known: Rules,
    opened: Opened,
    wanted: Wanted,
    quarantine: str | Path | None,
    state: str | Path | None,
    progress: Progress | None,
) -> Report:
    scans, unread = _readable(known, opened)
    checks = compiled(known, scans, wanted.now, unread)
    if wanted.tables is not None:
        checks = checks.about(_existing(wanted.tables, checks, scans))
    looks = quarantine is not None or state is not None or wanted.fail_fast
    pushed = _pushed_down(checks, scans, "stream" if looks else wanted.engine)
    checker = Checker(known, checks if pushed is None else pushed.rest(checks), wanted.shelf)
    for table, reason in unread.items():
        checker.unread(table, reason)
    before = _remembered(checker, state)
    stopped = _gathered(checker, scans, wanted, progress)
    again = {} if before else scans
    report = checker.report(again) if stopped is None else _stopped_report(checker, again, stopped)
    if state is not None:
        _keep(checker, Path(state))
    if quarantine is not None:
        _set_apart(checker, report, scans, Path(quarantine))
    if pushed is not None:
        report = replace(report, results=pushed.merged(report.results), rows={**report.rows, **pushed.rows})
    if wanted.queries:
        report = _with_queries(report, checks, scans)
    return replace(report, extra=tuple(name for name in opened.tables if name not in named_tables(known)))


def _pushed_down(checks: Compiled, scans: Mapping[str, TableScan], engine: Engine) -> Pushed | None:
    """What databases answer; None where there is none to ask."""
    if engine == "stream" or (engine == "auto" and not any(isinstance(scan, DatabaseScan) for scan in scans.values())):
        return None
    from seedbed.run.pushdown import push_down

    return push_down(checks, scans, engine)


def _with_queries(report: Report, checks: Compiled, scans: Mapping[str, TableScan]) -> Report:
    from seedbed.run.pushdown import scene_of, with_queries

    return replace(report, results=with_queries(report.results, checks.checks, scene_of(checks, scans)))


def _readable(known: Rules, opened: Opened) -> tuple[dict[str, TableScan], dict[str, str]]:
    """The tables that the rules name and that can be opened, and why others can't."""
    scans, unread = {}, {}
    for name in named_tables(known):
        scan = opened.tables.get(name)
        if scan is None:
            continue
        try:
            _ = scan.schema
            scans[name] = queryable(scan)
        except (DataError, EdgeError) as error:
            unread[name] = str(error.problems[0])
    return scans, unread


def _existing(tables: Sequence[str], compiled: Compiled, scans: Mapping[str, TableScan]) -> tuple[str, ...]:
    known = {*compiled.facts, *scans, *(check.about.table for check in compiled.checks)}
    for table in tables:
        if table not in known:
            raise ModelError(
                f"there are no checks of a table `{table}`", fix=did_you_mean(table, known) or f"tables are {one_of(sorted(known))}"
            )
    return tuple(tables)


def _gathered(checker: Checker, scans: Mapping[str, TableScan], wanted: Wanted, progress: Progress | None) -> frozenset[str] | None:
    """Read what the checks ask for; the tables that were read where the run stopped early."""
    asked = [table for table in checker.tables if any(measure.table == table for measure in checker.gathered)]
    if not wanted.fail_fast:
        gather(checker, scans, progress, wanted.workers, asked)
        return None
    done: set[str] = set()
    for table in asked:
        gather(checker, scans, progress, wanted.workers, [table])
        done.add(table)
        ready = [check for check in checker.checks if _tables_of(check) <= done and table in _tables_of(check)]
        if any(result.is_broken and result.is_hard for result in (checker.judged(check, scans) for check in ready)):
            return frozenset(done)
    return None


def _tables_of(check: Check) -> set[str]:
    return {check.about.table, *(measure.table for measure in check.measures)}


def _stopped_report(checker: Checker, scans: Mapping[str, TableScan], done: frozenset[str]) -> Report:
    def result(check: Check) -> CheckResult:
        return checker.judged(check, scans) if _tables_of(check) <= done else check.about.skipped(_STOPPED)

    return Report(tuple(map(result, checker.checks)), checker.rows)


def _remembered(checker: Checker, state: str | Path | None) -> bool:
    """Take in what a state file holds, where there is one."""
    if state is None or not Path(state).exists():
        return False
    from seedbed.check.saved import take_in

    try:
        content = Path(state).read_bytes()
    except OSError as error:
        raise EdgeError(f"reading failed: {error.strerror or error}", where=str(state), fix="look at the file") from error
    take_in(checker, content, str(state))
    return True


def _keep(checker: Checker, path: Path) -> None:
    from seedbed.check.saved import saved
    from seedbed.write.atomic import write_whole

    write_whole(path, saved(checker))


def _set_apart(checker: Checker, report: Report, scans: Mapping[str, TableScan], folder: Path) -> None:
    """Write failing and passing rows of every table that is checked."""
    from seedbed.check.quarantine import markers_of, parted
    from seedbed.write.quarantine import write_parted

    markers = markers_of(checker, report, scans)
    for table in dict.fromkeys(result.table for result in report.results if result.table in scans):
        parts = parted(checker, table, scans[table], markers.get(table, []))
        write_parted(folder, table, scans[table].schema, ((part.failed, part.passed) for part in parts))


__all__ = ["Engine", "Wanted", "validate"]
