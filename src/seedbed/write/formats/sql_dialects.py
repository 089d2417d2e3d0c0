"""How databases differ in what scripts say to them: names, types, texts, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.sinks import ForeignKey, TableShape
from seedbed.write.formats.losses import is_list
from seedbed.write.formats.spelling import is_bytes

DialectName = Literal["postgresql", "mysql", "sqlite", "sqlserver"]

#: Texts of keys are declared with a length where a database wants one.
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SqlDialect:
    """How a database speaks.

    `types` are for: truth, whole, float, decimal (to be formatted with precision and scale), moment, instant (with a time zone), day, time,
    bytes, text, key (a text of a key), uuid, json. `text` and `octets` are what stands before and behind a text, and bytes in hexadecimal
    digits. `escapes` are what stands for signs in texts, in this order. Without `non_finite`, floats must be finite.
    """

    name: DialectName
    called: str
    quotes: tuple[str, str]
    types: dict[str, str]
    text: tuple[str, str]
    octets: tuple[str, str]
    truths: tuple[str, str]
    escapes: tuple[tuple[str, str], ...]
    begin: str
    preamble: str = ""
    non_finite: tuple[tuple[str, str], ...] = ()
    float_end: str = ""
    most_rows: int | None = None
    table_end: str = ""

    def quoted(self, name: str) -> str:
        """A name as it stands in a statement."""
        opening, closing = self.quotes
        return f"{opening}{name.replace(closing, closing * 2)}{closing}"

    def listed(self, names: Sequence[str]) -> str:
        """Names, with commas between them."""
        return ", ".join(map(self.quoted, names))

    def told(self, text: str) -> str:
        """A text as it stands in a statement."""
        for sign, instead in self.escapes:
            text = text.replace(sign, instead)
        return f"{self.text[0]}{text}{self.text[1]}"

    def type_of(self, column: pa.Field, *, is_key: bool) -> str:
        """What the database calls a column's type."""
        kind = column.type
        if pa.types.is_decimal(kind):
            return self.types["decimal"].format(kind.precision, kind.scale)
        if pa.types.is_timestamp(kind):
            return self.types["instant" if kind.tz else "moment"]
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            tag = (column.metadata or {}).get(b"seedbed.type", b"").decode()
            return self.types[tag if tag in ("uuid", "json") else "key" if is_key else "text"]
        return self.types[next(name for name, fits in _KINDS if fits(kind))]


_KINDS: tuple[tuple[str, Callable[[pa.DataType], bool]], ...] = (
    ("truth", pa.types.is_boolean),
    ("whole", pa.types.is_integer),
    ("float", pa.types.is_floating),
    ("day", pa.types.is_date),
    ("time", pa.types.is_time),
    ("bytes", is_bytes),
    ("json", lambda kind: pa.types.is_struct(kind) or is_list(kind)),
)

_POSTGRESQL = SqlDialect(
    "postgresql",
    "PostgreSQL",
    ('"', '"'),
    {"truth": "boolean", "whole": "bigint", "float": "double precision", "decimal": "numeric({}, {})", "moment": "timestamp"}
    | {"instant": "timestamp with time zone", "day": "date", "time": "time", "bytes": "bytea", "text": "text", "key": "text"}
    | {"uuid": "uuid", "json": "json"},
    ("'", "'"),
    ("'\\x", "'"),
    ("FALSE", "TRUE"),
    (("'", "''"),),
    "BEGIN;",
    "SET standard_conforming_strings = on;\nSET client_encoding = 'UTF8';\n",
    (("nan", "'NaN'"), ("inf", "'Infinity'"), ("-inf", "'-Infinity'")),
)
_MYSQL = SqlDialect(
    "mysql",
    "MySQL",
    ("`", "`"),
    {"truth": "boolean", "whole": "bigint", "float": "double", "decimal": "decimal({}, {})", "moment": "datetime(6)"}
    | {"instant": "datetime(6)", "day": "date", "time": "time(6)", "bytes": "longblob", "text": "longtext"}
    | {"key": f"varchar({KEY_LENGTH})", "uuid": "char(36)", "json": "longtext"},
    ("'", "'"),
    ("X'", "'"),
    ("FALSE", "TRUE"),
    (("\\", "\\\\"), ("'", "''"), ("\0", "\\0"), ("\x1a", "\\Z")),
    "START TRANSACTION;",
    "SET NAMES utf8mb4;\nSET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';\n",
    float_end="e0",
    table_end=" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
)
_SQLITE = SqlDialect(
    "sqlite",
    "SQLite",
    ('"', '"'),
    {"truth": "BOOLEAN", "whole": "INTEGER", "float": "REAL", "decimal": "DECIMAL({}, {})", "moment": "TIMESTAMP"}
    | {"instant": "TIMESTAMP WITH TIME ZONE", "day": "DATE", "time": "TIME", "bytes": "BLOB", "text": "TEXT", "key": "TEXT"}
    | {"uuid": "TEXT", "json": "TEXT"},
    ("'", "'"),
    ("X'", "'"),
    ("0", "1"),
    (("'", "''"),),
    "BEGIN;",
    non_finite=(("inf", "9e999"), ("-inf", "-9e999")),
)
_SQLSERVER = SqlDialect(
    "sqlserver",
    "SQL Server",
    ("[", "]"),
    {"truth": "bit", "whole": "bigint", "float": "float(53)", "decimal": "decimal({}, {})", "moment": "datetime2(6)"}
    | {"instant": "datetimeoffset(6)", "day": "date", "time": "time(6)", "bytes": "varbinary(max)", "text": "nvarchar(max)"}
    | {"key": f"nvarchar({KEY_LENGTH}) COLLATE Latin1_General_100_BIN2_UTF8", "uuid": "char(36)", "json": "nvarchar(max)"},
    ("N'", "'"),
    ("0x", ""),
    ("0", "1"),
    # A backslash at the end of a line would hide the line end, a line `GO` would end the batch, and `$(` would ask for a variable.
    (("'", "''"), ("\n", "' + NCHAR(10) + N'"), ("\r", "' + NCHAR(13) + N'"), ("$(", "$' + N'(")),
    "BEGIN TRANSACTION;",
    "SET NOCOUNT ON;\nSET QUOTED_IDENTIFIER ON;\nSET DATEFORMAT ymd;\n",
    float_end="e0",
    most_rows=1000,
)

