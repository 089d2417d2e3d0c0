"""Look at a model without making its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from seedbed.plan.compile import compile_plan, with_exact_rows
from seedbed.plan.plan import Plan
from seedbed.read.document import load_document
from seedbed.run.dataset import Dataset, load_pools

#: Up to so many rows of entities, fan-outs are counted (13 ns a parent) and not only expected.
COUNTED_PARENTS = 5_000_000


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
    path: str | Path, *, seed: int | None = None, rows: Mapping[str, int] | None = None, scale: float = 1.0
) -> tuple[Plan, tuple[PlacedFinding, ...]]:
    """The plan of the document at a path, and what is worth knowing about it.

    Raises:
        ModelError: the model cannot be; all that is wrong, with lines and columns.
    """
    model, places = load_document(path)
    plan = compile_plan(model, seed=seed, rows=rows, scale=scale, places=places)
    if sum(table.rows or 0 for table in plan.tables) <= COUNTED_PARENTS:
        plan = with_exact_rows(plan, Dataset(plan, places=places).prepared.rows)
    else:
        load_pools(plan, places)
    placed = (
        PlacedFinding(finding.level, finding.code, places.where(finding.path), finding.message, finding.fix) for finding in plan.findings
    )
    return plan, tuple(placed)
