"""What a modifier asks for: a column it can act on, and the columns it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seedbed.core.block import ColumnType
from seedbed.core.nearest import one_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.modifiers import ByPlugin, EffectArgs, MapArgs, Modifier, OutlierArgs, SeasonalityArgs, TrendArgs
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.columns import same_family
from seedbed.model.resolve.distributions import distribution_mistakes
from seedbed.model.resolve.scope import NUMBERS, TIMES, Scope
from seedbed.model.resolve.values import wrong_values
from seedbed.model.resolve.weights import dimension_weights

#: The types that each modifier can change.
ACTS_ON = {
    "multiply": NUMBERS,
    "add": NUMBERS,
    "clamp": NUMBERS,
    "round": NUMBERS,
    "jitter": NUMBERS,
    "outliers": NUMBERS,
    "trend": NUMBERS,
    "map_values": frozenset(ColumnType) - {ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST},
    "seasonality": NUMBERS | TIMES,
    "effect": NUMBERS | TIMES,
    "time_jitter": TIMES,
}


#: Those that documents of version 1.0 do not have.
_SINCE_2 = frozenset({"round"})


def modifier_mistakes(scope: Scope, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """All mistakes of a column's modifiers."""
    for index, modifier in enumerate(column.modifiers):
        here = (*path, "modifiers", index)
        wrong = list(_wrong_type(scope, modifier, column, here))
        yield from wrong
        check = _CHECKS.get(modifier.transform)
        if check is not None and not wrong:
            yield from check(scope, node, column, modifier.args, (*here, "args"))


def node_modifier_mistakes(scope: Scope, node: Node, path: Path) -> Iterator[Mistake]:
    """All mistakes of a table's own modifiers: effects on how many rows there are, and nothing else."""
    for index, modifier in enumerate(node.modifiers):
        here = (*path, "modifiers", index)
        if modifier.transform != "effect":
            fix = "put it into a column's `modifiers`"
            yield Mistake((*here, "transform"), f"`{modifier.transform}` changes a column; on a table only `effect` acts", fix)
        elif node.kind != "fact":
            yield Mistake(here, f"an effect on a table scales its fan-out; `{node.id}` is no fact", "put it into a column's `modifiers`")
        else:
            yield from _effect(scope, node, None, modifier.args, (*here, "args"))


def _wrong_type(scope: Scope, modifier: Modifier, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    types = _acts_on(modifier)
    if column.type not in types:
        fitting = [
            name for name, kinds in ACTS_ON.items() if column.type in kinds and (scope.model.version != "1.0" or name not in _SINCE_2)
        ]
        names = ", ".join(kind.value for kind in ColumnType if kind in types)
        what = modifier.name if isinstance(modifier, ByPlugin) else modifier.transform
        message = f"`{what}` acts on {names}; the column is {column.type.value}"
        yield Mistake((*path, "transform"), message, f"for {column.type.value}: {one_of(fitting)}" if fitting else "remove it")


def _acts_on(modifier: Modifier) -> frozenset[ColumnType]:
    """The types that a modifier can change; any where nobody has looked for the plug-in that tells."""
    if isinstance(modifier, ByPlugin):
        return modifier.args.types or frozenset(ColumnType)
    return ACTS_ON[modifier.transform]


def _map_values(_scope: Scope, _node: Node, column: ColumnSpec, args: MapArgs, path: Path) -> Iterator[Mistake]:
    yield from wrong_values(args.mapping.items(), column.value_type, (*path, "mapping"))


def _seasonality(scope: Scope, node: Node, column: ColumnSpec, args: SeasonalityArgs, path: Path) -> Iterator[Mistake]:
    yield from dimension_weights(args.dimension, args.weights, (*path, "weights"))
    if column.type is ColumnType.DATE and args.dimension == "hour":
        yield Mistake((*path, "dimension"), "a date has no hours", "use `dow` or `month`, or make the column a datetime")
    yield from _time_column(scope, node, column, args.time_column, (*path, "time_column"))


def _trend(scope: Scope, node: Node, column: ColumnSpec, args: TrendArgs, path: Path) -> Iterator[Mistake]:
    if args.growth_rate is not None and args.type == "exponential" and args.growth_rate <= -1:
        fix = "such as -0.2 for a fifth less every year"
        yield Mistake((*path, "growth_rate"), f"a growth of {args.growth_rate:g} a year leaves nothing; it must be above -1", fix)
    yield from _time_column(scope, node, column, args.time_reference, (*path, "time_reference"))


def _outliers(_scope: Scope, _node: Node, _column: ColumnSpec, args: OutlierArgs, path: Path) -> Iterator[Mistake]:
    if args.magnitude_dist is not None:
        yield from distribution_mistakes(args.magnitude_dist, (*path, "magnitude_dist"))


def _effect(scope: Scope, node: Node, column: ColumnSpec | None, args: EffectArgs, path: Path) -> Iterator[Mistake]:
    table = args.effect_table
    yield from scope.missing_table(table, (*path, "effect_table"))
    if table == node.id:
        yield Mistake((*path, "effect_table"), "a table can't be its own effect table", "name the table whose rows are the shocks")
    for local, remote in args.on.items():
        yield from _hit(scope, [node.id, *(node.parents[:1] if column is None else ())], table, (local, remote), (*path, "on", local))
    yield from scope.wrong_type(table, args.window.start_col, (*path, "window", "start_col"), TIMES, "the window")
    yield from scope.wrong_type(table, args.window.end_col, (*path, "window", "end_col"), TIMES, "the window")
    yield from scope.wrong_type(table, args.map.field, (*path, "map", "field"), NUMBERS, "an effect")
    if column is not None or args.time_column is not None:
        yield from _time_column(scope, node, column, args.time_column, (*path, "time_column"))


def _hit(scope: Scope, owners: list[str], table: str, pair: tuple[str, str], path: Path) -> Iterator[Mistake]:
    """`{local column: effect column}`; on a table the local column may be its first parent's."""
    local, remote = pair
    owner = next((name for name in owners if local in scope.columns(name)), owners[0])
    yield from scope.missing_column(owner, local, path, at_key=True)
    yield from scope.missing_column(table, remote, path)
    types = scope.type(owner, local), scope.type(table, remote)
    if types[0] and types[1] and not same_family(types[0], types[1]):
        message = f"`{owner}.{local}` is {types[0].value}, `{table}.{remote}` is {types[1].value}: they are never equal"
        yield Mistake(path, message, "pair columns of one type")


def _time_column(scope: Scope, node: Node, column: ColumnSpec | None, name: str | None, path: Path) -> Iterator[Mistake]:
    """Mistakes of the column that holds the row's time: named, or the first one there is."""
    if name is not None:
        yield from scope.wrong_type(node.id, name, path, TIMES, f"`{path[-1]}`")
        return
    is_time_itself = column is not None and column.type in TIMES
    if is_time_itself or scope.written or any(spec.type in TIMES for spec in node.columns):
        return
    yield Mistake(path[:-1], f"`{node.id}` has no datetime or date column, so its rows have no time", "add one, or remove the modifier")


_CHECKS: dict[str, Callable[[Scope, Node, ColumnSpec, Any, Path], Iterator[Mistake]]] = {
    "map_values": _map_values,
    "seasonality": _seasonality,
    "trend": _trend,
    "outliers": _outliers,
    "effect": _effect,
}
