"""The table of holidays is what its rules give, and they give what calendars show."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.holidays import calendars, holidays, is_holiday

TOOL = Path(__file__).parents[2] / "tools" / "write_holidays.py"

#: As printed in calendars of those years.
KNOWN = {
    ("AT", 2023): "0101 0106 0410 0501 0518 0529 0608 0815 1026 1101 1208 1225 1226",
    ("DE", 2017): "0101 0414 0417 0501 0525 0605 1003 1031 1225 1226",
    ("DK", 2023): "0101 0406 0407 0409 0410 0505 0518 0528 0529 1225 1226",
    ("FR", 2025): "0101 0421 0501 0508 0529 0609 0714 0815 1101 1111 1225",
    ("GB", 2022): "0101 0103 0415 0418 0502 0602 0603 0829 0919 1225 1226 1227",
    ("IE", 2024): "0101 0205 0317 0401 0506 0603 0805 1028 1225 1226",
    ("NL", 2020): "0101 0412 0413 0427 0505 0521 0531 0601 1225 1226",
    ("PL", 2023): "0101 0106 0409 0410 0501 0503 0528 0608 0815 1101 1111 1225 1226",
    ("SE", 2024): "0101 0106 0329 0331 0401 0501 0509 0519 0606 0622 1102 1225 1226",
    ("US", 2021): "0101 0118 0215 0531 0618 0619 0704 0705 0906 1011 1111 1125 1224 1225 1231",
}


def days(code: str, year: int) -> list[str]:
    found = holidays(code).astype("datetime64[D]")
    return [str(day)[5:].replace("-", "") for day in found if str(day).startswith(str(year))]


@pytest.mark.parametrize(("code", "year"), list(KNOWN))
def test_holidays_are_those_of_printed_calendars(code: str, year: int) -> None:
    assert days(code, year) == KNOWN[code, year].split()


def test_the_table_is_what_the_tool_writes() -> None:
    spec = spec_from_file_location("write_holidays", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.TABLE.read_text() == tool.table()


def test_every_country_has_every_year() -> None:
    assert len(calendars()) == 22
    for code in calendars():
        found = holidays(code)
        assert (np.diff(found) > 0).all()
        years = found.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
        assert set(years.tolist()) == set(range(1990, 2051))


def test_days_are_found_among_holidays() -> None:
    found = holidays("DE")
    assert is_holiday(found, found).all()
    assert not is_holiday(found[-1:] + 1, found).any()
