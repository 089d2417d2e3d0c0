"""Dirty data less clean data is the ground truth, cell by cell; rates, periods and conditions are kept; any cut gives the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.core.registry import QUALITY_KERNELS
from seedbed.generate.prepare import prepare
from seedbed.generate.quality.delivery import Delivery
from seedbed.generate.quality.values import escaped, text_of
from seedbed.model.document import Model
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan

Rows = list[dict[str, Any]]
Issue = dict[str, Any]

DOCUMENT: dict[str, Any] = {
    "version": "2.0",
    "metadata": {"name": "m"},
    "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
    "entities": {
        "customer": {
            "rows": 1500,
            "pk": "id",
            "columns": {
                "id": {"sequence": {}},
                "name": {"choice": {"choices": ["Zoë Ångström", "Li", "O'Neill", "a b\\c", "x", "", "42nd St"]}},
                "segment": {"choice": {"choices": ["vip", "regular", "budget"]}},
                "active": {"choice": {"choices": [True, False]}, "type": "bool"},
                "score": {"distribution": {"type": "normal", "params": {"mean": 50, "std": 10}, "clamp": [0, 100]}, "null_rate": 0.1},
                "credit": {"distribution": {"type": "uniform", "params": {"low": 10, "high": 99}}, "type": "decimal"},
                "age": {"distribution": {"type": "uniform", "params": {"low": 0, "high": 9}}, "type": "int"},
                "joined": {"datetime_series": {"freq": "S"}},
                "seen": {"datetime_series": {"freq": "S"}, "null_rate": 0.2},
                "born": {"datetime_series": {"freq": "D"}, "type": "date"},
                "wakes": {"datetime_series": {"freq": "S"}, "type": "time"},
                "extra": {"choice": {"choices": ['{"a": 1, "b": "x"}', '{"c": [2]}', "[]"]}, "type": "json"},
                "tags": {
                    "list": {"length": {"type": "poisson", "params": {"lambda": 2}}, "items": {"choice": {"choices": ["new", "eco"]}}}
                },
                "code": {"uuid": {}, "unique": True},
            },
        }
    },
    "facts": {
        "order": {
            "parents": ["customer"],
            "pk": ["customer_id", "no"],
            "fanout": {"distribution": "poisson", "lambda": 3},
            "columns": {
                "customer_id": {"lookup": {"from": "customer.id"}},
                "customer_code": {"lookup": {"from": "customer.code"}},
                "no": {"sequence": {"per": "customer"}},
                "at": {"datetime_series": {"freq": "S"}},
                "amount": {"distribution": {"type": "uniform", "params": {"low": 1, "high": 9}}},
            },
        },
        "item": {
            "parents": ["order"],
            "fanout": {"distribution": "uniform", "min": 1, "max": 2},
            "columns": {"price": {"distribution": {"type": "uniform", "params": {"low": 1, "high": 9}}, "type": "decimal"}},
        },
    },
    "constraints": {"foreign_keys": [{"from": "order.customer_code", "to": "customer.code"}]},
}
TEXTS, NUMBERS = ("name", "segment", "extra", "code"), ("score", "credit", "age")

#: Each kind once on every column that it may act on.
EVERY: list[Issue] = [
    *({"column": name, "kind": kind} for name in DOCUMENT["entities"]["customer"]["columns"] for kind in ("null", "missing_field")),
    *({"column": name, "kind": "malformed_timestamp"} for name in ("joined", "seen", "born")),
    {"column": "segment", "kind": "invalid_enum"},
    {"column": "age", "kind": "invalid_enum", "params": {"values": [-1, 999]}},
    {"kind": "duplicate"},
    {"kind": "near_duplicate", "params": {"edits": 3}},
    {"kind": "near_duplicate", "params": {"columns": ["name", "wakes"], "edits": 2}},
    *({"column": name, "kind": "boundary_violation", "params": {"min": 10, "max": 40.5}} for name in NUMBERS),
    {"column": "joined", "kind": "boundary_violation", "params": {"max": "2024-12-31"}},
    {"column": "born", "kind": "boundary_violation", "params": {"min": "2024-01-01", "by": 2}},
    *({"column": name, "kind": kind} for name in TEXTS for kind in ("typo", "case", "whitespace", "encoding", "truncation")),
    {"column": "name", "kind": "typo", "params": {"edits": 3}},
    {"column": "name", "kind": "case", "params": {"to": "upper"}},
    {"column": "name", "kind": "truncation", "params": {"length": 3}},
    {"column": "name", "kind": "whitespace", "params": {"places": ["inside"]}},
    {"column": "name", "kind": "swap_columns", "params": {"with": "segment"}},
    {"column": "seen", "kind": "swap_columns", "params": {"with": "joined"}},
    *({"column": name, "kind": "type_drift"} for name in (*NUMBERS, "active", "joined", "born", "wakes")),
    *({"column": name, "kind": kind} for name in NUMBERS for kind in ("unit_drift", "outlier")),
    *({"column": name, "kind": "mean_drift", "params": {"factor": 1.5, "shift": -2}} for name in NUMBERS),
    {"column": "segment", "kind": "category_drift", "params": {"to": "gold"}},
    {"column": "segment", "kind": "category_drift", "params": {"mapping": {"vip": "VIP", "budget": "basic"}}},
    {"column": "active", "kind": "category_drift", "params": {"to": False}},
    {"kind": "late_arrival", "params": {"max": "P60D"}},
    {"kind": "out_of_order", "params": {"distance": 30}},
    {"table": "order", "column": "customer_id", "kind": "orphan_fk"},
    {"table": "order", "column": "customer_code", "kind": "orphan_fk"},
    {"table": "order", "kind": "late_arrival", "params": {"max": "P200D"}},
    {"table": "order", "kind": "near_duplicate"},
    {"table": "item", "kind": "late_arrival", "params": {"max": "P200D"}},
    {"table": "item", "kind": "duplicate"},
]


def model(*issues: Issue, **rest: Any) -> Model:
    listed = [{"table": "customer", "rate": 0.05, **issue} for issue in issues]
    quality = {"quality_injection": {"ground_truth": "truth", "issues": listed}} if issues else {}
    return parse(json.dumps({**DOCUMENT, **quality, **rest}), "m.json")


def delivery(*issues: Issue, seed: int = 42, **rest: Any) -> Delivery:
    return Delivery(prepare(compile_plan(model(*issues, **rest), seed=seed)))


def table(made: Delivery, name: str) -> pa.RecordBatch:
    return made.block(name, 0, made.rows(name))


def rows_of(block: pa.RecordBatch) -> Rows:
    """Every cell as text."""
    names = block.schema.names
    texts = [_texts(block.schema.field(name), block.column(name)) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*texts, strict=True)] if names else []


def _texts(field: pa.Field, values: pa.Array) -> list[str | None]:
    from_text = (field.metadata or {}).get(b"seedbed.clean_type") is not None and pa.types.is_binary(field.type)
    return list((escaped(values) if from_text else text_of(values)).to_pylist())


def with_truth(clean: Rows, truth: Rows) -> Rows:
    """Clean rows as the ground truth says they are delivered; it must fit them."""
    changed = [dict(row) for row in clean]
    for told in (row for row in truth if row["op"] == "change"):
        row = changed[int(told["clean_row"])]
        assert row[told["column"]] == told["clean"] != told["dirty"]
        row[told["column"]] = told["dirty"]
    ordered = _moved(changed, [row for row in truth if row["op"] == "move"])
    where = {id(row): place for place, row in enumerate(ordered)}
    for told in (row for row in truth if row["op"] == "change"):
        assert where[id(changed[int(told["clean_row"])])] == int(told["row"])
    inserted: dict[int, dict[str, Any]] = {}
    for told in (row for row in truth if row["op"] == "insert" and row["column"] is None):
        inserted[int(told["row"])] = dict(changed[int(told["clean_row"])])
    for told in (row for row in truth if row["op"] == "insert" and row["column"] is not None):
        copy = inserted[int(told["row"])]
        assert clean[int(told["clean_row"])][told["column"]] == told["clean"]
        assert copy[told["column"]] != told["dirty"]
        copy[told["column"]] = told["dirty"]
    assert sorted(inserted) == list(range(len(clean), len(clean) + len(inserted)))
    return ordered + [inserted[place] for place in sorted(inserted)]


def _moved(rows: Rows, moves: Rows) -> Rows:
    """Rows with some taken out and put where the ground truth says."""
    gone = {int(told["clean_row"]) for told in moves}
    put = {int(told["row"]): rows[int(told["clean_row"])] for told in moves}
    assert len(put) == len(gone) == len(moves)
    stay = iter(row for number, row in enumerate(rows) if number not in gone)
    return [put[place] if place in put else next(stay) for place in range(len(rows))]


def as_delivered(rows: Rows, block: pa.RecordBatch) -> Rows:
    """Clean rows in the columns' delivered types: bytes of texts are escaped."""
    spelt = [f.name for f in block.schema if pa.types.is_binary(f.type) and b"seedbed.clean_type" in (f.metadata or {})]

    def cell(name: str, text: str | None) -> str | None:
        if name not in spelt or text is None:
            return text
        found: str = escaped(pa.array([text.encode()])).to_pylist()[0]
        return found

    return [{name: cell(name, text) for name, text in row.items()} for row in rows]


