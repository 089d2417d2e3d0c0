"""What is left of a document without its wrong parts: so that one wrong key doesn't hide the other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from seedbed.model.places import Mistake, Path
from seedbed.model.reading.faults import Fault, faults
from seedbed.model.resolve.scope import UNREADABLE

#: From the deepest part to the top there are fewer steps than this.
_MOST_ROUNDS = 16

_LONGEST_NAME = 128

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Rest:
    """The data that is left; `kept` are the old positions of what lists still hold, by the list's new path."""

    data: object
    removed: frozenset[Path]
    kept: dict[Path, list[int]] = field(default_factory=dict)

    def original(self, path: Path) -> Path:
        """The path in the whole document of a part of the rest."""
        steps: list[str | int] = []
        for depth, step in enumerate(path):
            old = self.kept.get(path[:depth])
            steps.append(old[step] if old is not None and isinstance(step, int) and step < len(old) else step)
        return tuple(steps)


def salvage(kind: type[M], data: object) -> tuple[M, Rest] | None:
    """Take wrong parts out, from the inside outwards, until the rest is a `kind`; None where nothing is left."""
    rest = Rest(data, frozenset())
    for _ in range(_MOST_ROUNDS):
        try:
            return kind.model_validate(rest.data, by_alias=True, by_name=False), rest
        except ValidationError as error:
            wrong = {rest.original(_to_remove(fault)) for fault in faults(error, rest.data)}
        if not wrong or () in wrong:
            return None
        rest = _without(data, rest.removed | wrong)
    return None


def still_true(mistakes: Iterator[Mistake], rest: Rest) -> Iterator[Mistake]:
    """Mistakes of the rest that are mistakes of the whole document, at their places there."""
    for mistake in mistakes:
        path = rest.original(mistake.path)
        around = path[:-1] if len(path) > _COLUMN_DEPTH else path
        if not any(gone[: len(around)] == around for gone in rest.removed):
            yield replace(mistake, path=path)


#: `nodes, 3, columns, 2, generator`: what is deeper belongs together, so one wrong part puts the others in doubt.
_COLUMN_DEPTH = 5


def names_in(data: object) -> dict[str, frozenset[str]]:
    """The names of tables and of their columns that a document has, right or wrong; a name that is none counts as `UNREADABLE`.

    >>> names_in({"nodes": [{"id": "a", "columns": [{"name": "b"}]}, 3]})
    {'a': frozenset({'b'}), '?': frozenset()}
    """
    found: dict[str, frozenset[str]] = {}
    for node in _listed(data, "nodes"):
        table, columns = _name(node, "id"), frozenset(_name(column, "name") for column in _listed(node, "columns"))
        found[table] = found.get(table, frozenset()) | columns
    return found


def _listed(data: object, key: str) -> list[object]:
    items = data.get(key) if isinstance(data, Mapping) else None
    return items if isinstance(items, list) else []


def _name(item: object, key: str) -> str:
    name = item.get(key) if isinstance(item, Mapping) else None
    return name if isinstance(name, str) and name.isidentifier() and len(name) <= _LONGEST_NAME else UNREADABLE


def _to_remove(fault: Fault) -> Path:
    return fault.path[:-1] if fault.type == "missing" else fault.path


def _without(data: object, removed: frozenset[Path]) -> Rest:
    rest = Rest(None, removed)
    rest.data = _copy(data, (), (), rest)
    return rest


def _copy(value: object, old: Path, new: Path, rest: Rest) -> object:
    if isinstance(value, dict):
        return {key: _copy(part, (*old, key), (*new, key), rest) for key, part in value.items() if (*old, key) not in rest.removed}
    if isinstance(value, list):
        kept = [index for index in range(len(value)) if (*old, index) not in rest.removed]
        if len(kept) < len(value):
            rest.kept[new] = kept
        return [_copy(value[index], (*old, index), (*new, position), rest) for position, index in enumerate(kept)]
    return value
