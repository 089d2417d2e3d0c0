"""The one tree of errors.

    SeedbedError
    ├── ModelError    the document or the request is wrong: fix it             (exit code 2)
    ├── DataError     the rows are wrong: look at them                         (exit code 1)
    ├── EdgeError     a disk, network or server failed: a retry may help       (exit code 3)
    └── PluginError   something must be installed first                        (exit code 2)

Every error says what is wrong, where it is and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import ClassVar

from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where (`shop.yaml:14:7 nodes.user.columns.age`) and the remedy.

    `path` leads to the place in the document, ("nodes", 0, "id"); empty where it is none of a document.
    """

    message: str
    where: str | None = None
    fix: str | None = None
    path: tuple[str | int, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"\n    fix: {self.fix}" if self.fix else ""
        return f"{place}{self.message}{remedy}"


class SeedbedError(Exception):
    """The root of the tree; carries one or more problems, all found at once."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (Problem(message, where, fix),)
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> SeedbedError:
        """Make one error of many problems, in their order."""
        error = cls("")
        error.problems = tuple(problems)
        error.args = ("\n".join(map(str, error.problems)),)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self).of, (self.problems,))


class ModelError(SeedbedError):
    """The document, or what was asked of it, cannot be: fix the document."""

    exit_code: ClassVar[int] = 2


class DataError(SeedbedError):
    """Rows break a promise: look at the rows."""

    exit_code: ClassVar[int] = 1


class EdgeError(SeedbedError):
    """A file, disk, network or server failed: a retry or `--resume` may help."""

    exit_code: ClassVar[int] = 3


class PluginError(SeedbedError):
    """Something optional is needed and not installed."""

    exit_code: ClassVar[int] = 2
