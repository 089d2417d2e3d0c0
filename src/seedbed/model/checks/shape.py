"""Checks of schemas, completeness and uniqueness."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from seedbed.core.block import ColumnType
from seedbed.model.base import NonEmpty, Scalar, Values
from seedbed.model.checks.base import Bounds, CheckOf, DataName, OfColumn, OfColumns

TypeName = Annotated[ColumnType, Field(strict=False)]


class OfSchema(CheckOf):
    """A check of a table's columns and their types; it reads no row."""

    counts_rows: ClassVar[bool] = False


class ColumnExists(OfSchema, OfColumn):
    """The column is there."""

    kind: Literal["column_exists"]


class ColumnsMatch(OfSchema, OfColumns):
    """The table has these columns and no others."""

    kind: Literal["columns_match"]
    ordered: bool = Field(default=False, description="Whether they come in this order.")
    extra: bool = Field(default=False, description="Whether further columns are allowed.")


class ColumnCount(OfSchema, Bounds):
    """The table has so many columns."""

    kind: Literal["column_count"]


class TypeIs(OfSchema, OfColumn):
    """The column has this type: one of ours, or an Arrow type by its name."""

    kind: Literal["type"]
    type: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="`int`, `float`, `decimal`, `string`, `bool`, `date`, `datetime`, `time`, `bytes`, `list`, `struct`, or Arrow's `int32`."
    )


class Nullable(OfSchema, OfColumn):
    """The schema allows nulls in the column, or forbids them."""

    kind: Literal["nullable"]
    nullable: bool = Field(description="Whether the schema has room for nulls.")


class SchemaMatch(OfSchema):
    """The columns have these types."""

    kind: Literal["schema_match"]
    types: Annotated[dict[DataName, Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1)] = Field(
        description="The type of each column, as in `type`."
    )
    extra: bool = Field(default=False, description="Whether further columns are allowed.")


class NotNull(OfColumn):
    """Every row has a value."""

    kind: Literal["not_null"]


class Null(OfColumn):
    """No row has a value."""

    kind: Literal["null"]


class Missing(OfColumn):
    """No row has a null or one of the values that stand for a missing one."""

    kind: Literal["missing"]
    values: Values[Scalar] = Field(
        default=("", "NA", "N/A", "n/a", "null", "NULL", "None", "-", "?"), description="What stands for missing."
    )


class NullShare(OfColumn, Bounds):
    """The share of nulls lies within bounds."""

    kind: Literal["null_share"]
    counts_rows: ClassVar[bool] = False


class RowComplete(CheckOf):
    """Every row has a value in each of the columns; in all of the table where none are named."""

    kind: Literal["row_complete"]
    columns: NonEmpty[DataName] | None = Field(default=None, description="The columns; all where left out.")


class PrimaryKey(OfColumns):
    """No two rows have the same values in the columns, and none has a null there."""

    kind: Literal["primary_key"]
    severity: Literal["info", "warning", "error", "critical"] = "critical"


class Unique(CheckOf):
    """No value, or combination of values, comes twice; every member of a group fails. Rows with a null don't count."""

    kind: Literal["unique"]
    column: DataName | NonEmpty[DataName] | None = Field(
        default=None, description="The column, or several that are checked each by itself."
    )
    columns: NonEmpty[DataName] | None = Field(default=None, description="Columns that count together.")


class UniqueWithinRow(OfColumns):
    """No row has the same value in two of the columns."""

    kind: Literal["unique_within_row"]


class DistinctCount(OfColumn, Bounds):
    """So many different values."""

    kind: Literal["distinct_count"]
    counts_rows: ClassVar[bool] = False


class DistinctShare(OfColumn, Bounds):
    """Different values per row that has one, from 0 to 1."""

    kind: Literal["distinct_share"]
    counts_rows: ClassVar[bool] = False


class DuplicateRows(CheckOf):
    """No row comes twice; nulls are equal to nulls here."""

    kind: Literal["duplicate_rows"]
    columns: NonEmpty[DataName] | None = Field(default=None, description="The columns that count; all where left out.")


StructureCheck = (
    ColumnExists | ColumnsMatch | ColumnCount | TypeIs | Nullable | SchemaMatch | NotNull | Null | Missing | NullShare | RowComplete
    | PrimaryKey | Unique | UniqueWithinRow | DistinctCount | DistinctShare | DuplicateRows
)  # fmt: skip
