"""Every type comes through: from the model to files and back, with nulls, as what the checks promise and people read."""

from __future__ import annotations

import json
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from seedbed.check import structure
from seedbed.cli.main import main
from seedbed.core.digest import Digester
from seedbed.core.errors import DataError, ModelError
from seedbed.generate.engine import Engine
from seedbed.model.reading import parse
from seedbed.read.parquet import scan
from seedbed.run.api import plan
from seedbed.run.dataset import Dataset
from seedbed.write.formats.parquet import write_parquet

HEAD = 'version: "2.0"\nmetadata: {name: m}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'
ITEMS = """
entities:
  item:
    rows: 3000
    pk: item_id
    columns:
      item_id: {sequence: {}}
      price: {distribution: {type: lognormal, params: {mean: 3, sigma: 1}, clamp: [1, 500]}, type: decimal, nullable: true}
      listed: {choice: {choices: [19.90, "5", 0.05]}, type: decimal, precision: 9}
      rate: {distribution: {type: uniform, params: {low: 0, high: 0.5}}, type: decimal, scale: 4}
      floor_price: {distribution: {type: lognormal, params: {mean: 3, sigma: 1}}, type: decimal}
      top_price: {distribution: {type: lognormal, params: {mean: 3, sigma: 1}}, type: decimal, scale: 3}
      step: {sequence: {start: 1, step: 3}, type: decimal}
      opens: {choice: {choices: ["08:00", "09:30:00", "10:15:00.5"]}, type: time, nullable: true}
      tag: {choice: {choices: ["6F1C2B1E-0D6C-4B57-9A44-0C9D3A5F7E21"]}, type: uuid, nullable: true}
      note: {choice: {choices: ['{"a": 1}', '[]']}, type: json, nullable: true}
      raw: {choice: {choices: ["c2VlZA==", "AP8="]}, type: bytes, nullable: true}
      made: {expression: {code: "concat('a', item_id)"}, type: bytes}
      total: {expression: {code: "coalesce(price, 0) * item_id + rate"}, precision: 18}
      shown: {expression: {code: "concat(listed)"}}
      late: {expression: {code: "opens >= '09:30'"}, nullable: true}
      again: {lookup: {from: item.listed}}
      starts: {datetime_series: {freq: 15T, within: {start: "06:00", end: "22:00"}}, type: time}
      ends: {datetime_series: {pattern: {dimension: hour, weights: [0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,0,0,0,1]}}, type: time}
      as_float: {lookup: {from: item.listed, on: {item_id: item_id}}, type: float}
constraints:
  unique: [item.step]
  ranges:
    - {attr: item.rate, min: 0.1, max: 0.4}
    - {attr: item.opens, min: "08:00", max: "10:15:01"}
    - {attr: item.starts, min: "07:00", max: "21:00"}
  inequalities:
    - {left: item.floor_price, op: "<", right: item.top_price}
    - {left: item.starts, op: "<", right: item.ends}
  enum:
    - {attr: item.listed, values: [19.9, 5, 0.05]}
    - {attr: item.raw, values: ["c2VlZA==", "AP8="]}
"""
TYPES = {
    "price": pa.decimal128(18, 2), "listed": pa.decimal128(9, 2), "rate": pa.decimal128(18, 4), "opens": pa.time64("us"),
    "tag": pa.string(), "note": pa.string(), "raw": pa.binary(), "made": pa.binary(), "total": pa.decimal128(18, 4), "late": pa.bool_(),
    "again": pa.decimal128(9, 2), "as_float": pa.float64(),
}  # fmt: skip


def dataset(text: str) -> Dataset:
    return plan(parse(HEAD + text, "m.yaml"))


@pytest.fixture(scope="module")
def items() -> pa.RecordBatch:
    return dataset(ITEMS).block("item", 0, 3000)


def rows(batch: pa.RecordBatch, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(batch.column(name).to_pylist() for name in names), strict=True))


def test_types_are_delivered_as_arrows_own(items: pa.RecordBatch) -> None:
    assert {name: items.schema.field(name).type for name in TYPES} == TYPES
    assert items.schema.field("tag").metadata[b"seedbed.type"] == b"uuid"
    items.validate(full=True)


