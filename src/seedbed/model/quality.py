"""Faults that are put into data on purpose: which cells or rows they hit, and the parameters of every kind."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.core.block import NUMBERS, TEXTS, ColumnType
from seedbed.model.base import Moment, Name, NonEmpty, Number, Part, Positive, Scalar, Share

#: Types of moments, of everything that is one value, and of everything.
_TIMES = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_ALL = frozenset(ColumnType)
_SCALARS = _ALL - {ColumnType.BYTES, ColumnType.STRUCT, ColumnType.LIST}

#: How a column with an issue is delivered: as its own type, as text, or as bytes.
Form: TypeAlias = Literal["clean", "string", "binary"]


class NoParams(Part):
    """This kind has no parameters."""


class IssueOf(Part):
    """A fault: in which table, at which share of its rows, when and where."""

    effect: ClassVar[Literal["change", "insert", "move"]] = "change"
    form: ClassVar[Form] = "clean"
    acts_on: ClassVar[frozenset[ColumnType]] = _ALL

    table: Name = Field(description="The table.")
    rate: Share = Field(description="The share of the rows that are hit, of those within `from`, `until` and `where`.")
    from_: Moment | None = Field(default=None, alias="from", description="Only rows whose time is this or later.")
    until: Moment | None = Field(default=None, description="Only rows whose time is this or earlier; a date alone means its whole day.")
    where: Annotated[str, Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="An expression over the row: only rows where it is true."
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose cells are changed; none where whole rows are added or moved."""
        return ()


class CellIssue(IssueOf):
    """A fault in the cells of a column."""

    column: Name = Field(description="The column.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose cells are changed."""
        return (self.column,)


class Nulled(CellIssue):
    """The value is null."""

    kind: Literal["null"]
    params: NoParams = NoParams.model_construct()


class FieldParams(Part):
    """Which field of a JSON object goes."""

    field: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="The field of a JSON object that goes; any where left out."
    )


class MissingField(CellIssue):
    """JSON: a field of the object is not there; in other columns the value is null."""

    kind: Literal["missing_field"]
    params: FieldParams = FieldParams.model_construct()


class StyleParams(Part):
    """How times are misspelt."""

    styles: NonEmpty[Literal["impossible", "american", "epoch", "cut"]] = Field(
        default=("impossible", "american", "epoch", "cut"),
        description="`impossible`: a month above 12; `american`: month/day/year; `epoch`: seconds since 1970; `cut`: the end is missing.",
    )


class MalformedTimestamp(CellIssue):
    """A time that is no ISO 8601: an impossible month, another order, seconds since 1970, the end cut off."""

    acts_on: ClassVar[frozenset[ColumnType]] = _TIMES
    form: ClassVar[Form] = "string"

    kind: Literal["malformed_timestamp"]
    params: StyleParams = StyleParams.model_construct()


class InvalidParams(Part):
    """What stands where a listed value should."""

    values: NonEmpty[str | int] = Field(
        default=("UNKNOWN", "N/A", "???", "-"), max_length=1_000, description="What is written instead; whole numbers in an int column."
    )


class InvalidEnum(CellIssue):
    """A value that is not one of the column's."""

    acts_on: ClassVar[frozenset[ColumnType]] = frozenset({ColumnType.STRING, ColumnType.INT})

    kind: Literal["invalid_enum"]
    params: InvalidParams = InvalidParams.model_construct()


class Duplicate(IssueOf):
    """The row comes a second time, after all others."""

    effect: ClassVar[Literal["change", "insert", "move"]] = "insert"

    kind: Literal["duplicate"]
    params: NoParams = NoParams.model_construct()


class NearParams(Part):
    """How much a copy differs."""

    edits: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="How many of its cells differ.")
    columns: NonEmpty[Name] | None = Field(
        default=None, description="Which cells may differ; where left out all but keys, bools, bytes, structs and lists."
    )


class NearDuplicate(IssueOf):
    """The row comes a second time with slightly different cells: a slip in a text, the next number, a day or up to an hour off."""

    effect: ClassVar[Literal["change", "insert", "move"]] = "insert"

    kind: Literal["near_duplicate"]
    params: NearParams = NearParams.model_construct()


class BoundaryParams(Part):
    """Which range is left, and how far."""

    min: Number | str | None = Field(default=None, description="The lowest value that is right; the model's own where left out.")
    max: Number | str | None = Field(default=None, description="The highest value that is right; the model's own where left out.")
    by: Positive = Field(default=0.1, le=1_000, description="How far beyond at most, as a share of the range.")


