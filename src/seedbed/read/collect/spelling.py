"""Texts that spell dates, times and moments in a form, parsed and written a column at a time, so that one gives the other back.

A form is `date` (2024-02-29), `time:m` (08:30), `time:N` (08:30:00 and N digits of a second), or `moment:S:N:Z`: separator `T` or `_` (for a space), N
digits of a second, and the zone (nothing, `Z` or an offset as it is written); `flag` (true, false) and `money` (19.99).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.text import text_bytes
from seedbed.read.collect.shapes import Flags, Ints

Bytes = NDArray[np.uint8]

_DAY_US, _SECOND_US = 86_400_000_000, 1_000_000
_MONEY = r"^-?(0|[1-9][0-9]{0,14})\.[0-9][0-9]$"


def forms_in(values: pa.StringArray, lengths: NDArray[np.int32]) -> dict[str, int]:
    """How many of some texts (none is null) spell each form.

    >>> texts = pa.array(["2024-02-29", "2023-02-29", "2024-01-01T00:00:00Z", "x"])
    >>> forms_in(texts, np.array([10, 10, 20, 1], np.int32))
    {'date': 1, 'moment:T:0:Z': 1}
    """
    offsets, data = text_bytes(values)
    starts = offsets[:-1].astype(np.int64)
    found: dict[str, int] = {}
    if not len(data):
        return found
    first = data[np.minimum(starts, len(data) - 1)]
    is_number = (((first - np.uint8(48)) < 10) | (first == ord("-"))) & (lengths > 3)
    if not is_number.any():
        is_flag = ((first == ord("t")) & (lengths == 4)) | ((first == ord("f")) & (lengths == 5))
        return _flags(values, is_flag)
    for form, places in _candidates(data, starts, lengths.astype(np.int64)).items():
        if len(places) == len(values) and _is_quick(form) and _quickly(form, values) is not None:
            found[form] = len(values)
            continue
        _, is_right = _parsed(form, _matrix(data, starts[places], int(lengths[places[0]])))
        if count := int(np.count_nonzero(is_right)):
            found[form] = count
    for form, is_near in (("flag", (lengths == 4) | (lengths == 5)), ("money", _has(data, starts + lengths - 3, starts, ord(".")))):
        if is_near.any() and (count := int(np.count_nonzero(_are(form, values.filter(pa.array(is_near)))))):
            found[form] = count
    return found


def _flags(values: pa.StringArray, is_near: Flags) -> dict[str, int]:
    count = int(np.count_nonzero(_are("flag", values.filter(pa.array(is_near))))) if is_near.any() else 0
    return {"flag": count} if count else {}


def _are(form: str, values: pa.StringArray) -> Flags:
    chosen = pc.is_in(values, value_set=pa.array(["true", "false"])) if form == "flag" else pc.match_substring_regex(values, _MONEY)
    return np.asarray(chosen.to_numpy(zero_copy_only=False))


def _has(data: Bytes, places: Ints, starts: Ints, sign: int) -> Flags:
    """Whether a byte stands at each place, where that is within the text."""
    is_in = places > starts
    if not len(data):
        return is_in & False
    return np.asarray(is_in & (data[np.where(is_in, np.minimum(places, len(data) - 1), 0)] == sign))


def _candidates(data: Bytes, starts: Ints, lengths: Ints) -> dict[str, Ints]:
    """Texts that may spell a form, by what their length and a few signs of theirs say."""
    is_dated = (lengths >= 10) & (lengths <= 32) & _has(data, starts + 4, starts, ord("-"))
    is_timed = (lengths >= 5) & (lengths <= 15) & _has(data, starts + 2, starts, ord(":"))
    found: dict[str, Ints] = {}
    if is_timed.any():
        for length in np.unique(lengths[is_timed]).tolist():
            form = "time:m" if length == 5 else "time:0" if length == 8 else f"time:{length - 9}" if length > 9 else None
            if form:
                found[form] = np.flatnonzero(is_timed & (lengths == length))
    if not is_dated.any():
        return found
    plain = is_dated & (lengths == 10)
    if plain.any():
        found["date"] = np.flatnonzero(plain)
    places = np.flatnonzero(is_dated & (lengths >= 19))
    if not len(places):
        return found
    begin, length = starts[places], lengths[places]
    tail = data[begin + length - 6]
    signs = np.where((length >= 25) & ((tail == ord("+")) | (tail == ord("-"))), 1, np.where(data[begin + length - 1] == ord("Z"), 2, 0))
    keys = (length << 16) | (data[begin + 10].astype(np.int64) << 8) | signs
    for key in np.unique(keys).tolist():
        _add_moments(found, data, begin, places, keys == key, key)
    return found


def _add_moments(found: dict[str, Ints], data: Bytes, begin: Ints, places: Ints, is_here: Flags, key: int) -> None:
    length, separator, zone = key >> 16, (key >> 8) & 255, key & 255
    digits = length - (0, 6, 1)[zone] - 19
    if separator not in {ord("T"), ord(" ")} or digits == 1 or digits < 0 or digits > 7:
        return
    head = f"moment:{'T' if separator == ord('T') else '_'}:{max(0, digits - 1)}:"
    if zone != 1:
        found[head + ("Z" if zone == 2 else "")] = places[is_here]
        return
    chosen = np.flatnonzero(is_here)
    offsets = _matrix(data, begin[chosen] + length - 6, 6)
    for offset in np.unique(offsets, axis=0):
        text = offset.tobytes().decode("latin-1")
        if _minutes(text) is not None:
            found[head + text] = places[chosen[(offsets == offset).all(axis=1)]]


def _minutes(offset: str) -> int | None:
    """The minutes that a zone's offset (`+05:30`) says."""
    hours, minutes = offset[1:3], offset[4:6]
    if not (offset[3:4] == ":" and (hours + minutes).isascii() and (hours + minutes).isdigit() and int(hours) < 24 and int(minutes) < 60):
        return None
    return (int(hours) * 60 + int(minutes)) * (-1 if offset[0] == "-" else 1)


