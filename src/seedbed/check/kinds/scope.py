"""What a kind of check is given: the table it is about, the columns and types of all tables, and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

import pyarrow as pa

from seedbed.check.check import Promise
from seedbed.check.values import EXACT
from seedbed.check.view import KeyForm, TableFacts, UnreadableError, is_text, is_wide
from seedbed.core.block import NUMBERS, ColumnType, ValueType, column_type
from seedbed.core.errors import ModelError
from seedbed.core.expression import CompiledExpression, compile_expression, parse
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.core.records import dataclass
from seedbed.model.checks.base import CheckOf

TIMES = frozenset({ColumnType.DATE, ColumnType.DATETIME})


@dataclass(frozen=True, slots=True)
class Scope:
    """The table of a check and what is known of all tables; `now` in microseconds since 1970, None where nobody tells the time. `unread` says why tables can't be read."""

    table: str
    facts: Mapping[str, TableFacts]
    schemas: Mapping[str, pa.Schema]
    now: int | None = None
    is_database: bool = False
    plugins: Plugins = NO_PLUGINS
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> TableFacts:
        """The facts of the check's own table."""
        return self.of(self.table)

    def of(self, table: str) -> TableFacts:
        """The facts of a table.

        Raises:
            UnreadableError: it is not there.
        """
        if table in self.unread:
            raise UnreadableError(self.unread[table])
        if table not in self.facts:
            hint = did_you_mean(table, self.facts) or f"there are {one_of(self.facts) or 'no tables'}"
            raise UnreadableError(f"the table `{table}` is not there; {hint}")
        return self.facts[table]

    def column(self, name: str, table: str | None = None) -> ValueType:
        """The type of a column.

        Raises:
            UnreadableError: it is not there.
        """
        facts = self.of(table or self.table)
        if not facts.types:
            raise UnreadableError(f"the table `{facts.name}` is empty: it has neither rows nor columns")
        if name not in facts.types:
            hint = did_you_mean(name, facts.types)
            raise UnreadableError(f"there is no column `{name}` in `{facts.name}`" + (f"; {hint}" if hint else ""))
        return facts.types[name]

    def columns(self, names: Iterable[str], table: str | None = None) -> tuple[str, ...]:
        """The names, of columns that are there."""
        found = tuple(names)
        for name in found:
            self.column(name, table)
        return found

    def number(self, name: str, table: str | None = None) -> ValueType:
        """The type of a column of numbers or truth values.

        Raises:
            UnreadableError: it holds none.
        """
        kind = self.column(name, table)
        if column_type(kind) in NUMBERS or kind is ColumnType.BOOL or self.is_void(name, table):
            return kind
        raise UnreadableError(f"`{name}` is {kind.value}, not a number")

    def text(self, name: str) -> str:
        """The name of a column of texts.

        Raises:
            UnreadableError: it holds none.
        """
        kind = self.column(name)
        if is_text(kind):
            return name
        raise UnreadableError(f"`{name}` is {kind.value}, not a text")

    def time(self, name: str, table: str | None = None) -> str:
        """The name of a column of dates or moments.

        Raises:
            UnreadableError: it holds none.
        """
        kind = self.column(name, table)
        if kind in TIMES or self.is_void(name, table):
            return name
        raise UnreadableError(f"`{name}` is {kind.value}, not a date or datetime")

    def key_form(self, own: str, theirs: str, table: str) -> KeyForm:
        """How the keys of two columns are told apart together.

        Raises:
            UnreadableError: their types have nothing in common.
        """
        one, other = self.column(own), self.column(theirs, table)
        if one == other or self.is_void(own) or self.is_void(theirs, table) or (is_text(one) and is_text(other)):
            return "plain"
        if {column_type(one), column_type(other)} <= EXACT:
            return "exact"
        if {column_type(one), column_type(other)} <= NUMBERS:
            return "float"
        if {one, other} == TIMES:
            return "moment"
        raise UnreadableError(f"`{self.table}.{own}` is {one.value}, `{table}.{theirs}` is {other.value}")

    def is_void(self, name: str, table: str | None = None) -> bool:
        """Whether a column has no type, since all of it is null."""
        schema = self.schemas.get(table or self.table)
        return schema is not None and pa.types.is_null(schema.field(name).type)

    def is_wide(self, name: str) -> bool:
        """Whether the column's numbers may have no room in 64 bits."""
        schema = self.schemas.get(self.table)
        return schema is not None and is_wide(schema.field(name).type)

    def expression(self, text: str) -> CompiledExpression:
        """An expression over the row's columns that is true or false.

        Raises:
            UnreadableError: a column isn't there, or the types don't fit.
        """
        types = dict(self.own.types)
        try:
            found = compile_expression(parse(text), types.get)
        except ModelError as error:
            raise UnreadableError(f"`{text}`: {error.problems[0].message}") from error
        if found.type is not ColumnType.BOOL:
            raise UnreadableError(f"`{text}` is {found.type.value}, not true or false")
        return found


def promise(
    spec: CheckOf,
    scope: Scope,
    columns: tuple[str, ...],
    expected: str,
    *,
    name: str | None = None,
    kind: str | None = None,
    broken: str | None = None,
    query: str | None = None,
) -> Promise:
    """What a check of a document promises; `broken` is the condition, in SQL, that failing rows meet."""
    own = kind or spec_kind(spec)
    usual = name or ".".join([scope.table, *columns[:1], own] if len(columns) == 1 else [scope.table, own])
    return Promise(
        spec.id or usual,
        own,
        scope.table,
        columns,
        expected,
        spec.severity,
        spec.dimension,
        spec.threshold,
        spec.where,
        spec.description,
        query or (None if broken is None else select_broken(scope.table, broken, spec.where)),
        spec.tags,
        spec.owner,
        spec.sample,
        spec.quarantine,
    )


def spec_kind(spec: CheckOf) -> str:
    """The kind of a check's parameters."""
    kind: str = getattr(spec, "kind", "check")
    return kind


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds.

    >>> quoted('or"der')
    '"or""der"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A value as SQL writes it.

    >>> literal("it's"), literal(True), literal(None)
    ("'it''s'", 'TRUE', 'NULL')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return "'" + str(value).replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def select_broken(table: str, broken: str, where: str | None = None) -> str:
    """The query that gives the failing rows, in the SQL of DuckDB and PostgreSQL; `where` is left as it was written."""
    condition = f"({where}) AND ({broken})" if where else broken
    return f"SELECT * FROM {quoted(table)} WHERE {condition}"  # noqa: S608 - shown, not run; names are quoted
