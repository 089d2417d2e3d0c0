"""Keys and addressed randomness: (key, row, slot) -> 64 random bits, as whole arrays.

A draw depends on nothing but its address, so any machine can make any rows in any order. Every column has a key of its
own, derived with SHA-256 from names, never from positions: adding a column changes no other column.
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np
from numpy.typing import NDArray

from seedbed.core.records import dataclass

#: Row numbers: a contiguous range, or any indices of shape (n,).
Rows = range | NDArray[np.int64]
Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd: spreads neighbouring rows
_MIX = 0xBEA225F9EB34556D  # an odd multiplier of the "moremur" kind, chosen by statistical trials
_SLOT = 0xD1B54A32D192ED03  # odd: slots one apart would differ too little for two rounds to hide (docs/randomness.md)
_MASK = (1 << 64) - 1
_UNIT = 2.0**-53
_FEW = 1 << 16  # below it 32 bits are enough: no number is favoured by more than a 65,536th
_HALF = 1 << 32

_scratch = threading.local()


@dataclass(frozen=True, slots=True)
class Key:
    """128 bits that name a stream of draws."""

    k0: int
    k1: int

    @property
    def hex(self) -> str:
        """The key as 32 hexadecimal digits."""
        return f"{self.k0:016x}{self.k1:016x}"


def derive_key(seed: int, *names: str) -> Key:
    """The key of a purpose, from the data set's seed and the names that lead to it.

    Names are length-prefixed, so ("ab", "c") and ("a", "bc") differ.

    >>> derive_key(42, "user", "age", "value").hex
    '5c395413c3429af9777001fe20b87bed'
    """
    digest = hashlib.sha256(b"seedbed-1")
    for part in (str(seed), *names):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    raw = digest.digest()
    return Key(int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:16], "little"))


def row_count(rows: Rows) -> int:
    """How many rows these are."""
    return len(rows)


def row_numbers(rows: Rows) -> Ints:
    """The row numbers as an array of shape (n,)."""
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, dtype=np.int64)
    return rows


def draw_bits(key: Key, rows: Rows, slot: int = 0) -> Bits:
    """64 random bits for each row, shape (n,); a bijection of the row for every key and slot.

    A statistical battery and dieharder find nothing in it, in single and interleaved streams (docs/randomness.md).

    >>> draw_bits(Key(1, 2), range(3, 5)).tolist() == draw_bits(Key(1, 2), np.array([3, 4])).tolist()
    True
    """
    n = len(rows)
    out = np.empty(n, dtype=np.uint64)
    if isinstance(rows, range):
        _ramp(n, out)
        out += np.uint64((rows.start * _GOLDEN + key.k0) & _MASK)
    else:
        np.multiply(rows.view(np.uint64), np.uint64(_GOLDEN), out=out)
        out += np.uint64(key.k0)
    return _mix(out, np.uint64((key.k1 + slot * _SLOT) & _MASK))


def draw_bits_keyed(key: Key, rows: Rows, slots: Bits) -> Bits:
    """64 random bits for each pair of row and slot; both of shape (n,)."""
    out = np.multiply(row_numbers(rows).view(np.uint64), np.uint64(_GOLDEN))
    out += np.uint64(key.k0)
    return _mix(out, slots * np.uint64(_SLOT) + np.uint64(key.k1))


def _ramp(n: int, out: Bits) -> None:
    """Write i * GOLDEN for i in 0..n-1."""
    ramp = getattr(_scratch, "ramp", None)
    if ramp is None or len(ramp) < n:
        ramp = np.arange(max(n, 65_536), dtype=np.uint64) * np.uint64(_GOLDEN)
        if n <= 1 << 20:
            _scratch.ramp = ramp
    out[:] = ramp[:n]


def _buffer(n: int) -> Bits:
    """A reused buffer of this thread, of n words."""
    buffer: Bits | None = getattr(_scratch, "buffer", None)
    if buffer is None or len(buffer) < n:
        buffer = np.empty(max(n, 65_536), dtype=np.uint64)
        if n <= 1 << 20:
            _scratch.buffer = buffer
    return buffer[:n]


def _mix(a: Bits, k1: np.uint64 | Bits) -> Bits:
    """Mix in place: two shift-multiply rounds, the second key between them, and a last round."""
    shifted = _buffer(len(a))
    multiplier = np.uint64(_MIX)
    a ^= np.right_shift(a, np.uint64(32), out=shifted)
    a *= multiplier
    a += k1
    a ^= np.right_shift(a, np.uint64(29), out=shifted)
    a *= multiplier
    a ^= np.right_shift(a, np.uint64(32), out=shifted)
    a *= multiplier
    a ^= np.right_shift(a, np.uint64(29), out=shifted)
    return a


def unit(bits: Bits) -> Floats:
    """Floats in [0, 1) with 53 random bits each; shape (n,)."""
    high = np.right_shift(bits, np.uint64(11)).view(np.int64)
    floats: Floats = np.multiply(high, _UNIT)
    return floats


def below(bits: Bits, limit: int | Bits) -> Ints:
    """Whole numbers in [0, limit), each as likely as the others to within a part of limit / 2^64 (2^-16 for limits below 2^16).

    `limit` is a number, or an array of shape (n,) with a limit for each row.

    >>> below(np.array([0, 2**64 - 1], dtype=np.uint64), 6).tolist()
    [0, 5]
    """
    if isinstance(limit, int):
        if limit < _FEW:
            return _from_high_half(bits, np.uint64(limit))
        return (_from_both_halves(bits, np.uint64(limit)) if limit <= _HALF else high_product(bits, np.uint64(limit))).view(np.int64)
    few = limit < np.uint64(_FEW)
    if few.all():
        return _from_high_half(bits, limit)
    exact = _from_both_halves(bits, limit) if (limit <= np.uint64(_HALF)).all() else high_product(bits, limit)
    return np.where(few, _from_high_half(bits, limit), exact.view(np.int64))


def _from_high_half(bits: Bits, limit: np.uint64 | Bits) -> Ints:
    """The upper 32 bits times a limit below 2^16, and of that the upper 32 bits."""
    high = np.right_shift(bits, np.uint64(32))
    high *= limit
    high >>= np.uint64(32)
    return high.view(np.int64)


def _from_both_halves(bits: Bits, limit: np.uint64 | Bits) -> Bits:
    """The upper 64 bits of the 128-bit product with a limit of at most 2^32."""
    low = bits & np.uint64(0xFFFFFFFF)
    low *= limit
    low >>= np.uint64(32)
    high = np.right_shift(bits, np.uint64(32))
    high *= limit
    high += low
    high >>= np.uint64(32)
    return high


def high_product(a: Bits, b: np.uint64 | Bits) -> Bits:
    """The upper 64 bits of the 128-bit product."""
    low32 = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    a_low, a_high, b_low, b_high = a & low32, a >> shift, b & low32, b >> shift
    middle = a_high * b_low + ((a_low * b_low) >> shift)
    other = a_low * b_high + (middle & low32)
    high: Bits = a_high * b_high + (middle >> shift) + (other >> shift)
    return high
