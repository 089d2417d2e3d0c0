"""What rows of one key add up to: counts, sums, least and greatest values; and checks of parents by their children."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.hashing import Keys
from seedbed.check.outcome import CheckResult
from seedbed.check.view import KeyForm, Mask, UnreadableError, View
from seedbed.core.records import dataclass

What: TypeAlias = Literal["count", "sum", "min", "max"]

#: Batches are put together when they hold so many keys.
_MOST_PENDING = 1 << 20

Arrays: TypeAlias = dict[str, NDArray[Any]]


@dataclass(slots=True)
class GroupsState:
    """Arrays by what they hold, one entry a key; `keys` among them."""

    measure: GroupsOf
    pieces: list[Arrays] = field(default_factory=list)

    def update(self, view: View) -> None:
        """Take in a batch; rows with a null in the key or the value say nothing."""
        measure = self.measure
        keys, valid = view.keys(measure.keys, measure.form)
        values = measure.values(view)
        if measure.value is not None and measure.prints is False:
            own = view.valid(measure.value[0])
            valid = own if valid is None else valid if own is None else valid & own
        if valid is not None:
            keys, values = keys[valid], values[valid]
        counts = np.ones(len(keys), np.int64)
        self._take({"keys": keys, "count": counts, **{what: values for what in measure.what if what != "count"}})

    def merge(self, other: Self) -> None:
        """Take in other batches."""
        for piece in other.pieces:
            self._put(piece)

    def settled(self) -> Arrays:
        """Every key once, rising, with its count and what else was asked."""
        if len(self.pieces) != 1:
            none = {name: np.zeros(0, np.int64) for name in ("keys", "count", *self.measure.what)}
            pieces = self.pieces or [none]
            self.pieces = [_grouped({name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]})]
        return self.pieces[0]

    def _take(self, rows: Arrays) -> None:
        if len(rows["keys"]):
            self._put(_grouped(rows))

    def _put(self, piece: Arrays) -> None:
        self.pieces.append(piece)
        if sum(len(later["keys"]) for later in self.pieces[1:]) > max(_MOST_PENDING, len(self.pieces[0]["keys"])):
            self.settled()


def _grouped(rows: Arrays) -> Arrays:
    keys = rows["keys"]
    if not len(keys):
        return rows
    if not (keys[1:] >= keys[:-1]).all():
        order = np.argsort(keys, kind="stable")
        rows = {name: values[order] for name, values in rows.items()}
        keys = rows["keys"]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    reduce: dict[str, Any] = {"count": np.add, "sum": np.add, "min": np.minimum, "max": np.maximum}
    if "sum" in rows and rows["sum"].dtype == np.int64 and _may_pass(rows["sum"]):
        rows = {**rows, "sum": rows["sum"].astype(object)}
    return {name: values[first] if name == "keys" else reduce[name].reduceat(values, first) for name, values in rows.items()}


def _may_pass(values: NDArray[np.int64]) -> bool:
    """Whether a sum of some of the values may have no room in 64 bits."""
    return max(-int(values.min()), int(values.max())) * len(values) >= 2**63


@dataclass(frozen=True, slots=True)
class GroupsOf:
    """How many rows each key has, and their values' sum, least and greatest; with `prints` the values' fingerprints are looked at."""

    table: str
    keys: tuple[str, ...]
    what: tuple[What, ...] = ()
    value: tuple[str, ...] | None = None
    form: KeyForm = "plain"
    prints: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys and the values."""
        return tuple(dict.fromkeys([*self.keys, *(self.value or ())]))

    def start(self) -> GroupsState:
        """No key yet."""
        return GroupsState(self)

    def values(self, view: View) -> NDArray[Any]:
        """The values of a batch, shape (n,)."""
        if self.value is None:
            return np.zeros(view.rows, np.int64)
        if self.prints:
            return view.keys(self.value, "nullable")[0]
        numbers: NDArray[Any] = view.exact_numbers(self.value[0])
        return numbers


def found_at(groups: Arrays, what: str, keys: Keys, absent: float = 0) -> NDArray[Any]:
    """What each key has, shape (n,); `absent` where a key isn't there."""
    if not len(groups["keys"]):
        return np.full(len(keys), absent)
    place = np.minimum(np.searchsorted(groups["keys"], keys), len(groups["keys"]) - 1)
    return np.where(groups["keys"][place] == keys, groups[what][place], absent)


