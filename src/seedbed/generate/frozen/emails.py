"""E-mail addresses and user names, of a row's own name or of any text.

Every domain is one that nobody can own (RFC 2606, RFC 6761): example.com, .net and .org, and names under .example.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.text import (
    Piece,
    fixed_width,
    from_offsets,
    join_taken,
    join_text,
    numbers_as_text,
    string_array,
    string_scalar,
    take_text,
    text_bytes,
)
from seedbed.generate.frozen.draws import Bits, choice
from seedbed.generate.frozen.names import NameParts, part_texts
from seedbed.generate.frozen.tables import LocaleTables, ascii_fold

SAFE_DOMAINS = ("example.com", "example.net", "example.org")
FREE_DOMAINS = ("freemail.example", "inbox.example", "webmail.example")
DOMAINS = (*SAFE_DOMAINS, "mail.example", "post.example")

TAIL_SLOT = 3  # the slots before it are the name's
_TAILS = 100  # half of the addresses have a number below this, so that two who share a name mostly differ


def email_of_parts(
    tables: LocaleTables, parts: NameParts, bits: Bits, number: NDArray[np.uint64] | None = None, domains: tuple[str, ...] = DOMAINS
) -> pa.StringArray:
    """Write `first.last@domain`, half of them with a number behind the name; slot 3 decides, shape (n,).

    A `number` per row is written in place of the drawn one: with different numbers no two addresses are equal,
    since names end in a letter.

    >>> from seedbed.generate.frozen import locale_tables
    >>> parts = NameParts(np.array([0], np.int32), np.array([0], np.int32))
    >>> email_of_parts(locale_tables("en_US"), parts, lambda slot: np.array([2**63], np.uint64)).to_pylist()
    ['abigail.abbott@example.com']
    >>> email_of_parts(locale_tables("en_US"), parts, lambda slot: np.array([2**63], np.uint64), np.array([7], np.uint64)).to_pylist()
    ['abigail.abbott7@example.org']
    """
    return join_taken(*_local(tables, parts), *_tail(bits, number, domains))


def user_name_of_parts(tables: LocaleTables, parts: NameParts, bits: Bits, number: NDArray[np.uint64] | None = None) -> pa.StringArray:
    """Write the first letter, the last name and a number below 100 (or the given one), shape (n,)."""
    pieces: list[Piece] = [] if parts.first is None else [(_initials(tables), parts.first)]
    if parts.last is not None:
        pieces.append((_folded(tables, "last"), parts.last))
    return join_taken(*pieces, _suffix(bits, number))


def company_email_of_parts(tables: LocaleTables, parts: NameParts, bits: Bits, number: NDArray[np.uint64] | None = None) -> pa.StringArray:
    """Write `first.last@company.example`, the company being called after some last name; slots 3 and 4, shape (n,)."""
    hosts = _hosts(tables)
    return join_taken(*_local(tables, parts), _suffix(bits, number), (hosts, choice(bits(TAIL_SLOT + 1), len(hosts))))


def domain_of_email(bits: Bits, domains: tuple[str, ...] = DOMAINS) -> pa.StringArray:
    """Write the domain that `email_of_parts` gives an address of the same draws, shape (n,).

    >>> domain_of_email(lambda slot: np.array([2**63], np.uint64)).to_pylist()
    ['example.com']
    """
    return take_text(string_array(domains), choice(bits(TAIL_SLOT), len(_tails(domains))) % len(domains))


def local_of_last(tables: LocaleTables) -> pa.StringArray:
    """How an e-mail or a domain spells each last name of a locale, in lower-case ASCII."""
    return _folded(tables, "last")


def folded_parts(tables: LocaleTables, parts: NameParts) -> tuple[pa.StringArray, pa.StringArray]:
    """First and last names in lower-case ASCII, each of shape (n,); both parts must be there."""
    assert parts.first is not None
    assert parts.last is not None
    return take_text(_folded(tables, "first"), parts.first), take_text(_folded(tables, "last"), parts.last)


def domain_name(tables: LocaleTables, bits: Bits, n: int) -> pa.StringArray:
    """Write `last.example` or `last-last.example`; slots 0 to 2, shape (n,)."""
    last = _folded(tables, "last")
    first, second = (take_text(last, choice(bits(slot), len(last))[:n]) for slot in (0, 1))
    endings = string_array([".example", "-group.example", "-online.example", "-shop.example"])
    return join_text(first, string_scalar("-"), second, take_text(endings, choice(bits(2), len(endings))[:n]))


def email_of_text(
    names: pa.StringArray, bits: Bits, number: NDArray[np.uint64] | None = None, domains: tuple[str, ...] = DOMAINS
) -> pa.StringArray:
    """Write an e-mail for any name: its letters in ASCII, its words joined by dots; `user` where nothing is left. Shape (n,).

    Nulls count as empty. Slot 3 decides the number and the domain, as in `email_of_parts`.

    >>> email_of_text(string_array(["Zoë  O'Hara", "王伟"]), lambda slot: np.full(2, 2**63, np.uint64)).to_pylist()
    ['zoe.ohara@example.com', 'user@example.com']
    """
    local = local_part(names)
    if number is None:
        return join_taken((local, None), *_tail(bits, None, domains))
    return join_taken((local, None), _apart(local), *_tail(bits, number, domains))


# ------------------------------------------------------------------------------------------ of name parts


def _local(tables: LocaleTables, parts: NameParts) -> list[Piece]:
    if parts.first is None and parts.last is None:
        raise ValueError("an e-mail needs a first or a last name")
    if parts.first is None or parts.last is None:
        part, rows = ("last", parts.last) if parts.first is None else ("first", parts.first)
        return [(_folded(tables, part), rows if rows is not None else np.zeros(0, np.int32))]
    return [(_dotted(tables), parts.first), (_folded(tables, "last"), parts.last)]


def _folded(tables: LocaleTables, part: str) -> pa.StringArray:
    folded = part_texts(tables, part).folded
    assert folded is not None
    return folded


@cache
def _dotted(tables: LocaleTables) -> pa.StringArray:
    return join_text(_folded(tables, "first"), string_scalar("."))


@cache
def _initials(tables: LocaleTables) -> pa.StringArray:
    return string_array([name[:1] for name in _folded(tables, "first").to_pylist()])


@cache
def _hosts(tables: LocaleTables) -> pa.StringArray:
    return join_text(string_scalar("@"), _folded(tables, "last"), string_scalar(".example"))


@cache
def _numbers() -> pa.StringArray:
    return string_array([str(number) for number in range(_TAILS)])


@cache
def _tails(domains: tuple[str, ...]) -> pa.StringArray:
    """`7@example.com` for every number and, as often, `@example.com`."""
    numbers = [*(str(number) for number in range(_TAILS)), *[""] * _TAILS]
    return string_array([f"{number}@{domain}" for number in numbers for domain in domains])


@cache
def _at_domains(domains: tuple[str, ...]) -> pa.StringArray:
    return string_array([f"@{domain}" for domain in domains])


def _tail(bits: Bits, number: NDArray[np.uint64] | None, domains: tuple[str, ...]) -> list[Piece]:
    if number is None:
        tails = _tails(domains)
        return [(tails, choice(bits(TAIL_SLOT), len(tails)))]
    return [(numbers_as_text(number), None), (_at_domains(domains), choice(bits(TAIL_SLOT), len(domains)))]


def _suffix(bits: Bits, number: NDArray[np.uint64] | None) -> Piece:
    return (_numbers(), choice(bits(TAIL_SLOT), _TAILS)) if number is None else (numbers_as_text(number), None)


# ------------------------------------------------------------------------------------------- of any text

_DOT = ord(".")


def _apart(local: pa.StringArray) -> Piece:
    """A dot where a name ends in a digit, so that the number behind it can be told from it."""
    offsets, data = text_bytes(local)
    return string_array(["", "."]), (data[offsets[1:] - 1] <= ord("9")).astype(np.int32)


def local_part(names: pa.StringArray) -> pa.StringArray:
    """The part of an e-mail before the `@` for any names, shape (n,): only a-z, 0-9 and single dots between words.

    >>> local_part(string_array(["Jürgen von Düring", " -- ", "Łukasz Żak"])).to_pylist()
    ['jurgen.von.during', 'user', 'lukasz.zak']
    """
    offsets, data = text_bytes(names)
    if names.null_count:
        offsets, data = _without_nulls(names, offsets, data)
    offsets, data = _spelt(offsets, data)
    offsets, data = _keep(offsets, data, ~_needless_dots(offsets, data))
    trailing = np.zeros(len(data), bool)
    ends = offsets[1:][offsets[1:] > offsets[:-1]] - 1
    trailing[ends] = data[ends] == _DOT
    offsets, data = _keep(offsets, data, ~trailing)
    return _or_user(offsets, data)


def _without_nulls(
    names: pa.StringArray, offsets: NDArray[np.int32], data: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    valid = np.frombuffer(names.is_valid().cast("uint8").buffers()[1], np.uint8)[: len(names)].astype(bool)
    return _keep(offsets, data, np.repeat(valid, np.diff(offsets)))


def _spelt(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Each letter in lower-case ASCII, white space as a dot, anything else gone."""
    characters, start, length = _spelling()
    if not (data >= 0x80).any():
        plain = _plain_spelling()[data]
        return _keep(offsets, plain, plain != 0)
    entry = _letters(data)
    counts = length[entry]
    total = np.zeros(len(data) + 1, np.int32)
    np.cumsum(counts, out=total[1:])
    place = np.repeat(start[entry] - total[:-1], counts) + np.arange(total[-1], dtype=np.int32)
    return total[offsets], characters[place]


