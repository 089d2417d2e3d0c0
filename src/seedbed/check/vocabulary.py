"""A checks document as checks of the data that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from seedbed.check.check import Check, Marker, Marks, Measure, Promise, State, States, Tables
from seedbed.check.conditions import Condition, WhereCheck
from seedbed.check.facts import facts_of_schema
from seedbed.check.kinds.registry import CHECK_KINDS
from seedbed.check.kinds.scope import Scope, promise, spec_kind
from seedbed.check.outcome import CheckResult
from seedbed.check.structure import Compiled
from seedbed.check.unjudged import Unjudged
from seedbed.check.view import TableFacts, UnreadableError
from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.core.records import dataclass
from seedbed.model.checks.base import CheckOf
from seedbed.model.checks.document import ChecksDocument
from seedbed.model.checks.shape import OfSchema, PrimaryKey

#: Kinds that an empty table can keep or break; all others can't be evaluated there.
_OF_EMPTY = frozenset({"row_count", "row_count_match", "sql"})


def compile_document(
    document: ChecksDocument,
    schemas: Mapping[str, pa.Schema],
    *,
    now: int | None = None,
    databases: Collection[str] = (),
    plugins: Plugins = NO_PLUGINS,
    unread: Mapping[str, str] = MappingProxyType({}),
) -> Compiled:
    """Every check of a document, for tables of these schemas.

    `now` is the time in microseconds since 1970 that fresh data are compared with; `databases` names the tables that answer queries,
    `unread` says of tables why they can't be read.
    A check that can't be made of the data, because a table or column is missing or of another type, becomes one that says so.
    """
    keys = {table: _key(specs) for table, specs in document.tables.items()}
    facts = {name: facts_of_schema(name, schema, _there(keys.get(name, ()), schema)) for name, schema in schemas.items()}
    checks: list[Check] = []
    for table, specs in document.tables.items():
        scope = Scope(table, facts, schemas, now, table in databases, plugins, unread)
        for spec in specs:
            for one in _each(spec):
                checks.extend(_made(one, scope))
    return Compiled(_named_apart(checks), facts)


def _key(specs: Iterable[CheckOf]) -> tuple[str, ...]:
    return next((spec.columns for spec in specs if isinstance(spec, PrimaryKey)), ())


def _there(key: tuple[str, ...], schema: pa.Schema) -> tuple[str, ...]:
    return tuple(name for name in key if name in schema.names)


def _each(spec: CheckOf) -> Iterator[CheckOf]:
    """A check of several columns, each by itself, as so many checks."""
    columns = getattr(spec, "column", None)
    if not isinstance(columns, tuple):
        yield spec
        return
    for name in columns:
        yield spec.model_copy(update={"column": name, "id": None if spec.id is None else f"{spec.id}.{name}"})


def _made(spec: CheckOf, scope: Scope) -> Iterator[Check]:
    """The checks of one item of the document."""
    try:
        found: list[Check] = list(_maker(spec_kind(spec))(spec, scope))
        condition = None if spec.where is None else Condition(scope.table, scope.expression(spec.where))
    except UnreadableError as error:
        yield Unjudged(promise(spec, scope, _columns(spec), _described(spec)), str(error))
        return
    may_be_empty = isinstance(spec, OfSchema) or spec_kind(spec) in _OF_EMPTY
    for check in found:
        chosen = check if condition is None else WhereCheck(check, condition)
        yield chosen if may_be_empty else OfRows(chosen)


def _maker(kind: str) -> Any:
    module, _, name = CHECK_KINDS[kind].partition(":")
    return getattr(import_module(module), name)


def _columns(spec: CheckOf) -> tuple[str, ...]:
    named = getattr(spec, "column", None) or getattr(spec, "columns", None) or ()
    return (named,) if isinstance(named, str) else tuple(named)


def _described(spec: CheckOf) -> str:
    return (type(spec).__doc__ or spec_kind(spec)).strip().partition("\n")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class OfRows:
    """A check that only a table with rows can keep or break."""

    inner: Check

    @property
    def about(self) -> Promise:
        """The promise."""
        return self.inner.about

    @property
    def measures(self) -> tuple[Measure[State], ...]:
        """The check's own measures."""
        return self.inner.measures

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Say whether the promise holds."""
        if not states.rows(self.about.table):
            raise UnreadableError("the table is empty")
        return self.inner.judge(states, tables)

    def marker(self, states: States, tables: Tables) -> Marker:
        """The failing rows."""
        if not isinstance(self.inner, Marks):
            raise UnreadableError("this check is about no single rows")
        return self.inner.marker(states, tables)


def _named_apart(checks: list[Check]) -> tuple[Check, ...]:
    """Give checks of one id ids of their own, by number."""
    seen: dict[str, int] = {}
    named = []
    for check in checks:
        name = check.about.id
        seen[name] = seen.get(name, 0) + 1
        named.append(check if seen[name] == 1 else _renamed(check, f"{name}_{seen[name]}"))
    return tuple(named)


def _renamed(check: Any, name: str) -> Check:
    if isinstance(check, OfRows | WhereCheck):
        return replace(check, inner=_renamed(check.inner, name))
    found: Check = replace(check, about=replace(check.about, id=name))
    return found


__all__ = ["Compiled", "TableFacts", "compile_document"]
