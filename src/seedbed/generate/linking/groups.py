"""The rows of a link's target that match a row: groups of equal values, found by an index or by who belongs to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.block import Column
from seedbed.core.draw import Ints
from seedbed.core.records import dataclass
from seedbed.generate.frame import Context, Frame
from seedbed.plan.picks import family_link
from seedbed.plan.plan import Link


@dataclass(frozen=True, slots=True)
class Found:
    """For each of n rows a group: its first place, how many places it has (0: none match), and the target's row at a place."""

    first: Ints
    counts: Ints
    rows: Callable[[Ints], Ints]


class Candidates(Protocol):
    """Finds the group of each row; `order` holds the target's row of every place, None where places are rows."""

    @property
    def order(self) -> Ints | None:
        """The target's row of every place."""

    def of(self, frame: Frame) -> Found:
        """The group of each row of a frame."""


def candidates_of(engine: Context, table: str, link: Link) -> Candidates:
    """What finds the rows that a link with `match` may lead to."""
    return engine.once(("candidates", table, link.name), lambda: _candidates(engine, table, link))


def _candidates(engine: Context, table: str, link: Link) -> Candidates:
    through = family_link(engine.plan, table, link)
    return Family(engine, link.target, through) if through is not None else Groups(engine, link)


class Family:
    """The children of the row that another link leads to: the target's rows are told by the fan-out index, however many."""

    order = None

    def __init__(self, engine: Context, target: str, through: str) -> None:
        self._engine, self._target, self._through = engine, target, through

    def of(self, frame: Frame) -> Found:
        """The children in the target of each row's parent."""
        linked = frame.link(self._through)
        first, counts = self._engine.spans(self._target, linked.rows)
        if linked.valid is not None:
            counts = np.where(linked.valid, counts, 0)
        return Found(first, counts, lambda places: places)


class Groups:
    """Rows of the target with equal values in some columns, in memory: 16 bytes a row."""

    def __init__(self, engine: Context, link: Link) -> None:
        assert link.spec is not None
        whole = engine.whole(link.target)
        self._references = tuple(link.spec.match.values())
        self._coders = [Coder(whole.column(name)) for name in link.spec.match]
        codes = _combined([coder.own for coder in self._coders], self._coders)
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        start = int(np.searchsorted(ordered, 0))  # rows with a null match nothing
        self.order: Ints = order[start:]
        self._codes, first = np.unique(ordered[start:], return_index=True)
        self._bounds: Ints = np.append(first, len(self.order)).astype(np.int64)

    @property
    def sizes(self) -> Ints:
        """How many rows each group has."""
        return np.diff(self._bounds)

    def of(self, frame: Frame) -> Found:
        """The group of each row: that of its own values."""
        values = (frame.read(reference) for reference in self._references)
        codes = _combined([coder.find(column) for coder, column in zip(self._coders, values, strict=True)], self._coders)
        if not len(self._codes):
            none = np.zeros(len(frame), dtype=np.int64)
            return Found(none, none, lambda places: places)
        group = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        counts = np.where(self._codes[group] == codes, self._bounds[group + 1] - self._bounds[group], 0)
        return Found(self._bounds[group], counts, self._row)

    def _row(self, places: Ints) -> Ints:
        return self.order[np.minimum(places, len(self.order) - 1)] if len(self.order) else places


class Coder:
    """Numbers a column's distinct values from 0; null has -1."""

    def __init__(self, column: Column) -> None:
        data = column.data
        self._numbers: NDArray[np.generic] | None = None
        if isinstance(data, np.ndarray):
            valid = data if column.valid is None else data[column.valid]
            self._numbers = np.unique(valid)
            self.size = len(self._numbers)
        else:
            text = _plain(data)
            self._texts = pc.unique(text if column.valid is None else text.filter(pa.array(column.valid)))
            self.size = len(self._texts)
        self.own = self.find(column)

    def find(self, column: Column) -> Ints:
        """The number of each value, shape (n,); -1 where it is null or unknown."""
        if self._numbers is not None:
            if not self.size:
                return np.full(len(column), -1, dtype=np.int64)
            place = np.minimum(np.searchsorted(self._numbers, column.data), self.size - 1)
            known = self._numbers[place] == column.data
        else:
            found = pc.index_in(_plain(column.data), value_set=self._texts)
            place = np.asarray(pc.fill_null(found, pa.scalar(-1, pa.int32()))).astype(np.int64)
            known = place >= 0
        return np.where(known if column.valid is None else known & column.valid, place, -1)


def _plain(data: pa.Array) -> pa.Array:
    return data.dictionary_decode() if isinstance(data, pa.DictionaryArray) else data


def _combined(codes: list[Ints], coders: list[Coder]) -> Ints:
    """One number for the codes of several columns; -1 where any is."""
    total, missing = codes[0], codes[0] < 0
    for one, coder in zip(codes[1:], coders[1:], strict=True):
        total = total * max(coder.size, 1) + one
        missing |= one < 0
    return np.where(missing, -1, total)
