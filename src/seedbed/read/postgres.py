"""Tables of a PostgreSQL schema, through the ADBC driver, which streams them as Arrow.

All reading is done in one snapshot: a second pass meets the same rows in the same order, whatever others write meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.outside import postgres as driver
from seedbed.outside.addresses import Address, literal, quoted
from seedbed.read.catalogue import Declared, declared
from seedbed.read.database import QueryScan
from seedbed.read.scans import Part, parted
from seedbed.read.text_types import convert

# Partitions are rows of the table that they are partitions of.
_TABLES = """
SELECT c.relname, c.relkind IN ('r', 'p')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = {schema} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
ORDER BY 1
"""

# A domain counts as the type that it is a domain of; a decimal's digits are in the modifier.
_COLUMNS = """
WITH RECURSIVE typed(num, name, type, modifier) AS (
  SELECT a.attnum, a.attname, a.atttypid, a.atttypmod FROM pg_attribute a
  WHERE a.attrelid = {relation}::regclass AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT d.num, d.name, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE d.modifier END
  FROM typed d JOIN pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
)
SELECT d.name::text, t.typname::text, d.modifier::bigint
FROM typed d JOIN pg_type t ON t.oid = d.type WHERE t.typtype <> 'd' ORDER BY d.num
"""

_CONSTRAINTS = """
SELECT k.conname::text, k.contype::text, c.relname::text, a.attname::text, g.relname::text, b.attname::text
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS part(at)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[part.at]
LEFT JOIN pg_class g ON g.oid = k.confrelid AND g.relnamespace = c.relnamespace
LEFT JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[part.at]
WHERE n.nspname = {schema} AND k.contype IN ('p', 'u', 'f') AND k.conparentid = 0
ORDER BY c.relname, k.conname, part.at
"""
_FULL = """
SELECT c.relname::text, a.attname::text FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = {schema} AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
"""
_COMMENTS = """
SELECT c.relname::text, coalesce(a.attname, '')::text, d.description FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE n.nspname = {schema}
"""

_PLAIN = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "bytea": pa.binary(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "_bool": pa.list_(pa.bool_()),
    "_int2": pa.list_(pa.int16()),
    "_int4": pa.list_(pa.int32()),
    "_int8": pa.list_(pa.int64()),
    "_float4": pa.list_(pa.float32()),
    "_float8": pa.list_(pa.float64()),
    "_text": pa.list_(pa.string()),
    "_bytea": pa.list_(pa.binary()),
    "_date": pa.list_(pa.date32()),
    "_time": pa.list_(pa.time64("us")),
    "_timestamp": pa.list_(pa.timestamp("us")),
    "_timestamptz": pa.list_(pa.timestamp("us", "UTC")),
}
_ENDLESS = ("date", "timestamp", "timestamptz")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as the catalogue has it."""

    name: str
    type: str
    modifier: int

    @property
    def digits(self) -> tuple[int, int] | None:
        """A decimal's precision and scale, where they are declared."""
        if self.modifier < 4:
            return None
        scale = (self.modifier - 4) & 0x7FF  # eleven bits, with a sign since version 15
        return (self.modifier - 4) >> 16, scale - 0x800 if scale >= 0x400 else scale


