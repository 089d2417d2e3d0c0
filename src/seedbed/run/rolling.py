"""Digests of columns while parts become whole in any order: what comes next is taken in, and its leaves are let go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from seedbed.core.digest import LeafRow


class Rolling:
    """The column digests of one table; holds the leaves only of parts that came before their turn.

    A part's leaves are kilobytes: those of 200,000 parts would take most of a gigabyte.

    >>> rolling = Rolling(1)
    >>> rolling.add(1, [(b"second",)]); rolling.waiting
    1
    >>> rolling.add(0, [(b"first",)]); rolling.waiting
    0
    """

    def __init__(self, columns: int) -> None:
        self._hashes = [hashlib.sha256() for _ in range(columns)]
        self._next = 0
        self._early: dict[int, Sequence[LeafRow]] = {}

    @property
    def waiting(self) -> int:
        """How many parts came before their turn."""
        return len(self._early)

    def add(self, index: int, leaves: Sequence[LeafRow]) -> None:
        """Take a part's leaves; those of a part that was there already are the same."""
        if index >= self._next:
            self._early[index] = leaves
        while self._next in self._early:
            for row in self._early.pop(self._next):
                for sha, leaf in zip(self._hashes, row, strict=True):
                    sha.update(leaf)
            self._next += 1

    def hexdigests(self) -> list[str]:
        """One hexadecimal digest a column, of all parts up to the first that is missing; as `column_digests` gives them."""
        return [sha.hexdigest() for sha in self._hashes]
