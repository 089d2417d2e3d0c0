"""Corrections of a document that are safe: names that are nearly right, clamps that are missing, words that have a newer one.

A correction changes as few characters as it can, where the reader found the mistake; the rest of the text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seedbed.core.errors import Problem
from seedbed.core.nearest import Suggestion
from seedbed.core.records import dataclass
from seedbed.model.places import Mark, Path, Places


@dataclass(frozen=True, slots=True)
class Correction:
    """A piece of the text, at a line and column counted from 1, and what takes its place; `why` is told."""

    line: int
    column: int
    old: str
    new: str
    why: str


def spelling_corrections(text: str, places: Places, problems: Iterable[Problem]) -> list[Correction]:
    """Names that a problem offers another for, where the wrong one stands just once at the problem's place."""
    lines = text.splitlines()
    found = []
    for problem in problems:
        fix = problem.fix
        if isinstance(fix, Suggestion) and fix.is_sure and problem.path:
            correction = _renamed(lines, _marks_of(places, problem.path), fix)
            found += [correction] if correction is not None else []
    return found


def _marks_of(places: Places, path: Path) -> tuple[Mark, ...]:
    """Where the value and the key of a place begin."""
    return tuple(dict.fromkeys((places.position(path), places.position(path, at_key=True))))


def _renamed(lines: list[str], marks: tuple[Mark, ...], fix: Suggestion) -> Correction | None:
    for line, column in marks:
        text = lines[line - 1] if line <= len(lines) else ""
        start = _alone(text, column - 1, fix.wrong)
        if start is not None:
            return Correction(line, start + 1, fix.wrong, fix.right, f"`{fix.wrong}` is `{fix.right}`")
    return None


def _alone(text: str, start: int, word: str) -> int | None:
    """Where a word stands by itself in the first value or key from `start` on."""
    end = len(text)
    for stop in (": ", ", ", "}", "]", " #"):
        place = text.find(stop, start + 1)
        end = min(end, place) if place >= 0 else end
    at = text.find(word, start, end)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not _continues(before) and not _continues(after):
            return at
        at = text.find(word, at + 1, end)
    return None


def _continues(character: str) -> bool:
    return character != "" and (character.isalnum() or character == "_")


def clamp_correction(text: str, places: Places, column: Path, low: float | None, high: float | None) -> Correction | None:
    """A clamp for a column that has no modifiers yet, as the first of its keys."""
    spec = places.value(column)
    if not isinstance(spec, Mapping) or "modifiers" in spec or not spec:
        return None
    author = places.existing(column)
    keys = places.find().keys
    first = min(keys[*author, key] for key in spec if (*author, key) in keys)
    line, at = first
    ends = {name: end for name, end in (("min", low), ("max", high)) if end is not None}
    lines = text.splitlines()
    if places.name.lower().endswith(".json"):
        args = ", ".join(f'"{name}": {end:.15g}' for name, end in ends.items())
        made, is_flow = f'"modifiers": [{{"transform": "clamp", "args": {{{args}}}}}]', True
    else:
        args = ", ".join(f"{name}: {end:.15g}" for name, end in ends.items())
        made, is_flow = f"modifiers: [{{transform: clamp, args: {{{args}}}}}]", _opens_flow(lines, line, at)
    piece = f"{made}, " if is_flow else f"{made}\n{' ' * (at - 1)}"
    return Correction(line, at, "", piece, f"`{column[-1]}` is clamped to its range")


def _opens_flow(lines: list[str], line: int, column: int) -> bool:
    """Whether the first key of a map follows its opening brace."""
    before = lines[line - 1][: column - 1].rstrip()
    while not before and line > 1:
        line -= 1
        before = lines[line - 1].rstrip()
    return before.endswith("{")


def newer_words(text: str, places: Places) -> list[Correction]:
    """Words that still mean something and have a newer one: `segments` of a segment behaviour is `behaviors`."""
    found = []
    for path, mark in places.find().keys.items():
        if path[-1:] == ("segments",) and "segment_behavior" in path[-3:-1]:
            line, column = mark
            start = text.splitlines()[line - 1].find("segments", column - 1)
            found.append(Correction(line, start + 1, "segments", "behaviors", "`segments` is spelt `behaviors`"))
    return found


def corrected(text: str, corrections: Iterable[Correction]) -> str:
    """The text with all corrections, the last first, so that places stay true; of two at one place the first counts."""
    lines = text.splitlines(keepends=True)
    chosen = {(each.line, each.column): each for each in reversed(list(corrections))}
    for (line, column), each in sorted(chosen.items(), reverse=True):
        old = lines[line - 1]
        if old[column - 1 : column - 1 + len(each.old)] == each.old:
            lines[line - 1] = old[: column - 1] + each.new + old[column - 1 + len(each.old) :]
    return "".join(lines)
