"""DuckDB: one file, one process; Arrow is read where it lies. Constraints can't be added later, so finished tables are made of gathered ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink, TableShape
from seedbed.outside import duckdb as driver
from seedbed.outside.addresses import asked_file, literal, quoted
from seedbed.write.databases.database import Sent, Session, gathered
from seedbed.write.databases.dialect import PARTS, Dialect, description, tag
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.sink import DatabaseSink
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    from seedbed.outside.duckdb import Connection

_PLAIN: tuple[tuple[Any, str], ...] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_int8, "TINYINT"),
    (pa.types.is_uint8, "UTINYINT"),
    (pa.types.is_int16, "SMALLINT"),
    (pa.types.is_uint16, "USMALLINT"),
    (pa.types.is_int32, "INTEGER"),
    (pa.types.is_uint32, "UINTEGER"),
    (pa.types.is_int64, "BIGINT"),
    (pa.types.is_uint64, "UBIGINT"),
    (pa.types.is_float32, "FLOAT"),
    (pa.types.is_float64, "DOUBLE"),
    (pa.types.is_string, "VARCHAR"),
    (pa.types.is_large_string, "VARCHAR"),
    (pa.types.is_binary, "BLOB"),
    (pa.types.is_large_binary, "BLOB"),
    (pa.types.is_date32, "DATE"),
)
_MOMENTS = {"s": "TIMESTAMP_S", "ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}


def column_type(column: pa.Field, _is_key: bool) -> str | None:  # noqa: FBT001 - as `Dialect` calls it
    """The type of DuckDB that holds a column's values exactly; None where there is none.

    >>> column_type(pa.field("at", pa.list_(pa.struct({"a b": pa.timestamp("us", "UTC")}))), False)
    'STRUCT("a b" TIMESTAMPTZ)[]'
    """
    kind = column.type
    if tag(column) in ("uuid", "json") and pa.types.is_string(kind):
        return "UUID" if tag(column) == "uuid" else "JSON"
    if pa.types.is_list(kind):
        inner = column_type(kind.value_field, False)  # noqa: FBT003
        return f"{inner}[]" if inner else None
    if pa.types.is_struct(kind):
        parts = [(part.name, column_type(part, False)) for part in kind]  # noqa: FBT003
        return f"STRUCT({', '.join(f'{quoted(name)} {inner}' for name, inner in parts)})" if parts and all(i for _, i in parts) else None
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})" if 0 <= kind.scale <= kind.precision <= 38 else None
    if pa.types.is_timestamp(kind):
        return _MOMENTS[kind.unit] if kind.tz is None else "TIMESTAMPTZ" if kind.unit != "ns" else None
    if pa.types.is_time(kind):
        return "TIME" if kind.unit != "ns" else None
    return next((name for fits, name in _PLAIN if fits(kind)), None)


DIALECT = Dialect("DuckDB", '"', column_type, "VARCHAR")


class DuckSession:
    """The connection to a file; fits `Session`."""

    def __init__(self, path: Path) -> None:
        """Connect."""
        self._path = path
        with driver.writing(path):
            self.connection: Connection | None = driver.connect(path, read_only=False)
        self._is_begun = False

    @property
    def open(self) -> Connection:
        """The connection."""
        assert self.connection is not None
        return self.connection

    def run(self, statement: str) -> None:
        """Execute a statement, in a transaction."""
        with driver.writing(self._path):
            self.begin()
            self.open.execute(statement)

    def begin(self) -> None:
        """Begin a transaction, unless there is one."""
        if not self._is_begun:
            self.open.execute("BEGIN TRANSACTION")
            self._is_begun = True

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """All rows of a query."""
        with driver.writing(self._path):
            return self.open.execute(query).fetchall()

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self._end("ROLLBACK")

    def _end(self, statement: str) -> None:
        if self.connection is not None and self._is_begun:
            self._is_begun = False
            with driver.writing(self._path):
                self.connection.execute(statement)

    def close(self) -> None:
        """End the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass(frozen=True, slots=True)
