"""What a column's generator asks for: its type, its parameters, the columns it refers to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from seedbed.core.block import ColumnType
from seedbed.core.nearest import one_of
from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.generators.choice import Choice, EnumList
from seedbed.model.generators.datetime_series import DatetimeSeries, Window
from seedbed.model.generators.distribution import Distribution, Normal, Uniform, UniformParams
from seedbed.model.generators.faker import Faker
from seedbed.model.generators.lookup import Lookup
from seedbed.model.generators.sequence import Sequence
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.regexes import regex
from seedbed.model.resolve.scope import NUMBERS, TIMES, Scope
from seedbed.model.resolve.times import frequency, window
from seedbed.model.resolve.values import fits, wrong_values
from seedbed.model.resolve.weights import dimension_weights, not_all_zero, weights_kind

#: How many standard deviations a normal value goes from its mean at most, rounded up.
_DEVIATIONS = 7

#: Generators that make one family of types, and what to use for the others.
_MAKES = {
    "sequence": (NUMBERS, 'for keys that are texts, use `faker: {method: bothify, text: "ID-####"}`'),
    "distribution": (NUMBERS, "use `choice` for texts and booleans, `datetime_series` for times"),
    "datetime_series": (TIMES, "make the column a datetime or a date"),
}


def column_mistakes(scope: Scope, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """All mistakes of a column without its modifiers."""
    kind = column.generator.kind
    here = (*path, "generator", kind)
    types, fix = _MAKES.get(kind, (frozenset(ColumnType), ""))
    if column.type not in types:
        names = " or ".join(option.value for option in ColumnType if option in types)
        yield Mistake((*path, "type"), f"`{kind}` makes {names}, not {column.type.value}", fix)
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(scope, node, column, column.generator.params, here)
    yield from _column_constraints(scope, column, (*path, "constraints"))


def same_family(a: ColumnType, b: ColumnType) -> bool:
    """Whether values of one type can be taken over into the other."""
    return a is b or {a, b} <= NUMBERS or {a, b} <= TIMES


def listed_values(scope: Scope, ref: str) -> tuple[Any, ...] | None:
    """The values of a column whose model lists them, one each; None for the others."""
    spec = scope.spec(table_of(ref), column_of(ref))
    if spec is None or spec.generator.enum_list is None:
        return None
    return spec.generator.enum_list.values


def _sequence(_scope: Scope, _node: Node, _column: ColumnSpec, params: Sequence, path: Path) -> Iterator[Mistake]:
    if params.step == 0:
        yield Mistake(
            (*path, "step"), "a step of 0 gives every row the same number", "give a step other than 0, or use `choice` with one value"
        )
    for key, value in (("start", params.start), ("step", params.step)):
        if not fits(value, ColumnType.INT):
            yield Mistake((*path, key), "the number is too large", "whole numbers lie between -2^63 and 2^63 - 1")


def _choice(scope: Scope, _node: Node, column: ColumnSpec, params: Choice, path: Path) -> Iterator[Mistake]:
    if (params.choices is None) == (params.choices_ref is None):
        said = "both `choices` and `choices_ref`" if params.choices else "neither `choices` nor `choices_ref`"
        yield Mistake(path, f"a choice takes one source of values; found {said}", "keep `choices: [..]` or `choices_ref: table.column`")
    if params.choices is not None:
        yield from wrong_values(enumerate(params.choices), column.type, (*path, "choices"))
    if params.choices_ref is not None:
        yield from _reference(scope, column, params.choices_ref, (*path, "choices_ref"))
    yield from _choice_weights(scope, params, path)


def _choice_weights(scope: Scope, params: Choice, path: Path) -> Iterator[Mistake]:
    if params.weights is not None and params.weights_kind is not None:
        yield Mistake((*path, "weights_kind"), "`weights` and `weights_kind` both give the weights", "keep one of them", at_key=True)
    if params.weights_kind is not None:
        yield from weights_kind(params.weights_kind, (*path, "weights_kind"))
    if params.weights is None:
        return
    yield from not_all_zero(params.weights, (*path, "weights"))
    values = params.choices or (listed_values(scope, params.choices_ref) if params.choices_ref else None)
    if values is not None and len(values) != len(params.weights):
        yield Mistake((*path, "weights"), f"{len(params.weights)} weights for {len(values)} values", "give one weight a value")


def _reference(scope: Scope, column: ColumnSpec, ref: str, path: Path) -> Iterator[Mistake]:
    yield from scope.missing_ref(ref, path)
    found = scope.ref_type(ref)
    if found is not None and not same_family(found, column.type):
        yield Mistake(path, f"`{ref}` is {found.value}, the column is {column.type.value}", f"write `type: {found.value}`")


def _distribution(_scope: Scope, _node: Node, column: ColumnSpec, params: Distribution, path: Path) -> Iterator[Mistake]:
    yield from distribution_mistakes(params, path)
    if isinstance(params, Uniform) and column.type is ColumnType.INT and params.params.low <= params.params.high:
        yield from _whole_numbers(params.params, (*path, "params"))


def distribution_mistakes(params: Distribution, path: Path) -> Iterator[Mistake]:
    """Mistakes of a distribution: ends that are swapped, or so far apart that no number tells them."""
    low, high = params.clamp or (None, None)
    if isinstance(params, Uniform) and params.params.low > params.params.high:
        yield Mistake((*path, "params"), f"`low` ({params.params.low:g}) is above `high` ({params.params.high:g})", "swap them")
    if low is not None and high is not None and low > high:
        yield Mistake((*path, "clamp"), f"the lower end ({low:g}) is above the upper end ({high:g})", "swap them")
    if not math.isfinite(_reach(params)):
        yield Mistake((*path, "params"), "its values pass the range of floats, 1.8e308", "use smaller numbers")


def _reach(params: Distribution) -> float:
    """How far a distribution goes: no bound of its values, nor their width, is greater; infinite beyond floats."""
    if isinstance(params, Uniform):
        return params.params.high - params.params.low
    return abs(params.params.mean) + 2 * _DEVIATIONS * params.params.std if isinstance(params, Normal) else 0.0


def _whole_numbers(params: UniformParams, path: Path) -> Iterator[Mistake]:
    first, last = math.ceil(params.low), math.floor(params.high)
    if first > last:
        yield Mistake(path, f"no whole number lies between {params.low:g} and {params.high:g}", "widen them, or make the column a float")
    if not (first >= -(2**63) and last < 2**63 and last - first <= 2**62):
        yield Mistake(
            path, f"the whole numbers from {params.low:g} to {params.high:g} do not fit", "stay within 64 bits, at most 2^62 apart"
        )


def _datetime_series(_scope: Scope, _node: Node, _column: ColumnSpec, params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    if isinstance(params.within, Window):
        yield from window(params.within, (*path, "within"))
    yield from frequency(params.freq, (*path, "freq"))
    if params.pattern is not None:
        yield from dimension_weights(params.pattern.dimension, params.pattern.weights, (*path, "pattern", "weights"))


def _faker(scope: Scope, node: Node, column: ColumnSpec, params: Faker, path: Path) -> Iterator[Mistake]:
    if params.locale_from is None:
        return
    here = (*path, "locale_from")
    yield from scope.wrong_type(node.id, params.locale_from, here, {ColumnType.STRING}, "`locale_from`")
    if params.locale_from == column.name:
        yield Mistake(here, "a column can't take its locale from itself", "name a column that holds a country's code")


def _lookup(scope: Scope, node: Node, column: ColumnSpec, params: Lookup, path: Path) -> Iterator[Mistake]:
    yield from _reference(scope, column, params.from_, (*path, "from"))
    for key, value in (params.on or {}).items():
        yield from _join(scope, node, table_of(params.from_), (key, value), (*path, "on", key))


def _join(scope: Scope, node: Node, other: str, pair: tuple[str, str], path: Path) -> Iterator[Mistake]:
    """`{key of the other table: column of this row}`, or the other way round where only that has meaning."""
    if other not in scope.nodes:
        return
    first, second = pair
    is_swapped = (
        _has(scope, node.id, first) and _has(scope, other, second) and not (_has(scope, other, first) and _has(scope, node.id, second))
    )
    remote, local = (second, first) if is_swapped else (first, second)
    yield from scope.missing_column(other, remote, path, at_key=not is_swapped)
    yield from scope.missing_column(node.id, local, path, at_key=is_swapped)
    types = scope.type(other, remote), scope.type(node.id, local)
    if types[0] and types[1] and not same_family(types[0], types[1]):
        message = f"`{other}.{remote}` is {types[0].value}, `{node.id}.{local}` is {types[1].value}: no row can be found"
        yield Mistake(path, message, "join columns of one type")


def _has(scope: Scope, table: str, column: str) -> bool:
    return column in scope.columns(table) or column in scope.written.get(table, ())


def _enum_list(_scope: Scope, node: Node, column: ColumnSpec, params: EnumList, path: Path) -> Iterator[Mistake]:
    if node.kind != "vocab":
        yield Mistake(
            path, f"`enum_list` fills vocab tables; `{node.id}` is {'an entity' if node.kind == 'entity' else 'a fact'}", "use `choice`"
        )
    yield from wrong_values(enumerate(params.values), column.type, (*path, "values"))


_CHECKS: dict[str, Callable[[Scope, Node, ColumnSpec, Any, Path], Iterator[Mistake]]] = {
    "sequence": _sequence,
    "choice": _choice,
    "distribution": _distribution,
    "datetime_series": _datetime_series,
    "faker": _faker,
    "lookup": _lookup,
    "enum_list": _enum_list,
}


def _column_constraints(scope: Scope, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    rules = column.constraints
    if rules.pattern is not None:
        yield from pattern(rules.pattern, column.type, (*path, "pattern"))
    if rules.enum is not None:
        yield from wrong_values(enumerate(rules.enum), column.type, (*path, "enum"))
    if rules.enum_ref is not None:
        yield from _reference(scope, column, rules.enum_ref, (*path, "enum_ref"))


def pattern(text: str, kind: ColumnType | None, path: Path) -> Iterator[Mistake]:
    """Mistakes of a regular expression for values of a type."""
    if kind not in {None, ColumnType.STRING}:
        yield Mistake(path, f"a pattern is for texts; the column is {kind.value}", f"use one of {one_of(['ranges', 'enum'])}")
    yield from regex(text, path)
