"""What Great Expectations says of each case, on pandas frames. Only this file needs it; `requirements/bench.txt` has it."""

from __future__ import annotations

import logging
import math
import numbers
import os
import warnings
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "False"
import great_expectations as gx
import pandas as pd

from bench.semantics.comparisons import COMPARISONS, Comparison
from bench.semantics.tables import MIXED, TABLES

Outcome = dict[str, Any]
VERSION = f"Great Expectations {gx.__version__} on pandas {pd.__version__}"


def outcomes() -> dict[str, dict[str, Outcome]]:
    """Every case of every comparison."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frames = context.data_sources.add_pandas("frames").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")
    return {one.name: {table: _outcome(frames, one, table) for table in one.tables} for one in COMPARISONS}


def _outcome(frames: Any, one: Comparison, table: str) -> Outcome:
    frame = pd.DataFrame({"v": MIXED[table]}, dtype=object) if table in MIXED else TABLES[table].to_pandas()
    try:
        expectation = getattr(gx.expectations, one.peer)(**one.expectation(table))
        found = frames.get_batch(batch_parameters={"dataframe": frame}).validate(expectation, result_format="COMPLETE")
    except Exception as error:  # noqa: BLE001 - whatever it raises is what it says
        return {"status": "error", "failing": None, "told": _short(error)}
    raised = _raised(found.exception_info)
    if raised is not None:
        return {"status": "error", "failing": None, "told": _short(raised)}
    failing, seen = found.result.get("unexpected_count"), found.result.get("observed_value")
    return {"status": "passed" if found.success else "failed", "failing": failing, "told": _seen(seen)}


def _raised(told: Any) -> str | None:
    """The message of the exception, however deep it lies."""
    if not isinstance(told, dict):
        return None
    if told.get("raised_exception"):
        return str(told.get("exception_message"))
    return next((found for part in told.values() if (found := _raised(part)) is not None), None)


def _seen(value: Any) -> object:
    """A number as a number, anything else in few words."""
    if isinstance(value, dict):
        value = value.get("values", [None])[0]
    number = isinstance(value, numbers.Number) and not isinstance(value, complex)
    return None if value is None else float(value) if number and math.isfinite(value) else _short(value)


def _short(value: object) -> str:
    return str(value).strip().splitlines()[0][:120] if str(value).strip() else ""
