"""A run that writes nothing: what would be made, and a few rows of it, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from seedbed.check.results import Report
from seedbed.check.structure import Checker
from seedbed.core.events import Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.plan.plan import Plan
from seedbed.plan.quality import TRUTH_BYTES
from seedbed.run.dataset import Dataset
from seedbed.run.executors import default_workers
from seedbed.run.generate import spans_wanted
from seedbed.run.layout import Span
from seedbed.run.verify import checked_sample


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be made; where a sample was wanted, the first rows of each span and what the checks say of them."""

    plan: Plan
    spans: tuple[Span, ...]
    samples: Mapping[str, pa.RecordBatch]
    report: Report | None

    def bytes_of(self, span: Span) -> int:
        """About how many bytes the files of a span would have."""
        if span.table == self.plan.ground_truth:
            return span.rows * TRUTH_BYTES
        expected = self.plan.table(span.table).expected_rows
        return round(self.plan.estimated_bytes[span.table] * span.rows / expected) if expected else 0


def rehearsed(
    dataset: Dataset,
    *,
    tables: Sequence[str] | None = None,
    slices: Mapping[str, tuple[int, int]] | None = None,
    sample: int = 0,
    events: Subscriber = nobody,
) -> Rehearsal:
    """Prepare a data set and make `sample` rows of each table that is wanted, in memory.

    Raises:
        ModelError: what is asked cannot be.
    """
    spans = spans_wanted(dataset, tables, slices, default_workers(), events)
    if not sample:
        return Rehearsal(dataset.plan, spans, {}, None)
    checker = Checker(dataset.model)
    pieces = tuple(Span(span.table, span.start, min(span.stop, span.start + sample)) for span in spans)
    samples = {piece.table: dataset.block(piece.table, piece.start, piece.stop) for piece in pieces}
    clean = {piece.table: dataset.clean_block(piece.table, piece.start, piece.stop) for piece in pieces}
    looked_at = {name: block for name, block in clean.items() if block is not None}
    for piece in pieces:
        if piece.table in looked_at:
            checker.block(piece.table, piece.start, looked_at[piece.table])
    return Rehearsal(
        dataset.plan,
        spans,
        samples,
        checked_sample(checker, [piece for piece in pieces if piece.table in looked_at], dataset.rows, looked_at),
    )
