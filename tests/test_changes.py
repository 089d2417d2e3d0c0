"""Changing one column changes that column and what the plan says depends on it, in every example; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.errors import SeedbedError
from seedbed.generate.conversion import to_arrow
from seedbed.generate.engine import Engine
from seedbed.generate.frame import Frame
from seedbed.generate.prepare import prepare
from seedbed.generate.prepared import Prepared
from seedbed.model.document import ColumnSpec, Model
from seedbed.model.generators import Generator
from seedbed.model.generators.datetime_series import Pattern
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from seedbed.plan.dependencies import dependencies, rows_name
from seedbed.plan.plan import Limits

EXAMPLES = sorted(path for path in (Path(__file__).parents[1] / "examples").iterdir() if path.suffix in (".json", ".yaml"))

#: Small enough to be grown in a moment, large enough that something differs.
SCALES = {"shop": 0.02, "driving": 0.03, "school": 0.1}

#: Rows of a table that are compared.
ROWS = 3_000


@cache
def model_of(path: Path) -> Model:
    return parse(path.read_text(), path.name)


def grown(path: Path, model: Model) -> Prepared:
    return prepare(compile_plan(model, scale=SCALES.get(path.stem, 0.05)))


@cache
def before(path: Path) -> tuple[Prepared, dict[str, pa.Array]]:
    made = grown(path, model_of(path))
    return made, columns(made)


def columns(made: Prepared) -> dict[str, pa.Array]:
    """The first values of every column, hidden ones too."""
    engine, found = Engine(made), dict[str, pa.Array]()
    for table in made.plan.tables:
        frame = Frame(engine, table.name, range(min(made.rows[table.name], ROWS)))
        found |= {column.ref: to_arrow(frame.column(column.name), column, encoded=False) for column in table.columns}
    return found


def reversed_choices(spec: Any) -> Any:
    if spec.by is not None:
        table = {
            key: tuple(reversed(entry))
            if isinstance(entry, tuple)
            else entry.model_copy(update={"weights": tuple(reversed(entry.weights))})
            for key, entry in spec.table.items()
        }
        return spec.model_copy(update={"table": table})
    return spec.model_copy(update={"choices": tuple(reversed(spec.choices))}) if spec.choices else None


def nudged(distribution: Any) -> Any:
    """The same distribution with one of its numbers a little larger."""
    for name in ("mean", "lambda_", "high", "scale", "alpha", "p"):
        value = getattr(distribution.params, name, None)
        if isinstance(value, int | float):
            changed = value * 0.9 if name == "p" else value * 1.05 + 1
            return distribution.model_copy(update={"params": distribution.params.model_copy(update={name: changed})})
    return None


def other_times(series: Any) -> Any:
    if series.delay is not None:
        delay = nudged(series.delay)
        return None if delay is None else series.model_copy(update={"delay": delay})
    pattern = Pattern(dimension="dow", weights=(1, 2, 3, 1, 1, 2, 2))
    return series.model_copy(update={"patterns": (*series.patterns, pattern)})


def other_variants(mixture: Any) -> Any:
    first, *rest = mixture.variants
    return mixture.model_copy(update={"variants": (first.model_copy(update={"weight": first.weight * 2}), *rest)})


def other_else(case: Any) -> Any:
    changed = change_of(case.else_)
    return None if changed is None else case.model_copy(update={"else_": changed})


def update(**changes: Any) -> Callable[[Any], Any]:
    return lambda params: params.model_copy(update=changes)


CHANGES: dict[str, Callable[[Any], Any]] = {
    "sequence": lambda params: params.model_copy(update={"start": params.start + 3}),
    "choice": reversed_choices,
    "distribution": nudged,
    "datetime_series": other_times,
    "faker": update(locale="fr_FR", locale_from=None),
    "record": update(locale="fr_FR", locale_from=None),
    "pattern": lambda params: params.model_copy(
        update={"template": f"{params.template}x"} if params.template else {"regex": f"({params.regex})x"}
    ),
    "uuid": lambda params: params.model_copy(update={"version": 4, "name": None, "namespace": None, "time": None}),
    "constant": lambda params: params.model_copy(update={"value": params.value + 1}) if isinstance(params.value, int) else None,
    "expression": lambda params: params.model_copy(update={"code": f"({params.code}) + 1"}),
    "case": other_else,
    "mixture": other_variants,
    "process": lambda params: params.model_copy(update={"params": params.params.model_copy(update={"sigma": params.params.sigma * 2})}),
    "split": update(method="even"),
    "aggregate": update(op="max"),
    "enum_list": lambda params: params.model_copy(update={"values": tuple(reversed(params.values))}),
    "list": update(length=2),
    "struct": lambda params: params.model_copy(update={"fields": dict(list(params.fields.items())[:1])}),
}


def change_of(generator: Generator) -> Generator | None:
    make = CHANGES.get(generator.kind)
    params = make(getattr(generator, generator.kind)) if make is not None else None
    return None if params is None else generator.model_copy(update={generator.kind: params})


def changed(model: Model, table: str, spec: ColumnSpec) -> Model | None:
    """The model with other parameters of one column."""
    generator = change_of(spec.generator)
    if generator is None:
        return None
    swap = {spec.name: spec.model_copy(update={"generator": generator})}
    nodes = tuple(
        node.model_copy(update={"columns": tuple(swap.get(column.name, column) for column in node.columns)}) if node.id == table else node
        for node in model.nodes
    )
    return model.model_copy(update={"nodes": nodes})


def reached(made: Prepared, roots: set[str]) -> set[str]:
    """The columns and numbers of rows that are computed from some columns, those included."""
    graph = dependencies(made.plan.model, list(made.plan.tables))
    found = set(roots)
    while True:
        more = {name for name, sources in graph.items() if name not in found and not found.isdisjoint(sources)}
        if not more:
            return found
        found |= more


def told_otherwise(one: Prepared, other: Prepared) -> set[str]:
    """The columns that the plan itself treats differently; beside the changed one only in what their values are held to."""
    return {
        column.ref for table in one.plan.tables for column in table.columns if column != other.plan.table(table.name).column(column.name)
    }


def assert_only_dependents_change(path: Path, table: str, spec: ColumnSpec) -> bool:
    """Whether anything could be changed; fails where something changed that does not depend on it."""
    model = changed(model_of(path), table, spec)
    if model is None:
        return False
    first, values = before(path)
    try:
        second = grown(path, model)
        others = columns(second)
    except SeedbedError:
        return False  # what the change would break is refused
    ref = f"{table}.{spec.name}"
    roots = told_otherwise(first, second) | {ref}
    for name in roots - {ref}:
        one, other = (made.plan.table(name.partition(".")[0]).column(name.partition(".")[2]) for made in (first, second))
        assert replace(one, limits=Limits()) == replace(other, limits=Limits()), f"{name} is planned differently after {ref} was changed"
    if Engine(first).drawing(table) is not None and spec.name == first.plan.table(table).time_column:
        roots.add(rows_name(table))  # shocks and ages scale the fan-out by the weights, not by the values, of the rows' time
    allowed = reached(first, roots) | reached(second, roots)
    for plan in first.plan.tables:
        if rows_name(plan.name) not in allowed:
            assert first.rows[plan.name] == second.rows[plan.name], plan.name
    for name in values.keys() - allowed:
        both = min(len(values[name]), len(others[name]))
        assert values[name].slice(0, both).equals(others[name].slice(0, both)), f"{name} changed with {ref}"
    return True


CASES = [(path, node.id, column) for path in EXAMPLES for node in model_of(path).nodes for column in node.columns]


@settings(max_examples=25)
@given(case=st.sampled_from(CASES))
def test_changing_a_column_changes_only_what_depends_on_it(case: tuple[Path, str, ColumnSpec]) -> None:
    assert_only_dependents_change(*case)


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_changing_any_column_of_an_example_changes_only_what_depends_on_it(path: Path) -> None:
    cases = [case for case in CASES if case[0] == path]
    done = sum(assert_only_dependents_change(*case) for case in cases)
    assert done > len(cases) / 3, f"{done} of {len(cases)} columns could be changed"
