"""Tables of a SQLite file, through Python's own sqlite3; the file is opened for reading only.

SQLite keeps any value in any column. So a column's declared type counts where all its values are of it (one query counts them);
otherwise the column is of the narrowest type that keeps all values, texts if need be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import EdgeError
from seedbed.core.shapes import TableScan
from seedbed.outside import sqlite as driver
from seedbed.outside.addresses import quoted
from seedbed.read.catalogue import Declared, declared
from seedbed.read.database import QueryScan
from seedbed.read.scans import Part, parted
from seedbed.read.text_types import convert

_FETCH_ROWS = 16_384
_KEPT = ("integer", "real", "text", "blob")


class SqliteDatabase:
    """A SQLite file; each table is opened when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            EdgeError: there is no such file, or it can't be read.
            DataError: it is no SQLite file.
        """
        self._path = path
        if not path.is_file():
            raise EdgeError("there is no such file", where=str(path), fix="check the path: `sqlite:///file.db` begins at this folder")
        self.tables()

    @contextmanager
    def _cursor(self) -> Iterator[driver.Cursor]:
        with driver.reading(self._path), closing(driver.connect_reading(self._path)) as connection:
            yield connection.cursor()

    def tables(self) -> dict[str, bool]:
        """The tables and views by name, and whether it is a table."""
        with self._cursor() as cursor:
            found = cursor.execute(
                "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
            )
            return {name: kind == "table" for name, kind in sorted(found)}

    def declared(self) -> Declared:
        """The keys and references of the file's tables."""
        found: list[tuple[str, str, str, str, str | None, str | None]] = []
        full: list[tuple[str, str]] = []
        with self._cursor() as cursor:
            columns = {
                name: cursor.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
                for name, is_table in self.tables().items()
                if is_table
            }
            keys = {name: [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]] for name, rows in columns.items()}
            for name, rows in columns.items():
                full += [(name, row[1]) for row in rows if row[3] or row[5]]
                found += [("", "p", name, column, None, None) for column in keys[name]]
                for at, place, goal, column, to, *_ in cursor.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall():
                    named = to if to is not None else dict(enumerate(keys.get(goal, []))).get(place)
                    if named is not None:
                        found.append((str(at), "f", name, column, goal, named))
                for _, index, is_unique, origin, *_ in cursor.execute(f"PRAGMA index_list({quoted(name)})").fetchall():
                    if is_unique and origin == "u":
                        parts = cursor.execute(f"PRAGMA index_info({quoted(index)})").fetchall()
                        found += [(index, "u", name, part[2], None, None) for part in parts]
        return declared(found, full)

    def scan(self, name: str) -> TableScan:
        """Look at a table or a view: its columns, and what is in them."""
        with self._cursor() as cursor:
            declared = {column: kind for _, column, kind, *_ in cursor.execute(f"PRAGMA table_info({quoted(name)})")}
            rows, kinds = _kinds(cursor, name, declared)
        place = f"{self._path}:{name}"
        expressions = {column: _expression(column, kind) for column, kind in kinds.items()}
        scan = QueryScan(place, pa.schema(list(kinds.items())), rows, quoted(name), expressions, self._run, "sqlite")
        return parted(place, [Part(place, scan)])

    def _run(self, query: str, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        with self._cursor() as cursor:
            cursor.execute(query)
            while found := cursor.fetchmany(_FETCH_ROWS):
                values = zip(*found, strict=True)
                arrays = [_array(list(column), field) for column, field in zip(values, wanted, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=wanted.names)

    def close(self) -> None:
        """Nothing stays open."""


def _array(values: list[Any], field: pa.Field) -> pa.Array:
    if pa.types.is_temporal(field.type) or pa.types.is_decimal(field.type):
        return convert(pa.array(values, pa.string()), field.type)
    return pa.array(values, pa.int8()).cast(pa.bool_()) if pa.types.is_boolean(field.type) else pa.array(values, field.type)


def _expression(column: str, kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        name = quoted(column)  # a float of many digits would be written with an exponent
        return f"CASE typeof({name}) WHEN 'real' THEN printf('%.{kind.scale}f', {name}) ELSE CAST({name} AS TEXT) END"
    if pa.types.is_string(kind) or pa.types.is_temporal(kind):
        return f"CAST({quoted(column)} AS TEXT)"
    if pa.types.is_binary(kind):
        return f"CAST({quoted(column)} AS BLOB)"
    return f"CAST({quoted(column)} AS REAL)" if pa.types.is_floating(kind) else quoted(column)


def _kinds(cursor: driver.Cursor, table: str, declared: dict[str, str]) -> tuple[int, dict[str, pa.DataType]]:
    """How many rows there are, and each column's type: as declared where every value fits, else what keeps them all."""
    wishes = {column: _wish(kind) for column, kind in declared.items()}
    rows, found = 0, {}
    for start in range(0, len(declared), 200):  # SQLite takes 2,000 values a query at most
        names = list(declared)[start : start + 200]
        sums = [f"sum(typeof({quoted(name)}) = '{kept}')" for name in names for kept in _KEPT]
        fits = [f"sum({_fit(name, wishes[name])})" for name in names]
        row = cursor.execute(f"SELECT count(*), {', '.join([*sums, *fits])} FROM {quoted(table)}").fetchone()  # noqa: S608 - quoted
        rows = row[0]
        counts = [value or 0 for value in row[1:]]
        for at, name in enumerate(names):
            stored = dict(zip(_KEPT, counts[4 * at : 4 * at + 4], strict=True))
            found[name] = _kind(stored, wishes[name], counts[4 * len(names) + at])
    return rows, found


def _kind(stored: dict[str, int], wish: pa.DataType | None, fitting: int) -> pa.DataType:
    values = sum(stored.values())
    if wish is not None and fitting == values:
        return wish
    if stored["blob"]:
        return pa.binary()
    if stored["text"] or not values:
        return pa.string()
    return pa.float64() if stored["real"] else pa.int64()


_WISHES: tuple[tuple[str, pa.DataType], ...] = (
    ("BOOL", pa.bool_()),
    ("INT", pa.int64()),
    ("TIMESTAMPTZ", pa.timestamp("us", "UTC")),
    ("TIMESTAMP WITH TIME ZONE", pa.timestamp("us", "UTC")),
    ("DATETIME", pa.timestamp("us")),
    ("TIMESTAMP", pa.timestamp("us")),
    ("DATE", pa.date32()),
    ("TIME", pa.time64("us")),
    ("CHAR", pa.string()),
    ("TEXT", pa.string()),
    ("CLOB", pa.string()),
    ("BLOB", pa.binary()),
    ("REAL", pa.float64()),
    ("FLOA", pa.float64()),
    ("DOUB", pa.float64()),
)


def _wish(declared: str) -> pa.DataType | None:
    """What a declared type asks for; None where that says nothing.

    >>> _wish("VARCHAR(20)"), _wish("decimal(10, 2)"), _wish("BIGINT"), _wish("")
    (DataType(string), Decimal128Type(decimal128(10, 2)), DataType(int64), None)
    """
    name = declared.upper()
    if match := re.match(r"(?:DECIMAL|NUMERIC)\s*\(\s*([0-9]{1,2})\s*(?:,\s*([0-9]{1,2})\s*)?\)", name):
        precision, scale = int(match[1]), int(match[2] or 0)
        return pa.decimal128(precision, scale) if 0 < precision <= 38 and scale <= precision else None
    return next((kind for part, kind in _WISHES if part in name), None)


def _fit(name: str, wish: pa.DataType | None) -> str:
    """An SQL expression that is 1 where a column's value is one of the type that it is declared with."""
    column = quoted(name)
    kept = f"typeof({column})"
    if wish is None:
        return "0"
    if pa.types.is_boolean(wish):
        return f"{kept} = 'integer' AND {column} IN (0, 1)"
    if pa.types.is_decimal(wish):
        return _fit_decimal(column, kept, wish)
    if pa.types.is_temporal(wish):
        return f"{kept} = 'text' AND {_fit_moment(column, wish)}"
    if pa.types.is_floating(wish):
        return f"{kept} IN ('real', 'integer')"
    return f"{kept} = '{'integer' if pa.types.is_integer(wish) else 'blob' if pa.types.is_binary(wish) else 'text'}'"


def _fit_decimal(column: str, kept: str, kind: pa.DataType) -> str:
    """Whole numbers, texts of digits, and floats that are the nearest to a number of at most 15 digits."""
    text = f"ltrim(CAST({column} AS TEXT), '-')"
    whole = kind.precision - kind.scale
    point = f"instr({text} || '.', '.')"
    digits = f"replace({text}, '.', '') NOT GLOB '*[^0-9]*' AND length({text}) - length(replace({text}, '.', '')) <= 1"
    written = f"{digits} AND {point} - 1 BETWEEN 1 AND {max(whole, 1)} AND length({text}) - min({point}, length({text})) <= {kind.scale}"
    spelt = f"printf('%.{kind.scale}f', {column})"
    near = f"CAST({spelt} AS REAL) = {column} AND abs({column}) < 1e{max(min(whole, 15 - kind.scale), 0)}"
    return f"CASE {kept} WHEN 'real' THEN {near} WHEN 'blob' THEN 0 ELSE {written} END"


def _fit_moment(column: str, kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return f"date({column}, '+0 days') = {column}"  # the modifier makes March of 30 February
    if pa.types.is_time(kind):
        return f"length({column}) BETWEEN 8 AND 15 AND time({column}) = substr({column}, 1, 8)"
    is_day = f"date(substr({column}, 1, 10), '+0 days') = substr({column}, 1, 10)"
    clock = f"time(substr({column}, 12, 8)) = substr({column}, 12, 8) AND substr({column}, 11, 1) IN (' ', 'T')"
    rest = f"substr({column}, 20)"
    if kind.tz is None:
        return f"{is_day} AND {clock} AND ({rest} = '' OR ({rest} GLOB '.[0-9]*' AND length({rest}) <= 7 AND substr({rest}, 2) NOT GLOB '*[^0-9]*'))"
    zone = f"({column} GLOB '*Z' OR {column} GLOB '*[+-][0-9][0-9]:[0-9][0-9]' OR {column} GLOB '*[+-][0-9][0-9]')"
    return f"{is_day} AND {clock} AND length({column}) <= 32 AND {zone}"