def assert_explained(made: Delivery) -> None:
    """The ground truth is exactly the difference of every table with faults."""
    truth = rows_of(table(made, "truth"))
    for name in {row["table"] for row in truth}:
        dirty = table(made, name)
        told = [row for row in truth if row["table"] == name]
        clean = rows_of(made.clean.block(name, 0, made.clean.rows(name)))
        escape = [
            {**row, "clean": as_delivered([{row["column"]: row["clean"]}], dirty)[0][row["column"]]} if row["column"] else row
            for row in told
        ]
        assert rows_of(dirty) == with_truth(as_delivered(clean, dirty), escape)
        assert made.rows(name) - made.clean.rows(name) == sum(row["op"] == "insert" and row["column"] is None for row in told)


@pytest.mark.parametrize("kind", QUALITY_KERNELS)
def test_each_kind_is_explained_by_the_ground_truth(kind: str) -> None:
    for issue in (issue for issue in EVERY if issue["kind"] == kind):
        made = delivery({"rate": 0.3, **issue})
        assert made.rows("truth") > 0
        assert_explained(made)


def test_all_kinds_are_here() -> None:
    assert {issue["kind"] for issue in EVERY} == set(QUALITY_KERNELS)


mixtures = st.lists(st.tuples(st.sampled_from(EVERY), st.sampled_from([0.02, 0.3, 1.0])), min_size=2, max_size=12)


