"""One spelling of Arrow's types: whatever a source calls its texts, lists and decimals, checks meet few of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from seedbed.core.errors import DataError

_T = pa.types


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that stands for this one: no large or view variants, no dictionaries, no extensions; nothing loses a digit.

    >>> plain_type(pa.large_string()), plain_type(pa.list_(pa.string_view())), plain_type(pa.decimal32(5, 2))
    (DataType(string), ListType(list<item: string>), Decimal128Type(decimal128(5, 2)))
    """
    for fits, plain in _RULES:
        if fits(kind):
            return plain(kind)
    return kind


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        _T.is_list(kind)
        or _T.is_large_list(kind)
        or _T.is_fixed_size_list(kind)
        or isinstance(kind, pa.ListViewType | pa.LargeListViewType)
    )


_RULES: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType], pa.DataType]], ...] = (
    (lambda kind: isinstance(kind, pa.UuidType), lambda _: pa.string()),
    (lambda kind: isinstance(kind, pa.BaseExtensionType), lambda kind: plain_type(kind.storage_type)),
    (lambda kind: _T.is_large_string(kind) or _T.is_string_view(kind), lambda _: pa.string()),
    (lambda kind: _T.is_large_binary(kind) or _T.is_binary_view(kind) or _T.is_fixed_size_binary(kind), lambda _: pa.binary()),
    (lambda kind: _T.is_dictionary(kind) or _T.is_run_end_encoded(kind), lambda kind: plain_type(kind.value_type)),
    (lambda kind: _T.is_decimal(kind) and kind.precision <= 38, lambda kind: pa.decimal128(kind.precision, kind.scale)),
    (_is_list, lambda kind: pa.list_(plain_field(kind.value_field))),
    (_T.is_struct, lambda kind: pa.struct([plain_field(kind.field(i)) for i in range(kind.num_fields)])),
    (_T.is_map, lambda kind: pa.map_(plain_type(kind.key_type), plain_type(kind.item_type))),
)


def plain_field(field: pa.Field) -> pa.Field:
    """The same field of the type that stands for its own, without notes of other programs."""
    return field.with_type(plain_type(field.type)).remove_metadata()


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The same columns of the types that stand for theirs."""
    return pa.schema([plain_field(field) for field in schema])


def plain_array(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """The array's values as `kind`, which is its plain type or a wider one.

    Raises:
        pa.ArrowInvalid: a value doesn't fit.
    """
    if array.type == kind:
        return array
    if isinstance(array.type, pa.UuidType):
        return _uuid_texts(array.storage)
    if isinstance(array.type, pa.BaseExtensionType):
        return plain_array(array.storage, kind)
    if _T.is_dictionary(array.type):
        return plain_array(array.dictionary_decode(), kind)
    if _T.is_run_end_encoded(array.type):
        import pyarrow.compute as pc

        return plain_array(pc.run_end_decode(array), kind)
    if _is_list(array.type) and _T.is_list(kind):
        return _list(array, kind)
    if _T.is_struct(array.type) and _T.is_struct(kind):
        return _struct(array, kind)
    return array.cast(kind)


def plain_texts(array: pa.Array) -> pa.Array:
    """A dictionary of texts with plain texts in it; any other array of texts as strings."""
    if not _T.is_dictionary(array.type):
        return plain_array(array, pa.string())
    if _T.is_string(array.type.value_type):
        return array
    return pa.DictionaryArray.from_arrays(array.indices, plain_array(array.dictionary, pa.string()))


def cut(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Batches of at most that many rows, each with the number of its first; without the empty ones."""
    start = 0
    for batch in batches:
        for at in range(0, batch.num_rows, rows):
            piece = batch.slice(at, rows)
            yield start, piece
            start += piece.num_rows


def common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """The narrowest type that keeps the values of both; None where only texts would.

    >>> common_type(pa.int32(), pa.int64()), common_type(pa.int64(), pa.float64()), common_type(pa.bool_(), pa.string())
    (DataType(int64), DataType(double), None)
    """
    if one == other or _T.is_null(other):
        return one
    if _T.is_null(one):
        return other
    if _T.is_struct(one) and _T.is_struct(other):
        return _common_struct(one, other)
    if _T.is_list(one) and _T.is_list(other):
        inner = common_type(one.value_type, other.value_type)
        return None if inner is None else pa.list_(inner)
    try:
        merged = pa.unify_schemas([pa.schema([("x", one)]), pa.schema([("x", other)])], promote_options="permissive")
    except pa.ArrowException:
        return None
    return plain_type(merged.field(0).type)


def refuse_doubled(names: Iterable[str], place: str) -> None:
    """Refuse two columns of one name.

    Raises:
        DataError: there are some.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"two columns are named `{name}`", where=place, fix="give each column a name of its own")
        seen.add(name)


def _common_struct(one: pa.StructType, other: pa.StructType) -> pa.DataType | None:
    kinds = {one.field(i).name: one.field(i).type for i in range(one.num_fields)}
    for i in range(other.num_fields):
        field = other.field(i)
        merged = common_type(kinds.get(field.name, pa.null()), field.type)
        if merged is None:
            return None
        kinds[field.name] = merged
    return pa.struct(list(kinds.items()))


def _list(array: pa.Array, kind: pa.DataType) -> pa.Array:
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(array) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    items = plain_array(array.flatten(), kind.value_type)
    return pa.ListArray.from_arrays(pa.array(offsets), items, type=kind, mask=_nulls(array))


def _struct(array: pa.Array, kind: pa.DataType) -> pa.Array:
    fields = [kind.field(i) for i in range(kind.num_fields)]
    children = [
        plain_array(array.field(field.name), field.type)
        if array.type.get_field_index(field.name) >= 0
        else pa.nulls(len(array), field.type)
        for field in fields
    ]
    return pa.StructArray.from_arrays(children, fields=fields, mask=_nulls(array))


def _nulls(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None


_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
#: Where the digits of a UUID stand in its 36 characters.
_DIGITS = [place for place in range(36) if place not in (8, 13, 18, 23)]


def _uuid_texts(stored: pa.Array) -> pa.Array:
    """Each of n times 16 bytes as 8-4-4-4-12 hexadecimal digits."""
    rows = len(stored)
    data = stored.buffers()[1]
    start = stored.offset * 16
    octets = np.zeros((rows, 16), np.uint8) if data is None else np.frombuffer(data, np.uint8)[start : start + rows * 16].reshape(rows, 16)
    texts = np.full((rows, 36), ord("-"), np.uint8)
    texts[:, _DIGITS] = _HEX[octets].reshape(rows, 32)
    offsets = np.arange(0, 36 * (rows + 1), 36, dtype=np.int32)
    plain = pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(texts.ravel()))
    if not stored.null_count:
        return plain
    import pyarrow.compute as pc

    return pc.if_else(stored.is_valid(), plain, pa.nulls(rows, pa.string()))
