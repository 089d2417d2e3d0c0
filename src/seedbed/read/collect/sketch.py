"""What is known of all values at each path, in little memory: sketches merge in any order and any cut to the same sketch.

A sketch has counts by type, extremes, lengths, what dates and numbers texts spell, the least fingerprints of the values (how many different ones
there are, and a sample of them), and the sketches of members and elements. Objects with more than `MOST_KEYS` different keys have one sketch for
all their members: their keys are data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self, cast

import numpy as np

from seedbed.read.collect.shapes import Ints

#: More different keys than these are data, whatever they look like.
MOST_KEYS = 1_000

#: Different texts of the member that parts objects into tables.
MOST_VARIANTS = 64

#: Fingerprints that are kept: the count of different values is exact to here, then within 1 / sqrt(k) = 6 %.
LEAST = 256
#: Values that are kept with the least fingerprints, and signs that are kept of each.
SAMPLE, SIGNS = 8, 60


def _no_keys() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Extremes:
    """The least and the greatest of some values; None of none."""

    low: Any = None
    high: Any = None

    def add(self, low: Any, high: Any) -> None:
        """Take in two extremes, or None."""
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def merge(self, other: Extremes) -> None:
        """Take in another's."""
        self.add(other.low, other.high)


@dataclass(slots=True)
class Distinct:
    """The least fingerprints of the values, rising, and values for the first of them.

    Source: Bar-Yossef et al., "Counting distinct elements in a data stream", RANDOM 2002.
    """

    least: Ints = field(default_factory=_no_keys)
    sample: dict[int, str] = field(default_factory=dict)

    def merge(self, other: Self) -> None:
        """Take in another's values."""
        if len(other.least):
            self.least = np.union1d(self.least, other.least)[:LEAST] if len(self.least) else other.least
            self.sample = dict(sorted({**self.sample, **other.sample}.items())[:SAMPLE])

    @property
    def count(self) -> int:
        """How many different values there are; exact below `LEAST`."""
        if len(self.least) < LEAST:
            return len(self.least)
        return int((LEAST - 1) * 2.0**64 / (float(self.least[-1]) + 2.0**63))


#: Counts that add up.
COUNTS = (
    "nulls", "bools", "trues", "ints", "wide", "doubles", "cents", "strings", "bigs", "odds", "raws", "objects", "empty_objects",
    "lists", "empty_lists", "earlier",
)  # fmt: skip
#: Of them, those of which each slot with a value has one.
_HELD = ("nulls", "bools", "ints", "doubles", "strings", "bigs", "odds", "raws", "objects", "lists")
_EXTREMES = ("int_range", "double_range", "text_range", "lengths", "list_lengths")