def _matrix(data: Bytes, starts: Ints, length: int) -> Bytes:
    """Texts of one length as rows of bytes."""
    found: Bytes = data[starts[:, None] + np.arange(length)]
    return found


def _parsed(form: str, signs: Bytes) -> tuple[Ints, Flags]:
    """The days, or microseconds, that rows of bytes say, and which rows spell the form."""
    if form == "date":
        return _days(signs)
    if form.startswith("time:"):
        return _clock(signs, form[5:])
    _, separator, digits, zone = form.split(":", 3)
    days, is_date = _days(signs[:, :10])
    clock, is_clock = _clock(signs[:, 11 : 19 + (int(digits) + 1 if int(digits) else 0)], digits)
    is_right = is_date & is_clock & (signs[:, 10] == (ord("T") if separator == "T" else ord(" ")))
    shift = (_minutes(zone) or 0) if zone not in {"", "Z"} else 0
    return days * _DAY_US + clock - shift * 60 * _SECOND_US, is_right


def _digits(signs: Bytes, first: int, count: int) -> tuple[Ints, Flags]:
    part = signs[:, first : first + count] - np.uint8(48)
    number = np.zeros(len(signs), np.int64)
    for place in range(count):
        number = number * 10 + part[:, place]
    return number, np.asarray((part < 10).all(axis=1))


def _days(signs: Bytes) -> tuple[Ints, Flags]:
    """Days since 1970 of YYYY-MM-DD. Source of the formula: Hinnant, "chrono-compatible low-level date algorithms"."""
    year, is_year = _digits(signs, 0, 4)
    month, is_month = _digits(signs, 5, 2)
    day, is_day = _digits(signs, 8, 2)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[np.clip(month, 0, 12)] + ((month == 2) & is_leap)
    is_right = is_year & is_month & is_day & (signs[:, 4] == 45) & (signs[:, 7] == 45)
    is_right &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= longest) & (year >= 1)
    shifted = year - (month <= 2)
    era, of_era = shifted // 400, shifted % 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468, is_right


def _clock(signs: Bytes, digits: str) -> tuple[Ints, Flags]:
    """Microseconds of HH:MM, or HH:MM:SS and digits of a second."""
    hour, is_hour = _digits(signs, 0, 2)
    minute, is_minute = _digits(signs, 3, 2)
    is_right = is_hour & is_minute & (signs[:, 2] == 58) & (hour < 24) & (minute < 60)
    found = (hour * 60 + minute) * 60 * _SECOND_US
    if digits == "m":
        return found, is_right
    second, is_second = _digits(signs, 6, 2)
    is_right &= is_second & (signs[:, 5] == 58) & (second < 60)
    found += second * _SECOND_US
    if count := int(digits):
        part, is_part = _digits(signs, 9, count)
        is_right &= is_part & (signs[:, 8] == 46)
        found += part * 10 ** (6 - count)
    return found, is_right


def form_length(form: str) -> int:
    """How many signs a text of a form has."""
    if form == "date":
        return 10
    parts = form.split(":", 3)
    if parts[0] == "time":
        return 5 if parts[1] == "m" else 8 + _point(parts[1])
    return 19 + _point(parts[2]) + len(parts[3])


def _point(digits: str) -> int:
    return int(digits) + 1 if int(digits) else 0


