"""Parameters of `choice` and `enum_list`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from seedbed.model.base import ColumnRef, NonNegative, Part, Scalar, Values

#: `uniform`, `zipf@A` or `head_tail@{S,A}`; numbers are read when the model is compiled.
WeightsKind = Annotated[
    str,
    StringConstraints(pattern=r"^(uniform|zipf@[0-9.]+|head_tail@\{?\s*[0-9.]+\s*,\s*[0-9.]+\s*\}?)$", max_length=64),
]


class Choice(Part):
    """One of a list of values, or of the values of another table's column."""

    choices: Values[Scalar] | None = Field(default=None, description="The values, in order.")
    choices_ref: ColumnRef | None = Field(default=None, description="`table.column`: choose among that column's values.")
    weights: Values[NonNegative] | None = Field(default=None, description="One weight a value; they need not add up to 1.")
    weights_kind: WeightsKind | None = Field(
        default=None,
        description="`uniform`, `zipf@A` (weight of rank k is 1 / k^A) or `head_tail@{S,A}` (the first 20 % of the items "
        "share S equally, the rest share 1-S by Zipf(A)).",
    )


class EnumList(Part):
    """The values of a vocabulary, one a row."""

    values: Values[Scalar] = Field(description="One value a row, in order.")
