"""Content digests: equal for equal values, however they are cut, encoded or stored; different for anything else."""

from __future__ import annotations

import hashlib
import struct
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.digest import LEAF_ROWS, Digester, leaf_digest, on_grid, table_digest, type_name
from seedbed.read.parquet import scan
from seedbed.write.formats.parquet import write_parquet

VALUES = {
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "small": (pa.int64(), st.integers(-5, 300)),
    "float64": (pa.float64(), st.floats()),
    "bool": (pa.bool_(), st.booleans()),
    "string": (pa.string(), st.text(max_size=6)),
    "date32": (pa.date32(), st.dates(date(1, 1, 1), date(9999, 1, 1))),
    "timestamp": (pa.timestamp("us"), st.datetimes(datetime(1, 1, 1), datetime(9999, 1, 1))),  # noqa: DTZ001 - naive, as delivered
    "decimal": (pa.decimal128(9, 2), st.decimals(-(10**6), 10**6, places=2)),
    "time": (pa.time64("us"), st.times()),
    "bytes": (pa.binary(), st.binary(max_size=6)),
    "list": (pa.list_(pa.string()), st.lists(st.text(max_size=3) | st.none(), max_size=4)),
    "struct": (
        pa.struct({"a": pa.int64(), "b": pa.list_(pa.decimal128(4, 1))}),
        st.fixed_dictionaries({"a": st.integers(0, 9) | st.none(), "b": st.lists(st.decimals(0, 9, places=1), max_size=3) | st.none()}),
    ),
}


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    kind, values = VALUES[draw(st.sampled_from(sorted(VALUES)))]
    return pa.array(draw(st.lists(values | st.none(), max_size=40)), kind)


def digest_of(*batches: pa.RecordBatch, start: int = 0) -> str:
    digester = Digester(batches[0].schema, start)
    for batch in batches:
        digester.add(batch)
    return digester.hexdigest()


@given(columns(), st.integers(0, 9), st.integers(0, 9))
def test_a_slice_digests_as_a_copy_of_it(column: pa.Array, low: int, length: int) -> None:
    piece = column.slice(low, length)
    assert leaf_digest(piece) == leaf_digest(pa.array(piece.to_pylist(), piece.type))


@given(columns(), columns())
def test_digests_differ_where_values_differ(a: pa.Array, b: pa.Array) -> None:
    if a.type == b.type:
        assert (leaf_digest(a) == leaf_digest(b)) == (_told_apart(a) == _told_apart(b))


def _told_apart(column: pa.Array) -> list[str]:
    """Every value as text: NaN equals NaN, and -0.0 is not 0.0."""
    return [repr(value) for value in column.to_pylist()]


@given(st.lists(st.sampled_from(["a", "", "née", "x" * 300]) | st.none(), max_size=50), st.integers(0, 5))
def test_texts_digest_alike_plain_large_viewed_or_coded(values: list[str | None], low: int) -> None:
    plain = pa.array(values, pa.string())
    wanted = leaf_digest(plain.slice(low))
    coded = plain.dictionary_encode()
    for other in (plain.cast(pa.large_string()), plain.cast(pa.string_view()), coded, _null_in_dictionary(plain)):
        assert leaf_digest(other.slice(low)) == wanted


def _null_in_dictionary(plain: pa.Array) -> pa.Array:
    """Nulls that are a code of their own: Arrow counts none of them."""
    return plain.dictionary_encode(null_encoding="encode")


def test_what_lies_under_a_null_does_not_count() -> None:
    present = pa.array([True, False, True]).buffers()[1]
    numbers = [pa.Array.from_buffers(pa.int64(), 3, [present, pa.py_buffer(np.array([1, hidden, 3]))]) for hidden in (7, 0)]
    offsets, data = pa.py_buffer(np.array([0, 1, 3, 4], np.int32)), pa.py_buffer(b"axxb")
    texts = [pa.Array.from_buffers(pa.string(), 3, [present, offsets, data]), pa.array(["a", None, "b"])]
    assert leaf_digest(numbers[0]) == leaf_digest(numbers[1])
    assert leaf_digest(texts[0]) == leaf_digest(texts[1])


def test_there_is_one_nan_and_two_zeros() -> None:
    odd_nan = np.array([0x7FF8_0000_0000_0001], np.uint64).view(np.float64)
    assert leaf_digest(pa.array(odd_nan)) == leaf_digest(pa.array([float("nan")]))
    assert leaf_digest(pa.array([0.0])) != leaf_digest(pa.array([-0.0]))


