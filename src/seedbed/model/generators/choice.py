"""Parameters of `choice` and `enum_list`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from seedbed.model.base import ColumnRef, NonNegative, Part, RowRef, Scalar, Values

#: `uniform`, `zipf@A` or `head_tail@{S,A}`; numbers are read when the model is compiled.
WeightsKind = Annotated[
    str,
    StringConstraints(pattern=r"^(uniform|zipf@[0-9.]+|head_tail@\{?\s*[0-9.]+\s*,\s*[0-9.]+\s*\}?)$", max_length=64),
]


_SINCE_2: dict[str, JsonValue] = {"since": "2.0"}

_Path = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Header = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FromFile(Part):
    """The values of a column of a CSV, Excel or Parquet file beside the model."""

    file_path: _Path = Field(description="The file, relative to the model's folder; it must lie in it.")
    column: _Header = Field(description="The column's header.")
    weight_column: _Header | None = Field(default=None, description="A column with a weight for each row.")
    sheet: _Header | None = Field(default=None, description="The sheet of an Excel file; the first where left out.")


class Weighted(Part):
    """Values with weights."""

    choices: Values[Scalar] = Field(description="The values, in order.")
    weights: Values[NonNegative] = Field(description="One weight a value.")


Entry = Values[Scalar] | Weighted


class Choice(Part):
    """One of a list of values, of the values of another table's column or of a file, or of the list that another column names."""

    choices: Values[Scalar] | None = Field(default=None, description="The values, in order.")
    choices_ref: ColumnRef | None = Field(default=None, description="`table.column`: choose among that column's values.")
    weights: Values[NonNegative] | None = Field(default=None, description="One weight a value; they need not add up to 1.")
    weights_kind: WeightsKind | None = Field(
        default=None,
        description="`uniform`, `zipf@A` (weight of rank k is 1 / k^A) or `head_tail@{S,A}` (the first 20 % of the items "
        "share S equally, the rest share 1-S by Zipf(A)).",
    )
    from_file: FromFile | None = Field(default=None, description="Choose among the values of a file.", json_schema_extra=_SINCE_2)
    by: RowRef | None = Field(
        default=None,
        description="A column, or `link.column`, whose value decides which list of `table` is chosen from.",
        json_schema_extra=_SINCE_2,
    )
    table: Annotated[dict[str, Entry], Field(min_length=1)] | None = Field(
        default=None, description="`{value: [choices]}`, or `{value: {choices, weights}}`.", json_schema_extra=_SINCE_2
    )
    else_: Entry | None = Field(
        default=None, alias="else", description="What other values, and null, choose from.", json_schema_extra=_SINCE_2
    )

    @property
    def entries(self) -> tuple[tuple[str | None, tuple[Scalar, ...], tuple[float, ...] | None], ...]:
        """Each value of `by` with its choices and their weights; None is any other value."""
        listed: list[tuple[str | None, Entry]] = [*(self.table or {}).items()]
        if self.else_ is not None:
            listed.append((None, self.else_))
        return tuple((key, *((entry.choices, entry.weights) if isinstance(entry, Weighted) else (entry, None))) for key, entry in listed)


class EnumList(Part):
    """The values of a vocabulary, one a row."""

    values: Values[Scalar] = Field(description="One value a row, in order.")
