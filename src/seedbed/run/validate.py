"""Does data keep what a model or a checks document says? From opening the data to the report."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from seedbed.check.check import Check, Promise
from seedbed.check.derive import facts_of
from seedbed.check.outcome import CheckResult
from seedbed.check.results import Origin, Report
from seedbed.check.structure import Checker, Compiled, Progress, compile_checks, gather
from seedbed.core.block import ColumnType
from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.shapes import TableScan
from seedbed.model.document import ColumnSpec, Model
from seedbed.read.sources import Opened, open_tables
from seedbed.run.pushdown import Engine, push_down, scene_of, with_queries

if TYPE_CHECKING:
    from seedbed.check.sql.dialect import Dialect
    from seedbed.model.checks.document import ChecksDocument

_STOPPED = "not judged: the run stopped at the first failure"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the data is checked, and how: some tables only, stopping at the first failure, with what clock, by what engine."""

    tables: tuple[str, ...] | None = None
    fail_fast: bool = False
    now: dt.datetime | None = None
    workers: int = 2
    engine: Engine = "auto"


def validate(  # noqa: PLR0913 - every option by its name
    data: Any,
    rules: Model | ChecksDocument | Mapping[str, object] | str | Path,
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
    progress: Progress | None = None,
) -> Report:
    """Check data against a model or a checks document; every promise becomes a result, and nothing of the data makes it raise.

    `data` is a folder, a file, the address of a database, a mapping of names to frames, or one frame (see `open_tables`); `rules` a
    model, a checks document, a data contract (ODCS 3), plain data of one, or the path of one. `tables` limits the checks to those of some tables, `threshold`
    is the least score that `report.accepted` asks for. `fail_fast` reads table after table and stops behind the first that breaks a
    hard promise. `quarantine` is a folder for the rows that fail (`failed/T.parquet`, with a column `_failed_checks`) and the others
    (`passed/T.parquet`). `state` is a file: what it has gathered of earlier parts of the data is added, and the sum is kept there.
    `now` is the time that fresh data are compared with; the clock's where left out. `engine` says who looks at tables of a database:
    `sql` lets the database count what SQL can say and reads the rows for the rest, `stream` always reads them, `auto` is `sql` for servers
    and `stream` for files.

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
    if quarantine is not None and state is not None:
        raise ModelError("rows of earlier parts can't be set apart", fix="leave out `quarantine` or `state`")
    if engine == "sql" and (quarantine is not None or state is not None or fail_fast):
        raise ModelError("`quarantine`, `state` and `fail_fast` look at rows, SQL doesn't", fix="leave out `engine`, or them")
    wanted = Wanted(None if tables is None else tuple(tables), fail_fast, now, workers, engine)
    known, told = read_rules(rules, profile)
    with open_tables(data, hints=_hints(known), dictionaries=True) as opened:
        report = _checked(known, opened, wanted, quarantine, state, progress)
        where = opened.where
    at = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).isoformat(timespec="seconds")
    origin = Origin(where, told, at, round(time.perf_counter() - begun, 3))
    return replace(report, threshold=threshold, origin=origin)


def read_rules(
    rules: Model | ChecksDocument | Mapping[str, object] | str | Path, profile: str | None = None
) -> tuple[Model | ChecksDocument, str | None]:
    """The model or checks document that is meant, and what it is called.

    Raises:
        ModelError: there is no such file, or it is neither.
        EdgeError: the disk failed.
    """
    from seedbed.model.checks.document import ChecksDocument
    from seedbed.read.document import examine_data, examine_document, remembered

    if isinstance(rules, Model):
        return rules, rules.metadata.name
    if isinstance(rules, ChecksDocument):
        return rules, rules.name
    if isinstance(rules, Mapping):
        from seedbed.model.checks.reading import checks_from, is_checks
        from seedbed.model.odcs.reading import contract_from, is_contract

        if is_contract(rules):
            return contract_from(rules), None
        found: Model | ChecksDocument = checks_from(rules) if is_checks(rules) else remembered(examine_data(rules, profile=profile))
        return found, None
    document = _checks_at(rules)
    return document or remembered(examine_document(rules, profile=profile)), str(rules)


def _checks_at(path: str | Path) -> ChecksDocument | None:
    """The checks document or data contract at a path; None where there is something else."""
    from seedbed.model.checks.reading import checks_of, is_checks
    from seedbed.model.odcs.reading import contract_checks, is_contract
    from seedbed.model.reading import read_tree
    from seedbed.model.reading.text import decode
    from seedbed.read.document import read_bytes

    content = read_bytes(path)
    if b"tables" not in content and b"DataContract" not in content:
        return None
    tree = read_tree(decode(content, str(path)), str(path))
    if is_contract(tree.data):
        return contract_checks(tree, str(path))
    return checks_of(tree, str(path)) if is_checks(tree.data) else None


def _checked(
    known: Model | ChecksDocument,
    opened: Opened,
    wanted: Wanted,
    quarantine: str | Path | None,
    state: str | Path | None,
    progress: Progress | None,
) -> Report:
    scans, unread = _readable(known, opened)
    compiled = _compiled(known, scans, wanted.now)
    if wanted.tables is not None:
        compiled = compiled.about(_existing(wanted.tables, compiled, scans))
    looks = quarantine is not None or state is not None or wanted.fail_fast
    pushed = push_down(compiled, scans, "stream" if looks else wanted.engine)
    checker = Checker(known, pushed.rest(compiled))
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
    results = with_queries(pushed.merged(report.results), compiled.checks, scene_of(compiled, scans))
    report = replace(report, results=results, rows={**report.rows, **pushed.rows})
    return replace(report, extra=tuple(name for name in opened.tables if name not in _named(known)))


def _readable(known: Model | ChecksDocument, opened: Opened) -> tuple[dict[str, TableScan], dict[str, str]]:
    """The tables that the rules name and that can be opened, and why others can't."""
    scans, unread = {}, {}
    for name in _named(known):
        scan = opened.tables.get(name)
        if scan is None:
            continue
        try:
            _ = scan.schema
            scans[name] = _queryable(scan)
        except (DataError, EdgeError) as error:
            unread[name] = str(error.problems[0])
    return scans, unread