class BoundaryViolation(CellIssue):
    """A value beyond its range: that of `params`, else that of `constraints.ranges` or of a clamp."""

    acts_on: ClassVar[frozenset[ColumnType]] = NUMBERS | _TIMES

    kind: Literal["boundary_violation"]
    params: BoundaryParams = BoundaryParams.model_construct()


class TypoParams(Part):
    """How many slips."""

    edits: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="How many slips in one text.")


class Typo(CellIssue):
    """A slip of the keyboard: two characters swapped, one left out, doubled or replaced."""

    acts_on: ClassVar[frozenset[ColumnType]] = TEXTS

    kind: Literal["typo"]
    params: TypoParams = TypoParams.model_construct()


class CaseParams(Part):
    """Which case."""

    to: Literal["upper", "lower"] | None = Field(default=None, description="Either where left out.")


class Case(CellIssue):
    """The text is all in capital or in small letters."""

    acts_on: ClassVar[frozenset[ColumnType]] = TEXTS

    kind: Literal["case"]
    params: CaseParams = CaseParams.model_construct()


class WhitespaceParams(Part):
    """Where the blank is."""

    places: NonEmpty[Literal["leading", "trailing", "inside"]] = Field(
        default=("leading", "trailing", "inside"), description="Before the text, after it, or within."
    )


class Whitespace(CellIssue):
    """A blank too many: a space, two, a tab or a no-break space."""

    acts_on: ClassVar[frozenset[ColumnType]] = TEXTS

    kind: Literal["whitespace"]
    params: WhitespaceParams = WhitespaceParams.model_construct()


class Encoding(CellIssue):
    """A character stands there in Latin-1: the bytes are no UTF-8."""

    acts_on: ClassVar[frozenset[ColumnType]] = TEXTS
    form: ClassVar[Form] = "binary"

    kind: Literal["encoding"]
    params: NoParams = NoParams.model_construct()


class SwapParams(Part):
    """The other column."""

    with_: Name = Field(alias="with", description="The column that the value is exchanged with; of the same type.")


