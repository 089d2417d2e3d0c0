import json
import pickle
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.check.results import Report
from seedbed.check.structure import Checker, check_scans, compile_checks
from seedbed.core.errors import EdgeError
from seedbed.read.parquet import scan_tables
from tests.check.shop import Rows, broken, checked, checked_blocks, scans, shop_data, shop_model, spoilt


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2024, month, day, hour)  # noqa: DTZ001 - moments of the model have no zone


def test_good_data_keeps_every_promise() -> None:
    report = checked(shop_data())
    assert broken(report) == {}
    assert report.ok
    assert report.rows == {"country": 2, "employee": 10, "customer": 40, "order": 140, "product": 10, "item": 280}


def test_checks_have_the_names_of_the_field() -> None:
    assert [check.about.id for check in compile_checks(shop_model()) if check.about.table in ("order", "item")] == [
        "order.exists",
        "order.columns",
        "order.types",
        "order.pk_unique",
        "order.pk_not_null",
        "order.fk_customer.integrity",
        "order.customer_id.not_null",
        "order.placed.not_null",
        "order.placed.range",
        "order.amount.not_null",
        "order.amount.range",
        "order.placed_le_paid",
        "order.placed_ge_customer.joined",
        "item.exists",
        "item.columns",
        "item.types",
        "item.pair_unique",
        "item.fk_order.integrity",
        "item.fk_product.integrity",
        "item.order_id.not_null",
        "item.product_id.not_null",
        "item.kind.enum",
        "order.item.fanout",
        "order.weekend_share",
        "order.amount.mean_in_range",
        "order.amount.composite_effect",
    ]


# table, column, cells -> the check that fails, how many rows, the rows shown
BREAKS: list[tuple[str, str, Mapping[int, object], str, int, list[int]]] = [
    ("customer", "id", {39: 1}, "customer.pk_unique", 2, [0, 39]),
    ("product", "id", {3: 100, 4: 100, 6: 105}, "product.pk_unique", 5, [0, 3, 4, 5, 6]),
    ("product", "id", {9: 10**15}, "item.fk_product.integrity", 28, [9, 19, 29, 39, 49]),
    ("product", "id", {9: None}, "product.pk_not_null", 1, [9]),
    ("order", "id", {139: "order-number-138"}, "order.pk_unique", 2, [138, 139]),
    ("order", "id", {139: None}, "order.pk_not_null", 1, [139]),
    ("customer", "email", {7: "user1@mail.example"}, "customer.email.unique", 2, [0, 7]),
    ("customer", "email", {7: "user@MAIL", 9: "@mail"}, "customer.email.pattern", 2, [7, 9]),
    ("customer", "email", {7: None}, "customer.email.not_null", 1, [7]),
    ("customer", "country", {7: "IT", 30: ""}, "customer.fk_country.integrity", 2, [7, 30]),
    ("customer", "age", {0: 17, 1: 91, 2: 18, 3: 90}, "customer.age.range", 2, [0, 1]),
    ("customer", "age", {2: 19, 3: 80}, "customer.age.enum", 2, [2, 3]),
    ("customer", "joined", {0: date(2024, 2, 1)}, "customer.joined.range", 1, [0]),
    ("customer", "joined", {0: date(2024, 2, 2)}, "order.placed_ge_customer.joined", 1, [0]),
    ("customer", "segment", {0: "gold", 1: "VIP"}, "customer.segment.enum", 2, [0, 1]),
    ("employee", "boss_id", {0: 5}, "employee.boss_id.acyclic", 9, [0, 1, 2, 3, 4]),
    ("employee", "boss_id", {5: 6}, "employee.boss_id.acyclic", 0, []),
    ("employee", "boss_id", {1: 3, 2: 3}, "employee.boss_id.acyclic", 0, []),
    ("employee", "boss_id", {1: 4}, "employee.boss_id.acyclic", 5, [1, 3, 4, 7, 8]),
    ("employee", "boss_id", {1: 77}, "employee.fk_employee.integrity", 1, [1]),
    ("order", "customer_id", {0: 41, 5: -3, 6: 2**62}, "order.fk_customer.integrity", 3, [0, 5, 6]),
    ("order", "customer_id", {3: None}, "order.customer_id.not_null", 1, [3]),
    ("order", "placed", {0: at(1, 1), 1: at(12, 31, 23), 4: datetime(2025, 1, 1)}, "order.placed.range", 1, [4]),  # noqa: DTZ001
    ("order", "placed", {0: datetime(2023, 12, 31, 23)}, "order.placed.range", 1, [0]),  # noqa: DTZ001
    ("order", "placed", {2: at(1, 1)}, "order.placed_ge_customer.joined", 1, [2]),
    ("order", "paid", {0: at(1, 31), 3: at(2, 4, 11), 4: at(12, 1)}, "order.placed_le_paid", 2, [0, 3]),
    ("order", "amount", {2: 0.25, 3: float("nan"), 4: 0.5}, "order.amount.range", 2, [2, 3]),
    ("item", "product_id", {1: 100}, "item.pair_unique", 2, [0, 1]),
    ("item", "order_id", {2: "order-number-999"}, "item.fk_order.integrity", 1, [2]),
    ("item", "kind", {2: "IT"}, "item.kind.enum", 1, [2]),
]


