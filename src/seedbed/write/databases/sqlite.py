"""SQLite: one file, one writer; parts are made side by side and put in one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import units_of
from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink, TableShape
from seedbed.outside import sqlite as driver
from seedbed.outside.addresses import asked_address, file_of
from seedbed.write.databases.dialect import PARTS, Dialect
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.sink import DatabaseSink, Sent, Session, gathered
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells, present
from seedbed.write.formats.spelling import spelled
from seedbed.write.targets import SinkOptions

#: SQLite keeps decimals as floats, which tell numbers of up to 15 digits apart.
_MOST_DIGITS = 15

_FIX = "change the values, or take a database that has such a type, or write files"


def column_type(column: pa.Field, _is_key: bool) -> str | None:  # noqa: FBT001 - as `Dialect` calls it
    """The type by which SQLite keeps a column's values as they are; None where it can't.

    >>> column_type(pa.field("price", pa.decimal128(10, 2)), False), column_type(pa.field("at", pa.timestamp("us")), False)
    ('DECIMAL(10, 2)', 'DATETIME')
    """
    kind = column.type
    if pa.types.is_integer(kind):
        return None if pa.types.is_uint64(kind) else "INTEGER"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return "DOUBLE"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})" if 0 <= kind.scale <= kind.precision <= MOST_DIGITS else None
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "BLOB"
    if pa.types.is_struct(kind) or pa.types.is_list(kind):
        return "TEXT" if all(column_type(part, False) is not None for part in _parts(kind)) else None  # noqa: FBT003
    return _text(kind)


def _parts(kind: pa.DataType) -> list[pa.Field]:
    return list(kind) if pa.types.is_struct(kind) else [kind.value_field]


def _text(kind: pa.DataType) -> str | None:
    """The type of what is kept as text; moments in a form that SQLite's own functions read."""
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "TIMESTAMPTZ" if kind.tz else "DATETIME"
    if pa.types.is_time(kind):
        return None if kind.unit == "ns" else "TIME"
    if pa.types.is_date32(kind):
        return "DATE"
    return "TEXT" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None


DIALECT = Dialect(
    "SQLite",
    '"',
    column_type,
    "TEXT",
    most_columns=driver.MOST_COLUMNS,
    remark=lambda told: f" /* {told.replace('*/', '* /')} */",  # the file keeps the statement as it is written
)