class SwapColumns(CellIssue):
    """The values of two columns are exchanged."""

    kind: Literal["swap_columns"]
    params: SwapParams

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose cells are changed."""
        return self.column, self.params.with_


class OrphanFk(CellIssue):
    """A reference that no row answers to."""

    acts_on: ClassVar[frozenset[ColumnType]] = frozenset({ColumnType.INT, ColumnType.STRING, ColumnType.UUID})

    kind: Literal["orphan_fk"]
    params: NoParams = NoParams.model_construct()


class TruncationParams(Part):
    """How long a cut text is."""

    length: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="How many characters stay at most; any number where left out."
    )


class Truncation(CellIssue):
    """The end of the text is missing."""

    acts_on: ClassVar[frozenset[ColumnType]] = TEXTS

    kind: Literal["truncation"]
    params: TruncationParams = TruncationParams.model_construct()


class TypeDrift(CellIssue):
    """The value is written as another type would be: `12.0` for 12, `12,5` for 12.5, `yes` for true, digits for a time."""

    acts_on: ClassVar[frozenset[ColumnType]] = _SCALARS - TEXTS
    form: ClassVar[Form] = "string"

    kind: Literal["type_drift"]
    params: NoParams = NoParams.model_construct()


class ScaleParams(Part):
    """From one unit to another."""

    factor: Number = Field(default=1000.0, description="What the value is multiplied by: 1000 makes grams of kilograms.")
    shift: Number = Field(default=0.0, description="What is added then: 1.8 and 32 make degrees Fahrenheit of Celsius.")


class UnitDrift(CellIssue):
    """The value is given in another unit: value * factor + shift."""

    acts_on: ClassVar[frozenset[ColumnType]] = NUMBERS

    kind: Literal["unit_drift"]
    params: ScaleParams = ScaleParams.model_construct()


#: Weeks, days, then hours, minutes and seconds of an ISO 8601 duration, and what each is in microseconds.
_DURATION = r"^P(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"
_UNITS = (7 * 86_400_000_000, 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)
_LONGEST = 365_250 * 86_400_000_000


class LateParams(Part):
    """How late."""

    max: Annotated[str, Field(pattern=_DURATION, max_length=40)] = Field(
        default="PT6H", description="The longest delay, an ISO 8601 duration such as `PT15M`, `PT6H` or `P1D`."
    )

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not 0 < self.microseconds <= _LONGEST:
            raise PydanticCustomError("duration", "`{text}` is no delay of a microsecond to a thousand years", {"text": self.max})
        return self

    @property
    def microseconds(self) -> int:
        """The longest delay in microseconds."""
        found = re.fullmatch(_DURATION, self.max)
        parts = found.groups() if found is not None else ()
        return sum(
            int(part[:-1]) * unit for part, unit in zip((part for at, part in enumerate(parts) if at != 2), _UNITS, strict=True) if part
        )


class LateArrival(IssueOf):
    """The row comes after rows that happened up to `max` later; it stays within 1,024 rows."""

    effect: ClassVar[Literal["change", "insert", "move"]] = "move"

    kind: Literal["late_arrival"]
    params: LateParams = LateParams.model_construct()


class OrderParams(Part):
    """How far."""

    distance: Annotated[int, Field(ge=1, le=1_023)] = Field(default=10, description="By how many rows at most.")


class OutOfOrder(IssueOf):
    """The row comes some rows later than it should; it stays within 1,024 rows."""

    effect: ClassVar[Literal["change", "insert", "move"]] = "move"

    kind: Literal["out_of_order"]
    params: OrderParams = OrderParams.model_construct()


class OutlierParams(Part):
    """How far off."""

    factor: Annotated[float, Field(gt=1, allow_inf_nan=False)] = Field(
        default=10.0, description="The value is multiplied by this to twice this."
    )


class Outlier(CellIssue):
    """A value far off: multiplied by `factor` to twice that; 0 becomes it."""

    acts_on: ClassVar[frozenset[ColumnType]] = NUMBERS

    kind: Literal["outlier"]
    params: OutlierParams = OutlierParams.model_construct()


class DriftParams(Part):
    """How values drift; at least one of the two."""

    factor: Number = Field(default=1.0, description="What the value is multiplied by.")
    shift: Number = Field(default=0.0, description="What is added then.")

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.factor == 1 and self.shift == 0:
            raise PydanticCustomError("drift_params", "mean_drift needs `factor`, `shift` or both", {})
        return self


class MeanDrift(CellIssue):
    """Values move together: value * factor + shift."""

    acts_on: ClassVar[frozenset[ColumnType]] = NUMBERS

    kind: Literal["mean_drift"]
    params: DriftParams


class CategoryParams(Part):
    """Which categories become which; one of the two."""

    to: Scalar | None = Field(default=None, description="What every value becomes.")
    mapping: Annotated[dict[str, Scalar], Field(min_length=1, max_length=100_000)] | None = Field(
        default=None, description="`{value: new value}`; other values stay."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.to is None) == (self.mapping is None):
            raise PydanticCustomError("category_params", "category_drift takes either `to` or `mapping`, not both and not neither", {})
        return self


class CategoryDrift(CellIssue):
    """A category is renamed, or another takes its place."""

    acts_on: ClassVar[frozenset[ColumnType]] = frozenset({ColumnType.STRING, ColumnType.INT, ColumnType.BOOL})

    kind: Literal["category_drift"]
    params: CategoryParams


def _named_null(value: object) -> object:
    """The kind `null`, which YAML reads as nothing unless it is quoted."""
    return {**value, "kind": "null"} if isinstance(value, dict) and "kind" in value and value["kind"] is None else value


_AnyIssue = Annotated[
    Nulled
    | MissingField
    | MalformedTimestamp
    | InvalidEnum
    | Duplicate
    | NearDuplicate
    | BoundaryViolation
    | Typo
    | Case
    | Whitespace
    | Encoding
    | SwapColumns
    | OrphanFk
    | Truncation
    | TypeDrift
    | UnitDrift
    | LateArrival
    | OutOfOrder
    | Outlier
    | MeanDrift
    | CategoryDrift,
    Field(discriminator="kind"),
]
Issue = Annotated[_AnyIssue, BeforeValidator(_named_null)]

#: The class of each kind, by its name.
KINDS: dict[str, type[IssueOf]] = {get_args(kind.model_fields["kind"].annotation)[0]: kind for kind in get_args(get_args(_AnyIssue)[0])}


class QualityInjection(Part):
    """Faults that are put into the data on purpose, and the table that lists every one of them."""

    ground_truth: Name = Field(description="The table that lists every fault with the clean value.")
    issues: NonEmpty[Issue] = Field(description="The faults; where two hit one cell, the first that changes it does.")

    def of(self, table: str) -> tuple[tuple[int, Issue], ...]:
        """The faults of a table, each with its place in the list."""
        return tuple((place, issue) for place, issue in enumerate(self.issues) if issue.table == table)
