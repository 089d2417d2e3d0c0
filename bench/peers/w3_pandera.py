"""The 17 checks of w3 by pandera on Polars.

    python bench/peers/w3_pandera.py FOLDER

LazyFrames are only checked against their schema by default; `validation_depth` makes it look at the data.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

COUNTRIES = ["DE", "FR", "US", "GB", "NL", "PL"]
STATUSES = ["placed", "paid", "shipped", "delivered", "cancelled"]


def main() -> None:
    folder = Path(sys.argv[1])
    customers, orders = (pl.scan_parquet(_files(folder, name)) for name in ("customer", "order"))
    keys = customers.select("customer_id").collect().to_series().implode()
    start, end = pl.datetime(2024, 1, 1), pl.datetime(2024, 12, 31, 23, 59, 59)

    def holds(expression: pl.Expr) -> pa.Check:
        return pa.Check(lambda data: data.lazyframe.select(expression))

    customer = pa.DataFrameSchema(
        {
            "customer_id": pa.Column(int, unique=True, nullable=False),
            "email": pa.Column(str, pa.Check.str_matches(r"^[a-z]+\.[0-9]+@example\.(com|org|net)$")),
            "country": pa.Column(str, pa.Check.isin(COUNTRIES)),
            "age": pa.Column(int, pa.Check.in_range(18, 95)),
        }
    )
    order = pa.DataFrameSchema(
        {
            "order_id": pa.Column(int, unique=True, nullable=False),
            "customer_id": pa.Column(int, holds(pl.col("customer_id").is_in(keys)), nullable=False),
            "amount": pa.Column(float, [pa.Check.in_range(0, 10_000), holds(pl.col("amount").mean().is_between(30, 50))]),
            "quantity": pa.Column(int, pa.Check.in_range(1, 20)),
            "status": pa.Column(str, pa.Check.isin(STATUSES)),
            "code": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{2}[0-9]{4}$")),
            "ordered_at": pa.Column(
                checks=[
                    holds(pl.col("ordered_at").is_between(start, end)),
                    holds((pl.col("ordered_at").dt.weekday() > 5).mean().is_between(0.3, 0.45)),
                ]
            ),
        },
        checks=pa.Check(lambda data: data.lazyframe.select(pl.col("shipped_at") >= pl.col("ordered_at"))),
    )
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        customer.validate(customers, lazy=True).collect()
        order.validate(orders, lazy=True)
    print("17 checks, all pass")


def _files(folder: Path, name: str) -> Path:
    """The table's file, or those of its parts."""
    return folder / name / "*.parquet" if (folder / name).is_dir() else folder / f"{name}.parquet"


if __name__ == "__main__":
    main()
