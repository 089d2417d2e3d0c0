"""Delta tables: Parquet files, which one commit at the end shows to readers all at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar
from urllib.parse import unquote

import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Place, TableShape, WrittenFile
from seedbed.outside.delta import DeltaFile, DeltaShape, commit, library, rehearse
from seedbed.write.formats import parquet
from seedbed.write.formats.losses import FLOAT_DIGITS, is_list, refuse_types

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

_NULL = "__HIVE_DEFAULT_PARTITION__"

#: What a column's name can't hold, as Parquet files of Delta name columns by it.
_NO_NAME = frozenset(" ,;{}()\n\t=")


@dataclass(frozen=True, slots=True)
class Delta:
    """Files as of Parquet; nobody sees them before the commit, which names the run, so that a second one of it does nothing."""

    files: parquet.ParquetFormat
    properties: tuple[tuple[str, str], ...] = ()
    name: ClassVar[str] = "delta"
    suffix: ClassVar[str] = ".parquet"
    part_rows: ClassVar[int | None] = parquet.PART_ROWS
    takes_codes: ClassVar[bool] = True
    in_folder: ClassVar[bool] = True

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes."""
        return {**self.files.settings, **dict(self.properties)}

    def check(self, table: TableShape) -> None:
        """Refuse what Parquet or Delta doesn't have.

        Raises:
            ModelError: a time of day, or a name with spaces or signs that Delta keeps for itself.
        """
        refuse_types(table, _refusal, "change the column in the model, or write Parquet")
        _refuse_alike(table)
        self.files.check(table)
        rehearse(replace(self._shape(table), partition_by=()))  # the columns that folders tell are not in the files

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one Parquet file."""
        return self.files.encode(table, batches, out)

    def commit(self, place: Place, table: TableShape, files: Sequence[WrittenFile], run: str) -> None:
        """Let readers see the files, all at once, as the table's only ones."""
        uri, storage = _address(place, table.name)
        shape = self._shape(table)
        commit(uri, shape, [_file(place, table, one, shape.schema) for one in files], run, storage)

    def _shape(self, table: TableShape) -> DeltaShape:
        schema = pa.schema([column.with_type(_stored(column.type)).with_metadata(_said(column)) for column in table.schema])
        return DeltaShape(table.name, schema, table.partition_by, table.description, dict(self.properties))


def open_format(options: SinkOptions) -> Delta:
    """The format as options ask for it; those that begin with `delta.` are properties of the table. ModelError where it can't be."""
    library()  # says at once what is to be installed
    for name in options.format_options:
        if not name.startswith("delta."):
            raise ModelError(f"Delta has no option `{name}`", where="format options", fix="properties of tables begin with `delta.`")
    return Delta(parquet.open_format(replace(options, format_options={})), tuple(sorted(options.format_options.items())))


def _refusal(column: pa.Field) -> str | None:
    if pa.types.is_time(column.type):
        return "Delta has no times of day"
    return f"Delta has no columns that are called `{column.name}`" if _NO_NAME & set(column.name) else None


def _refuse_alike(table: TableShape) -> None:
    """Refuse columns whose names differ in case only."""
    names = [name.lower() for name in table.schema.names]
    alike = [name for name in table.schema.names if names.count(name.lower()) > 1]
    if alike:
        message = f"Delta does not tell the names {one_of(alike, most=5)} apart"
        raise ModelError(message, where=table.name, fix="rename columns, or write Parquet")


def _stored(kind: pa.DataType) -> pa.DataType:
    """The type that Delta's log tells: moments of any zone are moments."""
    if pa.types.is_timestamp(kind) and kind.tz:
        return pa.timestamp("us", "UTC")
    if pa.types.is_struct(kind):
        return pa.struct([part.with_type(_stored(part.type)) for part in kind])
    return pa.list_(kind.value_field.with_type(_stored(kind.value_type))) if is_list(kind) else kind


def _said(column: pa.Field) -> dict[str, str]:
    found = (column.metadata or {}).get(b"description")
    return {"comment": found.decode()} if found else {}


def _address(place: Place, table: str) -> tuple[str, dict[str, str]]:
    """Where delta-rs finds a table, and what it is told of the store beyond what the environment says."""
    from seedbed.outside.buckets import bucket_of, settings_of
    from seedbed.outside.places import is_remote

    if not is_remote(place.name):
        return f"{place.name}/{table}", {}
    bucket = bucket_of(place.name)
    settings = settings_of(bucket.scheme)
    return f"{bucket}/{table}", {**settings.options, **({"allow_http": "true"} if settings.allow_http else {})}


def _file(place: Place, table: TableShape, file: WrittenFile, schema: pa.Schema) -> DeltaFile:
    path = file.path.removeprefix(f"{table.name}/")
    pairs = [part.partition("=") for part in path.split("/")[:-1]]
    values = {unquote(name): None if value == _NULL else unquote(value) for name, _, value in pairs}
    return DeltaFile(path, file.size_bytes, values, _statistics(place, file, schema))


def _statistics(place: Place, file: WrittenFile, schema: pa.Schema) -> str:
    """What a file's footer says of its columns, as the log tells it; readers pass over files by it."""
    with place.reader(file.path, file.size_bytes) as reader:
        footer = parquet.footer_of(reader)
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for number in range(footer.num_columns if footer.num_row_groups else 0):
        name = footer.row_group(0).column(number).path_in_schema
        if name not in schema.names:  # a leaf of a nested column
            continue
        found = [footer.row_group(group).column(number).statistics for group in range(footer.num_row_groups)]
        if all(one is not None and one.has_null_count for one in found):
            nulls[name] = sum(one.null_count for one in found)
        with suppress(OverflowError, ValueError):  # a year that Python's dates don't have: it is left unsaid
            ends = [(one.min, one.max) for one in found if one is not None and one.has_min_max]
            if len(ends) == len(found):
                low, high = (_told(value, schema.field(name).type) for value in (min(a for a, _ in ends), max(b for _, b in ends)))
                least |= {name: low} if low is not None else {}
                greatest |= {name: high} if high is not None else {}
    return json.dumps({"numRecords": file.rows, "minValues": least, "maxValues": greatest, "nullCount": nulls})


def _told(value: Any, kind: pa.DataType) -> Any:
    """A least or greatest value as JSON; None where it can't be told exactly."""
    if isinstance(value, Decimal):
        return float(value) if kind.precision <= FLOAT_DIGITS else None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + ("Z" if kind.tz else "")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else None
