"""The examples with faults of one kind in every place that can have them, and the list of what was done."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

import seedbed
from seedbed.core.block import NUMBERS
from seedbed.core.errors import ModelError
from seedbed.generate.quality.values import escaped, plain, text_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.quality import KINDS
from seedbed.model.reading import read_tree
from seedbed.plan.quality import known_values, target_of
from seedbed.read.document import examine_data, remembered

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUTH = "injected"
Issue = dict[str, Any]


@dataclass
class Faulty:
    """A model without faults, the tables of the same model with them, and the list of the faults."""

    model: Model
    kind: str
    tables: dict[str, pa.Table]
    truth: list[dict[str, Any]]
    known: dict[tuple[str, str], list[str | None]] = field(default_factory=dict)

    def texts(self, table: str, column: str) -> list[str | None]:
        """A column's values as the list of faults spells them."""
        place = table, column
        if place not in self.known:
            values, stored = plain(self.tables[table][column]), self.tables[table].schema.field(column)
            is_spelt = pa.types.is_binary(stored.type) and b"seedbed.clean_type" in (stored.metadata or {})
            self.known[place] = (escaped(values) if is_spelt else text_of(values)).to_pylist()
        return self.known[place]


def document(path: Path) -> dict[str, Any]:
    """An example as plain data, without what it says of faults itself."""
    found: Any = read_tree(path.read_text(), path.name).data
    return {key: value for key, value in found.items() if key != "profiles"}


def faulty(path: Path, kind: str, rate: float = 0.01, scale: float | None = None) -> Faulty | None:
    """An example with faults of one kind wherever they can be; None where they can be nowhere."""
    clean = document(path)
    model = remembered(examine_data(clean))
    issues = [{"kind": kind, "rate": rate, **issue} for issue in places(model, kind)]
    dataset = planned(clean, issues, scale)
    if dataset is None:
        return None
    tables = {name: dataset.to_arrow(name) for name in dataset.rows}
    return Faulty(model, kind, tables, tables.pop(TRUTH).to_pylist())


def planned(clean: dict[str, Any], issues: list[Issue], scale: float | None) -> Any:
    """The data with all those issues that can be: the places of the others are told by the refusal.

    Only 2.0 has faults, and it refuses promises that 1.0 merely keeps; those are left out of what is generated, not of what is checked.
    """
    clean = {**deepcopy(clean), "version": "2.0"}
    while issues:
        dirty = {**clean, "quality_injection": {"ground_truth": TRUTH, "issues": issues}}
        try:
            return seedbed.plan(dirty, scale=scale)
        except ModelError as error:
            paths = [problem.path for problem in error.problems]
            refused = {path[2] for path in paths if path[:2] == ("quality_injection", "issues")}
            issues = [issue for place, issue in enumerate(issues) if place not in refused]
            others = [path for path in paths if path[0] in ("nodes", "constraints")]
            if not refused and not others:
                raise
            for path in sorted(others, reverse=True):
                _leave_out(clean, path)
    return None


def _leave_out(part: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]


def places(model: Model, kind: str) -> Iterator[Issue]:
    """Where faults of a kind can be: each table, or each column of a type that the kind acts on."""
    for node in model.nodes:
        if KINDS[kind].effect != "change":
            yield {"table": node.id}
            continue
        columns = [column for column in node.columns if not column.hidden and column.type in KINDS[kind].acts_on]
        if kind == "swap_columns":
            pairs = (pair for pair in pairwise(columns) if pair[0].value_type == pair[1].value_type)
            yield from ({"table": node.id, "column": one.name, "params": {"with": other.name}} for one, other in pairs)
            continue
        for column in columns:
            yield from _at(model, kind, node, column)


def _at(model: Model, kind: str, node: Node, column: ColumnSpec) -> Iterator[Issue]:
    where: Issue = {"table": node.id, "column": column.name}
    is_number, is_listed = column.type in NUMBERS, bool(known_values(model, node, column))
    if kind in ("invalid_enum", "category_drift"):
        wrong: Any = 999_999 if is_number else "nobody knows"
        if is_listed and column.value_type != "bool":
            yield {**where, "params": {"values": [wrong]} if kind == "invalid_enum" else {"to": wrong}}
    elif kind == "mean_drift":
        yield {**where, "params": {"factor": 1.5}}
    elif kind != "orphan_fk" or target_of(model, node.id, column.name) is not None:
        yield where
