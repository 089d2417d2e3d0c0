"""Profiles of whole tables: keys, anomalies, comparisons, pages and suggested checks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import seedbed
from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.model.checks.reading import parse_checks
from seedbed.run.profile import Profile, profile


def orders(rows: int = 2_000, seed: int = 1) -> pa.Table:
    rng = np.random.default_rng(seed)
    city = rng.integers(0, 20, rows)
    return pa.table(
        {
            "id": np.arange(rows),
            "city": np.array([f"City {number:02d}" for number in range(20)])[city],
            "country": np.array(["DE", "FR"])[city % 2],
            "amount": np.round(rng.lognormal(3, 0.5, rows), 2),
            "email": [f"user{number}@example.org" for number in rng.integers(0, 10**9, rows)],
            "at": pa.array(19_000 * 86_400 + rng.integers(0, 100 * 86_400, rows), pa.timestamp("s")),
            "note": pa.array(["ok" if flag else None for flag in rng.random(rows) < 0.9]),
        }
    )


def test_a_table_is_told_by_its_facts() -> None:
    table = seedbed.profile({"order": orders()}).table("order")
    columns = {column.name: column for column in table.columns}
    assert table.keys[0].columns == ("id",)
    assert {(found.determinants, found.dependent) for found in table.dependencies} == {(("city",), "country")}
    assert columns["amount"].numbers is not None
    assert columns["amount"].numbers.fits[0].name == "lognormal"
    assert columns["email"].texts is not None
    assert columns["email"].texts.form == "email"
    assert 0.05 < columns["note"].null_share < 0.15


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"x": pa.array([], pa.int64()), "t": pa.array([], pa.string())}),
        pa.table({"x": pa.nulls(5, pa.float64()), "n": pa.nulls(5)}),
        pa.table({"x": [1], "t": ["ü"], "d": pa.array([0], pa.date32())}),
        pa.table({"x": [float("nan"), float("inf")], "l": [[1], [2]]}),
        pa.table({"x": [7] * 50, "big": [2**63 - 1] * 50}),
        pa.table({"x": [-1e308, 1e308] * 20, "y": [1e-320, 5e-324] * 20}),
        pa.table({"x": pa.array(["a", "b"]).dictionary_encode(), "when": pa.array([2**62, -(2**62)], pa.timestamp("us"))}),
        pa.table({}),
    ],
    ids=["empty", "null", "one row", "not finite", "constant", "vast", "coded", "no columns"],
)
def test_odd_tables_are_profiled_too(table: pa.Table) -> None:
    found = profile({"t": table}, anomalies=True, compare={"t": table})
    assert found.tables[0].rows == table.num_rows
    json.dumps(found.to_dict(), allow_nan=False)
    assert "__DATA__" not in found.to_html()
    parse_checks(found.suggest(), "checks.yaml")


def test_far_rows_are_told_with_their_reason() -> None:
    table = orders()
    amounts = table["amount"].to_numpy().copy()
    amounts[123] = 9_999.0
    found = profile(table.set_column(3, "amount", pa.array(amounts)), anomalies=True).anomalies
    first = next(anomaly for anomaly in found if anomaly.column == "amount")
    assert (first.row, first.value) == (123, 9_999.0)
    assert "above" in first.reason
    assert "quartiles" in first.reason


def test_a_forest_tells_rows_that_no_single_column_shows() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(2)
    x = rng.normal(size=1_000)
    table = pa.table({"x": np.append(x, 8.0), "y": np.append(x + rng.normal(0, 0.1, 1_000), -8.0)})
    found = profile(table, anomalies=["isolation_forest"]).anomalies
    assert found[0].row == 1_000
    assert "median" in found[0].reason


def test_the_same_data_are_wholly_alike_and_copies_are_seen() -> None:
    table = orders()
    comparison = profile({"order": table}, compare={"order": table}).comparison
    assert comparison is not None
    assert comparison.score == pytest.approx(100)
    told = comparison.tables[0]
    assert told.drifted == ()
    assert told.privacy is not None
    assert told.privacy.copies == 2_000


def test_other_rows_of_the_same_kind_are_alike_and_no_copies() -> None:
    comparison = profile({"order": orders(seed=2)}, compare={"order": orders(seed=1)}).comparison
    assert comparison is not None
    assert comparison.score > 93
    told = comparison.tables[0]
    assert told.privacy is not None
    assert told.privacy.copies == 0
    assert told.privacy.closer < 0.12
    assert told.drifted == ()


def test_what_has_drifted_is_told() -> None:
    table = orders(seed=2)
    table = table.set_column(3, "amount", pa.array(table["amount"].to_numpy() * 2)).drop_columns(["note"])
    comparison = profile({"order": table}, compare={"order": orders()}).comparison
    assert comparison is not None
    assert comparison.tables[0].drifted == ("amount",)
    assert comparison.tables[0].missing == ("note",)


def test_columns_that_refer_to_keys_are_found() -> None:
    users = pa.table({"id": [1, 2, 3], "name": ["a", "b", "b"]})
    rows = pa.table({"id": [10, 11, 12], "user_id": [1, None, 3], "old_user_id": [1, 2, 99]})
    told = profile({"users": users, "rows": rows})
    assert [(found.column, found.table, found.key) for found in told.table("rows").references] == [("user_id", "users", "id")]
    checks = parse_checks(told.suggest(), "checks.yaml").tables["rows"]
    assert "foreign_key" in {check.kind for check in checks}


def test_suggested_checks_are_a_checks_document() -> None:
    found = parse_checks(profile({"order": orders()}).suggest(), "checks.yaml")
    kinds = {check.kind for check in found.tables["order"]}
    assert {"primary_key", "not_null", "in_set", "email", "range", "functional_dependency", "null_share", "schema_match"} <= kinds


def test_no_value_ends_the_pages_script() -> None:
    page = profile({"t": pa.table({"x": ["</script><script>alert(1)</script>"] * 3})}).to_html()
    assert "</script><script>alert" not in page


def test_a_broken_file_does_not_keep_others_from_being_told(tmp_path: Path) -> None:
    pq.write_table(orders(100), tmp_path / "order.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 is not enough")
    found = profile(tmp_path)
    assert [table.name for table in found.tables] == ["order"]
    assert found.problems


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no such"):
        profile(tmp_path / "nothing")
    with pytest.raises(DataError, match="no table `ordr`"):
        profile({"order": orders(10)}, tables=["ordr"])
    with pytest.raises(ModelError, match="no table is in both"):
        profile({"a": orders(10), "b": orders(10)}, compare={"c": orders(10)})


def test_a_profile_is_the_same_however_the_batches_are_cut() -> None:
    table = orders()
    one, other = (profile({"order": pa.Table.from_batches(table.to_batches(size))}) for size in (2_000, 77))
    assert isinstance(one, Profile)
    assert one.table("order").keys == other.table("order").keys
    assert [column.top for column in one.tables[0].columns] == [column.top for column in other.tables[0].columns]
