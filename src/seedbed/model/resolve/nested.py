"""What generators inside others, records and dependent choices ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from seedbed.core.block import ColumnType, column_type
from seedbed.core.nearest import one_of
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.generators import Generator
from seedbed.model.generators.choice import Choice
from seedbed.model.generators.nested import nested_in, usual_type
from seedbed.model.inner import inner_spec
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Unknown, find_reference, reference_type
from seedbed.model.resolve.scope import UNREADABLE, Scope
from seedbed.model.resolve.values import wrong_values
from seedbed.model.resolve.weights import not_all_zero

#: What may stand inside another generator: all that is made of the row alone.
INNER_KINDS = frozenset(
    {
        "choice",
        "distribution",
        "datetime_series",
        "faker",
        "expression",
        "record",
        "constant",
        "uuid",
        "pattern",
        "plugin",
        "case",
        "mixture",
        "struct",
        "list",
    }
)

#: Generators inside one another, at most: a stack of calls for each.
MOST_DEEP = 8

#: Lists in lists: each level takes 16 of the 64 bits that tell draws of one row apart.
MOST_LISTS = 3

Judge = Callable[[ColumnSpec, Path], Iterator[Mistake]]


def inner_mistakes(column: ColumnSpec, path: Path, judge: Judge) -> Iterator[Mistake]:
    """Mistakes of the generators directly inside a column's; `path` is the outer generator's, `judge` tells a generator's own."""
    outer = column.generator
    for nested in nested_in(outer):
        here, kind = (*path, *nested.path), nested.generator.kind
        if kind not in INNER_KINDS:
            message = f"`{kind}` cannot stand inside `{outer.kind}`"
            yield Mistake((*here, kind), message, "give it a hidden column of its own, and read that with an `expression`", at_key=True)
        elif nested.inner is not None and nested.inner.declared_type is None and usual_type(nested.generator) is None:
            yield Mistake(here, f"`{kind}` does not tell its type here", "add `type: string`, or another type")
        else:
            yield from _series(nested.generator, here)
            yield from judge(inner_spec(column, nested), here)


def depth_mistakes(generator: Generator, path: Path) -> Iterator[Mistake]:
    """A mistake if generators stand too deep inside one another."""
    waiting: list[tuple[Generator, Path, int, int]] = [(generator, path, 1, 0)]
    while waiting:
        found, here, depth, lists = waiting.pop()
        lists += found.list is not None
        if depth > MOST_DEEP or lists > MOST_LISTS:
            what = f"{lists} lists" if lists > MOST_LISTS else f"{depth} generators"
            most = MOST_LISTS if lists > MOST_LISTS else MOST_DEEP
            yield Mistake(here, f"{what} stand inside one another; at most {most} can", "move the inner ones into columns of their own")
            return
        waiting += [(nested.generator, (*here, *nested.path), depth + 1, lists) for nested in nested_in(found)]


def _series(generator: Generator, path: Path) -> Iterator[Mistake]:
    """What a datetime_series can do only as a column of its own."""
    series = generator.datetime_series
    for key in ("after", "before", "process") if series is not None else ():
        if key in series.model_fields_set:  # type: ignore[union-attr]  # there are no keys where there is no series
            fix = "give it a hidden column of its own, and read that with an `expression`"
            yield Mistake((*path, "datetime_series", key), f"`{key}` needs a column of its own", fix, at_key=True)


def row_reference_mistakes(
    scope: Scope, node: Node, column: ColumnSpec, ref: str, path: Path, wanted: Iterable[ColumnType] | None, what: str
) -> Iterator[Mistake]:
    """Mistakes if a row cannot read `ref`, or it is none of the wanted types (None: any); `what` says what uses it."""
    if ref == column.name:
        yield Mistake(path, f"{what} can't be the column itself", "name another column, or `link.column`")
        return
    if scope.written.get(node.id) or UNREADABLE in scope.written:
        return  # it may mean what could not be read
    found = find_reference(scope.model, node, ref)
    if isinstance(found, Unknown):
        yield Mistake(path, found.message, found.fix)
        return
    kind = reference_type(scope.model, found)
    kinds = set(wanted) if wanted is not None else None
    if kind is not None and kinds is not None and column_type(kind) not in kinds:
        names = one_of(sorted(option.value for option in kinds))
        yield Mistake(path, f"{what} needs a column of type {names}; `{ref}` is {kind}", "name another column, or `link.column`")


def dependent_choice_mistakes(scope: Scope, node: Node, column: ColumnSpec, params: Choice, path: Path) -> Iterator[Mistake]:
    """Mistakes of `by`, `table` and `else`."""
    for key, other in (("by", "table"), ("table", "by")):
        if getattr(params, key) is not None and getattr(params, other) is None:
            yield Mistake((*path, key), f"`{key}` needs `{other}`", "write `by: column` and `table: {value: [choices]}`", at_key=True)
    if params.else_ is not None and params.table is None:
        yield Mistake((*path, "else"), "`else` belongs to `by` and `table`", "remove it", at_key=True)
    for key in ("weights", "weights_kind"):
        if params.table is not None and getattr(params, key) is not None:
            fix = "write `table: {value: {choices: [..], weights: [..]}}`"
            yield Mistake((*path, key), f"`{key}` cannot fit several lists", fix, at_key=True)
    if params.from_file is not None and params.weights is not None:
        yield Mistake((*path, "weights"), "the weights of a file's values stand in the file", "name its `weight_column`", at_key=True)
    if params.by is None or params.table is None:
        return
    yield from row_reference_mistakes(scope, node, column, params.by, (*path, "by"), _TELLING, "`by`")
    yield from _lists(column, params, path)


def _lists(column: ColumnSpec, params: Choice, path: Path) -> Iterator[Mistake]:
    """Mistakes of the lists of a dependent choice, and of their weights."""
    for value, values, weights in params.entries:
        here = (*path, "else") if value is None else (*path, "table", value)
        inside = here if weights is None else (*here, "choices")
        yield from wrong_values(enumerate(values), column.value_type, inside)
        if weights is not None:
            yield from not_all_zero(weights, (*here, "weights"))
            if len(weights) != len(values):
                message = f"{len(weights)} weights for {len(values)} values"
                yield Mistake((*here, "weights"), message, "give one weight a value")


#: Types whose values can be told apart by name.
_TELLING = frozenset({ColumnType.STRING, ColumnType.INT, ColumnType.BOOL})
