"""Checks as queries: one that gives the failing rows, so that anybody can look at them, and one that counts them inside a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seedbed.check.check import Check
from seedbed.check.conditions import Condition, WhereCheck
from seedbed.check.groups import ChildrenCheck, DependencyCheck
from seedbed.check.orders import OrderCheck
from seedbed.check.references import ReferenceCheck
from seedbed.check.sql.conditions import all_of, any_of, broken, known, meant
from seedbed.check.sql.dialect import DOUBLE, Dialect, UnsayableError, quoted
from seedbed.check.sql.writer import Scene, Writer
from seedbed.check.uniqueness import KeysOf, UniqueCheck
from seedbed.check.values import RowCheck
from seedbed.check.view import KeyForm
from seedbed.check.vocabulary import OfRows
from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Bare:
    """A check without what is around it: the rows that it is about, and whether an empty table is an error."""

    inner: Check
    condition: Condition | None = None
    needs_rows: bool = False


def bare(check: Check) -> Bare:
    """A check without what is around it."""
    if isinstance(check, OfRows):
        within = bare(check.inner)
        return Bare(within.inner, within.condition, needs_rows=True)
    if isinstance(check, WhereCheck):
        return Bare(check.inner, check.condition)
    return Bare(check)


def failing_rows(check: Check, scene: Scene) -> str:
    """A query that gives the rows that fail, each with all its columns.

    Raises:
        UnsayableError: SQL can't say it as the check means it, or the check is about no single rows.
    """
    writer = scene.writer(check.about.table)
    return f"SELECT * FROM {writer.source} WHERE {failing(check, writer)}"  # noqa: S608 - names and values are quoted


def failing(check: Check, writer: Writer) -> str:
    """The condition that the failing rows of a check meet, and no others.

    Raises:
        UnsayableError: as above.
    """
    part = bare(check)
    make = _FAILING.get(type(part.inner))
    if make is None:
        raise UnsayableError(f"a check of kind {check.about.kind} is no query of rows")
    return make(part.inner, writer, meant(part.condition, writer))


def _row_check(check: RowCheck, writer: Writer, chosen: str | None) -> str:
    condition = broken(check.test, writer)
    return all_of([chosen, condition]) if chosen else condition


# ------------------------------------------------------------------------------------------------------------ keys


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of each row that has one: its values as two tables compare them, and the condition of having it."""

    values: tuple[str, ...]
    known: str

    @property
    def listed(self) -> str:
        """The values in a row."""
        return ", ".join(self.values)


def keys_of(keys: KeysOf, writer: Writer) -> Keys:
    """The keys of a measure.

    Raises:
        UnsayableError: SQL tells them apart otherwise.
    """
    return key_values(keys.columns, keys.form, writer)


def key_values(columns: tuple[str, ...], form: KeyForm, writer: Writer) -> Keys:
    """The values of some columns that tell rows apart.

    Raises:
        UnsayableError: SQL tells them apart otherwise.
    """
    for column in columns:
        kind = writer.kind(column)
        if kind in (ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST):
            raise UnsayableError(f"`{column}` is {kind.value}")
    return Keys(tuple(_key_value(column, form, writer) for column in columns), known(columns, writer))


def _key_value(column: str, form: KeyForm, writer: Writer) -> str:
    value, kind = writer.value(column), writer.kind(column)
    if form == "exact" and writer.dialect != "duckdb":
        raise UnsayableError("decimals of several scales")
    if form == "float":
        return f"CAST({value} AS {DOUBLE[writer.dialect]})"
    if form == "moment":
        if writer.dialect == "sqlite" or getattr(writer.stored(column), "tz", None) is not None:
            raise UnsayableError("days beside moments")
        return f"CAST({value} AS timestamp)" if kind is ColumnType.DATE else value
    return value


def repeats(check: UniqueCheck, writer: Writer, chosen: str | None) -> str:
    """Each key that comes more than once, and how often.

    Raises:
        UnsayableError: SQL tells keys apart otherwise.
    """
    keys = keys_of(check.measure, writer)
    has_key = None if check.form == "nullable" else keys.known
    return (
        f"SELECT {keys.listed}, COUNT(*) AS {_TIMES} FROM {writer.source} WHERE {all_of([chosen, has_key])} "  # noqa: S608 - quoted
        f"GROUP BY {keys.listed} HAVING COUNT(*) > 1"
    )


_TIMES = '"number of rows"'
_SAME = {"duckdb": "IS NOT DISTINCT FROM", "sqlite": "IS", "postgres": "IS NOT DISTINCT FROM"}


def _unique(check: UniqueCheck, writer: Writer, chosen: str | None) -> str:
    keys = keys_of(check.measure, writer)
    if check.form == "nullable":
        names = [f'"key {place}"' for place, _ in enumerate(keys.values)]
        listed = ", ".join(f"{value} AS {name}" for value, name in zip(keys.values, names, strict=True))
        again = f"SELECT {listed} FROM {writer.source} WHERE {all_of([chosen])} GROUP BY {keys.listed} HAVING COUNT(*) > 1"  # noqa: S608 - quoted
        same = " AND ".join(f"again.{name} {_SAME[writer.dialect]} {value}" for value, name in zip(keys.values, names, strict=True))
        return all_of([chosen, f"EXISTS (SELECT 1 FROM ({again}) AS again WHERE {same})"])  # noqa: S608 - quoted
    again = f"SELECT {keys.listed} FROM {writer.source} WHERE {all_of([chosen, keys.known])} GROUP BY {keys.listed} HAVING COUNT(*) > 1"  # noqa: S608
    return (
        all_of([chosen, keys.known, f"({keys.listed}) IN ({again})"])
        if len(keys.values) > 1
        else all_of([chosen, keys.known, f"{keys.listed} IN ({again})"])
    )


