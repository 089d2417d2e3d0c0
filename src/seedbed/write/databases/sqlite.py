"""SQLite: one file, one writer; parts are made side by side and put in one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink, TableShape
from seedbed.outside import sqlite as driver
from seedbed.outside.addresses import asked_file
from seedbed.write.databases.database import Sent, Session, gathered
from seedbed.write.databases.dialect import PARTS, Dialect
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.sink import DatabaseSink
from seedbed.write.databases.sqlite_values import affinity, column_type, sent
from seedbed.write.targets import SinkOptions

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
        return gathered(sent(table, batches, turns))

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


def open_sink(url: str, options: SinkOptions) -> Sink:
    """The sink of a `sqlite:///` address.

    Raises:
        ModelError: it names no file, or an option can't be followed.
    """
    options.only(["mode"], "SQLite")
    _, path = asked_file(url, "sqlite:///file.db")
    return DatabaseSink(SqliteDatabase(Path(path)), options.mode)
