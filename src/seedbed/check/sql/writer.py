"""Columns, values and tables as one database writes them, and which of them it keeps as Arrow does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import pyarrow as pa

from seedbed.check.sql.dialect import DOUBLE, Dialect, UnsayableError, literal, nan_in, quoted
from seedbed.check.view import TableFacts, is_text
from seedbed.core.block import ColumnType, DecimalType, ValueType
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of all tables: their columns' types as checks see them, their schemas, and what the database calls them.

    `called` are the tables' names in queries, `texts` what stands for columns of texts where their values only look like texts
    (UUIDs, enums, whatever SQLite keeps). With `is_live` the queries are run and not only shown: then texts are always turned into texts.
    """

    dialect: Dialect
    facts: Mapping[str, TableFacts]
    schemas: Mapping[str, pa.Schema]
    called: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_live: bool = False
    _apart: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def writer(self, table: str) -> Writer:
        """What writes a table's columns.

        Raises:
            UnsayableError: the table is not there, or two of its columns have one name for the database.
        """
        if table not in self.schemas or table not in self.facts:
            raise UnsayableError(f"the table `{table}` is not there")
        if not self._told_apart(table):
            raise UnsayableError("columns whose names differ in capitals only")
        return Writer(self, table)

    def _told_apart(self, table: str) -> bool:
        """Whether the database tells a table's columns apart; found out once for all queries."""
        if table not in self._apart:
            names = self.schemas[table].names
            alike = names if self.dialect == "postgres" else [name.casefold() for name in names]
            self._apart[table] = len(set(alike)) == len(names)
        return self._apart[table]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the columns of a table."""

    scene: Scene
    table: str

    @property
    def dialect(self) -> Dialect:
        """The database's dialect."""
        return self.scene.dialect

    @property
    def source(self) -> str:
        """The table, as a query reads it."""
        return self.scene.called.get(self.table) or quoted(self.table)

    def kind(self, column: str) -> ValueType:
        """The type of a column as checks see it."""
        return self.scene.facts[self.table].types[column]

    def stored(self, column: str) -> pa.DataType:
        """The type of a column as it comes."""
        return self.scene.schemas[self.table].field(column).type

    def name(self, column: str) -> str:
        """A column as it is.

        Raises:
            UnsayableError: it is not there.
        """
        facts = self.scene.facts[self.table]
        if self.scene.schemas[self.table].get_field_index(column) < 0 or column not in facts.types:
            raise UnsayableError(f"there is no column `{column}`")
        return quoted(column)

    def value(self, column: str) -> str:
        """A column's values, to be compared with literals of its kind.

        Raises:
            UnsayableError: SQL sees other values than the stream.
        """
        name, kind, stored = self.name(column), self.kind(column), self.stored(column)
        if not self.scene.facts[self.table].holds(stored, column) or pa.types.is_null(stored):
            raise UnsayableError(f"`{column}` is {stored}")
        if is_text(kind) and kind is not ColumnType.BYTES:
            return self._text(column, name)
        if self.dialect == "sqlite":
            return self._of_sqlite(name, kind)
        return self._number(name, kind, stored)

    def _text(self, column: str, name: str) -> str:
        found = self.scene.texts.get(self.table, {}).get(column, name)
        if self.dialect == "duckdb":
            return f"CAST({found} AS VARCHAR)" if self.scene.is_live else found
        return f'{found} COLLATE "C"' if self.dialect == "postgres" else f"{found} COLLATE BINARY"

    @staticmethod
    def _of_sqlite(name: str, kind: ValueType) -> str:
        """Its days are texts of ISO 8601, which stand in the order of the days."""
        if kind is ColumnType.FLOAT:
            return f"CAST({name} AS REAL)"
        if kind is ColumnType.DATE:
            return f"CAST({name} AS TEXT) COLLATE BINARY"
        if kind in (ColumnType.INT, ColumnType.BOOL):
            return name
        raise UnsayableError(f"{name} is {kind.value}: SQLite has no such type")

    def _number(self, name: str, kind: ValueType, stored: pa.DataType) -> str:
        is_float = kind is ColumnType.FLOAT and not pa.types.is_float64(stored)
        if pa.types.is_float16(stored) or pa.types.is_uint64(stored) or pa.types.is_duration(stored):
            raise UnsayableError(f"{name} is {stored}")
        if pa.types.is_timestamp(stored) and stored.unit == "ns":
            if self.dialect != "duckdb" or stored.tz is not None:
                raise UnsayableError(f"{name} is {stored}")
            return f"make_timestamp(epoch_ns({name}) // 1000)"
        if is_float:
            return f"CAST({name} AS {DOUBLE[self.dialect]})"
        if isinstance(kind, DecimalType) or kind in _COMPARED:
            return name
        raise UnsayableError(f"{name} is {kind.value}")

    def whole(self, column: str) -> str:
        """A column's values, whole numbers with room for what they are reckoned into.

        Raises:
            UnsayableError: SQL sees other values than the stream.
        """
        value, stored = self.value(column), self.stored(column)
        is_small = self.kind(column) is ColumnType.INT and not pa.types.is_int64(stored) and self.dialect != "sqlite"
        return f"CAST({value} AS bigint)" if is_small else value

    def literal(self, column: str, value: str | float) -> str:
        """A value of a column, as checks hold it.

        Raises:
            UnsayableError: SQL has none.
        """
        kind = self.kind(column)
        zoned = getattr(self.stored(column), "tz", None) is not None
        return literal(value, ColumnType.STRING if isinstance(value, str) else kind, self.dialect, zoned=zoned)

    def is_nan(self, column: str) -> str | None:
        """What is true of a column's NaN; None where it can have none."""
        is_float = self.kind(column) is ColumnType.FLOAT and pa.types.is_floating(self.stored(column))
        return nan_in(self.value(column), self.dialect) if is_float and self.dialect != "sqlite" else None


_COMPARED = (ColumnType.INT, ColumnType.FLOAT, ColumnType.BOOL, ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME)
