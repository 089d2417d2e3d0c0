"""Look at a model without making its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from seedbed.core.records import dataclass
from seedbed.plan.compile import with_exact_rows
from seedbed.plan.plan import Plan
from seedbed.run.dataset import Dataset, planned
from seedbed.run.judging import is_countable


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """Something to know about a model, and where in the document."""

    level: Literal["info", "warning"]
    code: str
    where: str
    message: str
    fix: str | None

    def to_dict(self) -> dict[str, str | None]:
        """The finding as JSON takes it."""
        return asdict(self)


def inspect_model(
    path: str | Path,
    *,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    profile: str | None = None,
) -> tuple[Plan, tuple[PlacedFinding, ...]]:
    """The plan of the document at a path, and what is worth knowing about it.

    Raises:
        ModelError: the model cannot be; all that is wrong, with lines and columns.
    """
    return inspected(planned(path, seed=seed, rows=rows, scale=scale, profile=profile))


def inspected(dataset: Dataset) -> tuple[Plan, tuple[PlacedFinding, ...]]:
    """The plan of a data set, with exact rows where these are counted in a moment, and what is worth knowing about it.

    Raises:
        ModelError: the model cannot be.
    """
    if is_countable(dataset.plan):
        plan = with_exact_rows(dataset.plan, dataset.rows)
    else:
        plan = dataset.plan
        dataset.require_pools()
    placed = (
        PlacedFinding(finding.level, finding.code, dataset.places.where(finding.path), finding.message, finding.fix)
        for finding in plan.findings
    )
    return plan, tuple(placed)
