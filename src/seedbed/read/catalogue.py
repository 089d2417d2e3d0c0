"""What a database's catalogue declares of its tables: keys, references, columns without nulls or repeats, comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from seedbed.core.records import dataclass

#: Columns of a table, and the columns of another one that they refer to.
Reference: TypeAlias = tuple[str, tuple[str, ...], str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Declared:
    """Primary keys and comments by table, references, columns that are unique together, columns that are never null.

    `comments` are by (table, column), and by (table, "") for the table itself.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    unique: tuple[tuple[str, tuple[str, ...]], ...] = ()
    not_null: frozenset[tuple[str, str]] = frozenset()
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)


def nothing() -> Declared:
    """What files and frames declare."""
    return Declared()


def declared(
    constraints: Iterable[tuple[str, str, str, str, str | None, str | None]],
    not_null: Iterable[tuple[str, str]] = (),
    comments: Iterable[tuple[str, str, str | None]] = (),
) -> Declared:
    """What rows of a catalogue say, each a column of a constraint in its order: its name, its kind (p, u or f), table, column, goal.

    The goal is the table and the column that a foreign key's column refers to, else None.

    >>> declared([("c", "f", "loan", "book_id", "book", "id")]).references
    (('loan', ('book_id',), 'book', ('id',)),)
    """
    groups: dict[tuple[str, str, str], list[tuple[str, str | None, str | None]]] = {}
    for name, kind, table, column, goal, goal_column in constraints:
        groups.setdefault((table, name, kind), []).append((column, goal, goal_column))
    keys: dict[str, tuple[str, ...]] = {}
    references: list[Reference] = []
    unique: list[tuple[str, tuple[str, ...]]] = []
    for (table, _, kind), parts in groups.items():
        columns = tuple(column for column, _, _ in parts)
        goal, goals = parts[0][1], tuple(str(goal_column) for _, _, goal_column in parts)
        if kind == "p":
            keys[table] = columns
        elif kind == "u":
            unique.append((table, columns))
        elif kind == "f" and goal is not None:
            references.append((table, columns, goal, goals))
    said = {(table, column): text for table, column, text in comments if text}
    return Declared(keys, tuple(references), tuple(unique), frozenset(not_null), said)