@settings(max_examples=25, deadline=None)
@given(mixture=mixtures, seed=st.integers(0, 2**64 - 1))
def test_the_difference_of_dirty_and_clean_data_is_the_ground_truth(mixture: list[tuple[Issue, float]], seed: int) -> None:
    assert_explained(delivery(*({**issue, "rate": rate} for issue, rate in mixture), seed=seed))


def test_all_kinds_at_once_are_explained() -> None:
    assert_explained(delivery(*({**issue, "rate": 0.05} for issue in EVERY)))


@settings(max_examples=25, deadline=None)
@given(mixture=mixtures, cuts=st.lists(st.integers(0, 5_000), max_size=4))
def test_slices_equal_the_same_rows_of_the_whole(mixture: list[tuple[Issue, float]], cuts: Sequence[int]) -> None:
    made = delivery(*({**issue, "rate": rate} for issue, rate in mixture))
    for name in ("customer", "order", "item", "truth"):
        rows, whole = made.rows(name), table(made, name)
        ends = sorted({0, rows, *(min(cut, rows) for cut in cuts)})
        for start, stop in pairwise(ends):
            assert made.block(name, start, stop).equals(whole.slice(start, stop - start))
        coded = made.block(name, 0, rows, encoded=True)
        assert coded.schema.equals(made.schema(name, encoded=True))
        plain = [column.dictionary_decode() if pa.types.is_dictionary(column.type) else column for column in coded.columns]
        assert pa.RecordBatch.from_arrays(plain, schema=whole.schema).equals(whole)


def test_clean_data_are_those_of_a_model_without_faults() -> None:
    made, without = delivery(*EVERY), delivery()
    for name in ("customer", "order", "item"):
        rows = without.rows(name)
        assert made.clean_block(name, 0, rows) == without.block(name, 0, rows, encoded=True)


def hits(made: Delivery) -> list[int]:
    return [int(row) for row in table(made, "truth").column("clean_row").to_pylist()]


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.3, 1.0])
@pytest.mark.parametrize("kind", ["null", "duplicate"])
def test_rates_are_kept(rate: float, kind: str) -> None:
    column = {} if kind == "duplicate" else {"column": "segment"}
    made = delivery({"kind": kind, "rate": rate, **column})
    n, found = 1500, made.rows("truth")
    assert abs(found - n * rate) <= 4.5 * (n * rate * (1 - rate)) ** 0.5  # p < 1e-5


