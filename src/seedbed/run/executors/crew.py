"""What an executor is told: how many at a time, and where the machines are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    from seedbed.run.journal import PartDone

#: Takes each part that is whole, in the thread that called `make_parts`.
Done: TypeAlias = "Callable[[PartDone], None]"


def default_workers() -> int:
    """As many as there are cores for this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1


@dataclass(frozen=True, slots=True)
class Crew:
    """Who makes the parts: how many at a time, the URL of their master, and the settings of their pool by name."""

    workers: int | None = None
    master: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def at_most(self, parts: int) -> int:
        """How many workers there are for so many parts, at least one."""
        return max(1, min(self.workers or default_workers(), parts))

    def only(self, known: Mapping[str, str], taker: str) -> None:
        """Refuse settings that `taker` can't follow; `known` says what each is for.

        Raises:
            ModelError: one is given that isn't among those known.

        >>> Crew(settings={"partition": "short"}).only({"partition": "where to"}, "slurm")
        """
        for name in self.settings:
            if name not in known:
                fix = did_you_mean(name, known) or (f"one of {one_of(known)}" if known else "leave it out")
                raise ModelError(f"`{taker}` has no setting `{name}`", where="--pool-option", fix=fix)

    def count(self, name: str, default: int, *, least: int = 1, most: int = 1_000_000) -> int:
        """A setting that is a whole number.

        Raises:
            ModelError: it is none, or too small or too large.

        >>> Crew(settings={"jobs": "20"}).count("jobs", 1)
        20
        """
        text = self.settings.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ModelError(f"`{name}` is a whole number, not `{text}`", where="--pool-option", fix=f"give {least:,} to {most:,}")
        return int(text)
