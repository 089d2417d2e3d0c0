"""Days and dates are the standard library's, on whole arrays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.calendar import FIRST_DAY, LAST_DAY, civil_from_days, day_of_week, days_from_civil, is_date_only, parse_datetime

EPOCH = date(1970, 1, 1)


def test_every_day_of_nine_centuries_is_the_standard_librarys() -> None:
    days = np.arange(-180_000, 180_000)
    dates = [EPOCH + timedelta(days=d) for d in days.tolist()]
    year, month, day = civil_from_days(days)
    assert list(zip(year.tolist(), month.tolist(), day.tolist(), strict=True)) == [(d.year, d.month, d.day) for d in dates]
    assert day_of_week(days).tolist() == [d.weekday() for d in dates]
    assert days_from_civil(year, month, day).tolist() == days.tolist()


@given(st.integers(-(10**9), 10**9))
def test_days_survive_the_way_to_civil_dates_and_back(days: int) -> None:
    assert days_from_civil(*civil_from_days(days)).item() == days


def test_the_first_and_the_last_day_are_those_of_python() -> None:
    assert [part.item() for part in civil_from_days(FIRST_DAY)] == [1, 1, 1]
    assert [part.item() for part in civil_from_days(LAST_DAY)] == [9999, 12, 31]


@given(st.datetimes(), st.integers(-23 * 60, 23 * 60), st.sampled_from("T "))
def test_iso_times_are_read_and_offsets_taken_off(local: datetime, offset: int, between: str) -> None:
    exact = (local - datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)) // timedelta(microseconds=1)
    assert parse_datetime(local.isoformat(between)) == exact
    zoned = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert parse_datetime(zoned.isoformat(between)) == exact - offset * 60_000_000
    assert parse_datetime(local.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")) == exact


@given(st.dates())
def test_dates_are_read_as_midnight(day: date) -> None:
    assert parse_datetime(day.isoformat()) == (day - EPOCH).days * 86_400_000_000
    assert is_date_only(day.isoformat())
    assert not is_date_only(f"{day.isoformat()}T10:00")


@pytest.mark.parametrize(
    "text",
    [
        "", "2024", "2024-1-1", "2024-02-30", "2024-13-01", "0000-01-01", "20240101", "2024-W01-1", "2024-01-01T", "2024-01-01T24:00",
        "2024-01-01T10:60", "2024-01-01T10", "2024-01-01T10:00:00.1234567", "2024-01-01T10:00+24:00", "2024-01-01T10:00+10:99",
        " 2024-01-01", "2024-01-01\n", "2024-01-01T10:00 Z", "٢٠٢٤-01-01", "now",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse_datetime(text)
