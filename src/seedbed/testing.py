"""Tests that every plug-in passes: its authors call them from their own; and data that must be valid.

from seedbed.testing import check_generator

def test_dice_keep_the_contract() -> None:
check_generator(Dice, {"sides": 20})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from seedbed.core.plugins import Family, Known, Plugin
from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.places import Marks
from seedbed.model.reading import examine_tree
from seedbed.model.reading.tree import Tree
from seedbed.plan.compile import compile_plan

if TYPE_CHECKING:
    from seedbed.check.results import Report

__all__ = ["assert_valid", "check_generator", "check_modifier"]

#: What a modifier is given, by the type of the column.
_GIVEN: dict[str, dict[str, object]] = {
    "int": {"distribution": {"type": "uniform", "params": {"low": -1000, "high": 1000}}},
    "float": {"distribution": {"type": "normal", "params": {"mean": 0.0, "std": 10.0}}},
    "decimal": {"distribution": {"type": "uniform", "params": {"low": 0, "high": 1000}}},
    "string": {"choice": {"choices": ["Ada", "Grace", "Łukasz", ""]}},
    "datetime": {"datetime_series": {"within": "timeframe", "freq": "S"}},
    "date": {"datetime_series": {"within": "timeframe", "freq": "D"}},
}


def check_generator(maker: type[Any], args: Mapping[str, Any] | None = None, *, rows: int = 1_000, is_random: bool = True) -> pa.Array:
    """Check what a generator promises, and give its values in `rows` rows of a column.

    They are of the type it says; the same in whatever blocks, order and lists the rows are made; and others for another seed, unless
    `is_random` says that it draws nothing.

    Raises:
        AssertionError: it breaks a promise.
        ModelError: it does not take these arguments.
        PluginError: it has not the shape of a plug-in, fails, or gives what cannot be taken.
    """
    plugin = _plugin("generator", maker)
    generator = {"plugin": {"name": plugin.name, "args": dict(args or {})}}
    engines = [_engine(plugin, {"name": "made", "generator": generator}, rows, seed) for seed in (1, 2)]
    return _checked(engines, rows, is_random=is_random)


def check_modifier(
    maker: type[Any], args: Mapping[str, Any] | None = None, *, rows: int = 1_000, is_random: bool = False
) -> dict[str, pa.Array]:
    """Check what a modifier promises, for each type that it says it can change; its values by type.

    The same as of a generator is checked; `is_random` says that it draws, so that other seeds give others from the same values.

    Raises:
        AssertionError: it breaks a promise.
        ModelError: it does not take these arguments.
        PluginError: it has not the shape of a plug-in, fails, or gives what cannot be taken.
    """
    plugin = _plugin("modifier", maker)
    modifiers = [{"transform": "plugin", "name": plugin.name, "args": dict(args or {})}]
    found = {}
    for kind in sorted(_types(plugin, args or {})):
        column = {"name": "made", "type": kind, "generator": _GIVEN[kind], "modifiers": modifiers}
        engines = [_engine(plugin, column, rows, seed) for seed in (1, 2)]
        found[kind] = _checked(engines, rows, is_random=is_random)
    return found


def _plugin(family: Family, maker: type[Any]) -> Plugin:
    return Plugin(family, maker.__name__, maker.__module__, "under test", maker)


def _types(plugin: Plugin, args: Mapping[str, Any]) -> frozenset[str]:
    """The types that a modifier says it can change."""
    from seedbed.model.plugins import bound

    return frozenset(kind.value for kind in bound(plugin, args).types)


def _engine(plugin: Plugin, column: Mapping[str, Any], rows: int, seed: int) -> Engine:
    """An engine of one table with the column, and with lists of its generator where that may stand in one."""
    columns = [dict(column)]
    if plugin.family == "generator":
        columns.append({"name": "listed", "type": "list", "generator": {"list": {"length": 2, "items": column["generator"]}}})
    data = {
        "version": "2.0",
        "metadata": {"name": "contract"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "nodes": [{"id": "t", "kind": "entity", "rows": rows, "columns": columns}],
    }
    model = examine_tree(Tree(data, Marks, ()), "", plugins=Known((plugin,))).require()
    return Engine(prepare(compile_plan(model, seed=seed)))


def _checked(engines: list[Engine], rows: int, *, is_random: bool) -> pa.Array:
    """The values of the first engine's column, if they are what its rows alone decide."""
    whole = [engine.block("t", 0, rows) for engine in engines]
    for size in (1, 7, rows // 3 + 1):
        for engine, expected in zip(engines, whole, strict=True):
            starts = reversed(range(0, rows, size)) if size > 1 else range(min(rows, 16))
            for start in starts:
                stop = min(start + size, rows)
                assert engine.block("t", start, stop) == expected.slice(start, stop - start), (
                    f"rows {start} to {stop} are others when they are made by themselves: values must follow from `draw` alone"
                )
    first, other = (block.column("made") for block in whole)
    if is_random and rows > 1:
        assert first != other, "another seed gives the same values: they must follow from `draw`; say is_random=False where none are drawn"
    return first


def assert_valid(data: Any, rules: Any, *, threshold: float = 100.0, **options: Any) -> Report:
    """Fail a test where data don't keep what a model or a checks document says; the message shows the failing rows.

    Takes what `seedbed.validate` takes; the score must be 100 where no other `threshold` is given.

    Raises:
        AssertionError: a hard promise is broken, or the score is too low.

    >>> import pyarrow as pa
    >>> checks = {"version": "1.0", "tables": {"data": [{"kind": "range", "column": "age", "min": 18}]}}
    >>> assert_valid(pa.table({"age": [34, 51]}), checks).score
    100.0
    >>> assert_valid(pa.table({"age": [34, 17]}), checks)
    Traceback (most recent call last):
    AssertionError: the data are not valid: score 50.0 of at least 100
      data.age.range failed: 1 of 2 rows; expected at least 18
        row 1: age=17
    """
    from seedbed.check.text import broken_text
    from seedbed.run.validate import validate

    report = validate(data, rules, threshold=threshold, **options)
    if not report.accepted:
        head = f"the data are not valid: score {report.score:.1f} of at least {threshold:g}"
        raise AssertionError("\n".join([head, broken_text(report)]))
    return report
