"""Values as texts that say all of them: ISO 8601 for days and moments, every digit of decimals, the shortest floats that read back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS
from seedbed.core.decimals import decimal_texts, units_of
from seedbed.core.text import bytes_array, fixed_width, from_offsets, join_text, string_scalar, text_bytes
from seedbed.write.formats.losses import Cells, integers, present

#: 0001-01-01 and 10000-01-01 in days since 1970: ISO 8601 has four digits for a year unless both sides agree on more.
FIRST_DAY, PAST_DAY = -719_162, 2_932_897
_DAY_US = 86_400_000_000


def spelled(array: pa.Array, cells: Cells, *, binary: str = "base64") -> pa.StringArray:
    """Each value as a text, null where it is null; shape (n,). Texts are given back as they are.

    Moments of a time zone are told in UTC, with a Z behind them. Bytes become `base64` or `hex`.

    Raises:
        DataError: a year has more or less than four digits.
        TypeError: the type is nested, or none that seedbed delivers.

    >>> spelled(pa.array([1_700_000_000_250_000, 0], pa.timestamp("us", "Europe/Berlin")), Cells("t", "at")).to_pylist()
    ['2023-11-14T22:13:20.250000Z', '1970-01-01T00:00:00Z']
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return spelled(pc.decoded(array), cells, binary=binary)
    if pa.types.is_string(kind):
        return array
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return (moment_texts if pa.types.is_timestamp(kind) else day_texts)(array, cells)
    if pa.types.is_nested(kind):
        message = f"{kind} has no text of its own"
        raise TypeError(message)
    if is_bytes(kind):
        return base64_texts(array) if binary == "base64" else hex_texts(array)
    spell = next((spell for fits, spell in _SPELLINGS if fits(kind)), None)
    return pc.cast(array, pa.string()) if spell is None else spell(array)


def is_bytes(kind: pa.DataType) -> bool:
    """Whether values of the type are bytes."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def float_texts(array: pa.Array) -> pa.StringArray:
    """Floats with the fewest digits that read back as the same float, never as whole numbers; shape (n,).

    >>> float_texts(pa.array([5.0, -0.0, 0.1, 1e300, None, float("-inf")])).to_pylist()
    ['5.0', '-0.0', '0.1', '1e+300', None, '-inf']
    """
    texts = pc.cast(array, pa.string())
    values = np.frombuffer(array.buffers()[1], array.type.to_pandas_dtype(), len(array), array.offset * array.type.bit_width // 8)
    with np.errstate(invalid="ignore"):
        # From 1e15 on Arrow writes an exponent, which tells of a float by itself.
        whole = (np.abs(values) < 1e15) & (values == np.trunc(values)) & present(array)
    if not whole.any():
        return texts
    mask = pa.array(whole)
    return pc.replace_with_mask(texts, mask, join_text(texts.filter(mask), _POINT_ZERO))


def moment_texts(array: pa.Array, cells: Cells) -> pa.StringArray:
    """Moments as `2026-01-31T12:00:00`, with six digits of a second where they aren't zero, and Z behind those of a zone; shape (n,)."""
    moments = pc.cast(array, pa.timestamp("us", array.type.tz)) if array.type.unit != "us" else array
    ticks = integers(moments)
    if moments.null_count:
        ticks = np.where(present(moments), ticks, 0)
    outside = (ticks < FIRST_DAY * _DAY_US) | (ticks >= PAST_DAY * _DAY_US)
    cells.refuse(outside, _YEAR, _YEAR_FIX)
    days = ticks // _DAY_US
    return _joined(_day_signs(days), ticks - days * _DAY_US, array, b"Z" if array.type.tz else b"")


def time_texts(array: pa.Array) -> pa.StringArray:
    """Times of day as `08:30:00`, with six digits of a second where they aren't zero; shape (n,)."""
    times = pc.cast(array, pa.time64("us"))
    return _joined(None, np.where(present(times), integers(times), 0), array, b"")


def day_texts(array: pa.Array, cells: Cells) -> pa.StringArray:
    """Days as `2026-01-31`; shape (n,)."""
    days = pc.cast(array, pa.date32())
    numbers = integers(days)
    cells.refuse(present(days) & ((numbers < FIRST_DAY) | (numbers >= PAST_DAY)), _YEAR, _YEAR_FIX)
    return pc.cast(days, pa.string())


def exact_texts(array: pa.Array) -> pa.StringArray:
    """Decimals with all digits of their scale; shape (n,).

    >>> exact_texts(pa.array(["0.000000000", None]).cast(pa.decimal128(38, 9))).to_pylist()
    ['0.000000000', None]
    """
    kind = array.type
    if kind.precision <= MOST_DIGITS:
        return with_nulls(decimal_texts(units_of(array), kind.scale), array)
    wide = pc.cast(array, pa.decimal128(38, kind.scale)) if kind.bit_width < 128 else array
    whole = pa.Array.from_buffers(_scaled(wide.type, 0), len(wide), wide.buffers(), offset=wide.offset)
    digits = pc.cast(whole, pa.string())  # a scale of zero has no exponent
    if kind.scale <= 0:
        return digits
    signs = pc.if_else(pc.starts_with(digits, pattern="-"), string_scalar("-"), string_scalar(""))
    padded = pc.utf8_lpad(pc.utf8_ltrim(digits, characters="-"), width=kind.scale + 1, padding="0")
    before, after = (pc.utf8_slice_codeunits(padded, *ends) for ends in ((0, -kind.scale), (-kind.scale, None)))
    return pc.binary_join_element_wise(signs, before, string_scalar("."), after, string_scalar(""))


