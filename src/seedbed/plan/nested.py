"""Generators inside generators, as columns of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seedbed.core.records import dataclass
from seedbed.model.generators.nested import Nested, nested_in
from seedbed.model.inner import inner_spec
from seedbed.plan.plan import ColumnPlan, Limits

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class InnerColumn:
    """A nested generator as a column, where it stands below the outer generator, and what sets its draws apart."""

    path: Path
    purpose: tuple[str, ...]
    column: ColumnPlan


def inner_columns(column: ColumnPlan) -> tuple[InnerColumn, ...]:
    """The generators directly inside a column's, in order; each has the column's name, and nothing that comes after a generator."""
    return tuple(InnerColumn(nested.path, nested.purpose, _inner(column, nested)) for nested in nested_in(column.spec.generator))


def all_inner_columns(column: ColumnPlan) -> Iterator[tuple[Path, ColumnPlan]]:
    """All generators inside a column's, however deep, with where they stand below the column's generator."""
    waiting: list[tuple[Path, ColumnPlan]] = [((), column)]
    while waiting:
        above, outer = waiting.pop()
        inner = [((*above, *found.path), found.column) for found in inner_columns(outer)]
        yield from inner
        waiting += inner


def _inner(column: ColumnPlan, nested: Nested) -> ColumnPlan:
    spec = inner_spec(column.spec, nested)
    return replace(
        column,
        spec=spec,
        link=None,
        null_share=spec.null_rate or 0.0,
        is_key=False,
        is_unique=False,
        references=None,
        names_from=(),
        limits=Limits(),
        factors=(),
    )