_LATIN, _EXTENDED, _NOTHING = 0x80, 0x530, 0x630  # where in the spelling table two-byte letters, U+1E00.. and nothing lie


def _letters(data: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Where in the spelling table each byte's letter is; a letter's further bytes are nothing."""
    entry = data.astype(np.int16)
    entry[data >= 0x80] = _NOTHING
    wide = np.concatenate((data, np.zeros(2, np.uint8))).astype(np.int32)
    point = ((wide[:-2] & 0x1F) << 6) | (wide[1:-1] & 0x3F)
    two = (data >> 5 == 0b110) & (point < _EXTENDED)
    entry[two] = point[two]
    point = ((wide[:-2] & 0x0F) << 12) | ((wide[1:-1] & 0x3F) << 6) | (wide[2:] & 0x3F)
    three = (data >> 4 == 0b1110) & (point >= 0x1E00) & (point < 0x1F00)
    entry[three] = point[three] - 0x1E00 + _EXTENDED
    entry[(data >> 4 == 0b1110) & (point == 0x3000)] = ord(" ")  # the white space of Chinese and Japanese
    return entry


@cache
def _spelling() -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """ASCII letters on end, where those of each entry start, and how many they are."""
    ascii_letters = [_ascii(chr(point)) for point in range(_LATIN)]
    spelt = [*ascii_letters, *ascii_fold(), ""]
    spelt[0xA0] = "."  # the white space that doesn't break
    lengths = np.array([len(text) for text in spelt], np.int32)
    starts = np.cumsum(lengths, dtype=np.int32) - lengths
    return np.frombuffer("".join(spelt).encode(), np.uint8), starts, lengths


@cache
def _plain_spelling() -> NDArray[np.uint8]:
    """The spelling of each ASCII letter; 0 for none."""
    return np.array([ord(_ascii(chr(point)) or "\0") for point in range(_LATIN)], np.uint8)


def _ascii(character: str) -> str:
    return character.lower() if character.isalnum() else "." if character.isspace() else ""


def _needless_dots(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Dots at the start of a row or after another dot."""
    dot: NDArray[np.bool_] = data == _DOT
    before = np.concatenate(([True], dot[:-1]))[: len(data)]
    starts = offsets[:-1][offsets[:-1] < len(data)]
    before[starts] = True
    return dot & before


def _keep(offsets: NDArray[np.int32], data: NDArray[np.uint8], kept: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    if kept.all():
        return offsets, data
    total = np.zeros(len(data) + 1, np.int32)
    np.cumsum(kept, out=total[1:])
    return total[offsets], data[kept]


def _or_user(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> pa.StringArray:
    texts = from_offsets(offsets, data)
    empty = np.diff(offsets) == 0
    if not empty.any():
        return texts
    both = pa.concat_arrays([texts, fixed_width(np.frombuffer(b"user", np.uint8).reshape(1, 4))])
    return take_text(both, np.where(empty, len(texts), np.arange(len(texts))))
