"""Tables of a MySQL or MariaDB database, whose values come as texts and become what the catalogue says.

Each pass reads in a snapshot of its own, in the order of the primary key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.outside import mysql as driver
from seedbed.outside.addresses import Address, literal
from seedbed.read.catalogue import Declared, declared
from seedbed.read.plain import cut
from seedbed.read.scans import Part, chosen, parted
from seedbed.read.text_types import convert

_FETCH_ROWS = 8_192

_TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database() ORDER BY 1"
_COLUMNS = """
SELECT column_name, column_type FROM information_schema.columns
WHERE table_schema = database() AND table_name = {table} ORDER BY ordinal_position
"""

_CONSTRAINTS = """
SELECT k.constraint_name, CASE c.constraint_type WHEN 'PRIMARY KEY' THEN 'p' WHEN 'UNIQUE' THEN 'u' ELSE 'f' END,
       k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name
FROM information_schema.key_column_usage k
JOIN information_schema.table_constraints c
  ON c.constraint_schema = k.constraint_schema AND c.table_name = k.table_name AND c.constraint_name = k.constraint_name
WHERE k.table_schema = database() AND c.constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
  AND (k.referenced_table_schema IS NULL OR k.referenced_table_schema = database())
ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""
_FULL = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = database() AND is_nullable = 'NO'"
_COMMENTS = """
SELECT table_name, column_name, column_comment FROM information_schema.columns WHERE table_schema = database() AND column_comment <> ''
UNION ALL
SELECT table_name, '', table_comment FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'
"""

_PLAIN = {
    "tinyint": (pa.int8(), pa.uint8()),
    "smallint": (pa.int16(), pa.uint16()),
    "mediumint": (pa.int32(), pa.uint32()),
    "int": (pa.int32(), pa.uint32()),
    "integer": (pa.int32(), pa.uint32()),
    "bigint": (pa.int64(), pa.uint64()),
    "year": (pa.int16(), pa.int16()),
    "float": (pa.float32(), pa.float32()),
    "double": (pa.float64(), pa.float64()),
    "date": (pa.date32(), pa.date32()),
    "datetime": (pa.timestamp("us"), pa.timestamp("us")),
    "timestamp": (pa.timestamp("us", "UTC"), pa.timestamp("us", "UTC")),
    "time": (pa.time64("us"), pa.time64("us")),
}
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry")

#: What Arrow's types have no value for: years without days, and spans of more than a day.
_ODD = {"date": "{0} < '0001-01-01' OR DAY({0}) = 0", "time": "{0} < 0 OR {0} >= '24:00:00'"}


