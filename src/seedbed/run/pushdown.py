"""Checks of tables in a database, made inside it: one query counts what the checks of a table ask for, only failing rows come out.

What SQL can't say exactly as the streamed check does is left to the stream. So is every check whose query the database refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa

from seedbed.check.check import Check, Promise
from seedbed.check.outcome import CheckResult, Sample
from seedbed.check.sql.answers import Aggregate, Question, question
from seedbed.check.sql.conditions import meant
from seedbed.check.sql.dialect import Dialect, UnsayableError, quoted
from seedbed.check.sql.queries import bare, failing_rows
from seedbed.check.sql.writer import Scene
from seedbed.check.structure import Compiled
from seedbed.check.view import is_text, plain
from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan

if TYPE_CHECKING:
    from seedbed.run.queryable import Engine

#: From files on this machine the stream is faster: DuckDB 0.9 against 0.5 CPU seconds for 2 million rows and 13 checks, SQLite the same.
_SERVERS = frozenset({"postgres"})

#: So many values are asked for in one query: SQLite takes 2,000, and a long text is slow to plan.
_MOST_VALUES = 500


@runtime_checkable
class Database(Protocol):
    """A scan of a table in a database."""

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type."""
        ...

    @property
    def relation(self) -> str:
        """The table's name in a query."""
        ...

    @property
    def dialect(self) -> Dialect:
        """How it writes SQL."""
        ...

    @property
    def expressions(self) -> Mapping[str, str]:
        """What stands for each column in a query."""
        ...

    def run(self, query: str, wanted: pa.Schema, /) -> Iterator[pa.RecordBatch]:
        """The rows of a query."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """The results that a database gave, by the place of their checks, and why there are no others; the rows of its tables."""

    results: Mapping[int, CheckResult] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    def rest(self, compiled: Compiled) -> Compiled:
        """The checks whose rows must be looked at."""
        return replace(compiled, checks=tuple(check for place, check in enumerate(compiled.checks) if place not in self.results))

    def merged(self, streamed: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
        """All results in the order of the checks, those of the stream among them."""
        others = iter(streamed)
        count = len(self.results) + len(streamed)
        return tuple(self.results[place] if place in self.results else next(others) for place in range(count))


def push_down(compiled: Compiled, scans: Mapping[str, TableScan], engine: Engine) -> Pushed:
    """Make the checks inside the database that SQL can say; none where the tables are in no database.

    Raises:
        ModelError: `engine` is `sql`, and the tables are in no database.
    """
    found: Mapping[str, object] = scans
    databases = {name: scan for name, scan in found.items() if isinstance(scan, Database)}
    if engine == "sql" and len(databases) < len(scans):
        raise ModelError(
            "only data in PostgreSQL, DuckDB or SQLite can be checked by SQL", fix="give such an address, or leave out `--engine sql`"
        )
    if engine == "stream" or (engine == "auto" and not all(scan.dialect in _SERVERS for scan in databases.values())) or not databases:
        return Pushed()
    asked, refused = _questions(compiled, databases)
    return _asked(asked, databases, {name: facts.key for name, facts in compiled.facts.items()}, refused)


def scene_of(compiled: Compiled, scans: Mapping[str, TableScan], *, is_live: bool = False) -> Scene:
    """What SQL may know of the tables: as their database has them, or as DuckDB would, were they its own."""
    found: Mapping[str, object] = scans
    databases = {name: scan for name, scan in found.items() if isinstance(scan, Database)}
    dialects: list[Dialect] = [scan.dialect for scan in databases.values()]
    dialect = dialects[0] if dialects else "duckdb"
    texts = {
        name: {column: sql for column, sql in scan.expressions.items() if _is_text(compiled, name, column)}
        for name, scan in databases.items()
    }
    called = {name: scan.relation for name, scan in databases.items()}
    return Scene(dialect, compiled.facts, {name: scan.schema for name, scan in scans.items()}, called, texts, is_live)


def _is_text(compiled: Compiled, table: str, column: str) -> bool:
    facts = compiled.facts.get(table)
    return facts is not None and column in facts.types and is_text(facts.types[column])


def with_queries(results: Sequence[CheckResult], checks: Sequence[Check], scene: Scene) -> tuple[CheckResult, ...]:
    """The results, each with a query that gives its failing rows, where SQL can say it."""
    return tuple(replace(result, query=_query(check, scene)) for result, check in zip(results, checks, strict=True))


def _query(check: Check, scene: Scene) -> str | None:
    try:
        return failing_rows(check, scene)
    except UnsayableError:
        return _told(check, check.about, scene)


def _told(check: Check, about: Promise, scene: Scene) -> str | None:
    """The query that the kind tells itself, in the SQL of DuckDB, with the condition as SQL has it."""
    if about.query is None or about.kind == "sql":
        return about.query
    if scene.dialect != "duckdb":
        return None
    tail = f" WHERE {about.where}"
    if about.where is None:
        return about.query
    if not about.query.endswith(tail):
        return None
    try:
        wanted = meant(bare(check).condition, scene.writer(about.table))
    except UnsayableError:
        return None
    return f"{about.query.removesuffix(tail)} WHERE {wanted}"


_Asked: TypeAlias = dict[int, Question]


def _questions(compiled: Compiled, databases: Mapping[str, Database]) -> tuple[_Asked, dict[int, str]]:
    """What is asked for each check, and why nothing is for others."""
    scene = scene_of(compiled, databases, is_live=True)  # type: ignore[arg-type]  # a scan of a database is a scan
    asked: _Asked = {}
    refused: dict[int, str] = {}
    for place, check in enumerate(compiled.checks):
        try:
            asked[place] = question(check, scene)
        except UnsayableError as error:
            refused[place] = str(error)
    return asked, refused


def _asked(asked: _Asked, databases: Mapping[str, Database], keys: Mapping[str, Sequence[str]], refused: dict[int, str]) -> Pushed:
    tables = dict.fromkeys(table for one in asked.values() for table in one.tables if table in databases)
    rows: dict[str, int] = {}
    values: dict[int, tuple[Any, ...]] = {}
    for table in tables:
        own = {place: one for place, one in asked.items() if one.check.about.table == table}
        rows[table] = _fused(databases[table], own, values, refused)
    results: dict[int, CheckResult] = {}
    for place, one in asked.items():
        if place in values:
            table = one.check.about.table
            found = _answered(one, databases[table], keys[table], values[place], rows)
            if isinstance(found, str):
                refused[place] = found
            else:
                results[place] = found
    return Pushed(results, refused, rows)


def _fused(database: Database, asked: _Asked, values: dict[int, tuple[Any, ...]], refused: dict[int, str]) -> int:
    """Ask the aggregates of a table's checks together; where the database refuses them, one check after the other. Gives the rows."""
    rows = 0
    for group in _groups(asked):
        try:
            rows = _ask(database, group, values)
        except (DataError, EdgeError):
            rows = _one_by_one(database, group, values, refused)
    return rows