class DuckDatabase:
    """A schema of a DuckDB file; fits `Database`."""

    path: Path
    schema: str = "main"
    part_rows: int = 2 * LEAF_ROWS
    writers: str | None = "a DuckDB file belongs to one process, so others can't write to it"

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def settings(self) -> dict[str, str]:
        """What else decides how rows are stored."""
        return {}

    @property
    def speech(self) -> Speech:
        """How it is spoken to."""
        return Speech(DIALECT, self.schema)

    def is_there(self) -> bool:
        """Whether there is such a file."""
        return self.path.exists()

    def connect(self) -> DuckSession:
        """The session."""
        return DuckSession(self.path)

    def lock(self, session: Session) -> bool:
        """The file is held as long as it is open."""
        del session
        return True

    def tables(self, session: Session) -> set[str]:
        """The names of the tables and views there."""
        where = f"table_schema = {literal(self.schema)} AND table_catalog = current_database()"
        return {str(row[0]) for row in session.rows(f"SELECT table_name FROM information_schema.tables WHERE {where}")}  # noqa: S608 - a literal

    def make_home(self, session: Session) -> bool:
        """Make the schema; False where it was there with something in it."""
        is_new = not self.tables(session)
        session.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.schema)}")
        return is_new

    def drop_home(self, session: Session) -> None:
        """Drop the schema, and remove the file where nothing is left in it."""
        if self.schema != "main" and not self.tables(session):
            session.run(f"DROP SCHEMA {quoted(self.schema)}")
        session.commit()
        if not session.rows("SELECT 1 FROM information_schema.tables WHERE table_catalog = current_database() LIMIT 1"):
            session.close()
            for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def make(self, session: Session, loading: Loading) -> None:
        """Make the table in which rows are gathered, unless it is there."""
        statement = self.speech.create(loading.shape, loading.working)
        session.run(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))

    def refuse_unfit(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Refuse tables that are there and lack columns, or have others."""
        for loading in loadings:
            if loading.is_merged:
                self._refuse_unlike(session, loading)

    def _refuse_unlike(self, session: Session, loading: Loading) -> None:
        there, wanted = self._columns(session, loading.shape.name), self._columns(session, loading.working)
        missing = [name for name in wanted if name not in there]
        if missing:
            fix = "add it, or use --mode replace"
            raise ModelError(f"the table that is there has no column {one_of(missing)}", where=loading.shape.name, fix=fix)
        for name, kind in wanted.items():
            if there[name] != kind:
                fix = "change one of them, or use --mode replace"
                raise ModelError(f"the column that is there is {there[name]}, not {kind}", where=f"{loading.shape.name}.{name}", fix=fix)

    def _columns(self, session: Session, table: str) -> dict[str, str]:
        where = f"table_schema = {literal(self.schema)} AND table_name = {literal(table)} AND table_catalog = current_database()"
        query = f"SELECT column_name, data_type FROM information_schema.columns WHERE {where}"  # noqa: S608 - literals
        return {str(row[0]): str(row[1]) for row in session.rows(query)}

    def stand(self, session: Session) -> int | None:
        """The number of the run that has the place."""
        found = session.rows(self.speech.noted("run"))
        return int(found[0][2]) if found else None

    def prepared(
        self, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> AbstractContextManager[Iterable[Sent]]:
        """The batches of a part: so others can make theirs while this one is put in."""
        del table
        return gathered(_sent(batches, turns))

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Put rows in; gives their number and the bytes of their Arrow arrays."""
        assert isinstance(session, DuckSession)
        del table
        rows = size = 0
        with driver.writing(self.path):
            session.begin()
            for one in sent:
                session.open.register("_seedbed_sent", pa.Table.from_batches(one.content))
                session.open.execute(f"INSERT INTO {self.speech.relation(working)} SELECT * FROM _seedbed_sent")  # noqa: S608 - quoted
                session.open.unregister("_seedbed_sent")
                rows, size = rows + one.rows, size + one.size_bytes
        return rows, size

    def finish(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Do everything in one transaction, which the sink commits."""
        for statement in finishing(self.speech, loadings):
            session.run(statement)
        for statement in last:
            session.run(statement)
        if loadings:
            session.run(self.speech.drop(PARTS))

    def discard(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop everything that this run made."""
        for name in (*(loading.working for loading in loadings), PARTS):
            session.run(self.speech.drop(name))


def finishing(speech: Speech, loadings: Sequence[Loading]) -> Iterator[str]:
    """The statements that make finished tables of gathered rows: tables that others refer to come first and go last."""
    for loading in reversed(loadings):
        if loading.way == "replace":
            yield speech.drop(loading.shape.name)
    for loading in loadings:
        shape = loading.shape
        if not loading.is_merged:
            yield speech.create(shape, shape.name, _keys(speech, shape))
        yield speech.moved(loading, speech.on_conflict(loading))
        yield speech.drop(loading.working)
        if not loading.is_merged:
            yield from _comments(speech, shape)


def _keys(speech: Speech, shape: TableShape) -> list[str]:
    """Primary, unique and foreign keys, but for those of a table to itself: DuckDB looks at each row before the next one is there."""
    primary = speech.primary_key(shape)
    others = [clause for _, clause in speech.unique(shape)]
    known = [key for key in dict.fromkeys(shape.foreign_keys) if key.table != shape.name]
    foreign = [
        clause for key, (_, clause) in zip(dict.fromkeys(shape.foreign_keys), speech.foreign_keys(shape), strict=True) if key in known
    ]
    return [*([primary] if primary else []), *others, *foreign]


def _comments(speech: Speech, shape: TableShape) -> Iterator[str]:
    table = speech.relation(shape.name)
    if shape.description:
        yield f"COMMENT ON TABLE {table} IS {literal(shape.description)}"
    for column in shape.schema:
        told = description(column)
        if told:
            yield f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {literal(told)}"


def _sent(batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]) -> Iterator[Sent]:
    source = iter(batches)
    while True:
        with turns:
            batch = next(source, None)
        if batch is None:
            return
        yield Sent([batch], batch.num_rows, batch.nbytes)


def open_sink(url: str, options: SinkOptions) -> Sink:
    """The sink of a `duckdb:///` address; `?schema=` names another schema than `main`.

    Raises:
        ModelError: it names no file, or an option can't be followed.
        PluginError: the package is not installed.
    """
    options.only(["schema", "mode"], "DuckDB")
    at, path = asked_file(url, "duckdb:///file.duckdb", ("schema",))
    if options.schema and at.schema and options.schema != at.schema:
        raise ModelError("two schemas are named", where=at.shown, fix="name one")
    driver.require(Path(path))
    return DatabaseSink(DuckDatabase(Path(path), options.schema or at.schema or "main"), options.mode)
