"""What both readers hand on: plain data, where it stands, and what is wrong with its writing."""

from __future__ import annotations

from collections.abc import Callable

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.places import Marks, Mistake

#: Objects, lists and keys; a model of a thousand columns has some ten thousand. Each may be wrong in several ways.
MOST_PARTS = 200_000


@dataclass(frozen=True, slots=True)
class Tree:
    """A document as dicts, lists, texts, numbers, booleans and None; positions are looked for when first asked."""

    data: object
    find: Callable[[], Marks]
    mistakes: tuple[Mistake, ...] = ()


def refuse_vast(data: object, name: str) -> None:
    """Refuse data of more parts than any model has, before all of them are judged.

    Raises:
        ModelError: there are too many.
    """
    count, level = 0, [data]
    while level and count <= MOST_PARTS:
        below = [
            part for whole in level for part in (whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ())
        ]
        count += sum(len(whole) if isinstance(whole, dict) else isinstance(whole, list) for whole in level)
        level = [part for part in below if isinstance(part, dict | list)]
    if count > MOST_PARTS:
        raise ModelError(f"more than {MOST_PARTS:,} objects, lists and keys", where=name, fix="split the model")
