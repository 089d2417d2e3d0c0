"""What a column's generator asks for: its type, its parameters, the columns it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seedbed.core.block import ColumnType
from seedbed.core.nearest import one_of
from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.generators import NO_KIND
from seedbed.model.generators.choice import Choice, EnumList
from seedbed.model.generators.datetime_series import DatetimeSeries
from seedbed.model.generators.distribution import Distribution
from seedbed.model.generators.faker import Faker
from seedbed.model.generators.lookup import Lookup
from seedbed.model.generators.record import Record
from seedbed.model.generators.sequence import Sequence
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.across import aggregate_mistakes, process_mistakes, split_mistakes
from seedbed.model.resolve.distributions import column_distribution_mistakes, distribution_mistakes
from seedbed.model.resolve.nested import dependent_choice_mistakes, depth_mistakes, inner_mistakes, row_reference_mistakes
from seedbed.model.resolve.patterns import constant_mistakes, pattern_mistakes, uuid_mistakes
from seedbed.model.resolve.regexes import regex
from seedbed.model.resolve.scope import NUMBERS, TIMES, Scope
from seedbed.model.resolve.series import series_mistakes
from seedbed.model.resolve.values import fits, wrong_values
from seedbed.model.resolve.weights import not_all_zero, weights_kind

_TEXTS = frozenset({ColumnType.STRING, ColumnType.UUID})

#: Generators that make one family of types, and what to use for the others.
_MAKES = {
    "sequence": (NUMBERS, 'for keys that are texts, use `faker: {method: bothify, text: "ID-####"}`'),
    "distribution": (NUMBERS, "use `choice` for texts and booleans, `datetime_series` for times"),
    "datetime_series": (TIMES | {ColumnType.TIME}, "make the column a datetime, a date or a time"),
    "record": (frozenset({ColumnType.STRUCT}), "write `type: struct`, or read a field of it with an expression: `person.full_name`"),
    "struct": (frozenset({ColumnType.STRUCT}), "write `type: struct`"),
    "list": (frozenset({ColumnType.LIST}), "write `type: list`"),
    "pattern": (_TEXTS, "write `type: string`"),
    "uuid": (_TEXTS, "write `type: uuid`"),
    "constant": (frozenset(ColumnType) - {ColumnType.STRUCT, ColumnType.LIST}, "use `struct` or `list` with constants in it"),
}


def column_mistakes(scope: Scope, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """All mistakes of a column without its modifiers."""
    kind = column.generator.kind
    if kind == NO_KIND and column.name not in node.filled:
        yield Mistake(path, f"`{column.name}` has no generator", "add one; `seedbed generators` lists them", at_key=True)
    types, fix = _made_types(column)
    if column.type not in types:
        names = " or ".join(option.value for option in ColumnType if option in types)
        yield Mistake((*path, "type"), f"`{kind}` makes {names}, not {column.type.value}", fix)
    yield from _digits(column, path)
    yield from depth_mistakes(column.generator, (*path, "generator"))
    yield from generator_mistakes(scope, node, column, (*path, "generator"))
    yield from _column_constraints(scope, column, (*path, "constraints"))


def _made_types(column: ColumnSpec) -> tuple[frozenset[ColumnType], str]:
    """The types that a column's generator makes, and what to use for others."""
    distribution = column.generator.distribution
    if distribution is not None and distribution.type == "bernoulli":
        return NUMBERS | {ColumnType.BOOL}, "use `choice` for texts"
    if column.generator.plugin is not None and (made := column.generator.plugin.args.type) is not None:
        return frozenset(kind for kind in ColumnType if kind.takes(made)), f"write `type: {made}`"
    return _MAKES.get(column.generator.kind, (frozenset(ColumnType), ""))