def _scaled(kind: pa.DataType, scale: int) -> pa.DataType:
    return pa.decimal256(76, scale) if pa.types.is_decimal256(kind) else pa.decimal128(38, scale)


def hex_texts(array: pa.Array) -> pa.StringArray:
    """Bytes as hexadecimal digits, two for each; shape (n,).

    >>> hex_texts(pa.array([b"seed", None, b""])).to_pylist()
    ['73656564', None, '']
    """
    offsets, data = _octets(array)
    return with_nulls(from_offsets(offsets * 2, _HEX[data].reshape(-1)), array)


def base64_texts(array: pa.Array) -> pa.StringArray:
    """Bytes as Base64 (RFC 4648, with `=` at the end); shape (n,).

    >>> base64_texts(pa.array([b"seed", None, b"a", b""])).to_pylist()
    ['c2VlZA==', None, 'YQ==', '']
    """
    offsets, data = _octets(array)
    lengths = np.diff(offsets)
    groups = (lengths + 2) // 3
    ends = np.zeros(len(groups) + 1, np.int32)
    np.cumsum(groups, out=ends[1:])
    # Each group of three bytes by where it begins; what lies behind the end of its value counts as zero.
    within = np.arange(ends[-1], dtype=np.int32) - np.repeat(ends[:-1], groups)
    begins = np.repeat(offsets[:-1], groups) + 3 * within
    left = np.minimum(np.repeat(lengths, groups) - 3 * within, 3)
    padded = np.concatenate([data, np.zeros(3, np.uint8)])
    bits = np.zeros(len(begins), np.uint32)
    for place in range(3):
        octet = np.where(left > place, padded[np.minimum(begins + place, len(data))], 0).astype(np.uint32)
        bits |= octet << np.uint32(16 - 8 * place)
    signs = np.stack([_BASE64[(bits >> np.uint32(shift)) & np.uint32(63)] for shift in (18, 12, 6, 0)], axis=1)
    signs[left < 3, 3] = ord("=")
    signs[left < 2, 2] = ord("=")
    return with_nulls(from_offsets(ends * np.int32(4), signs.reshape(-1)), array)


def with_nulls(texts: pa.StringArray, like: pa.Array) -> pa.StringArray:
    """Texts that are null where `like` is; shape (n,)."""
    if not like.null_count:
        return texts
    return pc.if_else(like.is_valid(), texts, pa.scalar(None, pa.string()))


def _octets(array: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    plain = pc.cast(array, pa.binary()) if not pa.types.is_binary(array.type) else array
    if plain.null_count:
        plain = pc.fill_null(plain, bytes_array([b""])[0])
    return text_bytes(plain)


def _day_signs(days: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Each day since 1970 as `2026-01-31T`, 11 characters; shape (n,). What lies in a narrow span is looked up."""
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    if last - first > max(len(days), 10_000):
        return _written_days(days.astype(np.int32))
    return _written_days(np.arange(first, last + 1, dtype=np.int32))[days - first]


def _written_days(days: NDArray[np.int32]) -> NDArray[np.bytes_]:
    signs = np.full((len(days), 11), ord("T"), np.uint8)
    signs[:, :10] = text_bytes(pc.cast(pa.array(days, pa.date32()), pa.string()))[1].reshape(-1, 10)
    return signs.reshape(-1).view("S11")


@cache
def _times() -> NDArray[np.bytes_]:
    """Each second of a day as `08:30:00`."""
    seconds = pa.array(np.arange(86_400, dtype=np.int32)).cast(pa.time32("s"))
    return text_bytes(pc.cast(seconds, pa.string()))[1].view("S8")


def _joined(days: NDArray[np.bytes_] | None, ticks: NDArray[np.int64], like: pa.Array, end: bytes) -> pa.StringArray:
    """Days and times of day in microseconds as texts, those of whole seconds without a fraction, with an ending; shape (n,)."""
    seconds = ticks // 1_000_000
    micros = ticks - seconds * 1_000_000
    parts = [part for part in (days, _times()[seconds]) if part is not None]
    ends = np.full(len(ticks), end, f"S{len(end)}") if end else None
    short = _side_by_side([*parts, ends])
    fractional = micros != 0
    if not fractional.any():
        return with_nulls(short, like)
    fractions = text_bytes(pc.cast(pa.array(micros + 1_000_000), pa.string()))[1].reshape(-1, 7).copy()
    fractions[:, 0] = ord(".")
    long = _side_by_side([*parts, fractions.reshape(-1).view("S7"), ends])
    return with_nulls(long if fractional.all() else pc.if_else(pa.array(fractional), long, short), like)


def _side_by_side(parts: list[NDArray[np.bytes_] | None]) -> pa.StringArray:
    found = [part for part in parts if part is not None]
    rows = np.empty(len(found[0]), [(f"f{at}", part.dtype) for at, part in enumerate(found)])
    for at, part in enumerate(found):
        rows[f"f{at}"] = part
    return fixed_width(rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize))


_POINT_ZERO = string_scalar(".0")
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
_BASE64 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
_YEAR = "the year has not four digits, as ISO 8601 wants"
_YEAR_FIX = "write Parquet or Arrow, which hold any year, or keep days between 0001-01-01 and 9999-12-31"
_SPELLINGS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.StringArray]], ...] = (
    (pa.types.is_floating, float_texts),
    (pa.types.is_time, time_texts),
    (pa.types.is_decimal, exact_texts),
)
