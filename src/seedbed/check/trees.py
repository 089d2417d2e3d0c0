"""Trees inside a table: following each row's parent leads to a root."""

from __future__ import annotations

from dataclasses import field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seedbed.check.check import Failures, Marker, Promise, States, Tables
from seedbed.check.hashing import Keys
from seedbed.check.outcome import MOST_SAMPLES, CheckResult, Sample
from seedbed.check.view import Mask, View
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class EdgesOf:
    """Rows, their keys and their parents' keys; `has_parent` is false for a null."""

    rows: NDArray[np.int64]
    keys: Keys
    parents: Keys
    has_parent: Mask


@dataclass(slots=True)
class EdgesState:
    """The edges of all batches."""

    names: tuple[str, str]
    pieces: list[EdgesOf] = field(default_factory=list)

    def update(self, view: View) -> None:
        """Take in a batch's edges; a row without key has no place in a tree."""
        (keys, has_key), (parents, has_parent) = (view.keys([name]) for name in self.names)
        rows = view.row_numbers
        linked = np.ones(view.rows, np.bool_) if has_parent is None else has_parent
        kept = slice(None) if has_key is None else has_key
        self.pieces.append(EdgesOf(rows[kept], keys[kept], parents[kept], linked[kept]))

    def merge(self, other: Self) -> None:
        """Take in the edges of other batches."""
        self.pieces.extend(other.pieces)

    def rows_without_root(self) -> NDArray[np.int64]:
        """The rows that lead into a circle, sorted."""
        pieces = sorted((piece for piece in self.pieces if len(piece.rows)), key=lambda piece: int(piece.rows[0]))
        if not pieces:
            return np.zeros(0, np.int64)
        keys = np.concatenate([piece.keys for piece in pieces])
        parents = np.concatenate([piece.parents for piece in pieces])
        linked = np.concatenate([piece.has_parent for piece in pieces])
        rows = np.concatenate([piece.rows for piece in pieces])
        return rows[_leads_into_circle(keys, parents, linked)]


def _leads_into_circle(keys: Keys, parents: Keys, linked: Mask) -> Mask:
    """Which nodes never reach a root; shape (n,). Each round doubles how far every node has gone.

    A root has no parent, is its own, or names one that isn't there (which the foreign key's check says).
    """
    order = np.argsort(keys, kind="stable")
    rising = keys[order]
    place = np.minimum(np.searchsorted(rising, parents), len(keys) - 1)
    is_root = ~linked | (parents == keys) | (rising[place] != parents)
    ahead = np.where(is_root, np.arange(len(keys)), order[place])
    for _ in range(len(keys).bit_length()):
        further = ahead[ahead]
        if np.array_equal(further, ahead):
            break
        ahead = further
    circles: Mask = ~is_root[ahead]
    return circles


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of a tree within a table."""

    table: str
    columns: tuple[str, str]

    def start(self) -> EdgesState:
        """No edge yet."""
        return EdgesState(self.columns)


@dataclass(frozen=True, slots=True)
class TreeCheck:
    """Nobody is above themselves; a root has no parent or is its own."""

    about: Promise
    measure: Edges

    @property
    def measures(self) -> tuple[Edges, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that lead into a circle."""
        about = self.about
        rows = states.rows(about.table)
        lost = states.of(self.measure).rows_without_root()
        if not len(lost):
            return about.passed(rows)
        first = lost[:MOST_SAMPLES]
        samples = tuple(Sample(row) for row in first.tolist())
        views = tables.again(about.table, self.measure.columns)
        if views is not None:
            failures = Failures()
            for view in views:
                failures.add(view, np.isin(view.row_numbers, first), self.measure.columns)
            samples = tuple(failures.samples)
        return about.failed(rows, len(lost), f"{len(lost):,} rows lead into a circle", samples)

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that lead into a circle."""
        lost = states.of(self.measure).rows_without_root()
        return Marker((), lambda view: np.isin(view.row_numbers, lost))
