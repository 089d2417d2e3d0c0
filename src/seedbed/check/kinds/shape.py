"""Kinds of checks about schemas, and figures of completeness and uniqueness."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from seedbed.check.check import Check, Promise, States, Tables
from seedbed.check.facts import type_of
from seedbed.check.figures import FigureCheck, figure_measure
from seedbed.check.kinds.bounds import listed, range_text
from seedbed.check.kinds.scope import Scope, promise, quoted, spec_kind
from seedbed.check.outcome import CheckResult
from seedbed.check.view import UnreadableError
from seedbed.core.block import ColumnType, DecimalType
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.model.checks import shape as params


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """A promise about the columns, which was judged when the schema was known; `wrong` of `of` columns break it."""

    about: Promise
    wrong: int
    of: int
    observed: str
    measures: tuple[()] = ()

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Say what was found; that the table is there was known with its schema, and no row need be read for it."""
        return self.about.failed(self.of, self.wrong, self.observed) if self.wrong else self.about.passed(self.of, self.observed)


def _schema(scope: Scope) -> pa.Schema:
    scope.of(scope.table)
    return scope.schemas[scope.table]


def column_exists(spec: params.ColumnExists, scope: Scope) -> Iterator[Check]:
    """Columns that are there."""
    names = _schema(scope).names
    for name in spec.each:
        hint = did_you_mean(name, names) or ""
        observed = "it is there" if name in names else f"it is missing; {hint}".rstrip("; ")
        yield SchemaCheck(promise(spec, scope, (name,), "the column is there"), int(name not in names), 1, observed)


def columns_match(spec: params.ColumnsMatch, scope: Scope) -> Iterator[Check]:
    """The columns of the table as a set, or in order."""
    names, wanted = _schema(scope).names, list(spec.columns)
    missing = [name for name in wanted if name not in names]
    extra = [] if spec.extra else [name for name in names if name not in wanted]
    told = [f"missing: {listed(missing)}" if missing else "", f"not expected: {listed(extra)}" if extra else ""]
    is_mixed = spec.ordered and not missing and [name for name in names if name in wanted] != wanted
    told += ["in another order"] if is_mixed else []
    about = promise(
        spec, scope, tuple(wanted), listed(wanted) + (", in this order" if spec.ordered else ""), name=f"{scope.table}.columns_match"
    )
    yield SchemaCheck(about, len(missing) + len(extra) + is_mixed, len(wanted), "; ".join(part for part in told if part) or "as expected")


def column_count(spec: params.ColumnCount, scope: Scope) -> Iterator[Check]:
    """How many columns there are."""
    count = len(_schema(scope).names)
    is_wrong = (spec.min is not None and count < spec.min) or (spec.max is not None and count > spec.max)
    yield SchemaCheck(promise(spec, scope, (), range_text(spec.min, spec.max)), int(is_wrong), max(count, 1), f"{count:,} columns")


def type_is(spec: params.TypeIs, scope: Scope) -> Iterator[Check]:
    """The type of a column."""
    for name in spec.each:
        scope.column(name)
        stored = _schema(scope).field(name).type
        yield SchemaCheck(promise(spec, scope, (name,), spec.type), int(not is_of(stored, spec.type)), 1, str(stored))


def nullable(spec: params.Nullable, scope: Scope) -> Iterator[Check]:
    """Whether the schema has room for nulls."""
    for name in spec.each:
        scope.column(name)
        found = _schema(scope).field(name).nullable
        words = {True: "nulls are allowed", False: "nulls are forbidden"}
        yield SchemaCheck(promise(spec, scope, (name,), words[spec.nullable]), int(found != spec.nullable), 1, words[found])


def schema_match(spec: params.SchemaMatch, scope: Scope) -> Iterator[Check]:
    """The types of several columns at once."""
    schema = _schema(scope)
    known = frozenset(schema.names)
    wrong = [f"{name} is missing" for name in spec.types if name not in known]
    there = [name for name in spec.types if name in known]
    wrong += [f"{name} is {schema.field(name).type}" for name in there if not is_of(schema.field(name).type, spec.types[name])]
    wrong += [] if spec.extra else [f"{name} is not expected" for name in schema.names if name not in spec.types]
    about = promise(
        spec, scope, tuple(spec.types), listed(f"{name} {kind}" for name, kind in spec.types.items()), name=f"{scope.table}.schema_match"
    )
    yield SchemaCheck(about, len(wrong), len(spec.types), "; ".join(wrong) or "as expected")


_OURS: dict[str, Callable[[pa.DataType], bool]] = {
    "number": lambda kind: bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)),
    "decimal": pa.types.is_decimal,
    "uuid": lambda kind: type_of(kind) is ColumnType.STRING,
    "json": lambda kind: type_of(kind) is ColumnType.STRING,
}


def is_of(stored: pa.DataType, wanted: str) -> bool:
    """Whether an Arrow type is one of ours, or the Arrow type of a name.

    Raises:
        UnreadableError: there is no type of that name.

    >>> is_of(pa.int32(), "int"), is_of(pa.int32(), "int64"), is_of(pa.timestamp("us", "UTC"), "datetime")
    (True, False, True)
    """
    inner = stored.value_type if pa.types.is_dictionary(stored) else stored
    if str(stored) == wanted or str(inner) == wanted:
        return True
    if wanted in _OURS:
        return bool(_OURS[wanted](inner))
    known = [kind.value for kind in ColumnType]
    if wanted in known:
        found = type_of(inner)
        return not isinstance(found, DecimalType) and found.value == wanted and not pa.types.is_decimal(inner)
    try:
        pa.type_for_alias(wanted)
    except ValueError as error:
        if wanted.split("[", maxsplit=1)[0].split("(", maxsplit=1)[0].split("<", maxsplit=1)[0] in _ARROW_FAMILIES:
            return False
        hint = did_you_mean(wanted, [*known, *_OURS]) or f"types are {one_of([*known, 'number'], most=20)}, and Arrow's"
        raise UnreadableError(f"there is no type `{wanted}`; {hint}") from error
    return bool(inner == pa.type_for_alias(wanted))


_ARROW_FAMILIES = frozenset({"decimal128", "decimal256", "timestamp", "list", "large_list", "struct", "map", "dictionary", "fixed_size_binary", "time64", "time32", "duration", "date32", "date64"})  # fmt: skip


def figure(spec: params.NullShare | params.DistinctCount | params.DistinctShare, scope: Scope) -> Iterator[Check]:
    """The share of nulls, how many different values."""
    kind = spec_kind(spec)
    for name in scope.columns(spec.each):
        sql = {"null_share": f"avg(({quoted(name)} IS NULL)::INT)", "distinct_count": f"count(DISTINCT {quoted(name)})"}
        sql["distinct_share"] = f"count(DISTINCT {quoted(name)}) / count({quoted(name)})"
        query = f"SELECT {sql[kind]} FROM {quoted(scope.table)}" + (f" WHERE {spec.where}" if spec.where else "")  # noqa: S608 - shown, not run
        about = promise(spec, scope, (name,), range_text(spec.min, spec.max), query=query)
        yield FigureCheck(about, figure_measure(kind, scope.table, name), kind, spec.min, spec.max)
