"""A small shop whose data keeps every promise, and ways to break them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from seedbed.check.results import Report
from seedbed.check.structure import Checker, check_scans
from seedbed.model.document import Model

Data = Mapping[str, pa.Table]

SEQUENCE: dict[str, Any] = {"sequence": {}}
NORMAL = {"distribution": {"type": "normal", "params": {"mean": 1, "std": 1}}}
TEXT = {"choice": {"choices": ["a", "b"]}}
TIME: dict[str, Any] = {"datetime_series": {}}


def column(name: str, kind: str, generator: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "generator": generator, **rest}


def lookup(ref: str) -> dict[str, Any]:
    return {"lookup": {"from": ref}}


NODES: list[dict[str, Any]] = [
    {"id": "country", "kind": "vocab", "pk": "code", "columns": [column("code", "string", {"enum_list": {"values": ["DE", "FR"]}})]},
    {
        "id": "employee",
        "kind": "entity",
        "pk": "id",
        "columns": [column("id", "int", SEQUENCE), column("boss_id", "int", lookup("employee.id"), nullable=True)],
    },
    {
        "id": "customer",
        "kind": "entity",
        "pk": "id",
        "columns": [
            column("id", "int", SEQUENCE),
            column("email", "string", TEXT, constraints={"pattern": "^[^@]+@[a-z.]+$"}),
            column("country", "string", lookup("country.code")),
            column("age", "int", NORMAL),
            column("joined", "date", TIME),
            column("segment", "string", TEXT, nullable=True, constraints={"enum": ["vip", "basic"]}),
        ],
    },
    {
        "id": "order",
        "kind": "fact",
        "pk": "id",
        "parents": ["customer"],
        "fanout": {"distribution": "poisson", "lambda": 2.0},
        "columns": [
            column("id", "string", TEXT),
            column("customer_id", "int", lookup("customer.id")),
            column("placed", "datetime", TIME),
            column("paid", "datetime", TIME, nullable=True),
            column("amount", "float", NORMAL),
            column("gift", "bool", TEXT, nullable=True),
        ],
    },
    {"id": "product", "kind": "entity", "pk": "id", "columns": [column("id", "int", SEQUENCE)]},
    {
        "id": "item",
        "kind": "fact",
        "parents": ["order", "product"],
        "fanout": {"distribution": "poisson", "lambda": 2.0},
        "columns": [
            column("order_id", "string", lookup("order.id")),
            column("product_id", "int", lookup("product.id")),
            column("kind", "string", TEXT, nullable=True, constraints={"enum_ref": "country.code"}),
        ],
    },
]

CONSTRAINTS: dict[str, Any] = {
    "unique": ["customer.email"],
    "foreign_keys": [{"from": "order.customer_id", "to": "customer.id"}],
    "ranges": [
        {"attr": "customer.age", "min": 18.0, "max": 90.0},
        {"attr": "order.amount", "min": 0.5},
        {"attr": "order.placed", "min": "2024-01-01", "max": "2024-12-31"},
        {"attr": "customer.joined", "max": "2024-01-31"},
    ],
    "inequalities": [
        {"left": "order.placed", "op": "<=", "right": "order.paid"},
        {"left": "customer.joined", "op": "<=", "right": "order.placed"},
    ],
    "enum": [{"attr": "customer.age", "values": list(range(20, 80))}],
}

TARGETS: dict[str, Any] = {
    "weekend_share": {"table": "order", "timestamp": "placed", "min": 0.2, "max": 0.4},
    "mean_in_range": {"table": "order", "column": "amount", "min": 10.0, "max": 20.0},
    "composite_effect": {
        "table": "order",
        "metric": "amount",
        "influences": [{"column": "gift", "lift": {"true": 2.0}}, {"column": "placed", "dimension": "dow", "lift": {"5": 1.0, "6": 1.0}}],
        "tolerance": {"mae": 0.05, "mape": 0.05},
    },
}


def shop_model(**changes: Any) -> Model:
    document = {
        "version": "1.0",
        "metadata": {"name": "shop"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "nodes": NODES,
        "constraints": CONSTRAINTS,
        "targets": TARGETS,
    }
    return Model.model_validate({**document, **changes})


CUSTOMERS, ORDERS = 40, 140


def shop_data() -> dict[str, pa.Table]:
    """Data that keeps every promise: 140 orders on 20 weeks' days, gifts twice as dear."""
    first = datetime(2024, 2, 1, 12)  # noqa: DTZ001 - moments of the model have no zone
    placed = [first + timedelta(days=number) for number in range(ORDERS)]
    gift = [number % 14 < 7 for number in range(ORDERS)]
    people = range(1, CUSTOMERS + 1)
    return {
        "country": pa.table({"code": ["DE", "FR"]}),
        "employee": pa.table({"id": pa.array(range(1, 11)), "boss_id": pa.array([None, 1, 1, 2, 2, 3, 3, 4, 4, 10])}),
        "customer": pa.table(
            {
                "id": pa.array(people),
                "email": [f"user{number}@mail.example" for number in people],
                "country": [("DE", "FR")[number % 2] for number in people],
                "age": [20 + number for number in people],
                "joined": pa.array([date(2024, 1, 1 + number % 31) for number in people]),
                "segment": [("vip", "basic", None)[number % 3] for number in people],
            }
        ),
        "order": pa.table(
            {
                "id": [f"order-number-{number}" for number in range(ORDERS)],
                "customer_id": [1 + number % CUSTOMERS for number in range(ORDERS)],
                "placed": pa.array(placed, pa.timestamp("us")),
                "paid": pa.array([None if index % 3 else at for index, at in enumerate(placed)], pa.timestamp("us")),
                "amount": [20.0 if given else 10.0 for given in gift],
                "gift": gift,
            }
        ),
        "product": pa.table({"id": pa.array(range(100, 110))}),
        "item": pa.table(
            {
                "order_id": [f"order-number-{number // 2}" for number in range(2 * ORDERS)],
                "product_id": [100 + number % 10 for number in range(2 * ORDERS)],
                "kind": [("DE", None)[number % 2] for number in range(2 * ORDERS)],
            }
        ),
    }


def spoilt(data: Data, table: str, name: str, cells: Mapping[int, object]) -> dict[str, pa.Table]:
    """The data with some cells of a column replaced."""
    old = data[table]
    index = old.schema.get_field_index(name)
    values = old.column(name).to_pylist()
    for row, value in cells.items():
        values[row] = value
    return {**data, table: old.set_column(index, old.schema.field(index), pa.array(values, old.schema.field(index).type))}


@dataclass(frozen=True)
class Rows:
    """A table in memory that can be scanned."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        wanted = self.table if columns is None else self.table.select(list(columns))
        start = 0
        for batch in wanted.combine_chunks().to_batches(max_chunksize=batch_rows):
            yield start, batch
            start += batch.num_rows


def scans(data: Data) -> dict[str, Rows]:
    return {name: Rows(table) for name, table in data.items()}


def checked(data: Data, model: Model | None = None, workers: int = 1) -> Report:
    return check_scans(model or shop_model(), scans(data), workers=workers)


def checked_blocks(data: Data, model: Model | None = None, *, again: bool = False) -> Report:
    checker = Checker(model or shop_model())
    for name, table in data.items():
        for start, batch in Rows(table).batches(batch_rows=7):
            checker.block(name, start, batch)
    return checker.report(scans(data) if again else None)


def broken(report: Report) -> dict[str, str]:
    return {result.id: result.status for result in report.broken}
