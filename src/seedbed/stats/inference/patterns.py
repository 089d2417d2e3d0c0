"""Texts of one form: prefixes with numbers, regular expressions by what stands at each place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field

from seedbed.core.records import dataclass

_DIGITS, _LOWER, _UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEX, _HEX_UPPER = _DIGITS + "abcdef", _DIGITS + "ABCDEF"

#: Classes of characters in regular expressions, the narrowest first.
_CLASSES = (
    ("[0-9]", _DIGITS), ("[a-z]", _LOWER), ("[A-Z]", _UPPER), ("[0-9a-f]", _HEX), ("[0-9A-F]", _HEX_UPPER), ("[0-9a-z]", _DIGITS + _LOWER),
    ("[0-9A-Z]", _DIGITS + _UPPER), ("[A-Za-z]", _UPPER + _LOWER), ("[0-9A-Za-z]", _DIGITS + _UPPER + _LOWER),
)  # fmt: skip

_SPECIAL = set(".^$*+?()[]{}|\\-")

#: So many texts show all characters that may stand at a place.
_ENOUGH = 150

#: Texts longer than that are told as sentences.
_LONGEST = 64

#: So many forms at most, and the share of texts that must have one of them.
_FORMS, _COVERED = 6, 0.98


@dataclass(frozen=True, slots=True)
class Numbered:
    """Texts made of a prefix, a number with at least `digits` digits, and a suffix: `first` is the least number."""

    prefix: str
    suffix: str
    digits: int
    first: int
    step: int
    is_rising: bool


@dataclass(frozen=True, slots=True)
class Form:
    """Texts of one length that a regular expression matches, their share, and how many the expression has."""

    regex: str
    share: float
    size: float
    places: tuple[str, ...] = field(default=(), repr=False)


def numbered(texts: Sequence[str], *, rows: int | None = None) -> Numbered | None:
    """The numbers behind a prefix; None where they have none, or lie too far apart. `rows` is how many there are of which these are a sample.

    >>> numbered(["SKU-0001", "SKU-0002", "SKU-0004"])
    Numbered(prefix='SKU-', suffix='', digits=4, first=1, step=1, is_rising=True)
    """
    if len(texts) < 2:
        return None
    prefix, suffix = _common(texts)
    prefix = prefix.rstrip(_DIGITS)
    suffix = suffix.lstrip(_DIGITS)
    inner = [text[len(prefix) : len(text) - len(suffix)] for text in texts]
    if not prefix + suffix or not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in inner):
        return None
    widths = {len(part) for part in inner}
    is_padded = any(part.startswith("0") and part != "0" for part in inner)
    if is_padded and len(widths) > 1 and min(widths) != min(len(part) for part in inner if part.startswith("0")):
        return None
    numbers = [int(part) for part in inner]
    low, high, count = min(numbers), max(numbers), max(rows or len(texts), 2)
    if len(set(numbers)) < len(numbers) or (high - low + 1) > 20 * count:
        return None
    return Numbered(prefix, suffix, min(widths) if is_padded else 1, low, max(1, (high - low) // (count - 1)), numbers == sorted(numbers))


def _common(texts: Sequence[str]) -> tuple[str, str]:
    first, last = min(texts), max(texts)
    at = 0
    while at < min(len(first), len(last)) and first[at] == last[at]:
        at += 1
    turned = [text[::-1] for text in texts]
    start, stop = min(turned), max(turned)
    end = 0
    shortest = min(map(len, texts)) - at
    while end < min(len(start), len(stop), shortest) and start[end] == stop[end]:
        end += 1
    return first[:at], first[len(first) - end :] if end else ""


def forms(texts: Sequence[str]) -> list[Form]:
    """The forms of texts, the most frequent first; none where they are too many, or too long.

    >>> [form.regex for form in forms(["AB-1", "QX-7", "ZZ-3"])]
    ['[A-Z]{2}-[0-9]']
    """
    groups: dict[tuple[int, str], list[str]] = {}
    for text in texts:
        if not text or len(text) > _LONGEST or not text.isascii() or not text.isprintable():
            return []
        groups.setdefault((len(text), _skeleton(text)), []).append(text)
    ranked = sorted(groups.values(), key=lambda group: (-len(group), min(group)))[:_FORMS]
    if sum(map(len, ranked)) < _COVERED * len(texts):
        merged = _by_length(texts)
        return merged if len(merged) <= _FORMS else []
    return [_form(group, len(group) / len(texts)) for group in ranked]


def _by_length(texts: Sequence[str]) -> list[Form]:
    """Forms by length alone: for hexadecimal numbers and the like, whose letters and digits have no fixed places."""
    lengths = Counter(map(len, texts))
    if len(lengths) > 2 or " " in "".join(texts[:50]):
        return []
    return [_form([text for text in texts if len(text) == length], count / len(texts)) for length, count in lengths.most_common()]


def _skeleton(text: str) -> str:
    """What isn't a letter or a digit, and where; letters by their case."""
    return "".join("9" if sign in _DIGITS else "a" if sign in _LOWER else "A" if sign in _UPPER else sign for sign in text)


