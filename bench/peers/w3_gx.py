"""The 17 checks of w3 by Great Expectations on pandas frames.

    python bench/peers/w3_gx.py FOLDER

It has no expectation for a share of weekends nor for another table's keys: the first is a mean over a column made for it, the second
a set of values, as its manual advises.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import great_expectations as gx  # noqa: E402
import great_expectations.expectations as gxe  # noqa: E402
import pandas as pd  # noqa: E402

COUNTRIES = ["DE", "FR", "US", "GB", "NL", "PL"]
STATUSES = ["placed", "paid", "shipped", "delivered", "cancelled"]


def main() -> None:
    folder = Path(sys.argv[1])
    customers, orders = (pd.read_parquet(_file(folder, name)) for name in ("customer", "order"))
    orders["weekend"] = (orders["ordered_at"].dt.weekday > 4).astype(float)
    customer = [
        gxe.ExpectColumnValuesToBeUnique(column="customer_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="customer_id"),
        gxe.ExpectColumnValuesToMatchRegex(column="email", regex=r"^[a-z]+\.[0-9]+@example\.(com|org|net)$"),
        gxe.ExpectColumnValuesToBeInSet(column="country", value_set=COUNTRIES),
        gxe.ExpectColumnValuesToBeBetween(column="age", min_value=18, max_value=95),
    ]
    order = [
        gxe.ExpectColumnValuesToBeUnique(column="order_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="order_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="customer_id"),
        gxe.ExpectColumnValuesToBeInSet(column="customer_id", value_set=customers["customer_id"].tolist()),
        gxe.ExpectColumnValuesToBeBetween(column="amount", min_value=0, max_value=10_000),
        gxe.ExpectColumnValuesToBeBetween(column="quantity", min_value=1, max_value=20),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=STATUSES),
        gxe.ExpectColumnValuesToMatchRegex(column="code", regex=r"^[A-Z]{2}[0-9]{4}$"),
        gxe.ExpectColumnValuesToBeBetween(
            column="ordered_at", min_value=pd.Timestamp("2024-01-01"), max_value=pd.Timestamp("2024-12-31 23:59:59")
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="shipped_at", column_B="ordered_at", or_equal=True),
        gxe.ExpectColumnMeanToBeBetween(column="amount", min_value=30, max_value=50),
        gxe.ExpectColumnMeanToBeBetween(column="weekend", min_value=0.3, max_value=0.45),
    ]
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("frames")
    passed, count = True, 0
    for name, frame, expectations in (("customer", customers, customer), ("order", orders, order)):
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        result = batch.validate(gx.ExpectationSuite(name=name, expectations=expectations), result_format="BOOLEAN_ONLY")
        passed, count = passed and bool(result.success), count + len(result.results)
    print(f"{count} checks, {'all pass' if passed else 'some fail'}")
    sys.exit(0 if passed and count == 17 else 1)


def _file(folder: Path, name: str) -> Path:
    """The table's file, or the folder of its parts."""
    return folder / name if (folder / name).is_dir() else folder / f"{name}.parquet"


if __name__ == "__main__":
    main()