def orphans(check: ReferenceCheck, writer: Writer) -> str:
    """The condition of the rows whose key is not in the other table.

    Raises:
        UnsayableError: SQL tells keys apart otherwise.
    """
    own, theirs = keys_of(check.source, writer), keys_of(check.target, writer.scene.writer(check.target.table))
    names = [f'"key {place}"' for place, _ in enumerate(theirs.values)]
    listed = ", ".join(f"{value} AS {name}" for value, name in zip(theirs.values, names, strict=True))
    source = writer.scene.writer(check.target.table).source
    if writer.dialect == "sqlite":  # which makes an index for IN, not for EXISTS
        mine = f"({own.listed})" if len(own.values) > 1 else own.listed
        return all_of([own.known, f"{mine} NOT IN (SELECT {theirs.listed} FROM {source} WHERE {theirs.known})"])  # noqa: S608 - quoted
    same = " AND ".join(f"other.{name} = {value}" for value, name in zip(own.values, names, strict=True))
    inner = f"SELECT 1 FROM (SELECT {listed} FROM {source}) AS other WHERE {same}"  # noqa: S608 - names are quoted
    return all_of([own.known, f"NOT EXISTS ({inner})"])


def _reference(check: ReferenceCheck, writer: Writer, chosen: str | None) -> str:
    return all_of([chosen, orphans(check, writer)]) if chosen else orphans(check, writer)


# -------------------------------------------------------------------------------------------------------- children


def _children(check: ChildrenCheck, writer: Writer, chosen: str | None) -> str:
    """Rows by the number of their children."""
    if check.aspect == "aggregate" or check.children.value is not None:
        raise UnsayableError("sums of floats depend on their order")
    others = writer.scene.writer(check.children.table)
    own = key_values(check.parents.keys, check.parents.form, writer)
    theirs = key_values(check.children.keys, check.children.form, others)
    names = [f'"key {place}"' for place, _ in enumerate(theirs.values)]
    listed = ", ".join(f"{value} AS {name}" for value, name in zip(theirs.values, names, strict=True))
    same = " AND ".join(f"other.{name} = {value}" for value, name in zip(own.values, names, strict=True))
    count = f"(SELECT COUNT(*) FROM (SELECT {listed} FROM {others.source}) AS other WHERE {same})"  # noqa: S608 - names are quoted
    if check.aspect == "capacity":
        assert check.limit is not None
        return all_of([chosen, own.known, f"{count} > {writer.value(check.limit)}"])
    low = None if check.low is None else f"{count} < {_count(check.low)}"
    high = None if check.high is None else f"{count} > {_count(check.high)}"
    return all_of([chosen, own.known, any_of([low, high])])


def _count(value: float) -> str:
    if value != int(value):
        raise UnsayableError("half a row")
    return str(int(value))


def _dependency(check: DependencyCheck, writer: Writer, chosen: str | None) -> str:
    """Rows of keys that have more than one value, where a null is a value too."""
    groups = check.groups
    own = key_values(groups.keys, groups.form, writer)
    values = key_values(groups.value or (), "plain", writer)
    several = any_of(
        f"COUNT(DISTINCT {value}) > 1 OR (COUNT(DISTINCT {value}) = 1 AND COUNT({value}) < COUNT(*))" for value in values.values
    )
    again = f"SELECT {own.listed} FROM {writer.source} WHERE {all_of([chosen, own.known])} GROUP BY {own.listed} HAVING {several}"  # noqa: S608
    inside = f"({own.listed}) IN ({again})" if len(own.values) > 1 else f"{own.listed} IN ({again})"
    return all_of([chosen, own.known, inside])


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _order(check: OrderCheck, writer: Writer, chosen: str | None) -> str:
    """Rows of a key whose moment isn't right beside the other table's."""
    own, other = check.child, check.parent
    others = writer.scene.writer(other.table)
    kinds = writer.kind(own.column), others.kind(other.column)
    if kinds[0] != kinds[1] or kinds[0] is ColumnType.FLOAT or own.form != "plain":
        raise UnsayableError("columns of two types")
    mine, theirs = key_values((own.key,), own.form, writer), key_values((other.key,), other.form, others)
    end = "MIN" if other.end == "least" else "MAX"
    inner = f'SELECT {theirs.listed} AS "key 0", {end}({others.value(other.column)}) AS "end" FROM {others.source} GROUP BY 1'  # noqa: S608
    bad = f'{writer.value(own.column)} {_OPPOSITE[check.op]} other."end"'
    exists = f'EXISTS (SELECT 1 FROM ({inner}) AS other WHERE other."key 0" = {mine.listed} AND {bad})'  # noqa: S608 - names are quoted
    return all_of([chosen, mine.known, exists])


_FAILING: dict[type, Callable[[Any, Writer, str | None], str]] = {
    RowCheck: _row_check,
    UniqueCheck: _unique,
    ReferenceCheck: _reference,
    ChildrenCheck: _children,
    DependencyCheck: _dependency,
    OrderCheck: _order,
}

__all__ = ["Bare", "Dialect", "Keys", "bare", "failing", "failing_rows", "keys_of", "orphans", "quoted", "repeats"]
