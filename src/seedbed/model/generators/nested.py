"""Parameters of the generators that hold other generators: `case`, `mixture`, `struct`, `list`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from seedbed.core.block import MOST_DIGITS, USUAL_SCALE, ColumnType, DecimalType, ValueType
from seedbed.core.records import dataclass
from seedbed.model.base import Name, NonEmpty, Part, Positive, Scalar, Share
from seedbed.model.generators import Generator
from seedbed.model.generators.distribution import Distribution

#: A longer list is a table of its own.
MOST_ITEMS = 1_000

Condition = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Inner(Generator):
    """A value inside a struct or a list: a generator with its type."""

    declared_type: Annotated[ColumnType, Field(strict=False)] | None = Field(
        default=None, alias="type", description="What the values are; it may be left out where the generator tells."
    )
    null_rate: Share | None = Field(default=None, description="The share of nulls.")
    precision: Annotated[int, Field(ge=1, le=18)] | None = Field(default=None, description="Decimals: all digits (18).")
    scale: Annotated[int, Field(ge=0, le=18)] | None = Field(default=None, description="Decimals: digits after the point (2).")

    @property
    def type(self) -> ColumnType:
        """The type of the values: declared, or what the generator gives of itself."""
        return self.declared_type or usual_type(self) or ColumnType.STRING

    @property
    def value_type(self) -> ValueType:
        """The type of the values, that of decimals with their scale."""
        if self.type is not ColumnType.DECIMAL:
            return self.type
        return DecimalType(min(USUAL_SCALE, self.precision or MOST_DIGITS) if self.scale is None else self.scale)


def usual_type(generator: Generator) -> ColumnType | None:
    """The type that a generator's values have where none is declared; None where it alone does not tell.

    >>> usual_type(Generator.model_validate({"choice": {"choices": [1, 2.5]}}))
    <ColumnType.FLOAT: 'float'>
    """
    fixed = _TYPES.get(generator.kind)
    if fixed is not None:
        return fixed
    if generator.choice is not None:
        return _type_of_values(generator.choice.choices or tuple(value for _, values, _ in generator.choice.entries for value in values))
    if generator.constant is not None and generator.constant.value is not None:
        return _type_of_values((generator.constant.value,))
    if generator.plugin is not None:
        return generator.plugin.args.type
    if generator.distribution is not None:
        return ColumnType.INT if generator.distribution.type in COUNTS else ColumnType.FLOAT
    if generator.kind in ("case", "mixture"):
        branches = {usual_type(inner.generator) for inner in nested_in(generator)}
        return branches.pop() if len(branches) == 1 else None
    return None


#: Distributions of whole numbers.
COUNTS = frozenset({"poisson", "binomial", "geometric", "neg_binomial", "zipf", "bernoulli"})

_TYPES = {
    "sequence": ColumnType.INT,
    "datetime_series": ColumnType.DATETIME,
    "faker": ColumnType.STRING,
    "pattern": ColumnType.STRING,
    "uuid": ColumnType.UUID,
    "record": ColumnType.STRUCT,
    "struct": ColumnType.STRUCT,
    "list": ColumnType.LIST,
}


def _type_of_values(values: tuple[Scalar, ...]) -> ColumnType:
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return ColumnType.BOOL
    if kinds and kinds <= {int, float}:
        return ColumnType.FLOAT if float in kinds else ColumnType.INT
    return ColumnType.STRING


class Branch(Part):
    """What fills the rows for which an expression is true."""

    if_: Condition = Field(alias="if", description="An expression over the row; null counts as false.")
    then: Generator = Field(description="What fills these rows.")


class Case(Part):
    """The first branch whose condition is true fills a row, `else` the others."""

    when: NonEmpty[Branch] = Field(description="The branches, in order.")
    else_: Generator = Field(alias="else", description="What fills the rows for which no condition is true.")


class Variant(Part):
    """One of several ways to fill a row."""

    weight: Positive = Field(description="How often; weights need not add up to 1.")
    then: Generator = Field(description="What fills these rows.")


class Mixture(Part):
    """One of several generators for each row, drawn by weight."""

    variants: NonEmpty[Variant] = Field(description="The generators.")


class Struct(Part):
    """Several named values in one."""

    fields: Annotated[dict[Name, Inner], Field(min_length=1)] = Field(description="The fields, each with a generator.")

    @property
    def field_types(self) -> dict[str, ValueType]:
        """The type of each field, in order."""
        return {name: inner.value_type for name, inner in self.fields.items()}


class ListOf(Part):
    """Several values of one kind."""

    length: Annotated[int, Field(ge=0, le=MOST_ITEMS)] | Distribution = Field(
        description=f"How many, a number or a distribution (rounded, between 0 and {MOST_ITEMS:,})."
    )
    items: Inner = Field(description="What fills each item.")


@dataclass(frozen=True, slots=True)
class Nested:
    """A generator inside another: where it stands below it, and what sets its draws apart.

    `inner` says its type where it has one of its own; the others are of the column's.
    """

    path: tuple[str | int, ...]
    purpose: tuple[str, ...]
    generator: Generator
    inner: Inner | None = None


def nested_in(generator: Generator) -> Iterator[Nested]:
    """The generators directly inside a generator, in order; none for most."""
    if generator.case is not None:
        for place, branch in enumerate(generator.case.when):
            yield Nested(("case", "when", place, "then"), ("when", str(place)), branch.then)
        yield Nested(("case", "else"), ("else",), generator.case.else_)
    if generator.mixture is not None:
        for place, variant in enumerate(generator.mixture.variants):
            yield Nested(("mixture", "variants", place, "then"), ("variant", str(place)), variant.then)
    if generator.struct is not None:
        for name, field in generator.struct.fields.items():
            yield Nested(("struct", "fields", name), ("field", name), field, field)
    if generator.list is not None:
        yield Nested(("list", "items"), ("items",), generator.list.items, generator.list.items)


def conditions_in(generator: Generator) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The conditions of a generator with where they stand below it."""
    for place, branch in enumerate(generator.case.when if generator.case is not None else ()):
        yield ("case", "when", place, "if"), branch.if_


def row_references(generator: Generator) -> Iterator[str]:
    """What a generator itself reads of its row by name: where its locale comes from, what its choice depends on."""
    for params in (generator.faker, generator.record):
        if params is not None and params.locale_from is not None:
            yield params.locale_from
    if generator.choice is not None and generator.choice.by is not None:
        yield generator.choice.by
    if generator.uuid is not None:
        yield from (text for text in (generator.uuid.name, generator.uuid.time) if text is not None)
    if generator.pattern is not None:
        yield from generator.pattern.references
