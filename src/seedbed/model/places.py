"""Where things stand in a document: from a path to `shop.yaml:14:7 nodes.customer.columns.age.type`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from seedbed.core.errors import ModelError, Problem
from seedbed.core.records import dataclass

#: Keys and positions in lists that lead from the top of the document to a part of it.
Path: TypeAlias = tuple[str | int, ...]

#: Line and column, both counted from 1.
Mark: TypeAlias = tuple[int, int]

#: More problems than these are counted, not told.
MOST_PROBLEMS = 100

#: What the model's classes call a key, and how the document may spell it.
SPELLINGS = {"from_": "from", "lambda_": "lambda", "behaviors": "segments", "schema_uri": "$schema"}


@dataclass(frozen=True, slots=True)
class Marks:
    """The first character of every key and of every value, by path."""

    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a path of the document: what, and the remedy; `mark` where the path alone doesn't tell the place."""

    path: Path
    message: str
    fix: str | None = None
    at_key: bool = False
    mark: Mark | None = None


def same(path: Path) -> Path:
    """The path itself: the document is written in the form that the classes read."""
    return path


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a document's parts, in the author's own form; positions are looked for when first asked.

    Paths given are those of the canonical form; `author` tells where the document has the part, if it is written in another form.
    """

    name: str
    data: object
    find: Callable[[], Marks]
    author: Callable[[Path], Path] = same

    def where(self, path: Path) -> str:
        """The place of a part, or of the nearest part around it that is there.

        >>> places = Places("m.json", {"nodes": [{"id": "a"}]}, lambda: Marks({}, {("nodes", 0): (3, 5)}))
        >>> places.where(("nodes", 0, "pk"))
        'm.json:3:5 nodes.a.pk'
        """
        return self._place(self.position(path), path)

    def position(self, path: Path, *, at_key: bool = False) -> Mark:
        """Line and column of a part: of its value, or of its key where the value starts on a later line."""
        marks, there = self.find(), self.existing(path)
        at_key = at_key or self.author(path)[-1:] != path[-1:]  # it is the key itself that says so
        while there and there not in marks.values:
            there = there[:-1]
        value, key = marks.values.get(there, (1, 1)), marks.keys.get(there)
        return key if key and (at_key or key[0] != value[0]) else value

    def existing(self, path: Path) -> Path:
        """The longest beginning of the path that is there, as the document spells it."""
        return self._follow(path)[0]

    def value(self, path: Path) -> object:
        """The value at a path that is there."""
        return self._follow(path)[1]

    def problem(self, mistake: Mistake) -> Problem:
        """The mistake with its place."""
        return Problem(mistake.message, self._place(self._mark(mistake), mistake.path), mistake.fix, mistake.path)

    def error(self, mistakes: Iterable[Mistake]) -> ModelError:
        """All mistakes as one error, in the document's order, each said once."""
        ordered = sorted(mistakes, key=lambda mistake: (self._mark(mistake), len(mistake.path)))
        problems = list(dict.fromkeys(map(self.problem, ordered[: 2 * MOST_PROBLEMS])))[:MOST_PROBLEMS]
        if len(ordered) > 2 * MOST_PROBLEMS:
            problems.append(Problem(f"and at least {len(ordered) - MOST_PROBLEMS} more", self.name, "mend the first ones, and look again"))
        error = ModelError.of(problems)
        assert isinstance(error, ModelError)  # `of` makes one of its own class
        return error

    def _mark(self, mistake: Mistake) -> Mark:
        return mistake.mark or self.position(mistake.path, at_key=mistake.at_key)

    def _place(self, mark: Mark, path: Path) -> str:
        if not self.name:  # a model that no document holds
            return self.label(path)
        return f"{self.name}:{mark[0]}:{mark[1]} {self.label(path)}".rstrip()

    def _follow(self, path: Path) -> tuple[Path, object]:
        value, there = self.data, []
        for step in self.author(path):
            key = _spelt(value, step)
            if key is not None:
                value = value[key]  # type: ignore[index]  # `_spelt` found the key in it
                there.append(key)
            elif not (step == 0 and isinstance(value, Mapping)):  # one object may stand for a list of one
                break
        return tuple(there), value

    def label(self, path: Path) -> str:
        """The path in the author's own form: parts of lists by their id or name where they have one.

        >>> Places("m", {"nodes": [{"id": "a"}], "dag": [["a"]]}, Marks).label(("dag", 0, 0))
        'dag[0][0]'
        """
        there, path = self.existing(path), self.author(path)
        value, text = self.data, ""
        for step in there:
            text += _step(value, step, first=not text)
            value = value[step]  # type: ignore[index]  # `existing` found the step in it
        missing = path[len(there) :] if len(there) < len(path) and there == path[: len(there)] else ()
        for step in missing:
            text += _key(str(step), first=not text) if isinstance(step, str) else f"[{step}]"
        return text


def _spelt(value: object, step: str | int) -> str | int | None:
    if isinstance(value, list):
        return step if isinstance(step, int) and step < len(value) else None
    if isinstance(value, Mapping) and isinstance(step, str):
        return next((key for key in (step, SPELLINGS.get(step)) if key in value), None)
    return None


def _step(value: object, step: str | int, *, first: bool) -> str:
    if isinstance(step, str):
        return _key(step, first=first)
    label = _identity(value, step)
    return f"[{step}]" if label is None else _key(label, first=first)


def _identity(value: object, index: int) -> str | None:
    if not isinstance(value, list):
        return None
    label = _own_name(value[index])
    taken = label is not None and any(_own_name(item) == label for item in value[:index])
    return None if taken else label


def _own_name(item: object) -> str | None:
    if not isinstance(item, Mapping):
        return None
    name = item.get("id", item.get("name"))
    return name if isinstance(name, str) else None


def _key(key: str, *, first: bool) -> str:
    if not key.isidentifier():
        return f'["{key[:40]}"]'
    return key if first else f".{key}"
