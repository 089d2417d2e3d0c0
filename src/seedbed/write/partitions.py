"""Rows of a part by the values of some columns: a folder for each value, as Hive names them (`country=DE/year=2024`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute
from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape

#: What stands for null in a folder's name, for Hive and all that read its folders.
NULL_NAME = "__HIVE_DEFAULT_PARTITION__"

#: More folders than this from one part would be more files than rows are worth.
MOST_FOLDERS = 4096


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one folder, without the columns that its name tells."""

    folder: str
    table: pa.Table


def check_partitions(table: TableShape) -> None:
    """Refuse columns that can't name folders.

    Raises:
        ModelError: a column is missing, comes twice, or its values are no good names; or no column would be left in the files.
    """
    where = f"partition_by of {table.name}"
    names = table.schema.names
    for name in table.partition_by:
        if name not in names:
            raise ModelError(f"there is no column `{name}`", where=where, fix=did_you_mean(name, names) or f"one of {one_of(names)}")
        kind = table.schema.field(name).type
        if not _can_name(kind):
            raise ModelError(
                f"`{name}` can't name folders: it holds {kind}",
                where=where,
                fix="take a column of texts, whole numbers, dates or truth values",
            )
    if len(set(table.partition_by)) < len(table.partition_by):
        raise ModelError("a column comes twice", where=where, fix="name each column once")
    if len(table.partition_by) == len(names):
        raise ModelError("no column would be left for the files", where=where, fix="leave one out")


def _can_name(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_boolean(kind))


def without_partitions(table: TableShape) -> pa.Schema:
    """The schema of the files: the table's without the columns that the folders tell."""
    return pa.schema([column for column in table.schema if column.name not in table.partition_by])


def by_folder(table: TableShape, batches: Iterable[pa.RecordBatch]) -> Iterator[Rows]:
    """The rows of a part, folder by folder in the order of first appearance, each in the order they came; the part is held in memory.

    Raises:
        ModelError: there are too many folders.
    """
    together = pa.Table.from_batches(list(batches))
    if together.num_rows == 0:
        return
    coded = [_coded(together.column(name)) for name in table.partition_by]
    group = np.zeros(together.num_rows, np.int64)
    for column in coded:
        group = np.unique(group * (len(column.dictionary) + 1) + _codes(column), return_inverse=True)[1].reshape(-1)
    numbers, firsts, counts = np.unique(group, return_index=True, return_counts=True)
    if len(numbers) > MOST_FOLDERS:
        fix = f"take columns of few values; {', '.join(table.partition_by)} would make {len(numbers):,} files of each part"
        raise ModelError(
            f"more than {MOST_FOLDERS:,} folders from {together.num_rows:,} rows", where=f"partition_by of {table.name}", fix=fix
        )
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(counts)
    names = [name for name in together.column_names if name not in table.partition_by]
    schema, rest = pa.schema([together.schema.field(name) for name in names]), []
    for name in names:  # one after the other, so that no more than one of them is held twice
        rest.append(_combined(together.column(name)))
        together = together.drop_columns([name])
    del together
    for place in np.argsort(firsts, kind="stable").tolist():
        rows = order[ends[place] - counts[place] : ends[place]]
        first = int(firsts[place])
        name = "/".join(f"{_quoted(key)}={_named(column, first)}" for key, column in zip(table.partition_by, coded, strict=True))
        yield Rows(name, pa.Table.from_arrays([_taken(column, rows) for column in rest], schema=schema))


def _taken(column: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
    return compute.take(column, pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))]))


def _combined(column: pa.ChunkedArray) -> pa.Array:
    found = column.unify_dictionaries().combine_chunks() if pa.types.is_dictionary(column.type) else column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    found = _combined(column)
    return found if pa.types.is_dictionary(found.type) else found.dictionary_encode()


def _codes(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """The number of each row's value, from 1 on; 0 for null."""
    codes: NDArray[np.int64] = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes + 1


def _named(column: pa.DictionaryArray, row: int) -> str:
    value = column[row].as_py()
    if value is None:
        return NULL_NAME
    return _quoted(str(value).lower() if isinstance(value, bool) else str(value))


def _quoted(text: str) -> str:
    """A text as part of a path; what would read as null is spelt otherwise.

    >>> _quoted("a/b c"), _quoted(NULL_NAME)
    ('a%2Fb%20c', '%5F_HIVE_DEFAULT_PARTITION__')
    """
    return f"%5F{text[1:]}" if text == NULL_NAME else quote(text, safe="")
