"""In which file each path first has which type of values: what the log of changes is made of, whatever the order of collecting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seedbed.core.records import dataclass
from seedbed.read.collect.shapes import Ints

if TYPE_CHECKING:
    from seedbed.read.collect.node import Entries, Lists, Node, Objects, Physical
    from seedbed.read.collect.shapes import Flags

#: What the log calls the types of values, by the lanes that hold them.
KINDS = {"bools": "boolean", "ints": "integer", "doubles": "number", "strings": "string", "numbers": "long number", "raws": "other"}


def firsts_in(physical: Physical, files: Ints, names: Sequence[str]) -> dict[tuple[str, str], str]:
    """The least file name of each path (a JSON pointer, `*` for elements of lists and for keys that are data) and type of values there.

    `files` are the numbers of the records' files, shape (n,), and `names` their names, rising.
    """
    found: dict[tuple[str, str], str] = {}
    _Walk(names, found).node("", physical.root, files)
    return found


def merged_firsts(all_of: Sequence[dict[tuple[str, str], str]]) -> dict[tuple[str, str], str]:
    """The least of each."""
    made: dict[tuple[str, str], str] = {}
    for firsts in all_of:
        for key, name in firsts.items():
            if name < made.get(key, name) or key not in made:
                made[key] = name
    return made


@dataclass(frozen=True, slots=True)
class _Walk:
    names: Sequence[str]
    found: dict[tuple[str, str], str]

    def node(self, path: str, node: Node, ranks: Ints) -> None:
        """Note what the slots of a path have; `ranks` says of which file each is, shape (slots,)."""
        from seedbed.read.collect.node import flags_of

        if node.nulls is not None:
            self._note(path, "null", ranks[node.nulls])
        for lane, array in (node.scalars or {}).items():
            self._note(path, KINDS[lane], ranks[flags_of(array)] if array.null_count else ranks)
        if node.objects is not None:
            self._objects(path, node.objects, _masked(ranks, node.objects.mask))
        if node.lists is not None:
            self._lists(path, node.lists, _masked(ranks, node.lists.mask))

    def _note(self, path: str, kind: str, ranks: Ints) -> None:
        if len(ranks):
            name = self.names[int(ranks.min())]
            if name <= self.found.get((path, kind), name):
                self.found[path, kind] = name

    def _objects(self, path: str, objects: Objects, ranks: Ints) -> None:
        self._note(path, "object", ranks)
        for key, member in objects.members.items():
            self.node(f"{path}/{escaped(key)}", member, ranks)
        if objects.entries is not None:
            self._entries(path, objects.entries, ranks)

    def _entries(self, path: str, entries: Entries, ranks: Ints) -> None:
        self.node(f"{path}/*", entries.values, np.repeat(ranks, np.diff(entries.offsets)))

    def _lists(self, path: str, lists: Lists, ranks: Ints) -> None:
        self._note(path, "list", ranks)
        self.node(f"{path}/*", lists.element, np.repeat(ranks, np.diff(lists.offsets)))


def _masked(ranks: Ints, mask: Flags | None) -> Ints:
    return ranks if mask is None else ranks[mask]


def escaped(key: str) -> str:
    """A key as JSON pointers write it; one that can't be stored as text has signs in the place of what is no Unicode."""
    return key.replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()
