"""Keys and references are found in data sets whose keys are known, whatever their names are like."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import ModelError
from seedbed.run.relations import Hints, Relations, relations
from tests.stats.relations.sets import SETS, Known, grown

#: Sets on which nothing was chosen: their names, and what is asked of them, came later.
HELD_OUT = ("music", "wholesale", "code", "trial")


def score(known: Known, found: Relations) -> tuple[int, int, int]:
    """References found rightly, found wrongly, and missed."""
    told = {(one.table, one.columns, one.to_table, one.to_columns) for one in found.references}
    return len(told & known.edges), len(told - known.edges), len(known.edges - told)


def f1(counts: list[tuple[int, int, int]]) -> float:
    right, wrong, missed = (sum(parts) for parts in zip(*counts, strict=True))
    return float(2 * right / (2 * right + wrong + missed))


@pytest.mark.parametrize("dirty", [0.0, 0.02])
@pytest.mark.parametrize("names", [tuple(SETS), HELD_OUT], ids=["all", "held out"])
def test_references_and_keys_are_found(names: tuple[str, ...], dirty: float) -> None:
    counts, right, tables = [], 0, 0
    for name in names:
        known = grown(name, dirty=dirty)
        found = relations(known.tables)
        counts.append(score(known, found))
        right += sum(name in found.keys and found.keys[name].columns == key for name, key in known.keys.items())
        tables += len(known.keys)
    assert f1(counts) >= 0.92
    assert right / tables >= 0.92


def test_a_value_that_breaks_a_reference_is_shown() -> None:
    books = pa.table({"id": list(range(100, 200))})
    loans = pa.table({"loan_id": list(range(50)), "book_id": [*range(100, 149), 7]})
    (found,) = relations({"books": books, "loans": loans}).references
    assert (found.coverage, found.counter_example, found.cardinality) == (0.98, "7", "one-to-one")


def test_a_value_that_comes_twice_is_shown() -> None:
    found = relations({"t": pa.table({"id": [*range(100), 42]})}).keys["t"]
    assert found.uniqueness == pytest.approx(100 / 101)
    assert found.counter_example == "42"


def test_order_and_cut_of_rows_change_nothing() -> None:
    known = grown("bank")
    turned = {name: table.take(pa.array(range(len(table) - 1, -1, -1))) for name, table in reversed(known.tables.items())}
    cut = {name: pa.Table.from_batches(table.to_batches(max_chunksize=97)) for name, table in turned.items()}
    one, other = relations(known.tables), relations(cut)
    assert {key.table: key for key in one.keys.values()} == {key.table: key for key in other.keys.values()}
    assert sorted(one.references, key=str) == sorted(other.references, key=str)


def test_dense_numbers_alone_prove_nothing() -> None:
    people = pa.table({"person_id": list(range(1, 101)), "age": [20 + n % 60 for n in range(100)]})
    colours = pa.table({"colour_id": list(range(1, 91)), "position": list(range(1, 91))})
    assert relations({"people": people, "colours": colours}).references == ()


def test_hints_go_before_what_is_found(tmp_path: Path) -> None:
    pq.write_table(pa.table({"nr": [1, 2, 3], "code": ["a", "b", "c"]}), tmp_path / "thing.parquet")
    pq.write_table(pa.table({"id": [1, 2, 3, 4], "what": ["a", "b", "b", "x"], "thing_nr": [1, 2, 3, 1]}), tmp_path / "use.parquet")
    hints = tmp_path / "hints.yaml"
    hints.write_text(
        "primary_keys: {thing: code}\nforeign_keys: [{from: use.what, to: thing.code}]\nnot_foreign_keys: {from: use.thing_nr, to: thing.nr}\n"
    )
    found = relations({name: pq.read_table(tmp_path / f"{name}.parquet") for name in ("thing", "use")}, hints)
    assert found.keys["thing"].columns == ("code",)
    assert [(one.columns, one.coverage, one.counter_example) for one in found.references] == [(("what",), 0.75, "x")]


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({"primary_key": {}}, "`primary_key` is no part of hints"),
        ({"primary_keys": {"t": "no"}}, "`t` has no column `no`"),
        ({"primary_keys": {"x": "id"}}, "there is no table `x`"),
        ({"foreign_keys": [{"from": "t.id"}]}, "`from` and `to`"),
        ({"foreign_keys": [{"from": "id", "to": "t.id"}]}, "is no `table.column`"),
        ({"foreign_keys": [{"from": ["t.id", "t.id"], "to": "t.id"}]}, "as many columns"),
    ],
)
def test_hints_that_mean_nothing_are_refused(hints: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        relations({"t": pa.table({"id": [1, 2]})}, Hints.read(hints))


def test_tables_without_rows_and_columns_without_values_have_no_keys() -> None:
    found = relations({"empty": pa.table({"id": pa.array([], pa.int64())}), "void": pa.table({"id": pa.nulls(3)})})
    assert (found.keys, found.references) == ({}, ())