def generator_mistakes(scope: Scope, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """All mistakes of a column's generator, and of those inside it."""
    kind = column.generator.kind
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(scope, node, column, column.generator.params, (*path, kind))
    yield from inner_mistakes(column, path, lambda inner, here: _inner(scope, node, inner, here))


def _inner(scope: Scope, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """All mistakes of a generator inside another."""
    kind = column.generator.kind
    types, fix = _made_types(column)
    if column.type not in types:
        names = " or ".join(option.value for option in ColumnType if option in types)
        yield Mistake((*path, kind), f"`{kind}` makes {names}, not {column.type.value}", fix, at_key=True)
    yield from generator_mistakes(scope, node, column, path)


def _digits(column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """Mistakes of `precision` and `scale`: they are a decimal's."""
    for key in ("precision", "scale"):
        if getattr(column, key) is not None and column.type is not ColumnType.DECIMAL:
            yield Mistake((*path, key), f"`{key}` is for decimals; the column is {column.type.value}", "write `type: decimal`", at_key=True)
    precision, scale = column.digits
    if scale > precision:
        yield Mistake((*path, "scale"), f"{scale} digits after the point are more than the {precision} in all", "raise `precision`")


def same_family(a: ColumnType, b: ColumnType) -> bool:
    """Whether values of one type can be taken over into the other."""
    return a.matches(b) or {a, b} <= TIMES or b in _FROM_TEXT.get(a, ()) or a in _FROM_TEXT.get(b, ())


#: Types whose values are texts of their own form: they are taken over as texts, and made of texts.
_FROM_TEXT = dict.fromkeys((ColumnType.UUID, ColumnType.JSON, ColumnType.BYTES), (ColumnType.STRING,))


def listed_values(scope: Scope, ref: str) -> tuple[Any, ...] | None:
    """The values of a column whose model lists them, one each; None for the others."""
    spec = scope.spec(table_of(ref), column_of(ref))
    if spec is None or spec.generator.enum_list is None:
        return None
    return spec.generator.enum_list.values


def _sequence(_scope: Scope, node: Node, _column: ColumnSpec, params: Sequence, path: Path) -> Iterator[Mistake]:
    if params.step == 0:
        yield Mistake(
            (*path, "step"), "a step of 0 gives every row the same number", "give a step other than 0, or use `choice` with one value"
        )
    for key, value in (("start", params.start), ("step", params.step)):
        if not fits(value, ColumnType.INT):
            yield Mistake((*path, key), "the number is too large", "whole numbers lie between -2^63 and 2^63 - 1")
    if params.per is not None and params.per not in node.parents[:1]:
        known = node.parents[0] if node.parents else None
        what = f"only the rows of its first parent, `{known}`, have their children in order" if known else "it has no parent"
        message = f"the numbers of `{node.id}` cannot start again for each `{params.per}`: {what}"
        yield Mistake((*path, "per"), message, f"write `per: {known}`" if known else "make it a fact with `parents`, or remove `per`")
    if params.per is not None and params.order is not None:
        fix = "remove one of them"
        yield Mistake((*path, "order"), "numbers that start again for each parent come in order", fix, at_key=True)


def _choice(scope: Scope, node: Node, column: ColumnSpec, params: Choice, path: Path) -> Iterator[Mistake]:
    sources = [name for name in ("choices", "choices_ref", "from_file", "table") if getattr(params, name) is not None]
    if len(sources) != 1:
        said = f"both {' and '.join(f'`{name}`' for name in sources)}" if sources else "neither `choices` nor `choices_ref`"
        yield Mistake(path, f"a choice takes one source of values; found {said}", "keep `choices: [..]` or `choices_ref: table.column`")
    if params.choices is not None:
        yield from wrong_values(enumerate(params.choices), column.value_type, (*path, "choices"))
    if params.choices_ref is not None:
        yield from _reference(scope, column, params.choices_ref, (*path, "choices_ref"))
    yield from dependent_choice_mistakes(scope, node, column, params, path)
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
    yield from column_distribution_mistakes(column, params, path)


def _datetime_series(scope: Scope, node: Node, column: ColumnSpec, params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    yield from series_mistakes(scope, node, column, params, path)
    if params.delay is not None:
        yield from distribution_mistakes(params.delay, (*path, "delay"))


def _faker(scope: Scope, node: Node, column: ColumnSpec, params: Faker | Record, path: Path) -> Iterator[Mistake]:
    if params.locale_from is None:
        return
    here = (*path, "locale_from")
    if "." in params.locale_from:
        yield from row_reference_mistakes(scope, node, column, params.locale_from, here, {ColumnType.STRING}, "`locale_from`")
        return
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
    yield from wrong_values(enumerate(params.values), column.value_type, (*path, "values"))


_CHECKS: dict[str, Callable[[Scope, Node, ColumnSpec, Any, Path], Iterator[Mistake]]] = {
    "sequence": _sequence,
    "choice": _choice,
    "distribution": _distribution,
    "datetime_series": _datetime_series,
    "faker": _faker,
    "lookup": _lookup,
    "record": _faker,
    "enum_list": _enum_list,
    "aggregate": aggregate_mistakes,
    "split": split_mistakes,
    "process": process_mistakes,
    "pattern": pattern_mistakes,
    "uuid": uuid_mistakes,
    "constant": constant_mistakes,
}


def _column_constraints(scope: Scope, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    rules = column.constraints
    if rules.pattern is not None:
        yield from pattern(rules.pattern, column.type, (*path, "pattern"))
    if rules.enum is not None:
        yield from wrong_values(enumerate(rules.enum), column.value_type, (*path, "enum"))
    if rules.enum_ref is not None:
        yield from _reference(scope, column, rules.enum_ref, (*path, "enum_ref"))


def pattern(text: str, kind: ColumnType | None, path: Path) -> Iterator[Mistake]:
    """Mistakes of a regular expression for values of a type."""
    if kind not in {None, ColumnType.STRING}:
        yield Mistake(path, f"a pattern is for texts; the column is {kind.value}", f"use one of {one_of(['ranges', 'enum'])}")
    yield from regex(text, path)
