"""A table with faults: its clean rows changed and moved, and behind them the copies of some."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Ints
from seedbed.generate.conversion import to_arrow
from seedbed.generate.engine import Engine
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.frame import Frame
from seedbed.generate.injected import Injected
from seedbed.generate.quality.changes import Changes
from seedbed.generate.quality.copies import Columns, Copies, replaced, with_edits
from seedbed.generate.quality.hits import Hits, hits_of
from seedbed.generate.quality.moves import Moves
from seedbed.generate.quality.values import delivered, delivered_type, plain, taken
from seedbed.model.quality import Form, NearDuplicate
from seedbed.plan.quality import WINDOW, form_of, near_columns

#: Kinds after which a value may be null that was not.
_NULLING = frozenset({"null", "missing_field"})


class DirtyTable:
    """Any rows of a table with faults, and what the ground truth must know of them. Threads may share it."""

    def __init__(self, engine: Engine, name: str, injected: Injected) -> None:
        self.engine, self.name, self.injected = engine, name, injected
        hits = hits_of(engine, name)
        self.changes, self.moves, self.copies = Changes(engine, name, hits), Moves(engine, hits), Copies(engine, hits)
        self.plan = engine.plan.table(name)
        self.clean_rows = engine.rows(name)
        self.forms: dict[str, Form] = {column.name: form_of(engine.plan.model, name, column.name) for column in self.plan.delivered}
        self._touched = {column for each in hits for column in each.issue.columns}
        near = [each.issue for each in hits if isinstance(each.issue, NearDuplicate)]
        self._touched |= {column for issue in near for column in near_columns(self.plan, issue)}
        self.starts = self._copy_starts()

    def _copy_starts(self) -> dict[int, int]:
        """The first of the rows that each issue adds."""
        starts, at = {}, self.clean_rows
        for each in self.copies.issues:
            starts[each.place] = at
            at += int(self.injected.copies[each.place].sum()) if each.place in self.injected.copies else 0
        self.rows = at
        return starts

    def schema(self, *, encoded: bool) -> pa.Schema:
        """The schema as it is delivered: columns whose type a fault breaks are texts or bytes, and say what they were."""
        fields = zip(self.engine.schema(self.name, encoded=encoded), self.engine.schema(self.name), strict=True)
        return pa.schema([self._field(given, clean) for given, clean in fields])

    def _field(self, given: pa.Field, clean: pa.Field) -> pa.Field:
        if given.name not in self._touched:
            return given
        form = self.forms[given.name]
        found = clean.with_type(delivered_type(clean.type, form)).with_nullable(clean.nullable or self._may_be_null(given.name))
        if form == "clean":
            return found
        kind = self.plan.column(given.name).spec.value_type.value
        return found.with_metadata({**(clean.metadata or {}), b"seedbed.encoding": b"plain", b"seedbed.clean_type": kind.encode()})

    def _may_be_null(self, name: str) -> bool:
        issues = [each.issue for each in self.changes.issues if name in each.issue.columns]
        nullable = {column.name for column in self.plan.delivered if column.nullable}
        return any(issue.kind in _NULLING or nullable & set(issue.columns) for issue in issues)

    def block(self, start: int, stop: int, *, encoded: bool) -> pa.RecordBatch:
        """Rows [start, stop) as they are delivered."""
        parts = []
        if start < self.clean_rows or start == stop:
            parts.append(self._own(start, min(stop, self.clean_rows), encoded=encoded))
        parts += [self._copied(each, rows, places, encoded=encoded) for each, rows, places in self._copies_in(start, stop)]
        schema = self.schema(encoded=encoded)
        return pa.RecordBatch.from_arrays([_joined([part[name] for part in parts]) for name in schema.names], schema=schema)

    def _own(self, start: int, stop: int, *, encoded: bool) -> Columns:
        """Rows of the clean table's range."""
        start = min(start, stop)
        if not self.moves.issues or start == stop:
            return self.columns(Frame(self.engine, self.name, range(start, stop)), encoded=encoded)
        first = start // WINDOW * WINDOW
        frame = Frame(self.engine, self.name, range(first, min(-(-stop // WINDOW) * WINDOW, self.clean_rows)))
        order = self.moves.of(frame).order[start - first : stop - first]
        return {name: taken(values, order) for name, values in self.columns(frame, encoded=encoded).items()}

    def columns(self, frame: Frame, *, encoded: bool = False) -> Columns:
        """All columns of clean rows, with the cells that are changed, in the order of the frame."""
        found = {}
        for column in self.plan.delivered:
            is_coded = encoded and column.name not in self._touched
            values = to_arrow(frame.column(column.name), column, encoded=is_coded)
            found[column.name] = values if is_coded else delivered(plain(values), self.forms[column.name])
        changed = self.changes.of(frame)
        for name in dict.fromkeys(each.column for each in changed):
            mine = [each for each in changed if each.column == name]
            index = np.concatenate([each.index for each in mine])
            found[name] = replaced(found[name], index, pa.concat_arrays([each.dirty for each in mine]))
        return found

    def _copies_in(self, start: int, stop: int) -> Iterator[tuple[Hits, Ints, Ints]]:
        """The copies among rows [start, stop), an issue and a block at a time: the rows they are copies of, and which of the block's."""
        for each in self.copies.issues:
            begins = self.injected.copy_starts[each.place] + self.starts[each.place]
            low, high = max(start, int(begins[0])), min(stop, int(begins[-1]))
            if low >= high:
                continue
            first, last = (int(np.searchsorted(begins, row, side="right")) - 1 for row in (low, high - 1))
            for block in range(first, last + 1):
                if begins[block + 1] > begins[block]:
                    rows = each.rows(self.engine, self.clean_block(block))
                    places = np.arange(max(low - int(begins[block]), 0), min(high - int(begins[block]), len(rows)))
                    yield each, rows, places

    def clean_block(self, number: int) -> range:
        """The clean rows of a block."""
        return range(number * PARENT_BLOCK, min((number + 1) * PARENT_BLOCK, self.clean_rows))

    def _copied(self, hits: Hits, rows: Ints, places: Ints, *, encoded: bool) -> Columns:
        rows = rows[places]
        columns = self.columns(Frame(self.engine, self.name, rows), encoded=encoded)
        return with_edits(columns, self.copies.edits(hits, rows, columns.__getitem__))


def _joined(arrays: list[pa.Array]) -> pa.Array:
    """Arrays one after the other."""
    if len(arrays) == 1:
        return arrays[0]
    if isinstance(arrays[0], pa.DictionaryArray):
        arrays = pa.chunked_array(arrays).unify_dictionaries().chunks
    return pa.concat_arrays(arrays)