def test_a_leaf_is_hashed_as_the_module_says() -> None:
    numbers = struct.pack("<cIB", b"i", 3, 0) + struct.pack("<qB", -1, 2) + struct.pack("<3H", 0, 300, 1)
    assert leaf_digest(pa.array([-1, 299, 0])) == hashlib.sha256(numbers).digest()
    texts = struct.pack("<cIB", b"s", 3, 1) + b"\x05" + struct.pack("<qB", 0, 1) + bytes([1, 0, 2]) + b"abc"
    assert leaf_digest(pa.array(["a", None, "bc"])) == hashlib.sha256(texts).digest()
    assert leaf_digest(pa.array([7, 7])) == hashlib.sha256(struct.pack("<cIBqB", b"i", 2, 0, 7, 0)).digest()
    truths = struct.pack("<cIB", b"b", 3, 0) + b"\x05"
    assert leaf_digest(pa.array([True, False, True])) == hashlib.sha256(truths).digest()


@given(st.integers(0, 3 * LEAF_ROWS), st.lists(st.integers(1, 150_000), max_size=5))
def test_cuts_do_not_matter(start: int, cuts: list[int]) -> None:
    rows = 150_000
    whole = pa.record_batch(
        {"n": pa.array(np.arange(rows) % 1009), "t": pa.array(np.arange(rows) % 3).cast(pa.string()).dictionary_encode()}
    )
    edges = sorted({0, *(cut for cut in cuts if cut < rows), rows})
    pieces = [whole.slice(low, high - low) for low, high in pairwise(edges)]
    assert digest_of(*pieces, start=start) == digest_of(whole, start=start)


def test_pieces_with_dictionaries_of_their_own_digest_as_one() -> None:
    pieces = [pa.record_batch({"t": pa.array(values).dictionary_encode()}) for values in (["a", "b"], ["b", "c"])]
    assert digest_of(*pieces) == digest_of(pa.record_batch({"t": ["a", "b", "b", "c"]}))


def test_a_file_digests_as_what_was_written(tmp_path: Path) -> None:
    batch = pa.record_batch({name: pa.array([None], kind) for name, (kind, _) in VALUES.items()})
    write_parquet(tmp_path / "t.parquet", batch.schema, [batch, batch], table="t")
    stored = [read for _, read in scan(tmp_path / "t.parquet").batches()]
    assert digest_of(*stored) == digest_of(batch, batch)


def test_names_types_rows_and_place_are_part_of_a_digest() -> None:
    one = pa.record_batch({"a": [1, 2]})
    others = [pa.record_batch({"b": [1, 2]}), pa.record_batch({"a": pa.array([1, 2], pa.date32())}), pa.record_batch({"a": [1]})]
    digests = {digest_of(one), digest_of(one, start=LEAF_ROWS), *map(digest_of, others)}
    assert len(digests) == 5


def test_on_grid_cuts_where_leaves_begin() -> None:
    batch = pa.record_batch({"a": pa.nulls(LEAF_ROWS + 10, pa.int64())})
    assert [len(piece) for piece in on_grid(batch, LEAF_ROWS - 4)] == [4, LEAF_ROWS, 6]


def test_an_empty_table_has_a_digest() -> None:
    schema = pa.schema({name: kind for name, (kind, _) in VALUES.items()})
    assert Digester(schema).hexdigest() == table_digest([hashlib.sha256().hexdigest()] * len(schema), schema, 0)
    assert all(len(leaf_digest(pa.array([], kind))) == 32 for kind in schema.types)


def test_types_without_a_digest_are_refused() -> None:
    for kind in (pa.month_day_nano_interval(), pa.decimal128(19, 2), pa.duration("s")):
        with pytest.raises(TypeError, match="no digest is defined"):
            leaf_digest(pa.nulls(1, kind))
    assert type_name(pa.large_string()) == "string"


def test_what_lies_under_a_null_is_no_part_of_a_digest() -> None:
    over, under = pa.array([1, 7], pa.int64()), pa.array([1, 9], pa.int64())
    hidden = [pa.StructArray.from_arrays([child], ["a"], mask=pa.array([False, True])) for child in (over, under)]
    assert leaf_digest(hidden[0]) == leaf_digest(hidden[1]) != leaf_digest(pa.StructArray.from_arrays([over], ["a"]))
    lists = [pa.ListArray.from_arrays([0, 1, 2], child, mask=pa.array([False, True])) for child in (over, under)]
    assert leaf_digest(lists[0]) == leaf_digest(lists[1]) == leaf_digest(pa.array([[1], None], pa.list_(pa.int64())))


@given(st.lists(st.text(max_size=5), min_size=2, max_size=64, unique=True), st.integers(1_024, 3_000), st.integers(0, 7))
def test_many_rows_of_few_texts_digest_as_plain_ones(texts: list[str], rows: int, low: int) -> None:
    codes = np.arange(rows + low, dtype=np.int32) * 7919 % len(texts)
    coded = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(texts))
    assert leaf_digest(coded.slice(low)) == leaf_digest(coded.dictionary_decode().slice(low))
