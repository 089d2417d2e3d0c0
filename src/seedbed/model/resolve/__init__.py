"""What a document must agree on with itself: names that are there, lists that fit, ends in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from seedbed.model.document import Model, Node
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.behaviors import behavior_mistakes
from seedbed.model.resolve.columns import column_mistakes
from seedbed.model.resolve.levels import level_mistakes
from seedbed.model.resolve.links import link_mistakes, lookup_mistakes
from seedbed.model.resolve.modifiers import modifier_mistakes, node_modifier_mistakes
from seedbed.model.resolve.nodes import doubled_nodes, node_mistakes
from seedbed.model.resolve.rules import constraint_mistakes, target_mistakes
from seedbed.model.resolve.scope import Names, Scope
from seedbed.model.resolve.series import timeframe_mistakes
from seedbed.model.resolve.streams import stream_mistakes
from seedbed.model.resolve.times import frequency, window
from seedbed.model.resolve.types import with_types
from seedbed.model.resolve.untyped import untyped_mistakes
from seedbed.model.resolve.versions import too_new


def resolve(model: Model, written: Names | None = None) -> Iterator[Mistake]:
    """Every mistake that the document alone shows, beyond the shape of its parts.

    `written` are names of tables and columns that the document has though the model lacks them: references to them are not judged.
    """
    yield from too_new(model)
    model, untyped = with_types(model)
    scope = _without(Scope.of(model, written or {}), untyped)
    yield from untyped_mistakes(scope, untyped)
    yield from doubled_nodes(scope)
    yield from window(model.timeframe, ("timeframe",))
    yield from frequency(model.timeframe.freq, ("timeframe", "freq"))
    yield from timeframe_mistakes(model)
    for index, node in enumerate(model.nodes):
        if scope.nodes[node.id] is node:
            yield from _node(scope, node, ("nodes", index))
    yield from constraint_mistakes(scope, model.constraints)
    if model.targets is not None:
        yield from target_mistakes(scope, model.targets)
    if model.quality_injection is not None:
        from seedbed.model.resolve.quality import quality_mistakes  # only models with faults need it

        yield from quality_mistakes(scope, model.quality_injection)
    if model.outputs:
        from seedbed.model.resolve.outputs import output_mistakes  # only models with outputs need it

        for index, output in enumerate(model.outputs):
            yield from output_mistakes(scope, output, ("outputs", index))
    if model.dag is not None:
        yield from level_mistakes(scope, model.dag)


def _without(scope: Scope, untyped: Collection[tuple[str, str]]) -> Scope:
    """The scope where columns of no known type are not judged, nor references to them."""
    specs = {key: spec for key, spec in scope.specs.items() if key not in untyped}
    written = dict(scope.written)
    for table, column in untyped:
        written[table] = written.get(table, frozenset()) | {column}
    return replace(scope, specs=specs, written=written)


def _node(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    yield from node_mistakes(scope, node, path)
    yield from stream_mistakes(node, path)
    yield from link_mistakes(scope, node, path)
    yield from node_modifier_mistakes(scope, node, path)
    yield from behavior_mistakes(scope, node, path)
    if node.partition_by or node.order_by:
        from seedbed.model.resolve.outputs import layout_mistakes  # only tables with a layout of their own need it

        yield from layout_mistakes(scope, node, path)
    for index, column in enumerate(node.columns):
        if (node.id, column.name) not in scope.specs:
            continue  # its type is not known, which is said
        here = (*path, "columns", index)
        yield from column_mistakes(scope, node, column, here)
        yield from lookup_mistakes(node, column, here)
        yield from modifier_mistakes(scope, node, column, here)
