"""An expression as a flat tree: every step after the steps that make its arguments.

A flat tuple needs no recursion to walk, hash, compare or pickle, however long a chain of operators is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TypeVar

from seedbed.core.block import ValueType
from seedbed.core.records import dataclass

T = TypeVar("T")
Constant = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out, or computed when the expression was compiled; dates as days, times as microseconds, decimals as units."""

    value: Constant
    type: ValueType | None  # None is null, which takes the type of its surroundings
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    """A column of the row, `link.column`, or a measure such as `depth(link)`."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function, applied to the last `count` values; `result` is None until types are known."""

    operation: str
    count: int
    offset: int
    result: ValueType | None = None


Step = Literal | Name | Call
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression read, not yet checked: frozen, hashable, picklable. Made by `parse`."""

    text: str
    steps: Steps = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it refers to, each once, in the order of the text."""
        return tuple(dict.fromkeys(step.name for step in self.steps if isinstance(step, Name)))


def walk(steps: Sequence[Step], visit: Callable[[Step, list[T]], T]) -> T:
    """Visit every step with what its arguments gave, innermost first, and give what the last one gave."""
    waiting: list[T] = []
    for step in steps:
        start = len(waiting) - (step.count if isinstance(step, Call) else 0)
        arguments = waiting[start:]
        del waiting[start:]
        waiting.append(visit(step, arguments))
    return waiting[0]
