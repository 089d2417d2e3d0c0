"""What kernels give at the edges: nulls, zeros, the ends of 64 bits, dictionaries, long texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from seedbed.core.block import Column, ColumnType
from seedbed.core.errors import DataError
from seedbed.core.expression import RowError, compile_expression, evaluate, parse
from seedbed.core.expression.buffers import numbers_of, text_array
from seedbed.core.expression.rounding import rounded
from seedbed.core.interval import INT_MAX, INT_MIN
from tests.core.expression.rows import Cell, cells_of

INTS = np.array([INT_MIN, -1, 0, 1, INT_MAX])
COLUMNS = {
    "n": Column(INTS),
    "small": Column(np.arange(5)),
    "zero": Column(np.array([1, 0, 2, 0, 1]), np.array([True, False, True, True, True])),
    "x": Column(np.array([0.5, 1.5, -2.5, np.nan, np.inf])),
    "s": Column(pa.array(["straße", "É", "", "a😀b", None])),
    "kind": Column(pa.array(["Gold", "gold", None, "Gold", "blue"]).dictionary_encode()),
    "b": Column(np.array([True, False, True, False, True]), np.array([True, True, False, False, True])),
    "d": Column(np.array([0, 1, 2, 3, 2_932_896])),
}
TYPES = {
    "n": ColumnType.INT, "small": ColumnType.INT, "zero": ColumnType.INT, "x": ColumnType.FLOAT, "s": ColumnType.STRING,
    "kind": ColumnType.STRING, "b": ColumnType.BOOL, "d": ColumnType.DATE,
}  # fmt: skip


def made(text: str) -> Column:
    return compile_expression(parse(text), TYPES.get).evaluate(COLUMNS.__getitem__, 5)


def cells(text: str) -> list[Cell]:
    return cells_of(made(text))


@pytest.mark.parametrize(
    ("text", "index", "message"),
    [
        ("n + small", 4, "64-bit"),
        ("n - small", 0, "64-bit"),  # never reached: INT_MIN - 0 fits
        ("small - n", 0, "64-bit"),
        ("n * 2", 0, "64-bit"),
        ("-n", 0, "64-bit"),
        ("abs(n)", 0, "64-bit"),
        ("n // -1", 0, "64-bit"),
        ("small / zero", 3, "divides by zero"),
        ("small // zero", 3, "divides by zero"),
        ("small % zero", 3, "divides by zero"),
        ("0 ** (small - 2)", 0, "divides by zero"),
        ("(small - 3) ** 0.5", 0, "root"),
        ("sqrt(small - 3)", 0, "root"),
        ("log(small)", 0, "logarithm"),
        ("floor(x)", 3, "64-bit"),
        ("exp(small * 400)", 2, "range of floats"),
        ("add_days(d, 1)", 4, "years 1 to 9999"),
        ("coalesce(small / zero, 1)", 3, "divides by zero"),
        ("is_null(small / zero)", 3, "divides by zero"),
        ("b or small / zero > 0", 3, "divides by zero"),
    ],
)
def test_a_row_without_a_value_is_named(text: str, index: int, message: str) -> None:
    if text == "n - small":
        text = "n - small - 1"
    with pytest.raises(RowError, match=message) as caught:
        made(text)
    assert caught.value.index == index
    assert isinstance(caught.value, DataError)
    assert f"row {index} of the block" in str(caught.value)
    assert f"`{text}`" in str(caught.value)
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("if_(zero == 0, -1, small // zero)", [0, None, 1, -1, 4]),
        ("zero != 0 and small / zero > 1", [False, None, False, False, True]),
        ("divide(small, zero, -1)", [0.0, None, 1.0, -1.0, 4.0]),
        ("divide(small, zero, if_(small == 3, null, 1))", [0.0, None, 1.0, None, 4.0]),
        ("n + 0 * small", [INT_MIN, -1, 0, 1, INT_MAX]),
        ("n % -1", [0, 0, 0, 0, 0]),
        ("n // 2 * 2 + n % 2", INTS.tolist()),
        ("n // (small - 5)", [INT_MIN // -5, 0, 0, -1, -INT_MAX]),
        ("b and false", [False, False, False, False, False]),
        ("b or true", [True, True, True, True, True]),
        ("b and null", [None, False, None, None, None]),
        ("not b", [False, True, None, None, False]),
        ("if_(b, 'yes', 'no')", ["yes", "no", "no", "no", "yes"]),
        ("upper(s)", ["STRAẞE", "É", "", "A😀B", None]),
        ("length(s)", [6, 1, 0, 3, None]),
        ("substr(s, 1, 1)", ["t", "", "", "😀", None]),
        ("substr(s, -2, 1)", ["ß", "É", "", "😀", None]),
        ("substr(s, 99)", ["", "", "", "", None]),
        ("s + '-' + small", ["straße-0", "É-1", "-2", "a😀b-3", None]),
        ("'' + 0.1 + ' ' + 1e21 + ' ' + 2.0 + ' ' + (0 * -1.0) + true", ["0.1 1e+21 2 0true"] * 5),
        ("kind == 'Gold'", [True, False, None, True, False]),
        ("'blue' < kind", [False, True, None, False, False]),
        ("kind == lower(kind)", [False, True, None, False, True]),
        ("lower(kind)", ["gold", "gold", None, "gold", "blue"]),
        ("coalesce(kind, 'none')", ["Gold", "gold", "none", "Gold", "blue"]),
        ("if_(small > 2, kind, s)", ["straße", "É", "", "Gold", "blue"]),
        ("length(kind)", [4, 4, None, 4, 4]),
        ("min(small, 2, 3.5)", [0.0, 1.0, 2.0, 2.0, 2.0]),
        ("max(d, '1970-01-03')", [2, 2, 2, 3, 2_932_896]),
        ("round(small * 0.25)", [0, 0, 0, 1, 1]),
        ("1", [1] * 5),
        ("true", [True] * 5),
        ("'x'", ["x"] * 5),
        ("date('1970-01-02')", [1] * 5),
        ("is_null(b)", [False, False, True, True, False]),
    ],
)
def test_kernels_at_the_edges(text: str, wanted: list[Cell]) -> None:
    assert cells(text) == wanted


def test_not_a_number_passes_where_it_came_in() -> None:
    assert np.isnan(made("x + 1").data[3])
    assert made("x * 2").data[4] == np.inf


@pytest.mark.parametrize("text", ["lower(kind)", "if_(b, 'same', 'same')", "if_(b, kind, 'Gold')", "coalesce(kind, 'Gold')", "'x'"])
def test_dictionaries_hold_every_text_once(text: str) -> None:
    data = made(text).data
    assert isinstance(data, pa.DictionaryArray)
    assert data.type == pa.dictionary(pa.int32(), pa.string())
    assert len(set(data.dictionary.to_pylist())) == len(data.dictionary)
    assert data.null_count == 0


def test_slices_and_other_kinds_of_arrow_strings_are_read() -> None:
    texts = ["a", None, "b", "a", "c"]
    arrays = [
        pa.array(texts), pa.array(texts, pa.large_string()), pa.array(["z", "z", *texts]).slice(2),
        pa.array(["z", *texts, "z"]).dictionary_encode().slice(1, 5),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0, 3], pa.int8()), pa.array(["a", None, "b", "c"])),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0, 3], pa.int32()), pa.array(["a", None, "b", "c"])),
    ]  # fmt: skip
    for array in arrays:
        for text, wanted in (("s + '!'", ["a!", None, "b!", "a!", "c!"]), ("s == 'a'", [True, None, False, True, False])):
            assert cells_of(evaluate(parse(text), {"s": Column(array)}.__getitem__, 5)) == wanted
    everything_null = Column(pa.nulls(3, pa.string()))
    assert cells_of(evaluate(parse("coalesce(upper(s), 'x')"), lambda _: everything_null, 3)) == ["x"] * 3


def test_texts_over_a_mebibyte_are_refused() -> None:
    long = Column(pa.array(["x", "y" * 600_000]))
    with pytest.raises(RowError, match="more than 1 MiB") as caught:
        evaluate(parse("s + s"), lambda _: long, 2)
    assert caught.value.index == 1
    many = Column(pa.array(["z" * 500_000]).dictionary_encode().take(pa.array([0] * 3000)))
    with pytest.raises(RowError, match="more than 1 GiB"):
        evaluate(parse("s + '!'"), lambda _: many, 3000)


def test_a_null_never_faults_whatever_lies_under_it() -> None:
    hidden = np.array([True, False])
    columns = {
        "n": Column(np.array([1, INT_MAX]), hidden),
        "z": Column(np.array([1, 0]), hidden),
        "d": Column(np.array([0, 10**15]), hidden),
    }
    types = {"n": ColumnType.INT, "z": ColumnType.INT, "d": ColumnType.DATE}
    for text in ("n + n", "n * n", "1 / z", "1 % z", "log(z)", "add_days(d, 1)", "d + ''", "add_hours(d, 1)", "floor(n * 1.0)"):
        assert compile_expression(parse(text), types.get).evaluate(columns.__getitem__, 2).valid is not None


def test_columns_are_asked_for_once() -> None:
    asked: list[str] = []

    def column(name: str) -> Column:
        asked.append(name)
        return Column(np.arange(3))

    compile_expression(parse("n * n + n"), lambda _: ColumnType.INT).evaluate(column, 3)
    assert asked == ["n"]


def test_no_rows_give_no_rows() -> None:
    for text, type_ in (("n + 1", pa.int64()), ("'a'", pa.string()), ("n / 2", pa.float64())):
        empty = evaluate(parse(text), lambda _: Column(np.arange(0)), 0)
        assert len(empty) == 0, type_


def test_rounding_is_half_to_even_and_never_minus_zero() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.4, 1e17, 2.0**52 + 0.5])
    assert rounded(values, 0).tolist() == [0.0, 2.0, 2.0, 0.0, 1e17, 2.0**52]
    assert not np.signbit(rounded(values, 0)[3])
    assert rounded(np.array([1.005, 0.045, 123.456]), 2).tolist() == [1.0, 0.04, 123.46]


def test_buffers_hold_what_was_put_in() -> None:
    assert text_array(["", "é", "😀"]).to_pylist() == ["", "é", "😀"]
    assert numbers_of(pa.array([], pa.int64()), np.int64).tolist() == []
    text_array(["a", ""]).validate(full=True)