@pytest.mark.parametrize(
    ("table", "column", "cells", "check", "failing", "rows"), BREAKS, ids=[f"{b[3]}-{i}" for i, b in enumerate(BREAKS)]
)
@pytest.mark.parametrize("way", ["files", "blocks"])
def test_a_broken_promise_is_counted_and_shown(
    way: str, table: str, column: str, cells: Mapping[int, object], check: str, failing: int, rows: list[int]
) -> None:
    data = spoilt(shop_data(), table, column, cells)
    report = checked(data) if way == "files" else checked_blocks(data, again=True)
    result = report.of(check)
    assert result.failing == failing
    assert [sample.row for sample in result.samples] == rows
    assert result.status == ("failed" if failing else "passed")
    assert report.ok == (not failing and not broken(report))


def test_a_sample_tells_the_key_and_the_values() -> None:
    result = checked(spoilt(shop_data(), "customer", "age", {1: 17})).of("customer.age.range")
    assert result.samples[0].values == (("id", 2), ("age", 17))
    assert result.columns == ("age",)
    assert (result.kind, result.severity, result.expected) == ("range", "error", "18 to 90")


def test_samples_show_moments_as_iso_text() -> None:
    result = checked(spoilt(shop_data(), "customer", "joined", {0: date(2024, 2, 1)})).of("customer.joined.range")
    assert result.samples[0].values == (("id", 1), ("joined", "2024-02-01"))


def test_a_null_breaks_nothing_but_not_null() -> None:
    data = shop_data()
    for name in ("email", "country", "age", "joined", "segment"):
        data = spoilt(data, "customer", name, {5: None, 6: None})
    assert set(broken(checked(data))) == {f"customer.{name}.not_null" for name in ("email", "country", "age", "joined")}


def test_a_missing_table_makes_errors_of_its_own_checks_only() -> None:
    data = shop_data()
    del data["product"]
    report = checked(data)
    assert broken(report) == {
        "product.exists": "error",
        "product.columns": "error",
        "product.types": "error",
        "product.pk_unique": "error",
        "product.pk_not_null": "error",
        "item.fk_product.integrity": "error",
    }
    assert report.of("product.exists").reason == "the table `product` is not there"


def test_a_missing_column_fails_and_its_checks_are_errors() -> None:
    data = shop_data()
    data["customer"] = data["customer"].drop_columns(["age", "segment"])
    report = checked(data)
    assert broken(report) == {
        "customer.columns": "failed",
        "customer.age.not_null": "error",
        "customer.age.range": "error",
        "customer.age.enum": "error",
        "customer.segment.enum": "error",
    }
    assert report.of("customer.columns").observed == "missing: age, segment"
    assert report.of("customer.age.range").reason == "there is no column `age`"


@pytest.mark.parametrize("way", ["files", "blocks"])
def test_a_wrong_type_fails_and_its_checks_are_errors(way: str) -> None:
    data = shop_data()
    data["order"] = data["order"].set_column(1, "customer_id", data["order"].column("customer_id").cast(pa.string()))
    report = checked(data) if way == "files" else checked_blocks(data)
    assert broken(report) == {
        "order.types": "failed",
        "order.fk_customer.integrity": "error",
        "order.placed_ge_customer.joined": "error",
        "customer.order.fanout": "error",
    }
    assert report.of("order.types").observed == "customer_id is string, not int64"
    assert report.of("order.fk_customer.integrity").reason == "`customer_id` is string, the model says int"


