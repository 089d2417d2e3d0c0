"""PostgreSQL: rows go as Arrow into COPY, by many connections at once; keys are added and tables named in one transaction at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink, TableShape
from seedbed.core.text import text_bytes
from seedbed.outside import postgres as driver
from seedbed.outside.addresses import Address, asked_address, literal, options_of
from seedbed.write.databases.dialect import Dialect, description, tag
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.sink import DatabaseSink, Sent, Session, streamed
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells
from seedbed.write.targets import SinkOptions

Json = Literal["json", "jsonb"]

_PLAIN: tuple[tuple[Any, str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "smallint"),
    (pa.types.is_uint8, "smallint"),
    (pa.types.is_int16, "smallint"),
    (pa.types.is_uint16, "integer"),
    (pa.types.is_int32, "integer"),
    (pa.types.is_uint32, "bigint"),
    (pa.types.is_int64, "bigint"),
    (pa.types.is_uint64, "numeric(20)"),
    (pa.types.is_float32, "real"),
    (pa.types.is_float64, "double precision"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_binary, "bytea"),
    (pa.types.is_large_binary, "bytea"),
    (pa.types.is_date32, "date"),
    (pa.types.is_time, "time"),
)

#: Bytes of a value on its page: fixed widths, 18 for what can be kept elsewhere; the head of a row takes 24.
_WIDTHS = {"boolean": 1, "smallint": 2, "integer": 4, "real": 4, "date": 4, "bigint": 8, "double precision": 8, "time": 8, "uuid": 16}
_MOST_WIDTH = 8160 - 24

#: How long another run, or what is left of a killed one, is waited for.
_LOCK_S = 5.0


def column_type(column: pa.Field, json: Json = "json") -> str | None:
    """The type of PostgreSQL that holds a column's values exactly; None where there is none.

    >>> column_type(pa.field("price", pa.decimal128(10, 2))), column_type(pa.field("tags", pa.list_(pa.string())))
    ('numeric(10, 2)', 'text[]')
    """
    kind = column.type
    if tag(column) in ("uuid", "json") and pa.types.is_string(kind):
        return "uuid" if tag(column) == "uuid" else json
    if pa.types.is_list(kind):
        inner = None if pa.types.is_nested(kind.value_type) else column_type(pa.field("item", kind.value_type))
        return f"{inner}[]" if inner else _nested(kind, json)
    return _nested(kind, json) if pa.types.is_struct(kind) else _flat(kind)


def _flat(kind: pa.DataType) -> str | None:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})" if 0 <= kind.scale <= kind.precision else None
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "timestamptz" if kind.tz else "timestamp"
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return None
    return next((name for fits, name in _PLAIN if fits(kind)), None)


def _nested(kind: pa.DataType, json: Json) -> str | None:
    parts = list(kind) if pa.types.is_struct(kind) else [kind.value_field]
    return json if all(column_type(part) is not None for part in parts) else None


def _width(column: pa.Field, _is_key: bool) -> int:  # noqa: FBT001 - as `Dialect` calls it
    return _WIDTHS.get(column_type(column) or "", 8 if pa.types.is_timestamp(column.type) else 18)


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
        return streamed(_sent(table, batches, turns, self.json))

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Copy rows; gives their number and the bytes of their Arrow arrays."""
        assert isinstance(session, PostgresSession)
        stream = _Stream(sent)
        reader = pa.RecordBatchReader.from_batches(_wire_schema(table, self.json), stream)
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


# ------------------------------------------------------------------------------------------ rows as COPY takes them


class _Stream:
    """Counts batches as the driver takes them, and keeps the error that it can't hand on."""

    def __init__(self, sent: Iterable[Sent]) -> None:
        self._sent = iter(sent)
        self.rows = self.size_bytes = 0
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            one = next(self._sent)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
        self.rows += one.rows
        self.size_bytes += one.size_bytes
        return one.content


def _sent(table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object], json: Json) -> Iterator[Sent]:
    schema = _wire_schema(table, json)
    source, start = iter(batches), 0
    while True:
        with turns:
            batch = next(source, None)
            if batch is None:
                return
            wire = _wire(batch, table, schema, json, start)
        start += batch.num_rows
        yield Sent(wire, wire.num_rows, wire.nbytes)


def _wire_schema(table: TableShape, json: Json) -> pa.Schema:
    return pa.schema([(column.name, _wire_type(column, json)) for column in table.schema])


def _wire_type(column: pa.Field, json: Json) -> pa.DataType:
    kind = column_type(column, json)
    if kind in ("uuid", "jsonb"):
        return pa.binary()
    if kind == "json":
        return pa.string()
    if pa.types.is_timestamp(column.type):
        return pa.timestamp("us", column.type.tz)
    return pa.time64("us") if pa.types.is_time(column.type) else column.type


def _wire(batch: pa.RecordBatch, table: TableShape, schema: pa.Schema, json: Json, start: int) -> pa.RecordBatch:
    arrays = [
        _wire_array(array, column, wanted.type, json, Cells(table.name, column.name, start))
        for array, column, wanted in zip(batch.columns, table.schema, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _wire_array(array: pa.Array, column: pa.Field, wanted: pa.DataType, json: Json, cells: Cells) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = pc.decoded(array)
    kind = column_type(column, json)
    if kind == "uuid":
        return uuid_octets(array, cells)
    if kind in ("json", "jsonb"):
        texts = array if pa.types.is_string(array.type) else _nested_texts(array, cells)
        return texts if kind == "json" else _versioned(texts)
    return array if array.type == wanted else pc.cast(array, wanted)


def _nested_texts(array: pa.Array, cells: Cells) -> pa.Array:
    """Nested values as JSON, null where they are null."""
    texts = json_texts(array, cells)
    return pc.if_else(array.is_valid(), texts, pa.scalar(None, pa.string())) if array.null_count else texts


def _versioned(texts: pa.Array) -> pa.Array:
    """Texts as `jsonb` takes them: the version of its form, 1, stands before each."""
    return pc.binary_join_element_wise(pa.scalar(b"\x01"), texts.cast(pa.binary()), pa.scalar(b""))


#: The value of each hexadecimal digit by its character, 255 for all other characters.
_DIGITS = np.full(256, 255, np.uint8)
_DIGITS[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
_DIGITS[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)
_PLACES = [place for place in range(36) if place not in (8, 13, 18, 23)]


def uuid_octets(texts: pa.Array, cells: Cells) -> pa.Array:
    """UUIDs as 16 bytes each; shape (n,).

    Raises:
        DataError: a text is no UUID.

    >>> uuid_octets(pa.array(["6b696e64-6e65-7373-6b69-6e646e657373", None]), Cells("t", "id")).to_pylist()
    [b'kindnesskindness', None]
    """
    filled = pc.fill_null(texts, pa.scalar("0" * 36)) if texts.null_count else texts
    fix = "make it one, or give the column the type string"
    cells.refuse(pc.not_equal(pc.binary_length(filled), pa.scalar(36, pa.int32())), "a text is no UUID", fix)
    signs = text_bytes(filled)[1].reshape(-1, 36)
    digits = _DIGITS[signs[:, _PLACES]]
    cells.refuse((digits == 255).any(axis=1), "a text is no UUID", fix)
    octets = (digits[:, 0::2] << 4 | digits[:, 1::2]).astype(np.uint8)
    offsets = np.arange(0, 16 * len(octets) + 1, 16, dtype=np.int32)
    made = pa.Array.from_buffers(pa.binary(), len(octets), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(octets))])
    return pc.if_else(texts.is_valid(), made, pa.scalar(None, pa.binary())) if texts.null_count else made


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
