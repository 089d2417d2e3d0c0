from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from seedbed.check.results import CheckResult
from tests.check.shop import NORMAL, TEXT, TIME, checked, column, shop_model

TYPES = {"at": "datetime", "day": "date", "price": "float", "count": "int", "kind": "string", "gift": "bool"}


def judged(targets: dict[str, Any], **columns: pa.Array) -> CheckResult:
    generators: dict[str, Any] = {"datetime": TIME, "date": TIME, "float": NORMAL, "int": NORMAL, "string": TEXT, "bool": TEXT}
    listed = [column(name, TYPES[name], generators[TYPES[name]], nullable=True) for name in columns]
    model = shop_model(nodes=[{"id": "t", "kind": "entity", "columns": listed}], constraints={}, targets=targets)
    return checked({"t": pa.table(columns)}, model).results[-1]


def days(count: int) -> list[date]:
    return [date(2024, 1, 1) + timedelta(days=number) for number in range(count)]  # a Monday


def weekend(low: float, high: float, name: str = "day") -> dict[str, Any]:
    return {"weekend_share": {"table": "t", "timestamp": name, "min": low, "max": high}}


def mean(low: float, high: float, name: str) -> dict[str, Any]:
    return {"mean_in_range": {"table": "t", "column": name, "min": low, "max": high}}


def test_the_share_of_weekends_counts_saturdays_and_sundays() -> None:
    result = judged(weekend(0.2, 0.3), day=pa.array([*days(7), None]))
    assert (result.id, result.status, result.observed, result.severity) == ("t.weekend_share", "passed", 2 / 7, "warning")
    assert judged(weekend(0.3, 0.4), day=pa.array(days(7))).status == "failed"
    assert judged(weekend(0.3, 0.4), day=pa.array(days(7))).expected == "0.3 to 0.4"


def test_the_share_of_weekends_knows_times_before_1970() -> None:
    saturday = datetime(1969, 12, 27, 23, 59)  # noqa: DTZ001 - moments of the model have no zone
    assert judged(weekend(1, 1, "at"), at=pa.array([saturday], pa.timestamp("us"))).status == "passed"


def test_no_time_is_an_error() -> None:
    assert judged(weekend(0, 1), day=pa.array([None], pa.date32())).status == "error"


def test_a_mean_leaves_nulls_out() -> None:
    result = judged(mean(2, 3, "price"), price=pa.array([1.0, None, 4.0]))
    assert (result.id, result.status, result.observed) == ("t.price.mean_in_range", "passed", 2.5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1e308, 1e308, -1e308, 0.0], 2.5e307), ([1e16, 1.0, -1e16, 0.0], 0.25), ([5e-324] * 2, 5e-324), ([0.1] * 10, 0.1)],
)
def test_a_mean_of_floats_is_exact(values: list[float], expected: float) -> None:
    assert judged(mean(-1e308, 1e308, "price"), price=pa.array(values)).observed == expected


def test_a_mean_of_ints_is_exact() -> None:
    assert judged(mean(-1, 1, "count"), count=pa.array([2**63 - 1, -(2**63), 2**62, -(2**62)])).observed == -0.25


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_mean_of_what_is_not_finite_is_an_error(odd: float) -> None:
    assert judged(mean(0, 1, "price"), price=pa.array([1.0, odd])).reason == "1 values of `price` are not finite"


def effect(*influences: dict[str, Any], mae: float = 0.01, mape: float = 0.01) -> dict[str, Any]:
    tolerance = {"mae": mae, "mape": mape}
    return {"composite_effect": {"table": "t", "metric": "price", "influences": list(influences), "tolerance": tolerance}}


def test_lifts_multiply_over_strata() -> None:
    kinds, gifts = ["vip", "new", "old"] * 4, [True] * 6 + [False] * 6
    prices = [(3.0 if kind == "vip" else 1.0) * (2.0 if gift else 1.0) for kind, gift in zip(kinds, gifts, strict=True)]
    columns = {"price": pa.array(prices), "kind": pa.array(kinds), "gift": pa.array(gifts)}
    both = ({"column": "kind", "lift": {"vip": 3.0}}, {"column": "gift", "lift": {"true": 2.0}})
    assert judged(effect(*both), **columns).observed == "MAE 0.0000, MAPE 0.0000 over 4 strata"
    result = judged(effect(both[0]), **columns)
    assert (result.id, result.status) == ("t.price.composite_effect", "passed")  # the other influence is spread evenly
    assert judged(effect({"column": "gift", "lift": {"true": 3.0}}), **columns).status == "failed"


def test_errors_of_lifts_count_by_rows() -> None:
    # means 2 and 1 in a half each: lifts 4/3 and 2/3; expected 1.5 and 0.5, off by 1/6 each
    columns = {"price": pa.array([2.0, 1.0]), "gift": pa.array([True, False])}
    result = judged(effect({"column": "gift", "lift": {"true": 3.0}}, mae=0.17, mape=0.2), **columns)
    assert result.observed == "MAE 0.1667, MAPE 0.2222 over 2 strata"
    assert result.status == "failed"
    assert judged(effect({"column": "gift", "lift": {"true": 3.0}}, mae=0.17, mape=0.23), **columns).status == "passed"


@pytest.mark.parametrize(("dimension", "key"), [("hour", "13"), ("dow", "0"), ("month", "1")])
def test_dimensions_of_time_make_strata(dimension: str, key: str) -> None:
    times = pa.array([datetime(2024, 1, 1, 13, 30), datetime(2024, 2, 6, 9)], pa.timestamp("us"))  # noqa: DTZ001
    lift = {"column": "at", "dimension": dimension, "lift": {key: 3.0}}
    assert judged(effect(lift), at=times, price=pa.array([3.0, 1.0])).observed == "MAE 0.0000, MAPE 0.0000 over 2 strata"


def test_influences_of_every_type_are_found_by_their_spelling() -> None:
    columns = {"price": pa.array([3.0, 1.0, 1.0]), "count": pa.array([7, 8, None]), "day": pa.array([*days(2), None])}
    for name, key in (("count", "7"), ("day", "2024-01-01")):
        told = judged(effect({"column": name, "lift": {key: 3.0}}), **columns).observed
        assert told == "MAE 0.0000, MAPE 0.0000 over 2 strata"


def test_lifts_of_nothing_are_an_error() -> None:
    lift = {"column": "gift", "lift": {"true": 3.0}}
    assert judged(effect(lift), price=pa.array([1.0, -1.0]), gift=pa.array([True, False])).status == "error"


def test_too_many_strata_are_an_error() -> None:
    lifts = [{"column": "count", "lift": {str(number): 1.0 for number in range(10)}} for _ in range(5)]
    assert judged(effect(*lifts), price=pa.array([1.0]), count=pa.array([1])).status == "error"
