"""Scans made of other scans: opened when first asked, or put together of parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from threading import Lock
from typing import Protocol, runtime_checkable

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.nearest import did_you_mean
from seedbed.core.records import dataclass
from seedbed.core.shapes import Piece, TableScan, pieces_of
from seedbed.read.plain import common_type, cut, plain_array, plain_schema, plain_texts, refuse_doubled


class LazyScan:
    """A table that is opened when its schema, its rows or a batch is first asked for; fits `TableScan`.

    So one table that can't be read doesn't keep the others from being read.
    """

    __slots__ = ("_lock", "_open", "_opened")

    def __init__(self, opening: Callable[[], TableScan]) -> None:
        self._open = opening
        self._opened: TableScan | None = None
        self._lock = Lock()

    @property
    def opened(self) -> TableScan:
        """The table itself."""
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type."""
        return self.opened.schema

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.opened.rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row."""
        return self.opened.batches(columns, batch_rows)

    def pieces(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[Piece]:
        """Stretches that several threads may read at the same time."""
        return pieces_of(self.opened, columns, batch_rows)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a table: where it is from, its rows, and values that its folder's name says (`year=2026`)."""

    place: str
    scan: TableScan
    said: Mapping[str, pa.Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartedScan:
    """The rows of several scans one after the other, in plain types; fits `TableScan`.

    A column that a part lacks is null there. With `dictionaries`, columns of texts come as dictionaries where their part has them.
    """

    place: str
    parts: tuple[Part, ...]
    schema: pa.Schema
    dictionaries: bool = False

    @property
    def rows(self) -> int:
        """How many rows all parts have together."""
        return sum(part.scan.rows for part in self.parts)

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row, over all parts; at most `batch_rows` rows each.

        Raises:
            DataError: there is no such column, or a part is broken.
            EdgeError: a part can't be read any more.
        """
        wanted = chosen(self.schema, columns, self.place)
        return cut((batch for part in self.parts for batch in self._read(part, wanted, batch_rows)), batch_rows)

    def _read(self, part: Part, wanted: pa.Schema, batch_rows: int) -> Iterator[pa.RecordBatch]:
        schema = part.scan.schema
        stored = [name for name in wanted.names if schema.get_field_index(name) >= 0]
        carriers = stored or schema.names[:1]  # something must say how many rows there are
        for _, batch in part.scan.batches(carriers, batch_rows):
            yield self._plain(part, batch, wanted)

    def _plain(self, part: Part, batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
        if not wanted.names:
            return batch.select([])
        arrays = [self._column(part, batch, column) for column in wanted]
        return pa.RecordBatch.from_arrays(arrays, names=wanted.names)

    def _column(self, part: Part, batch: pa.RecordBatch, column: pa.Field) -> pa.Array:
        at = batch.schema.get_field_index(column.name)
        if at < 0:
            if column.name in part.said:
                return pa.repeat(part.said[column.name], batch.num_rows)
            return pa.nulls(batch.num_rows, column.type)
        array = batch.column(at)
        if self.dictionaries and pa.types.is_string(column.type) and pa.types.is_dictionary(array.type):
            return plain_texts(array)
        try:
            return plain_array(array, column.type)
        except pa.ArrowException as error:
            fix = f"store `{column.name}` with one type in all parts"
            raise DataError(f"`{column.name}` can't be read as {column.type}: {error}", where=part.place, fix=fix) from error


def parted(place: str, parts: Sequence[Part], *, dictionaries: bool = False) -> PartedScan:
    """Put parts together: all columns of all parts, in the order they are met, each of the narrowest type that keeps all its values.

    Raises:
        DataError: two parts keep a column in types that have nothing in common, or a column's name comes twice.
    """
    kinds: dict[str, pa.DataType] = {}
    for part in parts:
        schema = plain_schema(part.scan.schema)
        refuse_doubled(schema.names, part.place)
        known = frozenset(schema.names)
        said = [(name, value.type) for name, value in part.said.items() if name not in known]
        for name, kind in [*((column.name, column.type) for column in schema), *said]:
            merged = common_type(kinds.get(name, pa.null()), kind)
            if merged is None:
                message = f"`{name}` is {kind} here and {kinds[name]} in other parts of the table"
                raise DataError(message, where=part.place, fix="store it with one type in all parts")
            kinds[name] = merged
    return PartedScan(place, tuple(parts), pa.schema(list(kinds.items())), dictionaries)


def chosen(schema: pa.Schema, columns: Sequence[str] | None, place: str) -> pa.Schema:
    """The fields of some columns, in the order that they are asked for; all where `columns` is None.

    Raises:
        DataError: there is no such column.
    """
    if columns is None:
        return schema
    for name in columns:
        if schema.get_field_index(name) < 0:  # `schema.names` would make a list of all of them each time
            raise DataError(f"there is no column `{name}`", where=place, fix=did_you_mean(name, schema.names))
    return pa.schema([schema.field(name) for name in columns])


@runtime_checkable
class Orderable(Protocol):
    """A scan whose rows come in any order that is asked for, as a database's."""

    def in_order(self, columns: Sequence[str]) -> TableScan:
        """The same rows in the order of these columns."""
        ...


def in_order(scan: TableScan, columns: Sequence[str]) -> TableScan | None:
    """The rows of a scan in the order of some columns; None where it can't give them so."""
    if isinstance(scan, LazyScan):
        return in_order(scan.opened, columns)
    if isinstance(scan, PartedScan) and len(scan.parts) == 1:
        inner = in_order(scan.parts[0].scan, columns)
        return None if inner is None else replace(scan, parts=(replace(scan.parts[0], scan=inner),))
    return scan.in_order(columns) if isinstance(scan, Orderable) else None