def test_numbers_without_sign_are_told_apart_beyond_64_bits() -> None:
    data = shop_data()
    data["product"] = pa.table({"id": pa.array([2**63 + 1, 2**63 + 2, 2**63 + 1], pa.uint64())})
    assert checked(data).of("product.pk_unique").failing == 2


@pytest.mark.parametrize("way", ["files", "blocks"])
def test_an_empty_table_keeps_hard_promises_and_no_target_can_be_judged(way: str) -> None:
    data = {name: table.slice(0, 0) for name, table in shop_data().items()}
    if way == "files":
        report = checked(data)
    else:
        checker = Checker(shop_model())
        for name, table in data.items():
            checker.block(name, 0, pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in table.schema], schema=table.schema))
        report = checker.report()
    assert broken(report) == {
        "order.weekend_share": "error",
        "order.amount.mean_in_range": "error",
        "order.amount.composite_effect": "error",
    }
    assert report.hard_ok
    assert not report.ok


def test_without_a_second_look_values_are_counted_and_the_result_says_so() -> None:
    data = spoilt(shop_data(), "order", "customer_id", {0: 41, 5: 41, 6: -3})
    result = checked_blocks(data).of("order.fk_customer.integrity")
    assert (result.status, result.failing) == ("failed", 2)
    assert [sample.values for sample in result.samples] == [(("customer_id", -3),), (("customer_id", 41),)]
    assert result.reason == "the rows were not read again, so values are counted, not rows"


def test_without_a_second_look_repeated_rows_are_still_counted() -> None:
    result = checked_blocks(spoilt(shop_data(), "customer", "email", {7: "user1@mail.example", 8: "user1@mail.example"})).of(
        "customer.email.unique"
    )
    assert (result.status, result.failing, result.observed) == ("failed", 3, "1 repeated in 3 rows")
    assert result.samples == ()


def test_strings_with_a_dictionary_are_the_same_data() -> None:
    data = spoilt(spoilt(shop_data(), "customer", "segment", {0: "gold"}), "customer", "email", {7: "user1@mail.example", 9: "x"})
    coded = dict(data)
    for name in ("email", "country", "segment"):
        index = coded["customer"].schema.get_field_index(name)
        array = coded["customer"].column(name).combine_chunks().dictionary_encode()
        coded["customer"] = coded["customer"].set_column(index, name, array)
    assert checked(coded) == checked(data)


def test_other_widths_and_units_of_a_type_are_the_type() -> None:
    data = shop_data()
    schema = pa.schema(
        [
            ("id", pa.large_string()),
            ("customer_id", pa.int16()),
            ("placed", pa.timestamp("ms")),
            ("paid", pa.timestamp("ns")),
            ("amount", pa.float32()),
            ("gift", pa.bool_()),
        ]
    )
    narrow = {**data, "order": data["order"].cast(schema)}
    assert checked(narrow) == checked(data)


def test_times_with_a_zone_have_another_type() -> None:
    data = shop_data()
    data["order"] = data["order"].set_column(2, "placed", data["order"].column("placed").cast(pa.timestamp("us", "UTC")))
    assert checked(data).of("order.types").observed == "placed is timestamp[us, tz=UTC], not timestamp[us]"


def test_two_threads_find_the_same() -> None:
    data = shop_data()
    for table, name, cells, *_ in BREAKS[:12]:
        data = spoilt(data, table, name, cells)
    assert checked(data, workers=3) == checked(data)


def spoilt_shop() -> dict[str, pa.Table]:
    data = shop_data()
    for table, name, cells, *_ in BREAKS[::3]:
        data = spoilt(data, table, name, cells)
    return data


SPOILT = spoilt_shop()
ONE_PASS = {again: checked_blocks(SPOILT, again=again) for again in (True, False)}


@given(data=st.data(), again=st.booleans())
def test_any_cut_order_and_merging_finds_what_one_pass_finds(data: st.DataObject, again: bool) -> None:
    blocks = []
    for name, table in SPOILT.items():
        cuts = sorted(data.draw(st.sets(st.integers(1, table.num_rows), max_size=4)) | {0, table.num_rows})
        for start, end in pairwise(cuts):
            blocks.append((name, start, table.slice(start, end - start).combine_chunks().to_batches()[0]))
    blocks = data.draw(st.permutations(blocks))
    checkers = [Checker(shop_model()) for _ in range(data.draw(st.integers(1, 3)))]
    for name, start, batch in blocks:
        data.draw(st.sampled_from(checkers)).block(name, start, batch)
    first, *others = (pickle.loads(pickle.dumps(checker)) for checker in checkers)  # noqa: S301 - just pickled here
    for other in others:
        first.merge(other)
    report = first.report(scans(SPOILT) if again else None)
    assert report == ONE_PASS[again]


