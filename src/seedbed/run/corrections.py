"""What can be corrected in a model's document without asking."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from seedbed.core.block import NUMBERS
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model
from seedbed.model.places import Path as Steps
from seedbed.model.places import Places
from seedbed.model.reading import examine
from seedbed.model.reading.corrections import Correction, clamp_correction, corrected, newer_words, spelling_corrections
from seedbed.model.reading.text import decode
from seedbed.plan.compile import compile_plan
from seedbed.plan.plan import Plan
from seedbed.read.document_bytes import read_bytes
from seedbed.read.plugins import Installed
from seedbed.run.judging import Asked, all_problems

#: Corrections may bring others to light; a document that still changes after so many rounds is left to its author.
_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Corrected:
    """A document before and after, and what was corrected."""

    name: str
    before: str
    after: str
    reasons: tuple[str, ...]

    @property
    def diff(self) -> str:
        """The change, as `diff -u` shows it."""
        lines = unified_diff(self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), self.name, self.name)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def corrections_of(path: str | Path, *, profile: str | None = None) -> Corrected:
    """The document in a file with all that has one safe correction corrected; the file stays as it is.

    Raises:
        ModelError: there is no such file, or it is no text.
        EdgeError: the disk failed.
    """
    name = str(path)
    before = text = decode(read_bytes(path), name)
    reasons: list[str] = []
    for _ in range(_MOST_ROUNDS):
        found = _found(text, name, profile)
        after = corrected(text, found)
        if after == text:
            break
        reasons += [f"line {each.line}: {each.why}" for each in found]
        text = after
    return Corrected(name, before, text, tuple(dict.fromkeys(reasons)))


def _found(text: str, name: str, profile: str | None) -> list[Correction]:
    """What a look at the text finds to correct."""
    try:
        found = examine(text, name, profile=profile, plugins=Installed())
    except ModelError:
        return []  # no document at all: nothing has a place
    try:
        with all_problems(found, found.places, Asked()):
            model = found.require()
        with all_problems(model, found.places, Asked()):
            plan = compile_plan(model, places=found.places)
    except ModelError as error:
        return [*spelling_corrections(text, found.places, error.problems), *newer_words(text, found.places)]
    return [*newer_words(text, found.places), *_missing_clamps(text, found.places, model, plan)]


def _missing_clamps(text: str, places: Places, model: Model, plan: Plan) -> list[Correction]:
    """Clamps for the numbers whose range nothing keeps."""
    found: list[Correction | None] = []
    for finding in plan.findings:
        if finding.code != "range-unproven":
            continue
        bounds = model.constraints.ranges[int(finding.path[2])]
        path, is_number = _column(model, bounds.attr)
        low, high = (None if end is None else float(end) for end in (bounds.min, bounds.max)) if is_number else (None, None)
        if path is not None and is_number:
            found.append(clamp_correction(text, places, path, low, high))
    return [each for each in found if each is not None]


def _column(model: Model, ref: str) -> tuple[Steps | None, bool]:
    """Where a column stands, and whether a clamp may change its values: it is a number that is no key."""
    for index, node in enumerate(model.nodes):
        for place, column in enumerate(node.columns):
            if (node.id, column.name) == (table_of(ref), column_of(ref)):
                is_free = column.generator.lookup is None and column.name not in node.primary_key
                return ("nodes", index, "columns", place), is_free and column.type in NUMBERS
    return None, False
