"""Old names whose draws columns keep: no two columns of a table may share any."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.nearest import one_of
from seedbed.model.document import Node
from seedbed.model.places import Mistake, Path

#: What the draws of a table's links and fan-outs go by.
_OTHERS = ("link", "tree", "fanout")


def stream_mistakes(node: Node, path: Path) -> Iterator[Mistake]:
    """A mistake for each column that would have the draws of another one, or give them to the table's links."""
    own = {column.name for column in node.columns if column.seed_as in {None, column.name}}
    taken: dict[str, str] = {}
    for index, column in enumerate(node.columns):
        here = (*path, "columns", index, "seed_as")
        if column.seed_as is None or column.seed_as == column.name:
            continue
        if column.seed_as in own:
            message = f"`{column.name}` would have the draws of the column `{column.seed_as}`, which is still there"
            yield Mistake(here, message, "name the old name of this column, which no other has")
        elif column.seed_as in taken:
            message = f"`{column.name}` would have the draws of `{taken[column.seed_as]}`, which keeps those of `{column.seed_as}` as well"
            yield Mistake(here, message, "remove one of them")
        elif column.name in _OTHERS or column.seed_as in _OTHERS:
            yield Mistake(here, f"draws that go by {one_of(_OTHERS)} belong to the table as a whole", "give the column another name")
        taken.setdefault(column.seed_as, column.name)