def test_values_written_out_are_exact(items: pa.RecordBatch) -> None:
    assert set(items.column("listed").to_pylist()) == {Decimal("19.90"), Decimal("5.00"), Decimal("0.05")}
    assert set(items.column("opens").to_pylist()) == {time(8), time(9, 30), time(10, 15, 0, 500_000), None}
    assert set(items.column("tag").to_pylist()) == {"6f1c2b1e-0d6c-4b57-9a44-0c9d3a5f7e21", None}
    assert set(items.column("raw").to_pylist()) == {b"seed", b"\x00\xff", None}
    assert rows(items, "step", "made")[1] == (Decimal("4.00"), b"a2")


def test_expressions_over_decimals_are_exact_in_every_row(items: pa.RecordBatch) -> None:
    for price, number, rate, total in rows(items, "price", "item_id", "rate", "total"):
        assert total == (price or 0) * number + rate
    assert all(text == str(value) for text, value in rows(items, "shown", "listed"))
    assert all(late is None or late == (opens >= time(9, 30)) for late, opens in rows(items, "late", "opens"))


def test_a_lookup_brings_a_decimal_over_into_other_types(items: pa.RecordBatch) -> None:
    assert set(items.column("again").to_pylist()) == set(items.column("listed").to_pylist())
    for listed, as_float in rows(items, "listed", "as_float"):
        assert as_float == float(listed)


def test_ranges_and_inequalities_of_decimals_and_times_hold(items: pa.RecordBatch) -> None:
    assert all(Decimal("0.1") <= rate <= Decimal("0.4") for (rate,) in rows(items, "rate"))
    assert all(low < high for low, high in rows(items, "floor_price", "top_price"))
    assert all(start < end and time(7) <= start <= time(21) and start.minute % 15 == 0 for start, end in rows(items, "starts", "ends"))
    assert {end.hour for (end,) in rows(items, "ends")} <= {*range(8, 20), 23}
    assert all(price is None or 1 <= price <= 500 for (price,) in rows(items, "price"))


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
def test_every_type_comes_back_from_a_file(items: pa.RecordBatch, tmp_path: Path, compression: Any) -> None:
    engine = Engine(dataset(ITEMS).prepared)
    block = engine.block("item", 0, 3000, encoded=True)
    write_parquet(tmp_path / "item.parquet", engine.schema("item", encoded=True), [block], table="item", compression=compression)
    (read,) = [batch for _, batch in scan(tmp_path / "item.parquet").batches()]
    assert read.to_pylist() == items.to_pylist()
    digests = [Digester(batch.schema) for batch in (read, items)]
    for digest, batch in zip(digests, (read, items), strict=True):
        digest.add(batch)
    assert digests[0].hexdigest() == digests[1].hexdigest()
    kept = pq.read_metadata(tmp_path / "item.parquet").schema
    kinds = {kept.column(place).name: kept.column(place).physical_type for place in range(len(kept))}
    assert kinds["price"] == "INT64"
    assert kinds["listed"] == "INT32"


NESTED = """
entities:
  item:
    rows: 300
    columns:
      size: {struct: {fields: {unit: {choice: {choices: [cm, in]}}, length: {choice: {choices: [1.5, 2]}, type: decimal}}}, nullable: true}
      tags: {list: {length: {type: poisson, params: {lambda: 2}}, items: {choice: {choices: [a, b]}}}, nullable: true}
"""


def test_structs_and_lists_come_back_from_a_file(tmp_path: Path) -> None:
    made = dataset(NESTED)
    engine = Engine(made.prepared)
    block, plain = engine.block("item", 0, 300, encoded=True), made.block("item", 0, 300)
    write_parquet(tmp_path / "item.parquet", engine.schema("item", encoded=True), [block], table="item")
    (read,) = [batch for _, batch in scan(tmp_path / "item.parquet").batches()]
    assert read.to_pylist() == plain.to_pylist()
    assert 0 < read.column("size").null_count < 50
    assert 0 < read.column("tags").null_count < 50
    assert {size["length"] for size in read.column("size").to_pylist() if size} == {Decimal("1.50"), Decimal("2.00")}
    digests = set()
    for batch in (read, plain, block):
        digester = Digester(batch.schema)
        digester.add(batch.slice(0, 100))
        digester.add(batch.slice(100))
        digests.add(digester.hexdigest())
    assert len(digests) == 1
    checker = structure.Checker(made.plan.model)
    checker.block("item", 0, plain)
    assert checker.report().ok


def test_checks_judge_every_type(items: pa.RecordBatch) -> None:
    report = structure.Checker(dataset(ITEMS).plan.model)
    report.block("item", 0, items)
    assert [str(result) for result in report.report().results if result.status != "passed"] == []


