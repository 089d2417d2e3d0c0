"""All that is wrong with a document, at once: whatever is found first, the later checks look at the part it leaves sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import ModelError, Problem, SeedbedError
from seedbed.core.records import dataclass
from seedbed.generate.faker import faker_columns, misfit, needed_pools
from seedbed.generate.pool_key import AnyKey
from seedbed.generate.prepare import path_of, prepare
from seedbed.model.document import Model
from seedbed.model.places import Mistake, Places
from seedbed.model.reading import Examined
from seedbed.model.reading.sound import sound_part
from seedbed.plan.compile import MOST_ROWS, compile_plan, unplaced
from seedbed.plan.plan import Plan
from seedbed.read.plugins import Installed
from seedbed.run.choice_files import folder_of, load_choices

#: Up to so many rows of entities, fan-outs are counted (13 ns a parent) though nobody asked for rows.
COUNTED_PARENTS = 5_000_000

#: Each round takes the mistakes of the one before out; with so many kinds of checks there are fewer.
_MOST_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What decides a plan besides its model."""

    seed: int | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    scale: float | None = None


def asked_of(plan: Plan) -> Asked:
    """What gives this plan again."""
    return Asked(plan.seed, {table.name: table.rows for table in plan.tables if table.kind == "entity" and table.rows is not None})


def is_countable(plan: Plan) -> bool:
    """Whether fan-outs are counted in a moment."""
    return sum(table.rows or 0 for table in plan.tables) <= COUNTED_PARENTS


@contextmanager
def all_problems(found: Model | Examined, places: Places, asked: Asked) -> Iterator[None]:
    """Add to a refusal all that later checks would refuse: they begin at the mistakes of the document, or at its problems."""
    try:
        yield
    except ModelError as error:
        if isinstance(found, Examined):
            raise refusal(found.data, places, found.mistakes, asked) from error.__cause__
        placed = [Mistake(problem.path, problem.message, problem.fix) for problem in error.problems if problem.path]
        told = [problem for problem in error.problems if not problem.path]
        raise refusal(unplaced(found).data, places, placed, asked, told) from error.__cause__


def refusal(data: object, places: Places, mistakes: Sequence[Mistake], asked: Asked, told: Sequence[Problem] = ()) -> ModelError:
    """One error of these mistakes and of all that planning, Faker and counting refuse beside them, in the document's order.

    `data` is the document as the model's classes take it. `told` are problems of the request: they come first, and nothing is taken
    out for them.
    """
    found = list(mistakes)
    for _ in range(_MOST_ROUNDS):
        sound = sound_part(data, (mistake.path for mistake in found), Installed())
        problems = _refused(sound.model, asked, folder_of(places)) if sound is not None else ()
        more = [Mistake(sound.original(problem.path), problem.message, problem.fix) for problem in problems if sound and problem.path]
        if not more:
            break
        found += more
    error = ModelError.of([*told, *places.error(found).problems])
    assert isinstance(error, ModelError)  # `of` makes one of its own class
    return error


def _refused(model: Model, asked: Asked, folder: Path | None) -> tuple[Problem, ...]:
    """What the first check refuses that refuses anything: planning, then Faker, then counting."""
    rows = {node.id: asked.rows[node.id] for node in model.nodes if node.kind == "entity" and asked.rows.get(node.id, -1) >= 0}
    scale = asked.scale if asked.scale is None or 0 < asked.scale <= MOST_ROWS else 1.0
    try:
        plan = compile_plan(model, seed=asked.seed, rows=rows, scale=scale)
        pools = load_pools(plan, folder=folder)
        if is_countable(plan):
            prepare(plan, pools)
    except ModelError as error:
        return error.problems
    except SeedbedError:  # Faker isn't installed, or a row has no value: told when nothing else is wrong
        return ()
    return ()


def load_pools(plan: Plan, places: Places | None = None, *, folder: Path | None = None) -> dict[AnyKey, pa.Array]:
    """The pools of values that a plan needs: Faker's from the disk or built now, those of files read from the model's folder.

    The folder is that of the document that `places` tells of, unless it is given.

    Raises:
        ModelError: a method, a locale or an argument that Faker doesn't know, values of another type than the column's, or a file
            that cannot be chosen from; all of them, each with its place.
        PluginError: Faker is needed and not installed.
    """
    found: dict[AnyKey, pa.Array] = {}
    mistakes = load_choices(plan, folder or folder_of(places), found)
    for column in faker_columns(plan):
        try:
            for key in needed_pools(plan, column):
                if key not in found:
                    from seedbed.run.pools import load_pool

                    found[key] = load_pool(key)
            if wrong := misfit(plan, column, found):
                mistakes.append(Mistake((*path_of(plan, column.table, column.name), "type"), *wrong))
        except ModelError as error:
            where = (*path_of(plan, column.table, column.name), "generator", "faker")
            mistakes += [Mistake(where, problem.message, problem.fix) for problem in error.problems]
    if mistakes:
        raise (places or unplaced(plan.model)).error(mistakes)
    return found