def _named(known: Model | ChecksDocument) -> list[str]:
    """The tables that the rules are about, or look at."""
    if isinstance(known, Model):
        return [node.id for node in known.nodes]
    others = [
        name
        for checks in known.tables.values()
        for check in checks
        for name in (getattr(check, "to", None), getattr(check, "child", None), *_referred(check))
    ]
    return list(dict.fromkeys([*known.tables, *(name for name in others if isinstance(name, str))]))


def _referred(check: object) -> Iterator[str]:
    for key in ("reference", "after"):
        found = getattr(check, key, None)
        if isinstance(found, str):
            yield found.partition(".")[0]


def _compiled(known: Model | ChecksDocument, scans: Mapping[str, TableScan], now: dt.datetime | None) -> Compiled:
    if isinstance(known, Model):
        return Compiled(compile_checks(known, behaviour=True), facts_of(known))
    from seedbed.check.check import Queryable
    from seedbed.check.vocabulary import compile_document
    from seedbed.read.plugins import Installed

    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    clock = round(moment.timestamp() * 1_000_000)
    found: Mapping[str, object] = scans
    databases = [name for name, scan in found.items() if isinstance(scan, Queryable)]
    schemas = {name: scan.schema for name, scan in scans.items()}
    compiled = compile_document(known, schemas, now=clock, databases=databases, plugins=Installed())
    return replace(compiled, checks=(*compiled.checks, *_unsaid(known)))


def _unsaid(known: ChecksDocument) -> Iterator[Check]:
    """What a data contract asks for and no check says: listed, with the reason."""
    from seedbed.check.unjudged import Skipped
    from seedbed.model.odcs.checks import ContractChecks

    for one in known.unsaid if isinstance(known, ContractChecks) else ():
        columns = () if one.column is None else (one.column,)
        yield Skipped(Promise(one.id, "contract", one.table, columns, one.rule), one.reason)


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


@dataclass(frozen=True, slots=True)
class _DatabaseScan:
    """A table of a database: its rows in plain types, and the queries that it answers."""

    scan: TableScan
    expressions: Mapping[str, str]
    run: Callable[[str, pa.Schema], Iterator[pa.RecordBatch]]
    relation: str
    dialect: Dialect

    @property
    def schema(self) -> pa.Schema:
        return self.scan.schema

    @property
    def rows(self) -> int:
        return self.scan.rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        return self.scan.batches(columns, batch_rows)


def _queryable(scan: TableScan) -> TableScan:
    """The scan with the queries that it answers, if it is of a database."""
    from seedbed.read.database import QueryScan
    from seedbed.read.scans import LazyScan, PartedScan

    inner: TableScan = scan.opened if isinstance(scan, LazyScan) else scan
    if isinstance(inner, PartedScan) and len(inner.parts) == 1:
        inner = inner.parts[0].scan
    if not isinstance(inner, QueryScan):
        return scan
    return _DatabaseScan(scan, inner.expressions, inner.run, inner.relation, inner.dialect)


_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIME: pa.time64("us"),
    ColumnType.STRING: pa.string(),
    ColumnType.UUID: pa.string(),
    ColumnType.JSON: pa.string(),
    ColumnType.BYTES: pa.binary(),
}


def _hints(known: Model | ChecksDocument) -> dict[str, pa.Schema] | None:
    """The types that a model says, for formats that have none of their own."""
    if not isinstance(known, Model):
        return None
    return {
        node.id: pa.schema([(column.name, kind) for column in node.columns if (kind := _stored(column, known.timeframe.tz)) is not None])
        for node in known.nodes
    }


def _stored(column: ColumnSpec, tz: str | None) -> pa.DataType | None:
    if column.hidden:
        return None
    if column.type is ColumnType.DATETIME:
        return pa.timestamp("us", tz)
    return pa.decimal128(*column.digits) if column.type is ColumnType.DECIMAL else _ARROW.get(column.type)


__all__ = ["Wanted", "read_rules", "validate"]
