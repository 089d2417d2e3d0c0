"""What is done when there is time, and at the end: parts of one shape, keys, documents. All of it is a function of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.core.events import Subscriber, TablesSettled
from seedbed.core.records import dataclass
from seedbed.read.collect.decide import Decisions, decide
from seedbed.read.collect.restore import affected
from seedbed.read.collect.shapes import Options
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.run.collect.compaction import Compactor
from seedbed.run.collect.documents.write import State, write_documents, write_model
from seedbed.run.collect.evidence import gathered
from seedbed.run.collect.ledger import Ledger
from seedbed.run.collect.loop import sweep

if TYPE_CHECKING:
    from seedbed.run.relations import Hints
    from seedbed.stats.relations.found import TableEvidence

#: Of the time, so much may go into settling while files come in; and it isn't done again before so many seconds.
_SHARE, _SOONEST_S = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How tables and documents are wanted: `compact` brings small parts together whatever their number, `model` reads a model off the tables."""

    options: Options
    format: str
    hints: Hints
    compact: bool = False
    model: bool = False
    frozen: str | None = None


def merged(sketches: list[bytes]) -> bytes:
    """One sketch for all, in the form that the ledger keeps."""
    return merge(map(Sketch.from_bytes, sketches)).to_bytes()


class Settler:
    """Settles the output of a ledger."""

    def __init__(self, ledger: Ledger, output: Path, wishes: Wishes, events: Subscriber) -> None:
        self._ledger, self._output, self._wishes, self._events = ledger, output, wishes, events
        self._done = (-1, -1)
        self._next = 0.0
        self.notes: tuple[str, ...] = ()

    def settle_now_and_then(self) -> None:
        """Settle where something has come since, and not too often."""
        files, _, records = self._ledger.totals()
        if (files, records) == self._done or time.monotonic() < self._next:
            return
        began = time.monotonic()
        if self.settle():
            took = time.monotonic() - began
            self._next = time.monotonic() + max(_SOONEST_S, took / _SHARE)

    def settle_at_last(self, stop: threading.Event) -> None:
        """Settle, after another listener that is at it."""
        while not self.settle(last=True) and not stop.wait(0.1):
            pass

    def settle(self, *, last: bool = False) -> bool:
        """Bring all up to now; False where another listener is at it. The model is only written at `last`."""
        if not self._ledger.take_settling():
            return False
        try:
            self._settle(last=last)
        finally:
            self._ledger.end_settling()
        return True

    def _settle(self, *, last: bool) -> None:
        began = time.perf_counter()
        files, _, records = self._ledger.totals()
        self._ledger.parts()  # before the sketch: whatever parts there are, it knows of their values
        if self._ledger.has_many_sketches:
            self._ledger.fold_sketches(merged)
        sketch = merge(map(Sketch.from_bytes, self._ledger.sketches()))
        decisions = Decisions.from_json(self._wishes.frozen) if self._wishes.frozen else decide(sketch, self._wishes.options)
        text = decisions.to_json()
        digest = sha256(text.encode()).digest()
        self._ledger.keep_decisions(digest, text)
        self._forget_changed(decisions)
        compactor = Compactor(self._ledger, self._output, removes=self._wishes.format != "delta")
        rewritten = compactor.retype_all(decisions, digest)
        self._ledger.note_version(digest, text)
        parts = [(part, seen) for part, seen in self._ledger.parts() if part.decisions == digest]
        evidence = gathered(self._ledger, self._output, decisions.tables, parts)
        rewritten += compactor.merge_small(decisions, digest, all_small=self._wishes.compact)
        self._write(sketch, decisions, evidence, last=last)
        self._done = (files, records)
        version = self._ledger.last_decisions()
        shown = sum(1 for table in decisions.tables if table.name in evidence)
        self._events(TablesSettled(version[0] if version else 0, shown, rewritten, time.perf_counter() - began))

    def _forget_changed(self, decisions: Decisions) -> None:
        """Evidence is of columns as they were: of those that change it is gathered anew."""
        last = self._ledger.last_decisions()
        if last is None:
            return
        before = Decisions.from_json(last[1])
        columns = {table.name: table.columns for table in before.tables}
        if affected(before, decisions).rewritten:
            self._ledger.forget_evidence(sorted({*columns, *(table.name for table in decisions.tables)}))
            return
        gone = [table.name for table in decisions.tables if columns.get(table.name) != table.columns]
        if gone:
            self._ledger.forget_evidence(gone)

    def _write(self, sketch: Sketch, decisions: Decisions, evidence: Mapping[str, TableEvidence], *, last: bool) -> None:
        """Write the documents, and the log of Delta tables."""
        state = State(self._ledger, self._output, decisions, sketch, evidence, self._wishes.hints)
        relations = write_documents(state)
        if last and self._wishes.model:
            write_model(state, relations)
        if self._wishes.format == "delta":
            from seedbed.run.collect.delta_log import show_parts

            show_parts(self._output, decisions.tables, [part for part, _ in self._ledger.parts()])
            sweep(self._ledger, self._output)  # parts that no log tells of any more