DIALECTS: dict[str, SqlDialect] = {one.name: one for one in (_POSTGRESQL, _MYSQL, _SQLITE, _SQLSERVER)}


def table_script(table: TableShape, dialect: SqlDialect) -> str:
    """What makes a table: its columns with their types, its keys, and what is said of them."""
    keyed = key_columns(table)
    lines = [_column(column, dialect, is_key=column.name in keyed) for column in table.schema]
    lines += [f"PRIMARY KEY ({dialect.listed(table.primary_key)})"] if table.primary_key else []
    lines += [f"UNIQUE ({dialect.listed(names)})" for names in table.unique]
    if dialect.name == "sqlite":  # which takes no foreign keys later
        lines += [_reference(key, dialect) for key in table.foreign_keys]
    end = dialect.table_end
    if dialect.name == "mysql" and table.description:
        end += f" COMMENT = {dialect.told(table.description)}"
    body = ",\n".join(f"  {line}" for line in lines)
    made = f"CREATE TABLE {dialect.quoted(table.name)} (\n{body}\n){end};\n"
    return dialect.preamble + _remarks(table, dialect) + made + "".join(_comments(table, dialect))


def references_script(table: TableShape, dialect: SqlDialect) -> str | None:
    """What adds a table's foreign keys, once all tables are full; None where there are none to add."""
    if not table.foreign_keys or dialect.name == "sqlite":
        return None
    added = [f"ALTER TABLE {dialect.quoted(table.name)} ADD {_reference(key, dialect)};\n" for key in table.foreign_keys]
    return dialect.preamble + "".join(added)


def key_columns(table: TableShape) -> set[str]:
    """The columns of all keys: primary, unique and foreign."""
    return {*table.primary_key, *(name for names in (*table.unique, *(key.columns for key in table.foreign_keys)) for name in names)}


def _column(column: pa.Field, dialect: SqlDialect, *, is_key: bool) -> str:
    said = _said(column)
    comment = f" COMMENT {dialect.told(said)}" if said and dialect.name == "mysql" else ""
    null = "" if column.nullable else " NOT NULL"
    return f"{dialect.quoted(column.name)} {dialect.type_of(column, is_key=is_key)}{null}{comment}"


def _said(column: pa.Field) -> str | None:
    found = (column.metadata or {}).get(b"description")
    return found.decode() if found else None


def _reference(key: ForeignKey, dialect: SqlDialect) -> str:
    target = f"{dialect.quoted(key.table)} ({dialect.listed(key.references)})"
    return f"FOREIGN KEY ({dialect.listed(key.columns)}) REFERENCES {target}"


def _remarks(table: TableShape, dialect: SqlDialect) -> str:
    """Descriptions as remarks, for a database that keeps none."""
    if dialect.name != "sqlite":
        return ""
    told = [table.description, *(f"{column.name}: {said}" for column in table.schema if (said := _said(column)))]
    return "".join(f"-- {' '.join(text.split())}\n" for text in told if text)


def _comments(table: TableShape, dialect: SqlDialect) -> Iterator[str]:
    told = [(None, table.description), *((column.name, _said(column)) for column in table.schema)]
    for name, text in told:
        if not text or dialect.name in ("mysql", "sqlite"):
            continue
        if dialect.name == "postgresql":
            thing = f"TABLE {dialect.quoted(table.name)}" if name is None else f"COLUMN {dialect.quoted(table.name)}.{dialect.quoted(name)}"
            yield f"COMMENT ON {thing} IS {dialect.told(text)};\n"
        else:
            level = "" if name is None else f", N'COLUMN', {dialect.told(name)}"
            schema, table_name = "N'SCHEMA', N'dbo', N'TABLE'", dialect.told(table.name)
            told_text = dialect.told(" ".join(text.split()))  # arguments take no sums of texts, which line ends would ask for
            yield f"EXEC sys.sp_addextendedproperty N'MS_Description', {told_text}, {schema}, {table_name}{level};\n"
