"""Kinds of checks across tables and across rows."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.check.check import Check, Promise, States, Tables
from seedbed.check.groups import ChildrenCheck, DependencyCheck, GroupsOf, What
from seedbed.check.kinds.bounds import range_text
from seedbed.check.kinds.scope import Scope, promise, quoted
from seedbed.check.outcome import CheckResult
from seedbed.check.pairs import DenialCheck, Order, ReconcileCheck
from seedbed.check.references import ReferenceCheck
from seedbed.check.rules import Touch
from seedbed.check.uniqueness import KeysOf
from seedbed.check.view import KeyForm, UnreadableError, is_text
from seedbed.core.block import DecimalType
from seedbed.core.records import dataclass
from seedbed.model.checks import across as params


def _form(scope: Scope, own: tuple[str, ...], theirs: tuple[str, ...], table: str) -> KeyForm:
    """How the keys of two tables are told apart together; several columns must be of the same types.

    Raises:
        UnreadableError: they can't be.
    """
    forms = {scope.key_form(one, other, table) for one, other in zip(own, theirs, strict=True)}
    if len(own) > 1 and forms != {"plain"}:
        raise UnreadableError("the key's columns are not of the same types on both sides")
    return forms.pop()


def foreign_key(spec: params.ForeignKeyCheck, scope: Scope) -> Iterator[Check]:
    """References to rows of another table."""
    own, theirs = scope.columns(spec.columns), scope.columns(spec.to_columns or spec.columns, spec.to)
    form = _form(scope, own, theirs, spec.to)
    known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in own)
    joined = " AND ".join(f"o.{quoted(other)} = {quoted(scope.table)}.{quoted(one)}" for one, other in zip(own, theirs, strict=True))
    broken = f"{known} AND NOT EXISTS (SELECT 1 FROM {quoted(spec.to)} o WHERE {joined})"  # noqa: S608 - shown, not run
    expected = f"a value of {spec.to}.{theirs[0]}" if len(own) == 1 else f"a row of {spec.to} ({', '.join(theirs)})"
    about = promise(spec, scope, own, expected, name=f"{scope.table}.fk_{spec.to}.integrity", broken=broken)
    yield ReferenceCheck(about, KeysOf(scope.table, own, form), KeysOf(spec.to, theirs, form))


def _pairs(spec: params.OfChildren, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...], KeyForm]:
    """The children's key columns, the own ones, and how they are told apart."""
    theirs, own = tuple(spec.on), tuple(spec.on.values())
    scope.columns(theirs, spec.child)
    return theirs, scope.columns(own), _form(scope, own, theirs, spec.child)


def orphan_parents(spec: params.OrphanParents, scope: Scope) -> Iterator[Check]:
    """Rows without children."""
    theirs, own, form = _pairs(spec, scope)
    about = promise(spec, scope, own, f"a row of {spec.child}", name=f"{scope.table}.{spec.child}.orphan_parents")
    yield ReferenceCheck(about, KeysOf(scope.table, own, form), KeysOf(spec.child, theirs, form))


def cardinality(spec: params.Cardinality, scope: Scope) -> Iterator[Check]:
    """How many children rows have."""
    theirs, own, form = _pairs(spec, scope)
    expected = f"{range_text(spec.min, spec.max)} rows of {spec.child}"
    about = promise(spec, scope, own, expected, name=f"{scope.table}.{spec.child}.cardinality")
    yield ChildrenCheck(
        about, GroupsOf(spec.child, theirs, form=form), GroupsOf(scope.table, own, form=form), "cardinality", spec.min, spec.max
    )


def capacity(spec: params.Capacity, scope: Scope) -> Iterator[Check]:
    """No more children than a column says."""
    theirs, own, form = _pairs(spec, scope)
    kind = scope.number(spec.limit)
    if isinstance(kind, DecimalType):
        raise UnreadableError(f"`{spec.limit}` is {kind.value}: a number of rows is whole")
    about = promise(
        spec, scope, (*own, spec.limit), f"at most {spec.limit} rows of {spec.child}", name=f"{scope.table}.{spec.child}.capacity"
    )
    parents = GroupsOf(scope.table, own, ("min",), (spec.limit,), form)
    yield ChildrenCheck(about, GroupsOf(spec.child, theirs, form=form), parents, "capacity", limit=spec.limit)