def _quickly(form: str, values: pa.StringArray) -> Ints | None:
    """The days or microseconds of texts that Arrow reads as dates or moments, every one; None where it doesn't, or where years may be 0."""
    try:
        if form == "date":
            days = pc.cast(values, pa.date32()).view(pa.int32())
            found = np.asarray(days.to_numpy(zero_copy_only=False)).astype(np.int64)
        else:
            kind = pa.timestamp("us", "UTC" if form.endswith("Z") else None)
            found = np.array(pc.cast(values, kind).view(pa.int64()).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        return None
    least = -719_162 * (1 if form == "date" else _DAY_US)  # the first day of the year 1
    return found if not len(found) or int(found.min()) >= least else None


def _is_quick(form: str) -> bool:
    return form == "date" or (form.startswith("moment:") and form.split(":", 3)[3] in {"", "Z"})


def parse(form: str, values: pa.StringArray) -> tuple[Ints, Flags]:
    """The days (of `date`) or microseconds that texts spell in a form, and which do; shape (n,), 0 for those that don't and nulls."""
    offsets, data = text_bytes(values)
    lengths = np.diff(offsets)
    numbers, is_right = np.zeros(len(values), np.int64), np.zeros(len(values), np.bool_)
    is_near = lengths == form_length(form)
    if values.null_count:
        is_near &= np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
    places = np.flatnonzero(is_near)
    if len(places) == len(values) and _is_quick(form) and _sign(form, data, offsets) and (quick := _quickly(form, values)) is not None:
        return quick, np.ones(len(values), np.bool_)
    if len(places):
        signs = _matrix(data, offsets[:-1][places].astype(np.int64), form_length(form))
        found, fits = _parsed(form, signs)
        if not form.startswith("time") and form != "date":
            zone = form.split(":", 3)[3]
            fits &= (signs[:, form_length(form) - len(zone) :] == np.frombuffer(zone.encode(), np.uint8)).all(axis=1)
        numbers[places], is_right[places] = np.where(fits, found, 0), fits
    return numbers, is_right


def _sign(form: str, data: Bytes, offsets: NDArray[np.int32]) -> bool:
    """Whether the signs that the form has between date and time, and at the end, are in every text: Arrow takes others too."""
    if form == "date" or not len(offsets) - 1:
        return True
    _, separator, _, zone = form.split(":", 3)
    is_apart = (data[offsets[:-1] + 10] == (ord("T") if separator == "T" else ord(" "))).all()
    return bool(is_apart and (not zone or (data[offsets[1:] - 1] == ord(zone)).all()))


def spell(form: str, numbers: Ints) -> pa.StringArray:
    """The texts of days or microseconds in a form: what `parse` reads.

    >>> spell("moment:_:3:+01:00", np.array([0, 1_500_000])).to_pylist()
    ['1970-01-01 01:00:00.000+01:00', '1970-01-01 01:00:01.500+01:00']
    """
    length = form_length(form)
    signs = np.zeros((len(numbers), length), np.uint8)
    if form == "date":
        _spell_days(signs, numbers)
    elif form.startswith("time:"):
        _spell_clock(signs, numbers, form[5:])
    else:
        _, separator, digits, zone = form.split(":", 3)
        shift = (_minutes(zone) or 0) if zone not in {"", "Z"} else 0
        local = numbers + shift * 60 * _SECOND_US
        _spell_days(signs, local // _DAY_US)
        signs[:, 10] = ord("T") if separator == "T" else ord(" ")
        _spell_clock(signs[:, 11:], local % _DAY_US, digits)
        if zone:
            signs[:, -len(zone) :] = np.frombuffer(zone.encode(), np.uint8)
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * np.int32(length)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(signs.tobytes()))


def _write(signs: Bytes, first: int, count: int, number: Ints) -> None:
    for place in range(first + count - 1, first - 1, -1):
        signs[:, place] = 48 + number % 10
        number = number // 10


def _spell_days(signs: Bytes, days: Ints) -> None:
    shifted = days + 719_468
    era, of_era = shifted // 146_097, shifted % 146_097
    years = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    part = (5 * of_year + 2) // 153
    month = part + np.where(part < 10, 3, -9)
    _write(signs, 0, 4, years + era * 400 + (month <= 2))
    _write(signs, 5, 2, month)
    _write(signs, 8, 2, of_year - (153 * part + 2) // 5 + 1)
    signs[:, 4] = signs[:, 7] = 45


def _spell_clock(signs: Bytes, micros: Ints, digits: str) -> None:
    seconds = micros // _SECOND_US
    _write(signs, 0, 2, seconds // 3600)
    _write(signs, 3, 2, seconds // 60 % 60)
    signs[:, 2] = 58
    if digits == "m":
        return
    _write(signs, 6, 2, seconds % 60)
    signs[:, 5] = 58
    if count := int(digits):
        signs[:, 8] = 46
        _write(signs, 9, count, micros % _SECOND_US // 10 ** (6 - count))
