"""Checks across tables and across rows."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import NonEmpty, NonNegative, Part, Positive
from seedbed.model.checks.base import Bounds, CheckOf, Count, DataName, Duration, OfColumns, refuse_no_ends

Pairs = Annotated[dict[DataName, DataName], Field(min_length=1)]


class ForeignKeyCheck(CheckOf):
    """Every value, or combination of values, is one of another table; a row with a null refers to nothing and passes."""

    kind: Literal["foreign_key"]
    severity: Literal["info", "warning", "error", "critical"] = "critical"
    columns: NonEmpty[DataName] = Field(description="The columns that refer.")
    to: DataName = Field(description="The table that is referred to.")
    to_columns: NonEmpty[DataName] | None = Field(
        default=None, description="Its columns, in the same order; of the same names where left out."
    )

    @model_validator(mode="after")
    def _in_pairs(self) -> Self:
        if self.to_columns is not None and len(self.to_columns) != len(self.columns):
            counts = {"left": len(self.columns), "right": len(self.to_columns)}
            raise PydanticCustomError("foreign_key_pairs", "`columns` has {left} columns, `to_columns` {right}", counts)
        return self


class OfChildren(CheckOf):
    """A check of a table's rows by their children in another table."""

    child: DataName = Field(description="The table of the children.")
    on: Pairs = Field(description="For each column of the child the column of this table that holds the same key.")


class OrphanParents(OfChildren):
    """Every row has a child."""

    kind: Literal["orphan_parents"]


class Cardinality(OfChildren):
    """Every row has so many children."""

    kind: Literal["cardinality"]
    min: Count | None = Field(default=None, description="The fewest children.")
    max: Count | None = Field(default=None, description="The most children.")

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        refuse_no_ends(self.min, self.max)
        return self


class Capacity(OfChildren):
    """No row has more children than its own column says."""

    kind: Literal["capacity"]
    limit: DataName = Field(description="The column of this table that says how many.")


class AggregateMatch(OfChildren):
    """A column of every row is what its children add up to."""

    kind: Literal["aggregate_match"]
    column: DataName = Field(description="The column of this table.")
    measure: Literal["sum", "count", "min", "max", "mean"] = "sum"
    of: DataName | None = Field(default=None, description="The children's column; not for `count`.")
    tolerance: NonNegative = Field(default=0.0, description="How far the two may be apart.")

    @model_validator(mode="after")
    def _has_column(self) -> Self:
        if (self.of is None) != (self.measure == "count"):
            said = "`count` needs no `of`" if self.of else f"`{self.measure}` needs `of`"
            raise PydanticCustomError("plugin", "{said}", {"said": said, "fix": "name the children's column, or remove it"})
        return self


class RowCountMatch(CheckOf):
    """The table has as many rows as another one, or a multiple of it."""

    kind: Literal["row_count_match"]
    counts_rows: ClassVar[bool] = False
    to: DataName = Field(description="The other table.")
    factor: Positive = Field(default=1.0, description="Rows of this table for each of the other.")
    tolerance: NonNegative = Field(default=0.0, description="How far off, as a share of what is expected.")


class FunctionalDependency(OfColumns):
    """Rows that agree in the columns agree in others; every row of a group that doesn't fails."""

    kind: Literal["functional_dependency"]
    determines: NonEmpty[DataName] = Field(description="The columns that follow from the others.")


class Predicate(Part):
    """A comparison of a column of one row with one of another row."""

    left: DataName = Field(description="The column of the first row.")
    op: Literal["<", "<=", ">", ">=", "!="]
    right: DataName | None = Field(default=None, description="The column of the second row; the same where left out.")


class DenialConstraint(CheckOf):
    """There are no two rows that agree in the columns of `equal` and for which all predicates hold; one row of each such pair fails."""

    kind: Literal["denial_constraint"]
    equal: NonEmpty[DataName] | None = Field(default=None, description="Columns in which the two rows agree.")
    predicates: Annotated[tuple[Predicate, ...], Field(strict=False, min_length=1, max_length=2)] = Field(
        description="One or two comparisons, such as `{left: salary, op: '>'}` and `{left: tax, op: '<'}`."
    )


class Reconcile(CheckOf):
    """The rows are those of another table, key by key: none missing, none too many, values alike."""

    kind: Literal["reconcile"]
    to: DataName = Field(description="The other table.")
    on: Pairs = Field(description="For each key column of this table that of the other.")
    compare: dict[DataName, DataName] = Field(default={}, description="Columns of this table and of the other that hold the same values.")
    tolerance: NonNegative = Field(default=0.0, description="Numbers: how far two may be apart.")


class RowCount(CheckOf, Bounds):
    """The table has so many rows."""

    kind: Literal["row_count"]
    counts_rows: ClassVar[bool] = False


class Freshness(CheckOf):
    """The newest moment is not older than so long before now, and not in the future."""

    kind: Literal["freshness"]
    counts_rows: ClassVar[bool] = False
    column: DataName
    max_age: Duration = Field(description="Such as `36 hours` or `2 days`.")
    future: bool = Field(default=False, description="Whether moments after now are allowed.")


class VolumeAnomaly(CheckOf):
    """No period has far more or fewer rows than its like around it: a day than the same weekdays, an hour, week or month where the data span too few or too sparse days."""

    kind: Literal["volume_anomaly"]
    counts_rows: ClassVar[bool] = False
    column: DataName = Field(description="The moments.")
    limit: Positive = Field(default=5.0, description="How many deviations off; a deviation is at least that of pure chance.")
    max: Count = Field(default=0, description="How many periods may be so.")


class Gap(CheckOf):
    """Two moments that follow each other are not further apart than this."""

    kind: Literal["gap"]
    counts_rows: ClassVar[bool] = False
    column: DataName
    max: Duration = Field(description="Such as `1 day`.")


class SqlCheck(CheckOf):
    """A query finds no row; only where the data are in a database, which is opened for reading alone."""

    kind: Literal["sql"]
    query: Annotated[str, Field(min_length=1, max_length=100_000)] = Field(description="One SELECT that gives the failing rows.")
    quarantine: bool = False


AcrossCheck = (
    ForeignKeyCheck | OrphanParents | Cardinality | Capacity | AggregateMatch | RowCountMatch | FunctionalDependency | DenialConstraint
    | Reconcile
)  # fmt: skip
OperationCheck = RowCount | Freshness | VolumeAnomaly | Gap | SqlCheck
