"""A fingerprint or a code for each value of a column, of whatever type, so that values can be compared across columns and batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.hashing import Keys, pair_keys, text_keys
from seedbed.stats.counts import number_keys
from seedbed.stats.values import Counts, Floats, kind_of, values_of

#: The fingerprint of a null, and of NaN and the infinities.
_NULL, _NOT_FINITE = np.int64(0x5EEDBED0), np.int64(0x5EEDBED1)


def has_keys(kind: pa.DataType) -> bool:
    """Whether values of this type have fingerprints: all but lists, structs and maps."""
    return not pa.types.is_nested(kind) or pa.types.is_dictionary(kind)


def column_keys(column: pa.Array) -> Keys:
    """The fingerprint of each value, shape (n,); nulls have one of their own.

    >>> column_keys(pa.array(["a", None, "a"])).tolist().count(0x5EEDBED0)
    1
    """
    if pa.types.is_dictionary(column.type):
        return _keys_of_coded(column)
    if pa.types.is_null(column.type):
        return np.full(len(column), _NULL)
    if kind_of(column.type) == "other":
        return _keys_of_bytes(column)
    values = values_of(column)
    if values.texts is not None:
        return _placed(text_keys(values.texts), column)
    assert values.numbers is not None
    if values.nans or values.infinite:
        numbers = numbers_of(column)
        keys = number_keys(np.where(np.isfinite(numbers), numbers, 0.0) + 0.0)
        keys[~np.isfinite(numbers)] = _NOT_FINITE
        return np.where(column.is_null().to_numpy(zero_copy_only=False), _NULL, keys) if column.null_count else keys
    return _placed(number_keys(values.numbers), column)


def row_keys(batch: pa.RecordBatch, names: Sequence[str]) -> Keys:
    """A fingerprint of the values that each row has in some columns, shape (n,)."""
    keys = np.zeros(batch.num_rows, np.int64)
    for name in names:
        keys = pair_keys(keys, column_keys(batch.column(name)))
    return keys


def codes_of(column: pa.Array) -> Counts:
    """A code from 0 on for each different value, shape (n,); -1 for null; floats that are NaN have a code of their own."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    indices = coded.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), np.int64)


def numbers_of(column: pa.Array) -> Floats:
    """The numbers of a column, of flags and moments too, shape (n,); NaN for null."""
    if pa.types.is_dictionary(column.type):
        column = pc.decoded(column)
    if pa.types.is_floating(column.type):
        return np.asarray(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False))
    values = values_of(column)
    found = np.full(len(column), np.nan)
    if values.numbers is not None:
        valid = np.ones(len(column), np.bool_) if not column.null_count else column.is_valid().to_numpy(zero_copy_only=False)
        found[valid] = values.numbers
    return found


def _placed(keys: Keys, column: pa.Array) -> Keys:
    """Keys of the values that aren't null at their places."""
    if not column.null_count:
        return keys
    found = np.full(len(column), _NULL)
    found[column.is_valid().to_numpy(zero_copy_only=False)] = keys
    return found


def _keys_of_coded(column: pa.DictionaryArray) -> Keys:
    keys = np.append(column_keys(column.dictionary), _NULL)
    codes = column.indices.fill_null(len(column.dictionary)) if column.null_count else column.indices
    found: Keys = keys[np.asarray(codes.to_numpy(zero_copy_only=False))]
    return found


def _keys_of_bytes(column: pa.Array) -> Keys:
    valid = pc.cast(column.drop_null(), pa.binary())
    texts = pa.StringArray.from_buffers(len(valid), valid.buffers()[1], valid.buffers()[2], offset=valid.offset)
    return _placed(text_keys(texts), column)
