"""The 17 checks of w3 by pointblank on Polars' LazyFrames.

    python bench/peers/w3_pointblank.py FOLDER

Tried: eager frames (more memory, about as fast), extracts of failing rows left out (kept out: faster).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pointblank as pb
import polars as pl

COUNTRIES = ["DE", "FR", "US", "GB", "NL", "PL"]
STATUSES = ["placed", "paid", "shipped", "delivered", "cancelled"]


def main() -> None:
    folder = Path(sys.argv[1])
    customers, orders = (pl.scan_parquet(_files(folder, name)) for name in ("customer", "order"))
    keys = customers.select("customer_id").collect().to_series().implode()
    start, end = pl.datetime(2024, 1, 1), pl.datetime(2024, 12, 31, 23, 59, 59)
    figures = orders.select(mean=pl.col("amount").mean(), weekend=(pl.col("ordered_at").dt.weekday() > 5).mean()).collect()
    quick = {"collect_extracts": False, "collect_tbl_checked": False}
    first = (
        pb.Validate(data=customers)
        .rows_distinct(columns_subset="customer_id")
        .col_vals_not_null(columns="customer_id")
        .col_vals_regex(columns="email", pattern=r"^[a-z]+\.[0-9]+@example\.(com|org|net)$")
        .col_vals_in_set(columns="country", set=COUNTRIES)
        .col_vals_between(columns="age", left=18, right=95)
        .interrogate(**quick)
    )
    second = (
        pb.Validate(data=orders)
        .rows_distinct(columns_subset="order_id")
        .col_vals_not_null(columns="order_id")
        .col_vals_not_null(columns="customer_id")
        .col_vals_expr(expr=pl.col("customer_id").is_in(keys))
        .col_vals_between(columns="amount", left=0, right=10_000)
        .col_vals_between(columns="quantity", left=1, right=20)
        .col_vals_in_set(columns="status", set=STATUSES)
        .col_vals_regex(columns="code", pattern=r"^[A-Z]{2}[0-9]{4}$")
        .col_vals_expr(expr=pl.col("ordered_at").is_between(start, end))
        .col_vals_expr(expr=pl.col("shipped_at") >= pl.col("ordered_at"))
        .interrogate(**quick)
    )
    rest = [30 <= figures["mean"][0] <= 50, 0.3 <= figures["weekend"][0] <= 0.45]
    steps = len(first.validation_info) + len(second.validation_info) + len(rest)
    passed = first.all_passed() and second.all_passed() and all(rest)
    print(f"{steps} checks, {'all pass' if passed else 'some fail'}")
    sys.exit(0 if passed and steps == 17 else 1)


def _files(folder: Path, name: str) -> Path:
    """The table's file, or those of its parts."""
    return folder / name / "*.parquet" if (folder / name).is_dir() else folder / f"{name}.parquet"


if __name__ == "__main__":
    main()
