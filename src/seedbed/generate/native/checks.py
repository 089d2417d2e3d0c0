"""Check digits, for whole arrays of digits at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Digits = NDArray[np.uint8]


def luhn(body: Digits) -> Digits:
    """The Luhn check digit of card numbers without it, shape (n, width) -> (n,).

    Source: ISO/IEC 7812-1, annex B.

    >>> luhn(np.array([[7, 9, 9, 2, 7, 3, 9, 8, 7, 1]], np.uint8)).tolist()
    [3]
    """
    doubled = body[:, ::-1][:, ::2].astype(np.int64) * 2
    plain = body[:, ::-1][:, 1::2].astype(np.int64)
    total = (doubled - 9 * (doubled > 9)).sum(axis=1) + plain.sum(axis=1)
    check: Digits = ((10 - total % 10) % 10).astype(np.uint8)
    return check


def ean(body: Digits) -> Digits:
    """The check digit of an article number without it (7 or 12 digits), shape (n, width) -> (n,).

    Source: GS1 General Specifications, section 7.9.

    >>> ean(np.array([[4, 0, 0, 6, 3, 8, 1, 3, 3, 3, 9, 3]], np.uint8)).tolist()
    [1]
    """
    backwards = body[:, ::-1].astype(np.int64)
    total = 3 * backwards[:, ::2].sum(axis=1) + backwards[:, 1::2].sum(axis=1)
    check: Digits = ((10 - total % 10) % 10).astype(np.uint8)
    return check


def iban(bban: Digits, country: str) -> Digits:
    """The two check digits of bank account numbers given as their characters' bytes, shape (n, width) -> (n, 2) bytes.

    Source: ISO 13616-1: the number with the country and 00 behind it, letters as 10 to 35, modulo 97.

    >>> iban(np.frombuffer(b"370400440532013000", np.uint8).reshape(1, -1), "DE").tobytes()
    b'89'
    """
    rest = np.zeros(len(bban), np.int64)
    for column in [*bban.T, *(np.full(len(bban), byte, np.uint8) for byte in country.encode() + b"00")]:
        letter = column > ord("9")
        value = column.astype(np.int64) - np.where(letter, ord("A") - 10, ord("0"))
        rest = (rest * np.where(letter, 100, 10) + value) % 97
    check = 98 - rest
    return (np.stack((check // 10, check % 10), axis=1) + ord("0")).astype(np.uint8)