def _form(group: Sequence[str], share: float) -> Form:
    places = tuple(_place(set(signs), len(group)) for signs in zip(*group, strict=True))
    size = 1.0
    for signs in places:
        size *= _size(signs)
    return Form(_joined(places), share, size, places)


def _place(signs: set[str], texts: int) -> str:
    """What may stand at a place."""
    sign = next(iter(signs))
    if len(signs) == 1 and (texts > 3 or not sign.isalnum()):
        return f"\\{sign}" if sign in _SPECIAL and sign != "-" else sign
    for name, members in _CLASSES:
        if signs <= set(members):
            is_few = texts >= _ENOUGH and len(signs) <= min(len(members) * 0.6, texts / 20)
            return _exact(sorted(signs)) if is_few else name
    return _exact(sorted(signs))


def _exact(signs: list[str]) -> str:
    """A class of single characters, neighbours as ranges."""
    runs: list[list[str]] = []
    for sign in signs:
        if runs and ord(sign) == ord(runs[-1][-1]) + 1 and sign.isalnum() and runs[-1][-1].isalnum():
            runs[-1].append(sign)
        else:
            runs.append([sign])
    parts = [f"{run[0]}-{run[-1]}" if len(run) > 2 else "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in run) for run in runs]
    return f"[{''.join(parts)}]"


def _size(place: str) -> float:
    for name, members in _CLASSES:
        if place == name:
            return float(len(members))
    if not place.startswith("["):
        return 1.0
    inner, total, at = place[1:-1], 0, 0
    while at < len(inner):
        at += inner[at] == "\\"
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            total += ord(inner[at + 2]) - ord(inner[at]) + 1
            at += 3
        else:
            total += 1
            at += 1
    return float(total)


def _joined(places: Sequence[str]) -> str:
    parts: list[str] = []
    at = 0
    while at < len(places):
        end = at + 1
        while end < len(places) and places[end] == places[at]:
            end += 1
        count = end - at
        parts.append(places[at] * count if count == 1 or (len(places[at]) == 1 and count < 4) else f"{places[at]}{{{count}}}")
        at = end
    return "".join(parts)


def widened(form: Form, rows: float) -> Form | None:
    """The form with whole classes of characters, where it has too few texts for so many different rows; None where no class helps."""
    if form.size >= rows:
        return form
    places = tuple(_wide(place) for place in form.places)
    size = 1.0
    for place in places:
        size *= _size(place)
    return Form(_joined(places), form.share, size, places) if size >= rows else None


def _wide(place: str) -> str:
    if not place.startswith("["):
        return place
    signs = set(place[1:-1]) - {"-", "\\"}
    return next((name for name, members in _CLASSES if signs <= set(members)), place)
