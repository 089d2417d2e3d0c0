"""The cells that faults change: the first issue that changes a cell has it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Ints, row_numbers
from seedbed.core.records import dataclass
from seedbed.core.registry import QUALITY_KERNELS, load
from seedbed.generate.conversion import to_arrow
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame, Mask
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.generate.quality.hits import Hits
from seedbed.generate.quality.values import delivered, differing, plain, taken
from seedbed.plan.quality import form_of


@dataclass(frozen=True, slots=True)
class Changed:
    """Cells of a column that an issue changed: `index` are their places in the frame, shape (n,); `dirty` are of the delivered type."""

    hits: Hits
    column: str
    index: Ints
    clean: pa.Array
    dirty: pa.Array


def clean_column(frame: Frame, engine: Engine, name: str) -> pa.Array:
    """A column of a frame as Arrow delivers it, without faults and without codes."""
    return plain(to_arrow(frame.column(name), engine.column_plan(frame.table, name), encoded=False))


class Changes:
    """The issues of a table that change cells."""

    def __init__(self, engine: Engine, table: str, hits: tuple[Hits, ...]) -> None:
        self._engine, self._table = engine, table
        self.issues = tuple(each for each in hits if each.issue.effect == "change")
        self._faults: dict[int, Fault] = {each.place: load(QUALITY_KERNELS[each.issue.kind])(engine, each.issue) for each in self.issues}

    def of(self, frame: Frame) -> list[Changed]:
        """All cells of a frame that are changed."""
        free: dict[str, Mask] = {}
        known: dict[str, pa.Array] = {}
        found: list[Changed] = []
        for hits in self.issues:
            found += self._changed(frame, hits, free, known)
        return found

    def _changed(self, frame: Frame, hits: Hits, free: dict[str, Mask], known: dict[str, pa.Array]) -> Iterator[Changed]:
        index = hits.places(frame)
        columns = hits.issue.columns
        for name in columns:
            if name not in known:
                known[name], free[name] = clean_column(frame, self._engine, name), np.ones(len(frame), dtype=np.bool_)
            index = index[free[name][index]]
        if len(columns) == 1 and known[columns[0]].null_count:
            index = index[np.asarray(known[columns[0]].is_valid())[index]]
        if not len(index):
            return
        clean = [taken(known[name], index) for name in columns]
        rows = row_numbers(frame.rows)[index]
        made = self._faults[hits.place](Cells(rows, clean[0], hits.key, clean[1] if len(clean) > 1 else None))
        for name, before, after in zip(columns, clean, made, strict=True):
            dirty = self._as_delivered(name, after, before.type)
            differs = np.flatnonzero(differing(self._as_delivered(name, before, before.type), dirty))
            if len(differs):
                free[name][index[differs]] = False
                yield Changed(hits, name, index[differs], taken(before, differs), taken(dirty, differs))

    def _as_delivered(self, name: str, values: pa.Array, clean: pa.DataType) -> pa.Array:
        """Values of the clean type, or already text or bytes, as the column is delivered."""
        form = form_of(self._engine.plan.model, self._table, name)
        if form == "clean" or values.type == clean:
            return delivered(values, form)
        return values.view(pa.binary()) if form == "binary" and pa.types.is_string(values.type) else values