class SqliteSession:
    """The connection to a file; fits `Session`."""

    def __init__(self, path: Path) -> None:
        """Connect."""
        self._path = path
        with driver.writing(path):
            self.connection: driver.Connection | None = driver.connect_writing(path)

    @property
    def open(self) -> driver.Connection:
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
        if not self.open.in_transaction:
            self.open.execute("BEGIN IMMEDIATE")

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """All rows of a query."""
        with driver.writing(self._path):
            return driver.rows(self.open, query)

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self._end("ROLLBACK")

    def _end(self, statement: str) -> None:
        with driver.writing(self._path):
            if self.connection is not None and self.connection.in_transaction:
                self.connection.execute(statement)

    def close(self) -> None:
        """End the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """A SQLite file; fits `Database`."""

    path: Path
    part_rows: int = 2 * LEAF_ROWS
    writers: str | None = "a SQLite file has one writer at a time, so processes can't share it"

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
        return Speech(DIALECT)

    def is_there(self) -> bool:
        """Whether there is such a file."""
        return self.path.exists()

    def connect(self) -> SqliteSession:
        """The session."""
        return SqliteSession(self.path)

    def lock(self, session: Session) -> bool:
        """Take the file; it is held until the session ends."""
        session.run(f"PRAGMA user_version = {session.rows('PRAGMA user_version')[0][0]}")
        session.commit()
        return True

    def tables(self, session: Session) -> set[str]:
        """The names of the tables and views there."""
        return {str(row[0]) for row in session.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}

    def make_home(self, session: Session) -> bool:
        """Whether there was nothing in the file."""
        return not self.tables(session)

    def drop_home(self, session: Session) -> None:
        """Remove the file, which was made for the run."""
        session.commit()
        if not self.tables(session):
            session.close()
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def make(self, session: Session, loading: Loading) -> None:
        """Make the table in which rows are gathered, unless it is there; primary and foreign keys can't be added later."""
        primary = self.speech.primary_key(loading.shape)
        keys = [] if loading.is_merged else [clause for _, clause in self.speech.foreign_keys(loading.shape)]
        statement = self.speech.create(loading.shape, loading.working, [*([primary] if primary else []), *keys])
        session.run(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))

    def refuse_unfit(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Refuse tables that are there and lack columns, or whose columns change values."""
        for loading in loadings:
            if loading.is_merged:
                self._refuse_unlike(session, loading)

    def _refuse_unlike(self, session: Session, loading: Loading) -> None:
        name, quoted = loading.shape.name, self.speech.dialect.quoted
        found = {str(row[1]): row for row in session.rows(f"PRAGMA table_info({quoted(name)})")}
        missing = [column for column in loading.shape.schema.names if column not in found]
        if missing:
            fix = "add it, or use --mode replace"
            raise ModelError(f"the table that is there has no column {one_of(missing)}", where=name, fix=fix)
        for row in session.rows(f"PRAGMA table_info({quoted(loading.working)})"):
            there = str(found[str(row[1])][2])
            if affinity(there) != affinity(str(row[2])):
                fix = "change one of them, or use --mode replace"
                raise ModelError(f"the column that is there is {there or 'of no type'}, not {row[2]}", where=f"{name}.{row[1]}", fix=fix)
        key = [row[1] for row in sorted(found.values(), key=lambda row: int(row[5])) if row[5]]
        if loading.way == "upsert" and set(key) != set(loading.shape.primary_key):
            raise ModelError("the table that is there has another primary key", where=name, fix="use --mode replace")

    def stand(self, session: Session) -> int | None:
        """The number of the run that has the place."""
        found = session.rows(self.speech.noted("run"))
        return int(found[0][2]) if found else None

    def prepared(
        self, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> AbstractContextManager[Iterable[Sent]]:
        """The rows as values of Python, all of a part: so others can make theirs while this one is put in."""
        return gathered(_sent(table, batches, turns))

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Put rows in; gives their number and the bytes of their Arrow arrays."""
        assert isinstance(session, SqliteSession)
        marks = ", ".join("?" * len(table.schema))
        statement = f"INSERT INTO {self.speech.relation(working)} VALUES ({marks})"  # noqa: S608 - the name is quoted
        rows = size = 0
        with driver.writing(self.path):
            session.begin()
            for one in sent:
                driver.insert(session.open, statement, zip(*one.content, strict=True))
                rows, size = rows + one.rows, size + one.size_bytes
        return rows, size

    def finish(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Do everything in one transaction, which the sink commits."""
        for statement in finishing(self.speech, loadings):
            session.run(statement)
        for loading in loadings:
            wrong = session.rows(f"PRAGMA foreign_key_check({self.speech.relation(loading.shape.name)})")
            if wrong:
                fix = "leave out what breaks references, or write files"
                raise ModelError(f"a row refers to none of `{wrong[0][2]}`", where=loading.shape.name, fix=fix)
        for statement in last:
            session.run(statement)
        if loadings:
            session.run(self.speech.drop(PARTS))

    def discard(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop everything that this run made."""
        for name in (*(loading.working for loading in loadings), PARTS):
            session.run(self.speech.drop(name))


def finishing(speech: Speech, loadings: Sequence[Loading]) -> Iterator[str]:
    """The statements that make finished tables of gathered rows."""
    for loading in loadings:
        table = speech.relation(loading.shape.name)
        if loading.is_merged:
            yield speech.moved(loading, speech.on_conflict(loading))
            yield speech.drop(loading.working)
            continue
        if loading.way == "replace":
            yield speech.drop(loading.shape.name)
        yield f"ALTER TABLE {speech.relation(loading.working)} RENAME TO {speech.dialect.quoted(loading.shape.name)}"
        for name, clause in speech.unique(loading.shape):
            yield f"CREATE UNIQUE INDEX {speech.dialect.quoted(name)} ON {table} {clause.removeprefix('UNIQUE ')}"


def affinity(declared: str) -> str:
    """How SQLite keeps values in a column, by its declared type.

    Source: https://www.sqlite.org/datatype3.html, section 3.1.

    >>> affinity("VARCHAR(20)"), affinity("bigint"), affinity("DATE"), affinity("")
    ('text', 'integer', 'numeric', 'blob')
    """
    name = declared.upper()
    if "INT" in name:
        return "integer"
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if "BLOB" in name or not name:
        return "blob"
    return "real" if any(part in name for part in ("REAL", "FLOA", "DOUB")) else "numeric"


# ------------------------------------------------------------------------------------------ rows as values of Python


def _sent(table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]) -> Iterator[Sent]:
    source, start = iter(batches), 0
    while True:
        with turns:
            batch = next(source, None)
            if batch is None:
                return
            named = zip(batch.schema.names, batch.columns, strict=True)
            columns = [values(array, Cells(table.name, name, start)) for name, array in named]
        start += batch.num_rows
        yield Sent(columns, batch.num_rows, batch.nbytes)


def values(array: pa.Array, cells: Cells) -> list[Any]:
    """Each value as SQLite takes it; shape (n,).

    Raises:
        DataError: a number is none that SQLite keeps.

    >>> values(pa.array(["19.90", None]).cast(pa.decimal128(10, 2)), Cells("t", "price"))
    [19.9, None]
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        texts = values(array.dictionary, cells)
        return [None if code is None else texts[code] for code in array.indices.to_pylist()]
    if pa.types.is_floating(kind):
        return _floats(array, cells)
    if pa.types.is_decimal(kind):
        return _decimals(array, cells)
    if pa.types.is_boolean(kind):
        return _plain(pc.cast(array, pa.int8()))
    if pa.types.is_nested(kind):
        texts = json_texts(array, cells)
        return _plain(pc.if_else(array.is_valid(), texts, pa.scalar(None, pa.string())) if array.null_count else texts)
    if pa.types.is_timestamp(kind):
        return _plain(pc.replace_substring(spelled(array, cells), pattern="T", replacement=" "))
    is_own = pa.types.is_integer(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return _plain(array if is_own else spelled(array, cells))


def _plain(array: pa.Array) -> list[Any]:
    found: list[Any] = array.to_numpy().tolist() if not array.null_count and pa.types.is_integer(array.type) else array.to_pylist()
    return found


def _floats(array: pa.Array, cells: Cells) -> list[Any]:
    cells.refuse(pc.is_nan(array), "SQLite takes a number that is none for null", _FIX)
    numbers = np.asarray(pc.fill_null(array, pa.scalar(0.0, array.type)))
    cells.refuse((numbers == 0) & np.signbit(numbers), "SQLite drops the sign of zero", _FIX)
    found: list[Any] = numbers.tolist() if not array.null_count else array.to_pylist()
    return found


def _decimals(array: pa.Array, cells: Cells) -> list[Any]:
    units = np.where(present(array), units_of(array), 0)
    wide = np.abs(units) >= 10**_MOST_DIGITS
    cells.refuse(wide, f"SQLite keeps {_MOST_DIGITS} digits of a decimal", _FIX)
    numbers: list[Any] = (units / 10.0**array.type.scale if array.type.scale else units).tolist()
    if not array.null_count:
        return numbers
    return [number if there else None for number, there in zip(numbers, present(array).tolist(), strict=True)]


def open_sink(url: str, options: SinkOptions) -> Sink:
    """The sink of a `sqlite:///` address.

    Raises:
        ModelError: it names no file, or an option can't be followed.
    """
    options.only(["mode"], "SQLite")
    at = asked_address(url)
    path = file_of(at.url)
    if not path or at.schema is not None:
        fix = "write sqlite:///file.db, with four slashes for a path from the root on"
        raise ModelError("SQLite has no schemas" if path else "the address names no file", where=at.shown, fix=fix)
    return DatabaseSink(SqliteDatabase(Path(path)), options.mode)
