"""Comments and empty lines of a YAML document, carried over into another layout of the same data."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from seedbed.core.records import dataclass
from seedbed.model.places import Mark, Marks, Path
from seedbed.model.reading.yaml_layout import COMMENT, masked

#: Empty lines are kept before parts up to so deep: keys of the document, and tables.
_DEEPEST_GAP = 2


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, or an empty line where there is no text, and the part it is about: None before the first and after the last."""

    text: str
    about: Path | None
    is_aside: bool = False
    is_last: bool = False


def notes(text: str, name: str, marks: Marks) -> list[Note]:
    """All comments of a document, and its empty lines between tables, in order; each is about what follows it, or stands beside it."""
    places = sorted(_places(marks), key=_order)
    starts = [mark for mark, _, _ in places]
    found: list[Note] = []
    for number, line in enumerate(masked(text, name).split("\n"), start=1):
        comment = COMMENT.search(line)
        said = text.split("\n")[number - 1][comment.start() :].rstrip() if comment else ""
        if comment and line[: comment.start()].strip():
            found.append(Note(said, _beside(places, starts, number), is_aside=True))
            continue
        if line.strip() and not comment:
            continue
        after = bisect_left(starts, (number, 0))
        if after == len(places):
            found.append(Note(said, None, is_last=True))
        elif after == 0:
            found.append(Note(said, None))
        elif comment or min(len(path) for mark, _, path in places[after : after + 2] if mark == starts[after]) <= _DEEPEST_GAP:
            found.append(Note(said, places[after][2]))
    return found


def _places(marks: Marks) -> Iterator[tuple[Mark, int, Path]]:
    """Where parts begin: keys before values, and no list or object that begins below its key, as its own parts do so there."""
    for path, mark in marks.keys.items():
        yield mark, 0, path
    for path, mark in marks.values.items():
        if path and marks.keys.get(path, mark)[0] == mark[0]:
            yield mark, 1, path


def _order(place: tuple[Mark, int, Path]) -> tuple[Mark, int]:
    return place[0], place[1]


def _beside(places: list[tuple[Mark, int, Path]], starts: list[Mark], number: int) -> Path | None:
    """The first part on a line; where none begins there, the last before it."""
    first = bisect_left(starts, (number, 0))
    on_line = first < len(places) and starts[first][0] == number
    return places[first if on_line else first - 1][2] if on_line or first else None


def with_notes(text: str, marks: Marks, found: Iterable[Note], moved: Callable[[Path], Path]) -> str:
    """A document with notes taken over; `moved` tells where in it the part is that a note is about."""
    lines = text.rstrip("\n").split("\n")
    above: dict[int, list[str]] = {}
    beside: dict[int, str] = {}
    first: list[str] = []
    last: list[str] = []
    for note in found:
        if note.about is None:
            (last if note.is_last else first).append(note.text)
            continue
        path = moved(note.about)
        at = _line_of(path, marks)
        if not note.text and _line_of(path[:1], marks) == at - 1:  # before the map of tables, not within it
            at -= 1
        if note.is_aside and at not in beside:
            beside[at] = note.text
        else:
            indent = " " * (len(lines[at - 1]) - len(lines[at - 1].lstrip(" ")))
            above.setdefault(at, []).append(f"{indent}{note.text}" if note.text else "")
    made = list(first)
    for number, line in enumerate(lines, start=1):
        made += above.get(number, ())
        made.append(f"{line}  {beside[number]}" if number in beside else line)
    return "\n".join([*made, *last]).strip("\n") + "\n"


def _line_of(path: Path, marks: Marks) -> int:
    """The line of a part, or of the nearest part around it."""
    while path:
        mark = marks.keys.get(path) or marks.values.get(path)
        if mark is not None:
            return mark[0]
        path = path[:-1]
    return 1