@dataclass(frozen=True, slots=True)
class ChildrenCheck:
    """What a row's children are, by its key, fits the row: their number is within bounds, at most a column, or an aggregate is a column's.

    With `needs_children` a row without any keeps every aggregate. `limit` is the row's own column; `scale` brings the children's units to those of that column.
    """

    about: Promise
    children: GroupsOf
    parents: GroupsOf
    aspect: Literal["cardinality", "capacity", "aggregate"]
    low: float | None = None
    high: float | None = None
    limit: str | None = None
    measure: str = "count"
    tolerance: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    needs_children: bool = False

    @property
    def measures(self) -> tuple[GroupsOf, ...]:
        """The groups of both sides."""
        return (self.children, self.parents)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows whose children don't fit."""
        about = self.about
        rows = states.rows(about.table)
        states.rows(self.children.table)
        children, parents = states.of(self.children).settled(), states.of(self.parents).settled()
        broken = self._broken(parents["keys"], parents.get("min"), children)
        if not broken.any():
            return about.passed(rows)
        failing = int(parents["count"][broken].sum())
        views = tables.again(about.table, self.parents.columns)
        if views is None:
            reason = "the rows were not read again, so their numbers are not known"
            return about.failed(rows, failing, f"{failing:,} of {rows:,} rows", (), reason)
        failures, marker = Failures(about.samples), self.marker(states, tables)
        for view in views:
            failures.add(view, marker.broken(view), self.parents.columns)
        if not failures.count:
            return about.passed(rows)
        return about.failed(rows, failures.count, f"{failures.count:,} of {rows:,} rows", tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows whose children don't fit."""
        children = states.of(self.children).settled()

        def broken(view: View) -> Mask:
            keys, valid = view.keys(self.parents.keys, self.parents.form)
            own = None if self.limit is None else view.exact_numbers(self.limit)
            found = self._broken(keys, own, children)
            known = view.valid(self.limit) if self.limit is not None else None
            for mask in (valid, known):
                found = found if mask is None else found & mask
            return found

        return Marker(self.parents.columns, broken)

    def _broken(self, keys: Keys, own: NDArray[Any] | None, children: Arrays) -> Mask:
        counts = found_at(children, "count", keys)
        if self.aspect == "cardinality":
            broken = np.zeros(len(keys), np.bool_) if self.low is None else counts < self.low
            return broken if self.high is None else broken | (counts > self.high)
        if own is None:
            raise UnreadableError("a row's own column is missing")
        if self.aspect == "capacity":
            over: Mask = counts > own
            return over
        return self._apart(keys, own, counts, children)

    def _apart(self, keys: Keys, own: NDArray[Any], counts: NDArray[Any], children: Arrays) -> Mask:
        """The rows whose column is not what their children add up to; least, greatest and mean of no children are null and pass."""
        what = "sum" if self.measure == "mean" else self.measure
        found = counts if what == "count" else found_at(children, what, keys)
        if self.measure == "mean":
            found = found / np.maximum(counts, 1)
        if self.tolerance == 0 and self.scale[0] == self.scale[1] and found.dtype != np.float64 != own.dtype:
            broken: Mask = found != own
        else:
            apart = np.abs(found / self.scale[0] - own / self.scale[1])
            slack = self.tolerance + 1e-9 * np.abs(own / self.scale[1])  # sums of floats in another order
            broken = ~(apart <= slack)
        return broken & (counts > 0) if self.needs_children or self.measure in ("min", "max", "mean") else broken


@dataclass(frozen=True, slots=True)
class DependencyCheck:
    """Rows of one key have one value: the fingerprints of the dependent columns' values are the same."""

    about: Promise
    groups: GroupsOf

    @property
    def measures(self) -> tuple[GroupsOf, ...]:
        """The groups."""
        return (self.groups,)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows of groups that have several values."""
        rows = states.rows(self.about.table)
        groups = states.of(self.groups).settled()
        broken = groups["min"] != groups["max"]
        if not broken.any():
            return self.about.passed(rows)
        failing, many = int(groups["count"][broken].sum()), int(broken.sum())
        observed = f"{many:,} groups, {failing:,} rows"
        views = tables.again(self.about.table, self.groups.columns)
        if views is None:
            return self.about.failed(rows, failing, observed, (), "the rows were not read again, so their numbers are not known")
        failures, marker = Failures(self.about.samples), self.marker(states, tables)
        for view in views:
            failures.add(view, marker.broken(view), self.groups.columns)
        return self.about.failed(rows, failures.count, observed, tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows of groups that have several values."""
        groups = states.of(self.groups).settled()
        flags = {"keys": groups["keys"], "broken": groups["min"] != groups["max"]}

        def broken(view: View) -> Mask:
            keys, valid = view.keys(self.groups.keys, self.groups.form)
            found: Mask = found_at(flags, "broken", keys).astype(np.bool_)
            return found if valid is None else found & valid

        return Marker(self.groups.columns, broken)
