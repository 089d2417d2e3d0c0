"""PostgreSQL: rows go as Arrow into COPY, by many connections at once; keys are added and tables named in one transaction at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink, TableShape
from seedbed.outside import postgres as driver
from seedbed.outside.addresses import Address, asked_address, literal, options_of
from seedbed.write.databases.database import Sent, Session, streamed
from seedbed.write.databases.dialect import Dialect, description
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.postgres_values import Json, Stream, column_type, sent, wire_schema
from seedbed.write.databases.sink import DatabaseSink
from seedbed.write.targets import SinkOptions

#: Bytes of a value on its page: fixed widths, and the least that a text takes, which may be short: longer ones are kept elsewhere, with 18 here.
#: The head of a row takes 24.
_WIDTHS = {"boolean": 1, "smallint": 2, "integer": 4, "real": 4, "date": 4, "bigint": 8, "double precision": 8, "time": 8, "uuid": 16}
_MOST_WIDTH = 8160 - 24

#: How long another run, or what is left of a killed one, is waited for.
_LOCK_S = 5.0


def _width(column: pa.Field, _is_key: bool) -> int:  # noqa: FBT001 - as `Dialect` calls it
    return _WIDTHS.get(column_type(column) or "", 8 if pa.types.is_timestamp(column.type) else 2)


def dialect(json: Json = "json") -> Dialect:
    """How PostgreSQL speaks."""
    return Dialect(
        "PostgreSQL",
        '"',
        lambda column, _: column_type(column, json),
        "text",
        most_name=63,
        counts_bytes=True,
        most_columns=1600,
        width=_width,
        most_width=_MOST_WIDTH,
        folds_case=False,
    )


class PostgresSession:
    """A connection to PostgreSQL; fits `Session`."""

    def __init__(self, at: Address) -> None:
        """Connect."""
        self._at = at
        with driver.writing(at):
            self.connection = driver.connect(at)
            # Else a server that is in the middle of something doesn't notice that its client was killed.
            self.rows(
                "SELECT set_config('client_connection_check_interval', '1s', false) WHERE current_setting('server_version_num')::int >= 140000"
            )
            self.run("SET client_min_messages = warning")
            self.connection.commit()

    def run(self, statement: str) -> None:
        """Execute a statement."""
        with driver.writing(self._at):
            driver.tell(self.connection, statement)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """All rows of a query."""
        with driver.writing(self._at):
            return driver.rows(self.connection, query)

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        with driver.writing(self._at):
            self.connection.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        with driver.writing(self._at):
            self.connection.rollback()

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):  # the server may be gone
            self.connection.close()


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A schema of a PostgreSQL database; fits `Database`."""

    at: Address
    schema: str
    json: Json = "json"
    part_rows: int = 8 * LEAF_ROWS
    writers: str | None = None

    @property
    def place(self) -> str:
        """The address as it may be shown."""
        return self.at.shown

    @property
    def settings(self) -> dict[str, str]:
        """What else decides how rows are stored."""
        return {"json": self.json}

    @property
    def speech(self) -> Speech:
        """How it is spoken to."""
        return Speech(dialect(self.json), self.schema)

    def is_there(self) -> bool:
        """The server says so when it is connected to."""
        return True

    def connect(self) -> PostgresSession:
        """A new session."""
        return PostgresSession(self.at)

    def lock(self, session: Session) -> bool:
        """Hold a lock of the session, which ends with it."""
        query = f"SELECT pg_try_advisory_lock(hashtextextended({literal('seedbed ' + self.schema)}, 0))"
        end = time.monotonic() + _LOCK_S
        while not session.rows(query)[0][0]:
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        session.commit()
        return True

    def tables(self, session: Session) -> set[str]:
        """The names of everything in the schema that a table can't be called like."""
        source = f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {literal(self.schema)}"
        return {str(row[0]) for row in session.rows(f"SELECT c.relname::text FROM {source} AND c.relkind <> 'i'")}  # noqa: S608 - a literal

    def make_home(self, session: Session) -> bool:
        """Make the schema; False where it is there."""
        if session.rows(f"SELECT 1 FROM pg_namespace WHERE nspname = {literal(self.schema)}"):  # noqa: S608 - a literal
            return False
        session.run(f"CREATE SCHEMA {self.speech.dialect.quoted(self.schema)}")
        return True

    def drop_home(self, session: Session) -> None:
        """Drop the schema that was made; what others have put into it keeps it."""
        if not self.tables(session):
            session.run(f"DROP SCHEMA {self.speech.dialect.quoted(self.schema)}")

    def make(self, session: Session, loading: Loading) -> None:
        """Make the table in which rows are gathered, unless it is there."""
        statement = self.speech.create(loading.shape, loading.working)
        session.run(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))

    def refuse_unfit(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Let the server plan what will be done at the end, without doing it."""
        replaced = [loading.shape.name for loading in loadings if loading.way == "replace"]
        if replaced:
            session.run("SAVEPOINT seedbed")
            session.run(f"DROP TABLE {', '.join(map(self.speech.relation, replaced))}")  # fails where views or other tables need one
            session.run("ROLLBACK TO SAVEPOINT seedbed")
        for loading in loadings:
            if loading.is_merged:
                self._refuse_unlike(session, loading)

    def _refuse_unlike(self, session: Session, loading: Loading) -> None:
        there, wanted = self._columns(session, loading.shape.name), self._columns(session, loading.working)
        missing = [name for name in wanted if name not in there]
        if missing:
            fix = "add it, or use --mode replace"
            raise ModelError(f"the table that is there has no column {one_of(missing)}", where=loading.shape.name, fix=fix)
        for name, (kind, family) in wanted.items():
            if there[name][1] != family:
                fix = "change one of them, or use --mode replace"
                raise ModelError(f"the column that is there is {there[name][0]}, not {kind}", where=f"{loading.shape.name}.{name}", fix=fix)
        # Names the column whose type doesn't take the values, or says that there is no such key.
        trial = f"EXPLAIN {self.speech.moved(loading, self.speech.on_conflict(loading))}"
        session.run(f"DO {literal(f'BEGIN EXECUTE {literal(trial)}; END')}")

    def _columns(self, session: Session, table: str) -> dict[str, tuple[str, str]]:
        """Each column's type, and the family in which PostgreSQL turns values into one another without changing them."""
        family = "CASE t.typcategory WHEN 'U' THEN t.typname WHEN 'A' THEN t.typname ELSE t.typcategory::text END"
        source = "pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        where = f"a.attrelid = {literal(self.speech.relation(table))}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        query = f"SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), ({family})::text FROM {source} WHERE {where}"  # noqa: S608
        return {str(name): (str(kind), str(family)) for name, kind, family in session.rows(query)}

    def stand(self, session: Session) -> int | None:
        """The number of the run that has the place, held until the transaction ends."""
        found = session.rows(f"{self.speech.noted('run')} FOR SHARE")
        return int(found[0][2]) if found else None

    def prepared(
        self, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> AbstractContextManager[Iterable[Sent]]:
        """The rows as COPY takes them, made as they are asked for."""
        return streamed(sent(table, batches, turns, self.json))

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Copy rows; gives their number and the bytes of their Arrow arrays."""
        assert isinstance(session, PostgresSession)
        stream = Stream(sent)
        reader = pa.RecordBatchReader.from_batches(wire_schema(table, self.json), stream)
        try:
            with driver.writing(self.at):
                driver.ingest(session.connection, self.schema, working, reader)
        except BaseException:
            if stream.error is not None:  # the driver only knows that the stream ended
                raise stream.error from None
            raise
        return stream.rows, stream.size_bytes

    def finish(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Do everything in one transaction, which the sink commits."""
        for statement in finishing(self.speech, loadings):
            session.run(statement)
        for statement in last:
            session.run(statement)
        if loadings:
            session.run(self.speech.drop("_seedbed_parts"))

    def discard(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop everything that this run made."""
        for name in (*(loading.working for loading in loadings), "_seedbed_parts"):
            session.run(self.speech.drop(name))


def finishing(speech: Speech, loadings: Sequence[Loading]) -> Iterator[str]:
    """The statements that make finished tables of gathered rows, in an order in which each finds what it needs."""
    own = [loading for loading in loadings if not loading.is_merged]
    replaced = [speech.relation(loading.shape.name) for loading in own if loading.way == "replace"]
    if replaced:
        yield f"DROP TABLE {', '.join(replaced)}"
    for loading in own:
        yield f"ALTER TABLE {speech.relation(loading.working)} RENAME TO {speech.dialect.quoted(loading.shape.name)}"
        yield from _keys(speech, loading.shape)
    for loading in loadings:
        if loading.is_merged:
            yield speech.moved(loading, speech.on_conflict(loading))
            yield speech.drop(loading.working)
    for loading in own:
        table = speech.relation(loading.shape.name)
        for name, clause in speech.foreign_keys(loading.shape):
            yield f"ALTER TABLE {table} ADD CONSTRAINT {speech.dialect.quoted(name)} {clause}"
        yield from _comments(speech, loading.shape)


def _keys(speech: Speech, shape: TableShape) -> Iterator[str]:
    table, quoted = speech.relation(shape.name), speech.dialect.quoted
    primary = speech.primary_key(shape)
    if primary:
        yield f"ALTER TABLE {table} ADD CONSTRAINT {quoted(speech.dialect.constraint(shape.name, (), 'pkey'))} {primary}"
    for name, clause in speech.unique(shape):
        yield f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {clause}"


def _comments(speech: Speech, shape: TableShape) -> Iterator[str]:
    table = speech.relation(shape.name)
    if shape.description:
        yield f"COMMENT ON TABLE {table} IS {literal(shape.description)}"
    for column in shape.schema:
        told = description(column)
        if told:
            yield f"COMMENT ON COLUMN {table}.{speech.dialect.quoted(column.name)} IS {literal(told)}"


# ------------------------------------------------------------------------------------------ making it


def open_sink(url: str, options: SinkOptions) -> Sink:
    """The sink of a `postgresql://` address; `?schema=` names another schema than `public`, `?json=jsonb` another type for JSON.

    Raises:
        ModelError: it is no address, or an option can't be followed.
        PluginError: the driver is not installed.
    """
    options.only(["schema", "mode"], "PostgreSQL")
    at = asked_address(url, own=("json",))
    said = options_of(url).get("json", "json")
    if said not in ("json", "jsonb"):
        raise ModelError(f"`?json={said}` is no type", where=at.shown, fix="use json, which keeps texts as they are, or jsonb")
    if options.schema and at.schema and options.schema != at.schema:
        raise ModelError("two schemas are named", where=at.shown, fix="name one")
    driver.require(at)
    return DatabaseSink(PostgresDatabase(at, options.schema or at.schema or "public", "jsonb" if said == "jsonb" else "json"), options.mode)
