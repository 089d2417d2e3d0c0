"""Tells objects whose keys are data (rows of a map) from objects whose keys are names (columns).

Each detector looks at the keys; `keys_are_data` lists them. Values must be alike too, or the keys be names after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from seedbed.read.collect.sketch import Sketch

_DATE = re.compile(r"^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}.*)?)?$|^\d{4}/\d{2}/\d{2}$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
_UUID = re.compile(r"^\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?$")
_HEX = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}([-_]([A-Z][a-z]{3}|[A-Z]{2}|\d{3}))?$")
_SERIAL = re.compile(r"^(.*?[^\d])(\d+)$")

#: The language codes that keys are compared with: two letters that are also words in data (`id`, `no`, `is`, `to`) don't count alone.
_LANGUAGES = frozenset(
    [
        *[
            "ar",
            "bg",
            "bn",
            "cs",
            "da",
            "de",
            "el",
            "en",
            "es",
            "et",
            "fa",
            "fi",
            "fr",
            "gu",
            "he",
            "hi",
            "hr",
            "hu",
            "id",
            "it",
            "ja",
            "ka",
            "kk",
            "kn",
            "ko",
            "lt",
            "lv",
            "mk",
            "ml",
            "mr",
            "ms",
            "mt",
            "nb",
            "nl",
            "nn",
            "no",
            "pa",
            "pl",
            "pt",
            "ro",
            "ru",
            "sk",
            "sl",
        ],
        *["sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh", "zu"],
    ]
)


def _all(pattern: re.Pattern[str]) -> Callable[[Sequence[str]], bool]:
    return lambda keys: all(map(pattern.match, keys))


def _are_paths(keys: Sequence[str]) -> bool:
    return all(key.startswith("/") for key in keys)


def _are_numbers(keys: Sequence[str]) -> bool:
    return len(keys) >= 2 and all(map(_NUMBER.match, keys))


def _are_addresses(keys: Sequence[str]) -> bool:
    return all(("@" in key and "." in key) or "://" in key for key in keys)


def _are_languages(keys: Sequence[str]) -> bool:
    return len(keys) >= 3 and all(_LANGUAGE.match(key) and re.split("[-_]", key)[0] in _LANGUAGES for key in keys)


def _are_serial(keys: Sequence[str]) -> bool:
    """`user_1`, `user_17`: one stem and a number; names of columns (`line1`, `line2`) are few and small."""
    found = [_SERIAL.match(key) for key in keys]
    if len(keys) < 3 or not all(found):
        return False
    parts = [one.groups() for one in found if one]
    return len({stem for stem, _ in parts}) == 1 and max(int(number[:18]) for _, number in parts) > 20


#: What keys look like that are data, whatever their number.
DETECTORS: dict[str, Callable[[Sequence[str]], bool]] = {
    "dates": _all(_DATE),
    "uuids": _all(_UUID),
    "hashes": _all(_HEX),
    "paths": _are_paths,
    "addresses": _are_addresses,
    "numbers": _are_numbers,
    "languages": _are_languages,
    "serial": _are_serial,
}

#: Objects under so many keys that have most of their own keys in common are rows.
_MANY_OBJECTS, _ALIKE = 8, 0.6
#: Keys that are so many, and so rarely there, are data.
_MANY_KEYS, _RARE = 30, 0.2


def keys_are_data(sketch: Sketch) -> str | None:
    """What says that the keys of the objects at a path are data: the name of a detector, `many`, `alike` or `rare`; None if they are names.

    >>> from seedbed.read.collect.build import build
    >>> from seedbed.read.collect.look import sketch_of
    >>> keys_are_data(sketch_of(build([{"2024-01-01": 1, "2024-01-02": 2}])))
    'dates'
    """
    if sketch.value is not None:
        return "many"
    keys = sorted(sketch.members)
    if not keys or not _are_alike(sketch.members.values()):
        return None
    for name, detector in DETECTORS.items():
        if detector(keys):
            return name
    if len(keys) >= _MANY_OBJECTS and _likeness(list(sketch.members.values())) >= _ALIKE:
        return "alike"
    held = sum(member.present for member in sketch.members.values())
    if len(keys) >= _MANY_KEYS and held < _RARE * len(keys) * sketch.counts.get("objects", 0):
        return "rare"
    return None


def _are_alike(members: Iterable[Sketch]) -> bool:
    """Whether values are all of one sort: objects, lists, numbers, texts or flags; nulls aside."""
    sorts = {sort for member in members for sort in _sorts(member)}
    return len(sorts) <= 1


def _sorts(sketch: Sketch) -> set[str]:
    counts = sketch.counts
    sorts = {sort for sort in ("objects", "lists", "strings", "bools") if counts.get(sort)}
    if any(counts.get(lane) for lane in ("ints", "doubles", "bigs", "odds")):
        sorts.add("numbers")
    return sorts


def _likeness(members: Sequence[Sketch]) -> float:
    """How much of all their keys objects have on average; 0 unless all are objects of at least two keys in all."""
    if not all(member.counts.get("objects") for member in members):
        return 0.0
    held = [set(member.members) for member in members]
    union = set().union(*held)
    return sum(map(len, held)) / (len(held) * len(union)) if len(union) >= 2 else 0.0