class PostgresDatabase:
    """A schema of a PostgreSQL database, `public` unless the address says another; each table is opened when it is asked for."""

    def __init__(self, at: Address) -> None:
        """Connect, and take the snapshot.

        Raises:
            PluginError: the driver is not installed.
            EdgeError: the server can't be reached, or refuses.
        """
        driver.require(at)
        self._at = at
        self._schema = at.schema or "public"
        self._snapshot: str | None = None
        with driver.reading(self._at):
            self._keeper = self._connect()
            # A standby server can't share its snapshot; there, each read has its own.
            said = driver.rows(self._keeper, "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_export_snapshot() END")
            self._snapshot = said[0][0]

    def tables(self) -> dict[str, bool]:
        """The schema's tables and views by name, and whether it is a table."""
        with driver.reading(self._at):
            return dict(driver.rows(self._keeper, _TABLES.format(schema=literal(self._schema))))

    def declared(self) -> Declared:
        """The keys, references and comments of the schema's tables."""
        with driver.reading(self._at):
            asked = [driver.rows(self._keeper, query.format(schema=literal(self._schema))) for query in (_CONSTRAINTS, _FULL, _COMMENTS)]
        return declared(*(map(tuple, rows) for rows in asked))

    def scan(self, name: str) -> TableScan:
        """Look at a table or a view: its columns from the catalogue; one query counts its rows and looks for what Arrow has no value for."""
        relation = f"{quoted(self._schema)}.{quoted(name)}"
        with driver.reading(self._at), self._reading() as connection:
            found = driver.rows(connection, _COLUMNS.format(relation=literal(relation)))
            columns = [_Column(*row) for row in found]
            rows, contents = _counted(lambda query: driver.rows(connection, query), relation, columns)
        place = f"{self._at.shown}:{name}"
        if not columns:
            raise DataError("the table has no columns that can be read", where=place, fix="check the rights on it")
        read = {column.name: _read_as(column, contents[column.name]) for column in columns}
        schema = pa.schema([(column, kind) for column, (kind, _) in read.items()])
        scan = QueryScan(place, schema, rows, relation, {column: text for column, (_, text) in read.items()}, self._run, "postgres")
        return parted(place, [Part(place, scan)])

    def _run(self, query: str, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        with driver.reading(self._at), self._reading() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            for batch in cursor.fetch_record_batch():
                arrays = [_typed(batch.column(at), field.type) for at, field in enumerate(wanted)]
                yield pa.RecordBatch.from_arrays(arrays, names=wanted.names)

    def _connect(self) -> Any:
        """A connection in a transaction of its own that only reads, with rows in the order in which they are stored."""
        connection = driver.connect(self._at)
        try:
            driver.tell(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if self._snapshot:
                driver.tell(connection, f"SET TRANSACTION SNAPSHOT {literal(self._snapshot)}")
            for setting in (
                "synchronize_seqscans = off",
                "max_parallel_workers_per_gather = 0",
                "timezone = 'UTC'",
                "extra_float_digits = 3",
            ):
                driver.tell(connection, f"SET LOCAL {setting}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the snapshot."""
        self._keeper.close()


@dataclass(frozen=True, slots=True)
class _Content:
    """What is in a column that its type doesn't say: values without end or number, a decimal's digits before and after the point."""

    is_odd: bool = False
    before: int = 1
    after: int = 0


def _counted(ask: Callable[[str], list[Any]], relation: str, columns: list[_Column]) -> tuple[int, dict[str, _Content]]:
    """The number of rows, and what is in the columns for which that matters."""
    asked = {column.name: _questions(column) for column in columns}
    values = ", ".join(["count(*)", *(text for texts in asked.values() for text in texts)])
    rows, *answers = ask(f"SELECT {values} FROM {relation}")[0]  # noqa: S608 - all names are quoted
    rest = iter(answers)
    contents = {}
    for name, texts in asked.items():
        odd, before, after = [*(next(rest) for _ in texts), None, None, None][:3]
        contents[name] = _Content(bool(odd), before or 1, after or 0)
    return int(rows), contents


def _questions(column: _Column) -> list[str]:
    name = quoted(column.name)
    if column.type == "numeric":
        odd = f"{name} IN ('NaN', 'Infinity', '-Infinity')"
        return [f"bool_or({odd})", f"max(length(trunc(abs({name}))::text))::int", f"max(scale({name}))::int"]
    if column.type in _ENDLESS:
        return [f"bool_or(NOT isfinite({name}) OR {name} < '0001-01-01' OR {name} > '9999-12-31 23:59:59.999999')"]
    return []


def _read_as(column: _Column, content: _Content) -> tuple[pa.DataType, str]:
    """A column's Arrow type, and what is asked for; what has no place in Arrow comes as PostgreSQL's text."""
    name = quoted(column.name)
    as_text = (pa.string(), f"{name}::text")
    if column.type == "numeric":
        declared = column.digits
        is_usual = declared is not None and 0 <= declared[1] <= declared[0]
        precision, scale = declared if declared and is_usual else (content.before + content.after, content.after)
        return as_text if content.is_odd or precision > 38 else (pa.decimal128(precision, scale), f"{name}::text")
    if column.type in _PLAIN and not content.is_odd:
        return _PLAIN[column.type], name
    return as_text


def _typed(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if array.type == kind:
        return array
    return convert(array.cast(pa.string()), kind) if pa.types.is_decimal(kind) else array.cast(kind)