def test_checkers_of_two_models_are_not_merged() -> None:
    with pytest.raises(ValueError, match="two models"):
        Checker(shop_model()).merge(Checker(shop_model(targets=None)))


def test_a_table_the_model_does_not_know_is_passed_over() -> None:
    checker = Checker(shop_model())
    checker.block("rumour", 0, pa.RecordBatch.from_pylist([{"a": 1}]))
    assert checker.report().rows == {}


def test_progress_tells_every_row_once() -> None:
    told: list[tuple[str, int]] = []
    check_scans(shop_model(), scans(shop_data()), progress=lambda table, rows: told.append((table, rows)))
    assert sum(rows for _, rows in told) == 2 + 10 + 40 + 140 + 10 + 280


def write(folder: Path, data: Mapping[str, pa.Table]) -> None:
    for name, table in data.items():
        pq.write_table(table, folder / f"{name}.parquet", store_schema=False, write_page_checksum=True)


def test_files_are_checked_like_tables(tmp_path: Path) -> None:
    write(tmp_path, SPOILT)
    found = check_scans(shop_model(), scan_tables(tmp_path, SPOILT, dictionaries=True))
    assert found == ONE_PASS[True]


def test_a_broken_file_makes_errors_of_its_own_checks_only(tmp_path: Path) -> None:
    write(tmp_path, shop_data())
    tables = scan_tables(tmp_path, shop_data())
    spoil = bytearray((tmp_path / "product.parquet").read_bytes())
    spoil[60] ^= 255
    (tmp_path / "product.parquet").write_bytes(spoil)
    report = check_scans(shop_model(), tables)
    assert {result.table for result in report.broken} == {"product", "item"}
    assert "broken" in (report.of("product.pk_unique").reason or "")


def test_a_vanished_file_is_an_edge_error(tmp_path: Path) -> None:
    write(tmp_path, shop_data())
    tables = scan_tables(tmp_path, shop_data())
    (tmp_path / "order.parquet").unlink()
    with pytest.raises(EdgeError):
        check_scans(shop_model(), tables)


def test_a_required_column_need_not_be_read_for_nulls() -> None:
    table = pa.table({"id": pa.array([1, 2]), "boss_id": pa.array([None, 1], pa.int64())})
    required = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("boss_id", pa.int64())])
    model = shop_model(
        nodes=[node for node in shop_model().model_dump(by_alias=True, exclude_none=True)["nodes"] if node["id"] == "employee"],
        constraints={},
        targets=None,
    )
    assert check_scans(model, {"employee": Rows(table.cast(required))}).ok


def test_the_report_is_json_with_counts_by_kind() -> None:
    report = checked(spoilt(shop_data(), "order", "amount", {3: float("nan")}))
    told = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert told["ok"] is False
    assert told["kinds"]["range"] == {"passed": 3, "failed": 1, "error": 0, "skipped": 0}
    (failed,) = (result for result in told["results"] if result["id"] == "order.amount.range")
    assert failed["samples"] == [{"row": 3, "values": {"id": "order-number-3", "amount": "nan"}}]
    assert report.counts["primary_key"].total == report.counts["primary_key"].passed == 5


def test_an_unknown_check_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Report(()).of("user.pk_unique")


def test_nulls_inside_a_dictionary_are_nulls() -> None:
    data = shop_data()
    coded = pa.DictionaryArray.from_arrays(pa.array([number % 3 for number in range(40)], pa.int32()), pa.array(["vip", None, "gold"]))
    data["customer"] = data["customer"].set_column(5, "segment", coded)
    assert checked(data).of("customer.segment.enum").failing == 13


def test_a_column_of_nulls_without_type_has_the_wrong_type_and_nulls_everywhere() -> None:
    data = shop_data()
    data["customer"] = data["customer"].set_column(3, "age", pa.nulls(40))
    report = checked(data)
    assert report.of("customer.types").observed == "age is null, not int64"
    assert report.of("customer.age.not_null").failing == 40
    assert report.of("customer.age.range").status == "error"
