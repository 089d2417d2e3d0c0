"""What both readers hand on: plain data, where it stands, and what is wrong with its writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seedbed.model.places import Marks, Mistake


@dataclass(frozen=True, slots=True)
class Tree:
    """A document as dicts, lists, texts, numbers, booleans and None; positions are looked for when first asked."""

    data: object
    find: Callable[[], Marks]
    mistakes: tuple[Mistake, ...] = ()
