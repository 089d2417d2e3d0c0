"""Files that are tables already (CSV, Parquet and whatever else `read` opens) go the same way as JSON: each row is an object."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.read.collect.build import build, parted
from seedbed.read.collect.look import sketch_of
from seedbed.read.collect.node import Lists, Node, Objects, Physical, count_of, flags_of
from seedbed.read.collect.shapes import Hint, Ints, Options, Source
from seedbed.read.collect.shred import Shredded
from seedbed.read.collect.values import number_of
from seedbed.read.sources import open_tables

#: Rows that are taken at a time.
BATCH_ROWS = 65_536


def shred_file(
    source: Source,
    path: Path,
    batch_rows: int = BATCH_ROWS,
    options: Options = Options(),  # noqa: B008 - frozen
) -> Iterator[Shredded]:
    """The rows of one file of any format that `read` knows as tables, batch by batch. A null is JSON's null; a column that a file lacks is missing.

    Raises:
        DataError: the file is broken.
        EdgeError: it can't be read.
    """
    place = 0
    with open_tables(path) as opened:
        for scan in opened.tables.values():
            for _, batch in scan.batches(None, batch_rows):
                made, place = shred_rows(source, batch, place, options)
                yield made


def shred_rows(
    source: Source,
    batch: pa.RecordBatch,
    place: int = 0,
    options: Options = Options(),  # noqa: B008 - frozen
) -> tuple[Shredded, int]:
    """One batch of rows, the first of which gets the number `place` within its file; and the number of the row after the last.

    >>> made, place = shred_rows(Source("t", 100), pa.record_batch({"a": [1, None], "b": [[1.5], []]}))
    >>> made.physical.ids.tolist(), place, made.sketch.members["a"].counts
    ([100, 104], 7, {'nulls': 1, 'ints': 1})
    """
    members = {name: node_from(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
    node = Node(batch.num_rows, objects=Objects(None, members)) if batch.num_rows else Node(0)
    widths = np.ones(batch.num_rows, np.int64)
    _add_slots(widths, node, np.arange(batch.num_rows))
    ends = np.cumsum(widths) + place
    ids = ends - widths + source.base
    sketch = sketch_of(node, dict(options.split))
    if len(ids):
        sketch.order = (int(ids[0]), tuple(batch.schema.names))
    return Shredded(sketch, Physical(node, ids), (), np.array([batch.num_rows]), Hint()), int(ends[-1]) if len(ends) else place


def _add_slots(widths: Ints, node: Node, rows: Ints) -> None:
    """Count the slots below each row: rows of tables that come of a row need as many numbers."""
    if node.objects is not None:
        inside = rows if node.objects.mask is None else rows[node.objects.mask]
        for member in node.objects.members.values():
            widths += np.bincount(inside, minlength=len(widths))
            _add_slots(widths, member, inside)
    if node.lists is not None:
        inside = np.repeat(rows if node.lists.mask is None else rows[node.lists.mask], np.diff(node.lists.offsets))
        widths += np.bincount(inside, minlength=len(widths))
        _add_slots(widths, node.lists.element, inside)


def node_from(array: pa.Array) -> Node:
    """The node of a column of any of Arrow's types; its nulls are JSON's.

    >>> from seedbed.read.collect.texts import texts_of
    >>> texts_of(node_from(pa.array([b"x", None])))
    ['"eA=="', 'null']
    """
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return node_from(array.storage)
    if pa.types.is_dictionary(kind):
        return node_from(pc.decoded(array))
    nulls = ~flags_of(array) if array.null_count else None
    if pa.types.is_struct(kind):
        return Node(len(array), nulls, objects=_objects(array))
    if pa.types.is_map(kind):
        return node_from(array.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))))
    if pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return node_from(array.cast(pa.list_(kind.value_type)))
    if pa.types.is_list(kind):
        return Node(len(array), nulls, lists=_lists(array))
    return Node(len(array), nulls, _lanes(array) if array.null_count < len(array) else None)


def _objects(array: pa.StructArray) -> Objects | None:
    if array.null_count == len(array):
        return None
    whole = array if not array.null_count else array.drop_null()
    members = {array.type.field(place).name: node_from(whole.field(place)) for place in range(array.type.num_fields)}
    objects = Objects(flags_of(array) if array.null_count else None, members)
    assert count_of(objects.mask, len(array)) == len(whole)
    return objects


def _lists(array: pa.ListArray) -> Lists | None:
    if array.null_count == len(array):
        return None
    whole = array if not array.null_count else array.drop_null()
    offsets = np.asarray(whole.offsets.to_numpy(zero_copy_only=False)).astype(np.int64)
    inner = whole.values.slice(offsets[0], offsets[-1] - offsets[0])
    return Lists(flags_of(array) if array.null_count else None, offsets - offsets[0], node_from(inner))


def _lanes(array: pa.Array) -> dict[str, pa.Array]:
    kind = array.type
    if pa.types.is_boolean(kind):
        return {"bools": array}
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind):
        return _exact(array)
    if pa.types.is_integer(kind) or pa.types.is_duration(kind):
        return {"ints": pc.cast(array, pa.int64())}
    if pa.types.is_floating(kind):
        return _floats(pc.cast(array, pa.float64()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [None if value is None else base64.b64encode(value).decode() for value in array.to_pylist()]
        return {"strings": pa.array(texts, pa.string())}
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        array = _micros(array)
    return {"strings": pc.cast(array, pa.string())}


def _micros(array: pa.Array) -> pa.Array:
    """Moments in microseconds, if that loses nothing."""
    try:
        return pc.cast(array, pa.timestamp("us", array.type.tz))
    except pa.ArrowInvalid:
        return array


def _exact(array: pa.Array) -> dict[str, pa.Array]:
    """Numbers that may say more than 64 bits or a double: by their texts, each different one once."""
    coded = pc.cast(array, pa.string()).dictionary_encode()
    node = build([number_of(text) for text in coded.dictionary.to_pylist()])
    return {lane: pc.take(values, coded.indices) for lane, values in (node.scalars or {}).items()}


def _floats(array: pa.Array) -> dict[str, pa.Array]:
    """Doubles; JSON has no infinities, nor what is no number: these are texts."""
    numbers = np.asarray(array.fill_null(0.5).to_numpy(zero_copy_only=False))
    finite = np.isfinite(numbers)
    found = {}
    if not finite.all():
        found["strings"] = pc.cast(pc.if_else(pa.array(finite), pa.scalar(None, pa.float64()), array), pa.string())
        array = pc.if_else(pa.array(finite), array, pa.scalar(None, pa.float64()))
    ints, doubles = parted(array)
    return found | {
        lane: values for lane, values in (("ints", ints), ("doubles", doubles)) if values is not None and values.null_count < len(values)
    }