class MysqlDatabase:
    """A database of a MySQL or MariaDB server; each table is opened when it is asked for."""

    def __init__(self, at: Address) -> None:
        """Connect once, to see that it is there.

        Raises:
            PluginError: the driver is not installed.
            EdgeError: the server can't be reached, or refuses.
        """
        driver.require(at)
        self._at = at
        with driver.reading(at), closing(driver.connect(at)):
            pass

    def tables(self) -> dict[str, bool]:
        """The tables and views by name, and whether it is a table."""
        return {str(name): kind == "BASE TABLE" for name, kind in self._ask(_TABLES)}

    def declared(self) -> Declared:
        """The keys, references and comments of the database's tables."""
        asked = [
            [tuple(None if part is None else _text(part) for part in row) for row in self._ask(query)]
            for query in (_CONSTRAINTS, _FULL, _COMMENTS)
        ]
        return declared(*asked)  # type: ignore[arg-type]  # as wide as the queries ask

    def scan(self, name: str) -> TableScan:
        """Look at a table or a view: its columns, and how many rows it has."""
        place = f"{self._at.shown}:{name}"
        columns = {str(column): str(kind) for column, kind in self._ask(_COLUMNS.format(table=literal(name)))}
        if not columns:
            raise DataError("the table has no columns that can be read", where=place, fix="check the rights on it")
        kinds = {column: read_as(kind) for column, kind in columns.items()}
        rows, kinds = self._counted(name, kinds)
        return parted(place, [Part(place, MysqlScan(place, pa.schema(list(kinds.items())), rows, name, self._run))])

    def _counted(self, table: str, kinds: dict[str, pa.DataType]) -> tuple[int, dict[str, pa.DataType]]:
        """The number of rows; columns with values that have no place in Arrow become texts."""
        odd = {column: _odd(column, kind) for column, kind in kinds.items()}
        asked = [column for column, question in odd.items() if question]
        listed = ", ".join(["COUNT(*)", *(f"COALESCE(SUM({odd[column]}), 0)" for column in asked)])
        rows, *found = self._ask(f"SELECT {listed} FROM {quoted(table)}")[0]  # noqa: S608 - all names are quoted
        texts = {column for column, count in zip(asked, found, strict=True) if int(count)}
        return int(rows), {column: pa.string() if column in texts else kind for column, kind in kinds.items()}

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        with driver.reading(self._at), closing(driver.connect(self._at)) as connection:
            return driver.rows(connection, query)

    def _run(self, query: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        with driver.reading(self._at), closing(driver.connect(self._at)) as connection:
            driver.tell(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            yield from driver.stream(connection, query, _FETCH_ROWS)

    def close(self) -> None:
        """Nothing stays open."""


def _text(part: object) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)


@dataclass(frozen=True, slots=True)
class MysqlScan:
    """The rows of a table; fits `TableScan`."""

    place: str
    schema: pa.Schema
    rows: int
    table: str
    ask: Callable[[str], Iterator[Sequence[tuple[Any, ...]]]]
    order: tuple[str, ...] = ()

    def in_order(self, columns: Sequence[str]) -> MysqlScan:
        """The same rows in the order of these columns."""
        return replace(self, order=tuple(columns))

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; the server sends the wanted columns only.

        Raises:
            DataError: there is no such column, or a value is of another type than its column.
            EdgeError: the server can't be reached any more.
        """
        wanted = chosen(self.schema, columns, self.place)
        carriers = wanted if wanted.names else chosen(self.schema, self.schema.names[:1], self.place)
        # A float is printed with six digits only, a double with all of them.
        listed = ", ".join(f"{quoted(name)} + 0e0" if pa.types.is_float32(kind) else quoted(name) for name, kind in _named(carriers))
        order = f" ORDER BY {', '.join(map(quoted, self.order))}" if self.order else ""
        found = self.ask(f"SELECT {listed} FROM {quoted(self.table)}{order}")  # noqa: S608 - all names are quoted
        return cut((self._batch(rows, carriers).select(wanted.names) for rows in found), batch_rows)

    def _batch(self, rows: Sequence[tuple[Any, ...]], wanted: pa.Schema) -> pa.RecordBatch:
        arrays = [_array(values, kind) for values, (_, kind) in zip(zip(*rows, strict=True), _named(wanted), strict=True)]
        return pa.RecordBatch.from_arrays(arrays, names=wanted.names)


def _named(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(column.name, column.type) for column in schema]


def quoted(name: str) -> str:
    """A name as MySQL takes it."""
    return f"`{name.replace('`', '``')}`"


def read_as(declared: str) -> pa.DataType:
    """The Arrow type of a column by the catalogue's name of its type; what has no other is a text.

    >>> read_as("int(10) unsigned"), read_as("tinyint(1)"), read_as("decimal(10,2)"), read_as("enum('a','b')")
    (DataType(uint32), DataType(bool), Decimal128Type(decimal128(10, 2)), DataType(string))
    """
    name = declared.lower()
    if name == "tinyint(1)":
        return pa.bool_()
    base = re.match(r"[a-z]*", name)
    word = base[0] if base else ""
    if word in ("decimal", "numeric"):
        digits = re.match(r"\w+\(([0-9]+)(?:,([0-9]+))?\)", name)
        precision, scale = (int(digits[1]), int(digits[2] or 0)) if digits else (10, 0)
        return pa.decimal128(precision, scale) if precision <= 38 else pa.string()
    if word in _BYTES:
        return pa.binary()
    signed, unsigned = _PLAIN.get(word, (pa.string(), pa.string()))
    return unsigned if "unsigned" in name else signed


def _odd(column: str, kind: pa.DataType) -> str | None:
    name = quoted(column)
    if pa.types.is_boolean(kind):
        return f"{name} NOT IN (0, 1)"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _ODD["date"].format(name)
    return _ODD["time"].format(name) if pa.types.is_time(kind) else None


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """What the server writes as values of a type."""
    if pa.types.is_binary(kind):
        return pa.array(values, pa.binary())
    texts = pa.array([value.decode(errors="replace") if isinstance(value, bytes) else value for value in values], pa.string())
    if pa.types.is_boolean(kind):
        return texts.cast(pa.int8()).cast(pa.bool_())
    if pa.types.is_timestamp(kind) and kind.tz:
        return convert(texts, pa.timestamp("us")).view(pa.int64()).view(kind)
    if pa.types.is_float32(kind):
        return texts.cast(pa.float64()).cast(pa.float32())
    return convert(texts, kind)