def test_only_the_period_and_the_condition_are_hit() -> None:
    made = delivery(
        {
            "column": "segment",
            "kind": "null",
            "rate": 1.0,
            "from": "2024-03-01",
            "until": "2024-05-31",
            "where": "age > 4 and segment != 'vip'",
        }
    )
    rows = made.clean.block("customer", 0, 1500).to_pylist()
    wanted = [
        place for place, row in enumerate(rows)
        if "2024-03-01" <= row["joined"].isoformat()[:10] <= "2024-05-31" and row["age"] > 4 and row["segment"] != "vip"
    ]  # fmt: skip
    assert hits(made) == wanted


def test_rows_without_a_time_have_that_of_their_parents() -> None:
    made = delivery({"table": "item", "column": "price", "kind": "unit_drift", "rate": 1.0, "from": "2024-07-01"})
    expected = delivery({"table": "item", "column": "price", "kind": "unit_drift", "rate": 1.0})
    found = set(hits(made))
    times = made.clean.block("order", 0, made.clean.rows("order"))["at"].to_pylist()
    first, _ = made.clean.spans("item", range(len(times)))
    after = {row for row in hits(expected) if times[sum(first <= row) - 1].isoformat() >= "2024-07-01"}
    assert found == after


def test_the_first_issue_that_changes_a_cell_has_it() -> None:
    made = delivery(
        {"column": "segment", "kind": "null", "rate": 0.5},
        {"column": "segment", "kind": "category_drift", "rate": 1.0, "params": {"to": "x"}},
    )
    counts = Counter(table(made, "truth").column("kind").to_pylist())
    assert counts["null"] + counts["category_drift"] == 1500
    assert 600 < counts["null"] < 900


def test_another_issue_leaves_the_rows_of_an_issue_as_they_are() -> None:
    typo = {"column": "name", "kind": "typo", "rate": 0.2}
    alone = table(delivery(typo), "truth")
    beside = table(delivery({"column": "score", "kind": "null"}, typo, {"kind": "duplicate"}), "truth")
    kept = beside.filter(pa.compute.equal(beside.column("kind"), "typo"))
    assert kept.drop_columns(["table"]).equals(alone.drop_columns(["table"]))


def test_keys_are_told_as_text_and_composite_ones_as_a_list() -> None:
    truth = table(
        delivery({"kind": "duplicate"}, {"table": "order", "kind": "duplicate"}, {"table": "item", "kind": "duplicate"}), "truth"
    ).to_pylist()
    assert all(row["key"] == str(row["clean_row"] + 1) for row in truth if row["table"] == "customer")
    made = delivery()
    order = made.block("order", 0, made.rows("order")).to_pylist()
    for row in (row for row in truth if row["table"] == "order"):
        clean = order[row["clean_row"]]
        assert json.loads(row["key"]) == [str(clean["customer_id"]), str(clean["no"])]
    assert {row["key"] for row in truth if row["table"] == "item"} == {None}


def test_orphans_are_no_keys() -> None:
    made = delivery(
        {"table": "order", "column": "customer_id", "kind": "orphan_fk", "rate": 0.2},
        {"table": "order", "column": "customer_code", "kind": "orphan_fk", "rate": 0.2},
    )
    customers = table(made, "customer")
    keys = {*map(str, customers["id"].to_pylist()), *customers["code"].to_pylist()}
    dirty = table(made, "truth").column("dirty").to_pylist()
    assert len(dirty) > 1000
    assert not keys & set(dirty)


def test_moved_rows_stay_within_their_stretch_and_are_not_later_than_said() -> None:
    made = delivery({"table": "order", "kind": "late_arrival", "rate": 0.2, "params": {"max": "P200D"}})
    times = [at.timestamp() for at in made.clean.block("order", 0, made.clean.rows("order"))["at"].to_pylist()]
    truth = table(made, "truth").to_pylist()
    assert truth
    for row in truth:
        assert row["clean_row"] // 1024 == row["row"] // 1024
        passed = times[row["clean_row"] + 1 : row["row"] + 1]
        assert all(at <= times[row["clean_row"]] + 200 * 86_400 for at in passed)


def test_broken_columns_say_what_they_were() -> None:
    made = delivery(
        {"column": "joined", "kind": "malformed_timestamp"}, {"column": "name", "kind": "encoding"}, {"column": "age", "kind": "null"}
    )
    schema = made.schema("customer")
    assert (schema.field("joined").type, schema.field("joined").metadata[b"seedbed.clean_type"]) == (pa.string(), b"datetime")
    assert (schema.field("name").type, schema.field("name").metadata[b"seedbed.clean_type"]) == (pa.binary(), b"string")
    assert schema.field("age").nullable


