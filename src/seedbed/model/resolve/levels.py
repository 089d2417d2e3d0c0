"""The levels of `dag`: every table once, and each above what it is made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedbed.core.nearest import one_of
from seedbed.model.base import table_of
from seedbed.model.document import Node
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.scope import Scope


def level_mistakes(scope: Scope, levels: Sequence[Sequence[str]]) -> Iterator[Mistake]:
    """All mistakes of the levels."""
    found: dict[str, tuple[int, Path]] = {}
    for level, names in enumerate(levels):
        for index, name in enumerate(names):
            here: Path = ("dag", level, index)
            yield from scope.missing_table(name, here)
            if name in found:
                yield Mistake(here, f"`{name}` is in two places of `dag`", "keep one of them")
            found.setdefault(name, (level, here))
    absent = [name for name in scope.nodes if name not in found]
    if absent:
        yield Mistake(("dag",), f"`dag` leaves out {one_of(absent)}", "add them, or remove `dag`: levels are inferred", at_key=True)
    for name, (level, here) in found.items():
        for source, why in _sources(scope, name):
            if source in found and found[source][0] >= level:
                message = f"`{name}` stands in level {level}, but {why} `{source}`, in level {found[source][0]}"
                yield Mistake(here, message, f"put `{source}` into an earlier level, or remove `dag`: levels are inferred")


def _sources(scope: Scope, name: str) -> Iterator[tuple[str, str]]:
    """The other tables that a table is made from, and how."""
    node = scope.nodes.get(name)
    if node is None:
        return
    found: dict[str, str] = {}
    for table, why in _read(node):
        found.setdefault(table, why)
    yield from ((table, why) for table, why in found.items() if table != name)


def _read(node: Node) -> Iterator[tuple[str, str]]:
    for parent in node.parents:
        yield parent, "has the parent"
    for column in node.columns:
        generator = column.generator
        if generator.lookup is not None:
            yield table_of(generator.lookup.from_), "looks up"
        if generator.choice is not None and generator.choice.choices_ref is not None:
            yield table_of(generator.choice.choices_ref), "chooses among"
    for modifier in (*node.modifiers, *(modifier for column in node.columns for modifier in column.modifiers)):
        if modifier.transform == "effect":
            yield modifier.args.effect_table, "feels the effects of"