def aggregate_match(spec: params.AggregateMatch, scope: Scope) -> Iterator[Check]:
    """A column that is what children add up to."""
    theirs, own, form = _pairs(spec, scope)
    kind = scope.number(spec.column)
    wanted = f"{spec.measure}({spec.child}.{spec.of})" if spec.of else f"count({spec.child})"
    about = promise(spec, scope, (*own, spec.column), wanted, name=f"{scope.table}.{spec.column}.aggregate_match")
    what: tuple[What, ...] = ()
    scales = (1.0, float(10**kind.scale) if isinstance(kind, DecimalType) else 1.0)
    if spec.of is not None:
        other = scope.number(spec.of, spec.child)
        what = ("sum" if spec.measure == "mean" else _what(spec.measure),)
        scales = (float(10**other.scale) if isinstance(other, DecimalType) else 1.0, scales[1])
    children = GroupsOf(spec.child, theirs, what, None if spec.of is None else (spec.of,), form)
    parents = GroupsOf(scope.table, own, ("min",), (spec.column,), form)
    yield ChildrenCheck(
        about, children, parents, "aggregate", limit=spec.column, measure=spec.measure, tolerance=spec.tolerance, scale=scales
    )


def _what(measure: str) -> What:
    found: dict[str, What] = {"sum": "sum", "min": "min", "max": "max"}
    return found[measure]


@dataclass(frozen=True, slots=True)
class RowCountsCheck:
    """A table has so many rows for each row of another one."""

    about: Promise
    to: str
    factor: float
    tolerance: float

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of both tables."""
        return (Touch(self.about.table), Touch(self.to))

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the numbers of rows."""
        rows, other = states.rows(self.about.table), states.rows(self.to)
        wanted = self.factor * other
        observed = f"{rows:,} rows, {other:,} in {self.to}"
        is_near = abs(rows - wanted) <= self.tolerance * wanted
        return self.about.passed(rows, observed) if is_near else self.about.failed(rows, 0, observed)


def row_count_match(spec: params.RowCountMatch, scope: Scope) -> Iterator[Check]:
    """As many rows as another table."""
    scope.of(spec.to)
    expected = f"the rows of {spec.to}" if spec.factor == 1 else f"{spec.factor:g} times the rows of {spec.to}"
    about = promise(spec, scope, (), expected, name=f"{scope.table}.{spec.to}.row_count_match")
    yield RowCountsCheck(about, spec.to, spec.factor, spec.tolerance)


def functional_dependency(spec: params.FunctionalDependency, scope: Scope) -> Iterator[Check]:
    """Columns that follow from others."""
    keys, values = scope.columns(spec.columns), scope.columns(spec.determines)
    expected = f"{', '.join(keys)} tells {', '.join(values)}"
    name = f"{scope.table}.{'_'.join(keys)}.functional_dependency"
    yield DependencyCheck(
        promise(spec, scope, (*keys, *values), expected, name=name), GroupsOf(scope.table, keys, ("min", "max"), values, prints=True)
    )


def denial_constraint(spec: params.DenialConstraint, scope: Scope) -> Iterator[Check]:
    """Two rows that must not be."""
    equal = scope.columns(spec.equal or ())
    orders = tuple(Order(one.left, one.op, one.right or one.left) for one in spec.predicates)
    for order in orders:
        kinds = scope.column(order.left), scope.column(order.right)
        if order.op != "!=" and (is_text(kinds[0]) or is_text(kinds[1])):
            raise UnreadableError(f"`{order.left} {order.op} {order.right}`: texts can only be compared by `!=` here")
        if kinds[0] != kinds[1]:
            raise UnreadableError(f"`{order.left}` is {kinds[0].value}, `{order.right}` is {kinds[1].value}")
    told = [f"t1.{name} = t2.{name}" for name in equal] + [f"t1.{one.left} {one.op} t2.{one.right}" for one in orders]
    columns = tuple(dict.fromkeys([*equal, *(name for order in orders for name in (order.left, order.right))]))
    about = promise(spec, scope, columns, f"not ({' and '.join(told)})", name=f"{scope.table}.denial_constraint")
    yield DenialCheck(about, equal, orders)


def reconcile(spec: params.Reconcile, scope: Scope) -> Iterator[Check]:
    """The rows of another table, key by key."""
    own, theirs = scope.columns(spec.on), scope.columns(spec.on.values(), spec.to)
    form = _form(scope, own, theirs, spec.to)
    for one, other in spec.compare.items():
        kinds = scope.column(one), scope.column(other, spec.to)
        if is_text(kinds[0]) != is_text(kinds[1]):
            raise UnreadableError(f"`{one}` is {kinds[0].value}, `{spec.to}.{other}` is {kinds[1].value}")
    if form != "plain":
        raise UnreadableError("the keys are not of the same types on both sides")
    compared = tuple(spec.compare.items())
    about = promise(spec, scope, (*own, *spec.compare), f"the rows of {spec.to}", name=f"{scope.table}.{spec.to}.reconcile")
    yield ReconcileCheck(about, KeysOf(scope.table, own), KeysOf(spec.to, theirs), compared, spec.tolerance)
