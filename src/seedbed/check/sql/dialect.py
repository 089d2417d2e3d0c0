"""How three databases write names and values. Whatever a name or value holds, it stays a name or a value."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.calendar import DAY_US

Dialect: TypeAlias = Literal["duckdb", "sqlite", "postgres"]

DIALECTS: tuple[Dialect, ...] = ("duckdb", "sqlite", "postgres")

DOUBLE: dict[Dialect, str] = {"duckdb": "DOUBLE", "sqlite": "REAL", "postgres": "double precision"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: The days that Python, and so every driver, has: the years 1 to 9999.
_DAYS = (-719_162, 2_932_896)


class UnsayableError(Exception):
    """SQL of this dialect can't say this as the streamed check means it; the message tells why."""


def quoted(name: str) -> str:
    """A name, whatever it holds.

    Raises:
        UnsayableError: no database takes it.

    >>> quoted('or"der')
    '"or""der"'
    """
    return '"' + _printable(name).replace('"', '""') + '"'


def text(value: str, dialect: Dialect) -> str:
    r"""A text, whatever it holds; PostgreSQL's settings do not change what a backslash means in it.

    Raises:
        UnsayableError: not every database has such a text.

    >>> text("it's", "duckdb"), text("a\\b", "postgres")
    ("'it''s'", "E'a\\\\b'")
    """
    plain = _printable(value).replace("'", "''")
    return "E'" + plain.replace("\\", "\\\\") + "'" if dialect == "postgres" and "\\" in plain else f"'{plain}'"


def _printable(value: str) -> str:
    if "\0" in value or (not value.isprintable() and any("\ud800" <= char <= "\udfff" for char in value)):
        raise UnsayableError("a text with a zero character or half a character")
    return value


def number(value: float, dialect: Dialect) -> str:
    """A float that is read back bit by bit.

    Raises:
        UnsayableError: it is not finite.

    >>> number(0.1, "duckdb"), number(0.1, "sqlite"), number(1 / 3, "sqlite")
    ("CAST('0.1' AS DOUBLE)", '0.1', '(6004799503160661 / CAST(18014398509481984 AS REAL))')
    """
    if not math.isfinite(value):
        raise UnsayableError(f"the number {value}")
    if dialect != "sqlite":
        return f"CAST('{value!r}' AS {DOUBLE[dialect]})"
    digits, exponent = Decimal(repr(value)).as_tuple()[1:]
    if len(digits) <= 15 and isinstance(exponent, int) and abs(exponent) <= 20:  # so many are read without a rounding of their own
        return repr(value)
    above, below = value.as_integer_ratio()
    halvings = below.bit_length() - 1
    if abs(above) >= 1 << 62 or halvings > 2 * 62:
        raise UnsayableError(f"the number {value!r}")
    first = min(halvings, 62)
    rest = f" / {1 << (halvings - first)}" if halvings > first else ""  # by a power of two: nothing is rounded
    return f"({above} / CAST({1 << first} AS REAL){rest})"


def literal(value: str | float, kind: ValueType, dialect: Dialect, *, zoned: bool = False) -> str:
    """A value as checks hold it: decimals in units, days and microseconds since 1970, truth values as 0 and 1.

    `zoned` says that the column's moments have a time zone; the value is in UTC.

    Raises:
        UnsayableError: SQL has no such value.

    >>> literal(1250, DecimalType(2), "duckdb"), literal(0, ColumnType.DATE, "postgres"), literal(1, ColumnType.BOOL, "duckdb")
    ('12.50', "DATE '1970-01-01'", 'TRUE')
    """
    if isinstance(value, str):
        return text(value, dialect)
    if isinstance(kind, DecimalType):
        return _decimal(int(value), kind.scale)
    if kind is ColumnType.FLOAT:
        return number(float(value), dialect)
    if kind is ColumnType.BOOL and value in (0, 1):
        return ("TRUE" if value else "FALSE") if dialect != "sqlite" else str(int(value))
    if kind is ColumnType.DATE and dialect == "sqlite":
        return _moment(int(value), kind, zoned=False).removeprefix("DATE ")
    if kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME) and dialect != "sqlite":
        return _moment(int(value), kind, zoned=zoned)
    if kind is ColumnType.INT:
        return _whole(value)
    raise UnsayableError(f"a {kind.value} written out")


def _whole(value: float) -> str:
    if value != int(value) or not -(1 << 63) < value < 1 << 63:
        raise UnsayableError(f"the whole number {value}")
    return str(int(value))


def _decimal(units: int, scale: int) -> str:
    digits = str(abs(units)).rjust(scale + 1, "0")
    if len(digits) > 30:
        raise UnsayableError("a decimal of more than 30 digits")
    shown = f"{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}" if scale else digits
    return f"-{shown}" if units < 0 else shown


def _moment(value: int, kind: ValueType, *, zoned: bool) -> str:
    days, time = (value, 0) if kind is ColumnType.DATE else divmod(value, DAY_US)
    if not _DAYS[0] <= days <= _DAYS[1]:
        raise UnsayableError("a moment before the year 1 or after the year 9999")
    moment = _EPOCH + timedelta(days=days, microseconds=time)
    clock = moment.strftime("%H:%M:%S") + (f".{moment.microsecond:06d}" if moment.microsecond else "")
    if kind is ColumnType.TIME:
        return f"TIME '{clock}'"
    day = date.isoformat(moment.date())
    if kind is ColumnType.DATE:
        return f"DATE '{day}'"
    return f"TIMESTAMP WITH TIME ZONE '{day} {clock}+00'" if zoned else f"TIMESTAMP '{day} {clock}'"


def nan_in(value: str, dialect: Dialect) -> str:
    """What is true of NaN; null of null.

    Raises:
        UnsayableError: SQLite has no NaN.

    >>> nan_in("x", "duckdb")
    'isnan(x)'
    """
    if dialect == "sqlite":
        raise UnsayableError("NaN")
    return f"isnan({value})" if dialect == "duckdb" else f"{value} = CAST('NaN' AS double precision)"