def test_checks_find_what_is_wrong(items: pa.RecordBatch) -> None:
    wrong = {
        "tag": pa.array(["nonsense"] * 3000), "note": pa.array(["{"] * 3000), "opens": pa.array([time(7)] * 3000, pa.time64("us")),
        "listed": pa.array([Decimal("19.91")] * 3000, pa.decimal128(9, 2)), "rate": pa.array([Decimal("0.4001")] * 3000, pa.decimal128(18, 4)),
        "price": pa.array([Decimal("1.0")] * 3000, pa.decimal128(18, 1)), "raw": pa.array([b"x"] * 3000),
        "step": pa.array([Decimal("4.00")] * 3000, pa.decimal128(18, 2)),
    }  # fmt: skip
    columns = [wrong.get(name, items.column(name)) for name in items.schema.names]
    checker = structure.Checker(dataset(ITEMS).plan.model)
    checker.block("item", 0, pa.RecordBatch.from_arrays(columns, names=items.schema.names))
    failed = {result.id for result in checker.report().results if result.status != "passed"}
    assert failed >= {
        "item.tag.format", "item.note.format", "item.opens.range", "item.listed.enum", "item.rate.range", "item.types", "item.raw.enum",
        "item.step.unique",
    }  # fmt: skip


def test_a_preview_shows_every_type(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(HEAD + ITEMS)
    shown = CliRunner().invoke(main, ["preview", str(tmp_path / "m.yaml"), "--limit", "50"])
    assert shown.exit_code == 0, shown.output
    assert "73656564" in shown.output
    as_json = CliRunner().invoke(main, ["preview", str(tmp_path / "m.yaml"), "--limit", "50", "--json"])
    first = json.loads(as_json.output)["item"]["first"]
    assert {row["listed"] for row in first} == {"19.90", "5.00", "0.05"}
    assert {row["raw"] for row in first} >= {"c2VlZA==", "AP8="}
    assert {row["opens"] for row in first} >= {"08:00:00", "09:30:00", "10:15:00.500000"}


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("{faker: {method: random_int, min: 5, max: 5}, type: decimal}", Decimal("5.00")),
        ("{faker: {method: lexify, text: ab}, type: bytes}", b"ab"),
        ("{constant: {value: '08:00'}, type: time}", time(8)),
        ("{constant: {value: 19.9}, type: decimal, modifiers: [{transform: multiply, args: {factor: 1.19}}]}", Decimal("23.68")),
        ("{choice: {choices: ['08:00']}, type: time, modifiers: [{transform: map_values, args: {mapping: {'08:00': '09:00'}}}]}", time(9)),
        (
            "{choice: {choices: [1.5]}, type: decimal, modifiers: [{transform: map_values, args: {mapping: {'1.5': 2.25}}}]}",
            Decimal("2.25"),
        ),
    ],
)
def test_generators_deliver_into_other_types(column: str, wanted: object) -> None:
    assert dataset(f"entities: {{t: {{rows: 3, columns: {{a: {column}}}}}}}").block("t", 0, 3).column("a").to_pylist() == [wanted] * 3


@pytest.mark.parametrize("kind", ["decimal", "time", "uuid", "json", "struct", "list"])
def test_words_are_of_no_other_type(kind: str) -> None:
    with pytest.raises(ModelError, match=f"not {kind}"):
        dataset(f"entities: {{t: {{columns: {{a: {{faker: {{method: word}}, type: {kind}}}}}}}}}").block("t", 0, 1)


@pytest.mark.parametrize(
    ("columns", "error", "said"),
    [
        ("a: {distribution: {type: uniform, params: {low: 0, high: 5000}}, type: decimal, precision: 5}", ModelError, "beyond decimal"),
        ("id: {sequence: {}}, a: {expression: {code: id * 1000}, type: decimal, precision: 4}", DataError, "more digits"),
        ("id: {sequence: {}}, a: {expression: {code: 'concat(id)'}, type: uuid}", DataError, "is a UUID"),
        ("id: {sequence: {}}, a: {expression: {code: id > 3}, type: decimal}", ModelError, "gives bool"),
        ("a: {datetime_series: {freq: D}, type: time}", ModelError, "no grid of `D`"),
        ("a: {datetime_series: {within: {start: '18:00', end: '08:00'}}, type: time}", ModelError, "is after"),
    ],
)
def test_what_a_type_cannot_hold_is_refused(columns: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        dataset(f"entities: {{t: {{columns: {{{columns}}}}}}}").block("t", 0, 100)
