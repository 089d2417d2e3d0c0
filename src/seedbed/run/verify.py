"""Promises of the model, looked at on blocks as they are made or on the files when they are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import pyarrow as pa

from seedbed.check.results import Report
from seedbed.plan.plan import Plan
from seedbed.run.layout import Span


class BlockChecks(Protocol):
    """Gathers what the checks must know from blocks; can be pickled and merged."""

    def fresh(self) -> Self:
        """The same checks, with nothing gathered yet."""
        ...

    def block(self, table: str, start: int, batch: pa.RecordBatch) -> None:
        """Take in a block."""
        ...

    def merge(self, other: Self) -> None:
        """Take in what others gathered."""
        ...


def block_checks(plan: Plan) -> BlockChecks:
    """What gathers from blocks for the promises of a plan."""
    raise NotImplementedError


def checked_blocks(gathered: BlockChecks) -> Report:
    """What the checks say of all blocks gathered."""
    raise NotImplementedError


def checked_files(plan: Plan, root: Path, spans: Sequence[Span]) -> Report:
    """What the checks say of the files in a folder."""
    raise NotImplementedError


def refuse_broken(report: Report) -> None:
    """DataError that names every hard promise that is broken."""
