"""Kinds of checks about whole rows: nulls, keys, columns that are compared, expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seedbed.check.check import Check, Promise
from seedbed.check.kinds.bounds import listed, stored_values
from seedbed.check.kinds.scope import Scope, literal, promise, quoted
from seedbed.check.orders import Ends, OrderCheck
from seedbed.check.rowtests import Ascending, Compared, Complete, Implied, IsNull, IsTrue, NotInSet, UniqueWithin
from seedbed.check.uniqueness import UniqueCheck
from seedbed.check.values import InSet, NotNull, RowCheck
from seedbed.model.checks import shape
from seedbed.model.checks import values as params


def not_null(spec: shape.NotNull, scope: Scope) -> Iterator[Check]:
    """A value in every row."""
    for name in scope.columns(spec.each):
        yield RowCheck(promise(spec, scope, (name,), "no null", broken=f"{quoted(name)} IS NULL"), NotNull(name))


def null(spec: shape.Null, scope: Scope) -> Iterator[Check]:
    """A value in no row."""
    for name in scope.columns(spec.each):
        yield RowCheck(promise(spec, scope, (name,), "all null", broken=f"{quoted(name)} IS NOT NULL"), IsNull(name))


def missing(spec: shape.Missing, scope: Scope) -> Iterator[Check]:
    """Neither nulls nor what stands for them."""
    for name in scope.columns(spec.each):
        coded = ", ".join(map(literal, spec.values))
        about = promise(
            spec, scope, (name,), f"no null, none of {listed(spec.values)}", broken=f"{quoted(name)} IS NULL OR {quoted(name)} IN ({coded})"
        )
        yield RowCheck(about, NotInSet(InSet(name, stored_values(scope, name, spec.values)), nulls=True))


def row_complete(spec: shape.RowComplete, scope: Scope) -> Iterator[Check]:
    """A value in each column of each row."""
    names = scope.columns(spec.columns or scope.own.types)
    broken = " OR ".join(f"{quoted(name)} IS NULL" for name in names)
    yield RowCheck(
        promise(spec, scope, names, "no null in any of the columns", broken=broken, name=f"{scope.table}.row_complete"), Complete(names)
    )


def primary_key(spec: shape.PrimaryKey, scope: Scope) -> Iterator[Check]:
    """Keys: no value twice and none missing."""
    names = scope.columns(spec.columns)
    own = spec.id or f"{scope.table}.pk"
    unique = promise(spec, scope, names, "no value twice", query=_repeats(scope, names))
    yield UniqueCheck(_called(unique, f"{own}_unique"))
    for name in names:
        about = promise(spec, scope, (name,), "no null", kind="not_null", broken=f"{quoted(name)} IS NULL")
        yield RowCheck(_called(about, f"{own}_not_null" if len(names) == 1 else f"{own}_{name}_not_null"), NotNull(name))


def _called(about: Promise, name: str) -> Promise:
    return replace(about, id=name)


def unique(spec: shape.Unique, scope: Scope) -> Iterator[Check]:
    """No value, or combination, twice."""
    if spec.columns is not None:
        names = scope.columns(spec.columns)
        name = f"{scope.table}.{'_'.join(names)}.unique"
        yield UniqueCheck(promise(spec, scope, names, "no combination twice", name=name, query=_repeats(scope, names)))
        return
    each = (spec.column,) if isinstance(spec.column, str) else spec.column or ()
    for name in scope.columns(each):
        yield UniqueCheck(promise(spec, scope, (name,), "no value twice", query=_repeats(scope, (name,))))


def _repeats(scope: Scope, names: tuple[str, ...]) -> str:
    listed_names = ", ".join(map(quoted, names))
    known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    again = f"SELECT {listed_names} FROM {quoted(scope.table)} WHERE {known} GROUP BY {listed_names} HAVING count(*) > 1"  # noqa: S608 - shown, not run
    return f"SELECT * FROM {quoted(scope.table)} WHERE ({listed_names}) IN ({again})"  # noqa: S608 - shown, not run


def unique_within_row(spec: shape.UniqueWithinRow, scope: Scope) -> Iterator[Check]:
    """No value twice in one row."""
    names = scope.columns(spec.columns)
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    broken = " OR ".join(f"{quoted(one)} = {quoted(other)}" for one, other in pairs)
    yield RowCheck(promise(spec, scope, names, "no value twice in a row", broken=broken), UniqueWithin(names))


def duplicate_rows(spec: shape.DuplicateRows, scope: Scope) -> Iterator[Check]:
    """No row twice."""
    names = scope.columns(spec.columns or scope.own.types)
    about = promise(spec, scope, names, "no row twice", name=f"{scope.table}.duplicate_rows")
    yield UniqueCheck(about, "nullable")


def compare_columns(spec: params.CompareColumns, scope: Scope) -> Iterator[Check]:
    """Two columns of a row."""
    left, right = scope.columns((spec.left, spec.right))
    words = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
    op = {"==": "=", "!=": "<>"}.get(spec.op, spec.op)
    about = promise(
        spec,
        scope,
        (left, right),
        f"{left} {spec.op} {right}",
        name=f"{scope.table}.{left}_{words[spec.op]}_{right}",
        broken=f"NOT ({quoted(left)} {op} {quoted(right)})",
    )
    yield RowCheck(about, Compared(left, spec.op, right))


def row_expression(spec: params.RowExpressionCheck, scope: Scope) -> Iterator[Check]:
    """An expression over the row."""
    expression = scope.expression(spec.expr)
    yield RowCheck(promise(spec, scope, expression.names, spec.expr, name=f"{scope.table}.row_expression"), IsTrue(expression))


def conditional(spec: params.Conditional, scope: Scope) -> Iterator[Check]:
    """An expression where another one is true."""
    test = Implied(scope.expression(spec.if_), scope.expression(spec.then))
    yield RowCheck(promise(spec, scope, test.columns, f"if {spec.if_} then {spec.then}", name=f"{scope.table}.conditional"), test)


def temporal_order(spec: params.TemporalOrderInRow, scope: Scope) -> Iterator[Check]:
    """Moments one after the other, in a row or across tables."""
    if spec.columns is not None:
        names = tuple(scope.time(name) for name in spec.columns)
        sign = " < " if spec.strict else " <= "
        pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
        op = ">=" if spec.strict else ">"
        broken = " OR ".join(f"{quoted(one)} {op} {quoted(other)}" for one, other in pairs)
        yield RowCheck(promise(spec, scope, names, sign.join(names), broken=broken), Ascending(names, spec.strict))
        return
    yield _across(spec, scope)


def _across(spec: params.TemporalOrderInRow, scope: Scope) -> Check:
    assert spec.column is not None
    assert spec.after is not None
    parent, _, moment = spec.after.partition(".")
    ((own, theirs),) = spec.on.items()
    scope.time(spec.column)
    scope.time(moment, parent)
    kinds = (scope.column(spec.column), scope.column(moment, parent))
    form = scope.key_form(own, theirs, parent)
    about = promise(spec, scope, (spec.column,), f"{'after' if spec.strict else 'not before'} {spec.after}")
    return OrderCheck(
        about,
        Ends(scope.table, own, spec.column, kinds[1], "least", form),
        ">" if spec.strict else ">=",
        Ends(parent, theirs, moment, kinds[0], "most", form),
    )
