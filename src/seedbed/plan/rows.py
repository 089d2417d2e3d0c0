"""How many rows each table is expected to have, before any is made."""

from __future__ import annotations

from seedbed.model.document import Model, Node
from seedbed.plan.children import mean_of_case
from seedbed.plan.fanouts import expected_children
from seedbed.plan.states import machine_of


def expected_rows(model: Model, counts: dict[str, int | None]) -> dict[str, float]:
    """The expected rows of every table: exact where the model gives them, without behaviours and shocks where it does not."""
    found: dict[str, float] = {}

    def of(name: str, depth: int = 0) -> float:
        if name not in found:
            node = model.node(name)
            count = counts.get(name)
            if count is not None or node is None or not node.parents or depth > len(model.nodes):
                found[name] = float(count or 0)
            else:
                found[name] = of(node.parents[0], depth + 1) * children_per_parent(model, node)
        return found[name]

    return {node.id: of(node.id) for node in model.nodes}


def children_per_parent(model: Model, node: Node) -> float:
    """The expected number of children of one parent."""
    if node.stage_config:
        reached, total = 1.0, 0.0
        for stage in node.stage_config.stages:
            reached *= stage.transition_rate
            total += reached
        return total
    if node.events is not None:
        return machine_of(node.events).expected_states
    if node.fanout is None:
        return 0.0
    if not node.fanout.is_simple:
        return expected_children(model, node, node.fanout)
    return mean_of_case(node.fanout)
