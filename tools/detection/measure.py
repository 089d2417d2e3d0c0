"""Recall and precision of the checks on an example with faults of one kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from seedbed.model.checks.document import ChecksDocument
from seedbed.model.document import Model
from tools.detection.accused import Accusation, accusations
from tools.detection.faults import Faulty
from tools.detection.referee import Broken, Referee, references

Cells = dict[str, dict[int, set[str | None]]]
#: Checks of rows that share a key: what they accuse is the group.
_GROUPED = frozenset({"primary_key", "unique", "unique_pair", "functional_dependency", "duplicate_rows", "denial_constraint"})


@dataclass
class Found:
    """Faults of a kind: how many, how many break a promise, how many of those are accused; what is accused, and how much of it rightly."""

    kind: str
    faults: int = 0
    visible: int = 0
    found: int = 0
    accused: int = 0
    right: int = 0
    by: set[str] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what was found elsewhere."""
        for name in ("faults", "visible", "found", "accused", "right"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by |= other.by
        self.missed += other.missed
        self.wrong += other.wrong


def measured(made: Faulty, rules: Model | ChecksDocument | None = None) -> Found:
    """What the checks of the model itself, or of other rules, find in faulty tables."""
    accused = accusations(rules or made.model, made.tables)
    found = Found(made.kind)
    referee = Referee(made)
    for entry in made.truth:
        if entry["op"] == "insert" and entry["column"] is not None:  # how a near copy differs: the copy itself is the fault
            continue
        found.faults += 1
        _recall(found, entry, referee.broken_by(entry), accused)
    judge = Judge(made)
    for accusation in accused:
        judge.add(found, accusation)
    return found


def _recall(found: Found, entry: dict[str, Any], broken: Sequence[Broken], accused: Iterable[Accusation]) -> None:
    if not broken:
        return
    found.visible += 1
    if all(any(_answers(one, entry, promise) for one in accused) for promise in broken):
        found.found += 1
    else:
        found.missed.append(f"{entry} breaks {[sorted(promise.kinds) for promise in broken]}")


def _answers(accusation: Accusation, entry: dict[str, Any], promise: Broken) -> bool:
    """Whether a check accuses the very cell of the very promise."""
    result = accusation.result
    if result.table != entry["table"] or result.kind not in promise.kinds or not promise.columns <= set(result.columns):
        return False
    return accusation.rows is None if promise.is_whole else accusation.rows is not None and entry["row"] in accusation.rows


class Judge:
    """Says whether what is accused holds a fault: the row in the columns of the check, the group of rows of one key, the family of rows."""

    def __init__(self, made: Faulty) -> None:
        self.made = made
        self.cells: Cells = {}
        for entry in made.truth:
            self.cells.setdefault(entry["table"], {}).setdefault(entry["row"], set()).add(entry["column"])
        self.clean = {(entry["table"], entry["row"], entry["column"]): entry["clean"] for entry in made.truth if entry["op"] == "change"}
        self._families = list(self._related())

    def add(self, found: Found, accusation: Accusation) -> None:
        """Count what a check accuses."""
        found.by.add(accusation.result.kind)
        for what, is_right in self._units(accusation):
            found.accused += 1
            found.right += is_right
            if not is_right:
                found.wrong.append(f"{accusation.result.id}: {what}")

    def _units(self, accusation: Accusation) -> Iterable[tuple[object, bool]]:
        result = accusation.result
        if accusation.rows is None:
            yield result.columns, self._holds_fault(accusation)
        elif result.kind == "state_path":
            keys = result.columns[:-2]  # of what passes through the states; then come the number and the state
            texts, touched = [self.made.texts(result.table, name) for name in keys], self._keys(result.table, keys)
            paths = {tuple(values[row] for values in texts) for row in accusation.rows}
            yield from ((path, path in touched) for path in paths)
        elif result.kind in _GROUPED:
            yield from self._groups(result.table, result.columns, sorted(accusation.rows)).items()
        else:
            for row in sorted(accusation.rows):
                yield row, self._is_faulty(result.table, row, result.columns) or self._has_faulty_relative(accusation, row)

    def _is_faulty(self, table: str, row: int, columns: Sequence[str]) -> bool:
        hit = self.cells.get(table, {}).get(row, set())
        return None in hit or not hit.isdisjoint(columns) or (not columns and bool(hit))

    def _holds_fault(self, accusation: Accusation) -> bool:
        """Whether a column or table that is accused as a whole holds one; one that may hold one and so came in another form, is one."""
        result = accusation.result
        if result.kind == "type":
            return any(b"seedbed.clean_type" in (field.metadata or {}) for field in self.made.tables[result.table].schema)
        rows = self.cells.get(result.table, {}).values()
        is_own = any(None in hit or not result.columns or not hit.isdisjoint(result.columns) for hit in rows)
        return is_own or any(self.cells.get(table) for table in accusation.tables - {result.table})

    def _groups(self, table: str, columns: Sequence[str], rows: Sequence[int]) -> dict[object, bool]:
        """Groups of accused rows of one key, each with whether it holds a fault."""
        texts = [self.made.texts(table, column) for column in columns]
        groups: dict[object, bool] = {}
        for row in rows:
            key = tuple(values[row] for values in texts)
            groups[key] = groups.get(key, False) or self._is_faulty(table, row, columns)
        return groups

    def _has_faulty_relative(self, accusation: Accusation, row: int) -> bool:
        """Whether a row that the check looks at together with this one holds a fault: its parent, a child, or one of the same parent."""
        table = accusation.result.table
        for family in self._families:
            if table in family.tables and family.tables <= accusation.tables:
                sides = [family.child[1]] * (table == family.child[0]) + [family.parent[1]] * (table == family.parent[0])
                for columns in sides:
                    if tuple(self.made.texts(table, column)[row] for column in columns) in family.touched:
                        return True
        return False

    def _related(self) -> Iterable[Family]:
        for child, parents in references(self.made.model):
            for parent in parents:
                yield Family(child, parent, self._keys(*child) | self._keys(*parent))

    def _keys(self, table: str, columns: tuple[str, ...]) -> frozenset[tuple[str | None, ...]]:
        """The keys of faulty rows, as they are and as they were."""
        if table not in self.cells:
            return frozenset()
        texts = {name: self.made.texts(table, name) for name in columns}
        found = set()
        for row in self.cells.get(table, {}):
            found.add(tuple(texts[name][row] for name in columns))
            found.add(tuple(self.clean.get((table, row, name), texts[name][row]) for name in columns))
        return frozenset(found)


@dataclass(frozen=True)
class Family:
    """A table's rows and the rows they refer to; the keys that faulty rows of either side have or had."""

    child: tuple[str, tuple[str, ...]]
    parent: tuple[str, tuple[str, ...]]
    touched: frozenset[tuple[str | None, ...]]

    @property
    def tables(self) -> frozenset[str]:
        """Both tables."""
        return frozenset({self.child[0], self.parent[0]})