def _groups(asked: _Asked) -> Iterator[_Asked]:
    group: _Asked = {}
    for place, one in asked.items():
        if sum(len(other.fused) for other in group.values()) + len(one.fused) > _MOST_VALUES:
            yield group
            group = {}
        group[place] = one
    yield group


def _one_by_one(database: Database, asked: _Asked, values: dict[int, tuple[Any, ...]], refused: dict[int, str]) -> int:
    rows = _ask(database, {}, values)
    for place, one in asked.items():
        try:
            _ask(database, {place: one}, values)
        except (DataError, EdgeError) as error:
            refused[place] = str(error.problems[0])
    return rows


def _ask(database: Database, asked: _Asked, values: dict[int, tuple[Any, ...]]) -> int:
    wanted = [aggregate for one in asked.values() for aggregate in one.fused]
    rows, *found = _row(database, [Aggregate("COUNT(*)"), *wanted], f" FROM {database.relation}")
    rest = iter(found)
    values.update({place: tuple(next(rest) for _ in one.fused) for place, one in asked.items()})
    return int(rows)


def _row(database: Database, wanted: Sequence[Aggregate], source: str) -> tuple[Any, ...]:
    """The one row of a query."""
    listed = ", ".join(f"{aggregate.sql} AS v{place}" for place, aggregate in enumerate(wanted))
    schema = pa.schema([(f"v{place}", pa.string() if aggregate.is_text else pa.int64()) for place, aggregate in enumerate(wanted)])
    (row,) = [tuple(row.values()) for batch in database.run(f"SELECT {listed}{source}", schema) for row in batch.to_pylist()]
    return row


def _answered(
    asked: Question, database: Database, key: Sequence[str], values: tuple[Any, ...], rows: Mapping[str, int]
) -> CheckResult | str:
    """The check's own judgement of the answers, or why the database refuses one of its queries."""
    try:
        if asked.query is not None:
            schema = pa.schema([("v0", pa.int64()), ("v1", pa.int64())])
            values += next(tuple(row.values()) for batch in database.run(asked.query, schema) for row in batch.to_pylist())
        return asked.judge(values, rows, lambda: _samples(asked, database, key))
    except (DataError, EdgeError) as error:
        return str(error.problems[0])


def _samples(asked: Question, database: Database, key: Sequence[str]) -> tuple[Sample, ...]:
    """The first failing rows: their key, and the columns that tell of the failure."""
    names = [name for name in dict.fromkeys([*key, *asked.shown]) if name in database.expressions]
    if not names or asked.failing is None:
        return ()
    listed = ", ".join(f"{database.expressions[name]} AS {quoted(name)}" for name in names)
    query = f"SELECT {listed} FROM {database.relation} WHERE {asked.failing} LIMIT {asked.check.about.samples}"  # noqa: S608 - quoted
    schema = pa.schema([database.schema.field(name) for name in names])
    batches = database.run(query, schema)
    return tuple(_sample(batch, row, names) for batch in batches for row in range(batch.num_rows))


def _sample(batch: pa.RecordBatch, row: int, names: Sequence[str]) -> Sample:
    return Sample(None, tuple((name, plain(batch.column(at)[row].as_py())) for at, name in enumerate(names)))


__all__ = ["Pushed", "push_down", "scene_of", "with_queries"]