@dataclass(slots=True)
class Sketch:
    """What is known of the values at one path (see `node.Node`).

    `wide` are integers beyond 2^53, `cents` doubles of at most two decimals, `bigs` whole numbers of 20 to 38 digits, `odds` other long numbers,
    `forms` how many texts spell which form (`date`, `time:0`, `moment:T:3:Z`, `money`, `flag`). `members` are sketches by key; `element`
    is that of lists, `value` that of members whose keys are data, `keys` the different keys then. `variants` are sketches of
    the objects by the text of a member, where that was asked for.
    """

    counts: dict[str, int] = field(default_factory=dict)
    int_range: Extremes = field(default_factory=Extremes)
    double_range: Extremes = field(default_factory=Extremes)
    text_range: Extremes = field(default_factory=Extremes)
    lengths: Extremes = field(default_factory=Extremes)
    list_lengths: Extremes = field(default_factory=Extremes)
    forms: dict[str, int] = field(default_factory=dict)
    distinct: Distinct = field(default_factory=Distinct)
    members: dict[str, Sketch] = field(default_factory=dict)
    element: Sketch | None = None
    value: Sketch | None = None
    keys: Distinct = field(default_factory=Distinct)
    variants: dict[str, Sketch] = field(default_factory=dict)
    has_many_variants: bool = False
    order: tuple[int, tuple[str, ...]] | None = None

    @property
    def present(self) -> int:
        """Slots that have a value, null included; of a member those of the objects that have it."""
        return sum(self.counts.get(name, 0) for name in _HELD)

    def add_count(self, name: str, count: int) -> None:
        """Add to a count."""
        if count:
            self.counts[name] = self.counts.get(name, 0) + count

    def merge(self, other: Sketch) -> None:
        """Take in another sketch of the same path, which isn't changed."""
        for name, count in other.counts.items():
            self.add_count(name, count)
        for name in _EXTREMES:
            getattr(self, name).merge(getattr(other, name))
        for form, count in other.forms.items():
            self.forms[form] = self.forms.get(form, 0) + count
        self.distinct.merge(other.distinct)
        self._merge_members(other)
        self._merge_variants(other)
        if other.element is not None:
            self.element = self.element or Sketch()
            self.element.merge(other.element)
        if other.order is not None and (self.order is None or other.order < self.order):
            self.order = other.order

    def _merge_variants(self, other: Sketch) -> None:
        self.has_many_variants |= other.has_many_variants
        for value, variant in other.variants.items():
            self.variants.setdefault(value, Sketch()).merge(variant)
        self.bound_variants()

    def bound_variants(self) -> None:
        """Have none where there are too many: the member's texts are data."""
        if self.has_many_variants or len(self.variants) > MOST_VARIANTS:
            self.has_many_variants, self.variants = True, {}

    def _merge_members(self, other: Sketch) -> None:
        self.keys.merge(other.keys)
        if self.value is None and other.value is None:
            for key, member in other.members.items():
                self.members.setdefault(key, Sketch()).merge(member)
            if len(self.members) > MOST_KEYS:
                self.collapse()
            return
        self.collapse()
        assert self.value is not None
        for one in [other.value] if other.value is not None else other.members.values():
            self.value.merge(one)

    def collapse(self) -> None:
        """Have one sketch for the members of all keys."""
        self.value = self.value or Sketch()
        for member in self.members.values():
            self.value.merge(member)
        self.members = {}

    def to_bytes(self) -> bytes:
        """The sketch as JSON, the same for equal sketches."""
        return json.dumps(as_json(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Sketch:
        """A sketch from `to_bytes`."""
        return from_json(json.loads(content))


def merge(sketches: Iterable[Sketch]) -> Sketch:
    """One sketch for all; those given stay as they are.

    >>> merge([]).to_bytes() == Sketch().to_bytes()
    True
    """
    made = Sketch()
    for sketch in sketches:
        made.merge(sketch)
    return made


def as_json(sketch: Sketch) -> dict[str, Any]:
    """A sketch as values of JSON; what is empty is left out."""
    made: dict[str, Any] = {"counts": sketch.counts}
    for name in _EXTREMES:
        extremes = getattr(sketch, name)
        if extremes.low is not None:
            made[name] = [extremes.low, extremes.high]
    if sketch.forms:
        made["forms"] = sketch.forms
    for name in ("distinct", "keys"):
        distinct = getattr(sketch, name)
        if len(distinct.least):
            made[name] = [distinct.least.tolist(), {str(key): value for key, value in distinct.sample.items()}]
    for name in ("members", "variants"):
        if getattr(sketch, name):
            made[name] = {key: as_json(inner) for key, inner in getattr(sketch, name).items()}
    made |= {name: as_json(inner) for name in ("element", "value") if (inner := getattr(sketch, name)) is not None}
    made |= {"has_many_variants": True} if sketch.has_many_variants else {}
    if sketch.order is not None:
        made["order"] = [sketch.order[0], list(sketch.order[1])]
    return made


def from_json(content: dict[str, Any]) -> Sketch:
    """A sketch from `as_json`."""
    made = Sketch(counts=dict(content["counts"]), forms=dict(content.get("forms", {})))
    for name in _EXTREMES:
        if name in content:
            getattr(made, name).add(*content[name])
    for name in ("distinct", "keys"):
        if name in content:
            least, sample = content[name]
            setattr(made, name, Distinct(np.array(least, np.int64), {int(key): value for key, value in sample.items()}))
    made.members = {key: from_json(member) for key, member in content.get("members", {}).items()}
    made.variants = {value: from_json(variant) for value, variant in content.get("variants", {}).items()}
    made.has_many_variants = content.get("has_many_variants", False)
    for name in ("element", "value"):
        if name in content:
            setattr(made, name, from_json(content[name]))
    if "order" in content:
        made.order = (content["order"][0], tuple(content["order"][1]))
    return made


_KEY = re.compile(rb'"([^"\\]{1,200})"\s*:')


def order_of(identity: int, text: bytes) -> tuple[int, tuple[str, ...]]:
    """The keys of a record in the order of its text: columns stand as in the record of the least number.

    >>> order_of(7, b'{"b": {"a": 1}, "c": 2, "b2": "x"}')
    (7, ('b', 'a', 'c', 'b2'))
    """
    names = dict.fromkeys(found.decode() for found in _KEY.findall(text[: 64 << 10]))
    return identity, tuple(cast("list[str]", list(names)[:MOST_KEYS]))
