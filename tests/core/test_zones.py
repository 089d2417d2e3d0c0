"""Local times are those of the zone, on the days that clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.calendar import parse_datetime
from seedbed.core.clock import Clock, clock
from seedbed.core.timegrid import DAY, HOUR, TimeTable
from seedbed.core.zoned_grid import make_zoned_grid
from seedbed.core.zones import zone, zone_names, zones_version

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca"]
SPRING, AUTUMN = ("2024-03-31T00:00", "2024-04-01T00:00"), ("2024-10-27T00:00", "2024-10-28T00:00")  # Berlin changes clocks


def moment(text: str) -> int:
    return parse_datetime(text)


def day(name: str, span: tuple[str, str], freq: str) -> list[str]:
    """The points of a local day, as local times."""
    found = zone(name)
    start, end = (int(t) for t in found.instants(np.array([moment(text) for text in span])))
    grid = make_zoned_grid(found, start, end - 1, freq)
    return [str(t)[11:16] for t in found.local(grid.at(np.arange(grid.count))).astype("datetime64[us]")]


@given(st.sampled_from(ZONES), st.integers(moment("1950-01-01"), moment("2080-01-01")))
def test_local_times_are_those_of_the_rules(name: str, at: int) -> None:
    known = (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(name)).replace(tzinfo=UTC) - EPOCH
    assert zone(name).local(np.array([at]))[0] == known // timedelta(microseconds=1)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(zone_names()))
def test_no_change_of_an_offset_is_overlooked(name: str) -> None:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:  # not those of the machine
        rules = ZoneInfo.from_file(file, name)
    days = range(moment("1900-01-01"), moment("2101-01-01"), DAY)
    known = [
        ((EPOCH + timedelta(microseconds=at)).astimezone(rules).utcoffset() or timedelta()) // timedelta(microseconds=1) for at in days
    ]
    assert (zone(name).local(np.array(days)) - np.array(days) == np.array(known)).all()


@given(st.sampled_from(ZONES), st.integers(moment("1950-01-01"), moment("2080-01-01")))
def test_every_local_time_comes_from_the_first_moment_that_shows_it(name: str, at: int) -> None:
    found = zone(name)
    local = found.local(np.array([at]))
    first = found.instants(local)
    assert first[0] <= at
    assert (found.local(first) == local).all()


def test_a_day_of_summer_time_has_the_hours_that_clocks_show() -> None:
    hours = [f"{hour:02}:00" for hour in range(24)]
    assert day("Europe/Berlin", SPRING, "H") == [*hours[:2], *hours[3:]]
    assert day("Europe/Berlin", AUTUMN, "H") == [*hours[:3], "02:00", *hours[3:]]
    assert day("Europe/Berlin", SPRING, "2H") == ["00:00", *hours[4::2]]
    assert day("Europe/Berlin", AUTUMN, "2H") == ["00:00", "02:00", "02:00", *hours[4::2]]
    assert day("Australia/Lord_Howe", ("2024-10-06T00:00", "2024-10-07T00:00"), "H") == [*hours[:2], *hours[3:]]


@pytest.mark.parametrize("name", ZONES)
def test_days_begin_with_their_first_moment(name: str) -> None:
    found = zone(name)
    grid = make_zoned_grid(found, moment("2015-01-03"), moment("2019-01-01"), "D")
    points = grid.at(np.arange(grid.count))
    days = found.local(points) // DAY
    assert (np.diff(days) == 1).all()
    assert (found.local(points - 1) // DAY < days).all()


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("freq", ["15T", "H", "6H", "D", "W", "MS"])
def test_grids_find_their_points_again(name: str, freq: str) -> None:
    grid = make_zoned_grid(zone(name), moment("2017-05-05T05:15"), moment("2019-01-01"), freq)
    points = grid.at(np.arange(grid.count))
    assert (np.diff(points) > 0).all()
    assert (grid.floor(points) == np.arange(grid.count)).all()
    assert (grid.ceil(points) == np.arange(grid.count)).all()
    assert points[0] >= moment("2017-05-05T05:15")
    assert points[-1] <= moment("2019-01-01")
    local = zone(name).local(points)
    if freq in ("15T", "H"):
        assert not (local % HOUR % (HOUR // 4 if freq == "15T" else HOUR)).any()


def test_patterns_hold_in_local_time() -> None:
    berlin = clock("Europe/Berlin", None)
    grid = make_zoned_grid(zone("Europe/Berlin"), moment("2024-01-01"), moment("2024-12-31"), "T")
    table = TimeTable.of(grid, {"hour": [0] * 9 + [1] + [0] * 14, "dow": [1, 0, 0, 0, 0, 0, 0]}, clock=berlin)
    assert table is not None
    drawn = table.draw(np.arange(0, 2**64 - 2**50, 2**50, dtype=np.uint64))
    local = berlin.local(drawn)
    assert (local // HOUR % 24 == 9).all()
    assert (berlin.places(drawn, "dow") == 0).all()
    assert len(np.unique(drawn // HOUR % 24)) == 2  # summer and winter


def test_holidays_weigh_local_days() -> None:
    german = clock("Europe/Berlin", "DE")
    grid = make_zoned_grid(zone("Europe/Berlin"), moment("2024-01-01"), moment("2024-12-31T22:00"), "H")
    table = TimeTable.of(grid, {"holiday": [0, 1]}, clock=german)
    assert table is not None
    drawn = german.local(table.draw(np.arange(0, 2**64 - 2**52, 2**52, dtype=np.uint64)))
    days = {str(day) for day in np.unique(drawn // DAY).astype("datetime64[D]")}
    assert days <= {f"2024-{d}" for d in ("01-01", "03-29", "04-01", "05-01", "05-09", "05-20", "10-03", "12-25", "12-26")}
    assert len(days) == 9


def test_moments_beyond_what_zones_know_are_refused() -> None:
    with pytest.raises(ValueError, match="known from 1900 to 2100"):
        make_zoned_grid(zone("Europe/Berlin"), moment("1850-01-01"), moment("2000-01-01"), "D")
    with pytest.raises(ValueError, match="no time zone `Europe/Berln`"):
        zone("Europe/Berln")
    assert {"UTC", "Asia/Tokyo"} <= zone_names()
    assert zones_version().startswith("20")


def test_a_clock_without_zone_and_calendar_changes_nothing() -> None:
    assert clock(None, None) == Clock()
    assert Clock().local(np.array([5])).tolist() == [5]