def refusal(*issues: Issue, **rest: Any) -> str:
    with pytest.raises(ModelError) as caught:
        compile_plan(model(*issues, **rest))
    return str(caught.value)


@pytest.mark.parametrize(
    ("issue", "message"),
    [
        ({"table": "custmer", "kind": "duplicate"}, "there is no table `custmer`"),
        ({"column": "nam", "kind": "typo"}, "`customer` has no column `nam`"),
        ({"column": "age", "kind": "typo"}, "`typo` acts on string, uuid, json; `customer.age` is int"),
        ({"kind": "typo"}, "`column` is missing"),
        ({"kind": "duplicate", "column": "name"}, "unknown key `column`"),
        ({"column": "name", "kind": "typo", "params": {"edit": 2}}, "unknown key `edit`"),
        ({"column": "name", "kind": "tpyo"}, "did you mean `typo`?"),
        ({"column": "name", "kind": "typo", "rate": 1.5}, "must be at most 1"),
        ({"column": "name", "kind": "typo", "from": "in May"}, "is not a date"),
        ({"column": "name", "kind": "typo", "from": "2024-05-01", "until": "2024-04-01"}, "is after `until`"),
        ({"column": "name", "kind": "typo", "where": "age + 1"}, "`where` must be true or false"),
        ({"column": "name", "kind": "typo", "where": "agee > 1"}, "agee"),
        ({"column": "age", "kind": "boundary_violation"}, "`customer.age` has no range to leave"),
        ({"column": "age", "kind": "boundary_violation", "params": {"min": 4, "max": 1}}, "is above `max`"),
        ({"column": "age", "kind": "boundary_violation", "params": {"min": "2024-01-01"}}, "is no end of a column of type int"),
        ({"column": "segment", "kind": "invalid_enum", "params": {"values": ["vip"]}}, "`vip` is a value of `customer.segment`"),
        ({"column": "age", "kind": "invalid_enum"}, "`UNKNOWN` cannot stand in `customer.age`"),
        ({"column": "name", "kind": "swap_columns", "params": {"with": "age"}}, "`name` is string, `age` is int"),
        ({"column": "name", "kind": "swap_columns", "params": {"with": "name"}}, "cannot be exchanged with itself"),
        ({"column": "age", "kind": "orphan_fk"}, "refers to no key"),
        ({"column": "age", "kind": "mean_drift", "params": {}}, "needs `factor`, `shift` or both"),
        ({"column": "segment", "kind": "category_drift", "params": {}}, "either `to` or `mapping`"),
        ({"column": "active", "kind": "category_drift", "params": {"to": "x"}}, "of type bool"),
        ({"kind": "near_duplicate", "params": {"edits": 50}}, "50 cells of a copy shall differ"),
        ({"kind": "near_duplicate", "params": {"columns": ["id"]}}, "of the primary key"),
        ({"kind": "late_arrival", "params": {"max": "6 hours"}}, "is not written as it must be"),
    ],
)
def test_faults_that_cannot_be_are_refused(issue: Issue, message: str) -> None:
    assert message in refusal(issue)


def test_periods_of_rows_without_a_time_are_refused() -> None:
    timeless = {**DOCUMENT["entities"], "word": {"rows": 3, "pk": "id", "columns": {"id": {"sequence": {}}}}}
    assert "goes by the time of a row" in refusal({"table": "word", "kind": "late_arrival"}, entities=timeless)
    assert "goes by the time of a row" in refusal({"table": "word", "kind": "duplicate", "from": "2024-01-01"}, entities=timeless)


def test_the_ground_truth_has_a_name_of_its_own() -> None:
    quality = {"ground_truth": "order", "issues": [{"table": "customer", "kind": "duplicate", "rate": 0.1}]}
    assert "is a table of the model already" in refusal(quality_injection=quality)


def test_older_documents_have_no_faults() -> None:
    node = {"id": "t", "kind": "entity", "pk": "id", "columns": [{"name": "id", "type": "int", "generator": {"sequence": {}}}]}
    old = {"version": "1.0", "metadata": {"name": "m"}, "timeframe": DOCUMENT["timeframe"], "nodes": [node]}
    quality = {"ground_truth": "truth", "issues": [{"table": "t", "kind": "duplicate", "rate": 0.1}]}
    with pytest.raises(ModelError, match=r"`quality_injection` needs version 2\.0"):
        parse(json.dumps({**old, "quality_injection": quality}), "m.json")
