"""Texts composed of parts: `{street_name} {building_number}` compiled to Arrow takes and joins."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Protocol

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.text import Piece, join_taken, join_text, string_array, string_scalar, take_text
from seedbed.generate.frozen.draws import Bits, Index, choice, remembered
from seedbed.generate.frozen.formats import fill, format_table
from seedbed.generate.frozen.tables import LocaleTables


class Node(Protocol):
    """Makes the text of n rows; `end` is the first slot of draws it leaves alone."""

    @property
    def end(self) -> int:
        """The first slot after its own."""

    def make(self, bits: Bits, n: int) -> pa.StringArray:
        """Make n strings."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """One string of a list."""

    table: pa.StringArray
    slot: int

    @property
    def end(self) -> int:
        """The first slot after its own."""
        return self.slot + 1

    def make(self, bits: Bits, n: int) -> pa.StringArray:
        """Make n strings."""
        return take_text(*self.piece(bits, n))

    def piece(self, bits: Bits, n: int) -> tuple[pa.StringArray, Index]:
        """The list, and which of it n rows take."""
        return self.table, choice(bits(self.slot), len(self.table))[:n]


@dataclass(frozen=True, slots=True)
class Filled:
    """One format, filled in."""

    formats: tuple[str, ...]
    slot: int

    @property
    def end(self) -> int:
        """The first slot after its own."""
        return self.slot + format_table(self.formats).slots

    def make(self, bits: Bits, n: int) -> pa.StringArray:
        """Make n strings."""
        return fill(self.formats, bits, self.slot, n)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Parts and fixed text side by side."""

    pieces: tuple[Node | pa.StringScalar, ...]
    end: int

    def make(self, bits: Bits, n: int) -> pa.StringArray:
        """Make n strings."""
        return join_taken(*(_piece(piece, bits, n) for piece in self.pieces))


def _piece(piece: Node | pa.StringScalar, bits: Bits, n: int) -> Piece:
    if isinstance(piece, pa.StringScalar):
        return string_array([piece.as_py()]), np.zeros(n, np.int32)
    return piece.piece(bits, n) if isinstance(piece, Taken) else (piece.make(bits, n), None)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """One of several parts, all alike; they share their slots, as a row uses only one of them."""

    options: tuple[Node, ...]
    slot: int

    @property
    def end(self) -> int:
        """The first slot after its own."""
        return max(option.end for option in self.options)

    def make(self, bits: Bits, n: int) -> pa.StringArray:
        """Make n strings: those of one option together, then put back into the rows' order."""
        draws = remembered(bits)
        which = choice(draws(self.slot), len(self.options))
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(self.options) + 1))
        groups = [order[ends[i] : ends[i + 1]] for i in range(len(self.options))]
        made = [option.make(_at(draws, rows), len(rows)) for option, rows in zip(self.options, groups, strict=True)]
        back = np.empty(n, np.int32)
        back[order] = np.arange(n, dtype=np.int32)
        return take_text(pa.concat_arrays(made), back)


def _at(bits: Bits, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Bits:
    return lambda slot: bits(slot)[rows]


@cache
def compiled(tables: LocaleTables, concept: str, slot: int = 0) -> Node:
    """Compile a template, format or list of a locale; its draws start at `slot`.

    Raises:
        KeyError: the locale has none of that name.
    """
    if concept in tables.templates:
        return _template(tables, tables.templates[concept], slot)
    if concept in tables.formats:
        return Filled(tables.formats[concept], slot)
    return Taken(part_list(tables, concept), slot)


def has_concept(tables: LocaleTables, concept: str) -> bool:
    """Whether a locale can compose this."""
    return concept in tables.templates or concept in tables.formats or concept in tables.lists


def part_list(tables: LocaleTables, name: str) -> pa.StringArray:
    """A list of a locale; `first` is of both sexes, and `last` a man's where surnames differ, as streets and companies have it."""
    if name in tables.lists:
        return tables.lists[name]
    if name == "first":
        return pa.concat_arrays([tables.lists["first_female"], tables.lists["first_male"]])
    return tables.lists["last_male"] if name == "last" else tables.lists[name]


def _template(tables: LocaleTables, templates: tuple[str, ...], slot: int) -> Node:
    if len(templates) == 1:
        return _joined(tables, templates[0], slot)
    return Chosen(tuple(_joined(tables, template, slot + 1) for template in templates), slot)


def _joined(tables: LocaleTables, template: str, slot: int) -> Node:
    """Compile one template; fixed text beside a list is put into the list, which saves a join per row."""
    pieces: list[Node | pa.StringScalar] = []
    pending, end = "", slot
    texts = re.split(r"\{(\w+)\}", template)
    for i in range(0, len(texts) - 1, 2):
        node, pending = compiled(tables, texts[i + 1], end), pending + texts[i]
        end = node.end
        if pending and not isinstance(node, Taken):
            pieces.append(string_scalar(pending))
        pieces.append(_around(pending, node, "") if isinstance(node, Taken) else node)
        pending = ""
    tail, last = texts[-1], pieces[-1]
    if tail and isinstance(last, Taken):
        pieces[-1] = _around("", last, tail)
    elif tail:
        pieces.append(string_scalar(tail))
    return pieces[0] if len(pieces) == 1 and not isinstance(pieces[0], pa.StringScalar) else Joined(tuple(pieces), end)


def _around(before: str, node: Taken, after: str) -> Taken:
    """The same choice with fixed text around it."""
    pieces = [string_scalar(before)] if before else []
    pieces += [node.table, *([string_scalar(after)] if after else [])]
    return replace(node, table=join_text(*pieces))
