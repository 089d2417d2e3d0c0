"""SQL scripts: `TABLE.schema.sql` makes a table, `TABLE.sql` or its parts fill it, `TABLE.references.sql` adds its foreign keys.

All of the first run before all of the second, and these before all of the third; within each, any order does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Place, TableShape, WrittenFile
from seedbed.core.text import string_array, string_scalar, take_text
from seedbed.outside.compression import SUFFIXES, packing
from seedbed.write.formats.format import ALWAYS
from seedbed.write.formats.losses import Cells, refuse_types
from seedbed.write.formats.settings import chosen
from seedbed.write.formats.sql_dialects import DIALECTS, SqlDialect, key_columns, references_script, table_script
from seedbed.write.formats.sql_literals import literals
from seedbed.write.formats.text_files import PART_ROWS, text_packing, write_rows

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

#: Rows of one INSERT where nothing else is said.
_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Sql:
    """Scripts for one database; each file of rows is one transaction of INSERTs of `batch_rows` rows."""

    dialect: str = "postgresql"
    batch_rows: int = _BATCH_ROWS
    compression: str = "none"
    nested: str = "refuse"
    lossy: bool = False
    name: ClassVar[str] = "sql"
    part_rows: ClassVar[int | None] = PART_ROWS
    takes_codes: ClassVar[bool] = True
    in_folder: ClassVar[bool] = False

    @property
    def suffix(self) -> str:
        """The ending of files."""
        return f".sql{SUFFIXES.get(self.compression, '')}"

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {name: str(getattr(self, name)) for name in ("dialect", "batch_rows", "compression", "nested", "lossy")}

    @property
    def speech(self) -> SqlDialect:
        """How the database speaks."""
        return DIALECTS[self.dialect]

    def check(self, table: TableShape) -> None:
        """Refuse what the database has no type for, nested columns unless they become JSON, and empty or unnameable tables.

        Raises:
            ModelError: there are some.
        """
        if self.nested == "refuse":
            fix = "write texts of JSON with --format-option nested=json, or another format"
            nested = [column for column in table.schema if pa.types.is_nested(column.type)]
            refuse_types(TableShape(table.name, pa.schema(nested), 0), _nested_reason, fix)
        if self.dialect == "mysql" and not self.lossy:
            refuse_types(table, _zone_reason)
        if not table.schema.names:
            raise ModelError("a table without columns can't be made by SQL", where=table.name, fix="write another format")

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one script.

        Raises:
            DataError: the database has no such value.
        """
        keyed = key_columns(table)

        def lines(batch: pa.RecordBatch, start: int) -> pa.StringArray:
            told = [
                literals(column, Cells(table.name, name, start), self.speech, is_key=name in keyed, lossy=self.lossy)
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            ]
            return self._rows(table.name, batch.schema.names, told, start)

        with packing(out, self.compression) as stream:
            stream.write(f"{self.speech.preamble}{self.speech.begin}\n".encode())
            rows = write_rows(batches, stream, lines)
            stream.write(b";\nCOMMIT;\n" if rows else b"COMMIT;\n")
            return rows

    def _rows(self, table: str, names: Sequence[str], told: list[pa.StringArray], start: int) -> pa.StringArray:
        """Each row in its parentheses, after what ends the row before it and begins a statement where there is one to begin."""
        opening = f"INSERT INTO {self.speech.quoted(table)} ({self.speech.listed(names)}) VALUES\n("
        numbers = np.arange(start, start + len(told[0]))
        kinds = np.where(numbers % self.batch_rows == 0, np.where(numbers == 0, 0, 1), 2)
        before = take_text(string_array([opening, f";\n{opening}", ",\n("]), kinds)
        comma = string_scalar(", ")
        pieces: list[pa.Array | pa.Scalar] = [before, told[0]]
        for text in told[1:]:
            pieces += [comma, text]
        return pc.binary_join_element_wise(*pieces, string_scalar(")"), string_scalar(""))

    def commit(self, place: Place, table: TableShape, files: Sequence[WrittenFile], run: str) -> None:
        """Write the scripts that make the table and add its foreign keys."""
        del files, run
        place.write(f"{table.name}.schema.sql", table_script(table, self.speech).encode())
        if references := references_script(table, self.speech):
            place.write(f"{table.name}.references.sql", references.encode())


def _nested_reason(column: pa.Field) -> str | None:
    return f"SQL has no column of type {column.type} in all databases" if pa.types.is_nested(column.type) else None


def _zone_reason(column: pa.Field) -> str | None:
    is_zoned = pa.types.is_timestamp(column.type) and column.type.tz
    return "MySQL keeps no time zone with a moment; it would be in UTC" if is_zoned else None


def open_format(options: SinkOptions) -> Sql:
    """The format as options ask for it; ModelError where it can't be."""
    options.only([*ALWAYS, "compression", "format_options", "dialect", "batch_rows"], "SQL")
    said = chosen(options.format_options, {"lossy": ("refuse", "allow"), "nested": ("refuse", "json")}, "SQL")
    asked = (options.dialect or "postgresql").lower()
    name = {"postgres": "postgresql", "mariadb": "mysql", "mssql": "sqlserver"}.get(asked, asked)
    if name not in DIALECTS:
        fix = did_you_mean(name, DIALECTS) or f"one of {one_of(DIALECTS)}"
        raise ModelError(f"there is no dialect `{options.dialect}`", where="dialect", fix=fix)
    rows, most = options.batch_rows or _BATCH_ROWS, DIALECTS[name].most_rows
    if rows < 1 or (most is not None and rows > most):
        fix = f"give 1 to {most:,}" if most else "give 1 or more"
        raise ModelError(f"one INSERT of {DIALECTS[name].called} can't have {rows:,} rows", where="batch_rows", fix=fix)
    return Sql(name, rows, text_packing(options, "SQL"), said.get("nested", "refuse"), said.get("lossy") == "allow")
