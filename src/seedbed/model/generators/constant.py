"""Parameters of `constant`."""

from pydantic import Field

from seedbed.model.base import Part, Scalar


class Constant(Part):
    """The same value in every row."""

    value: Scalar | None = Field(description="The value; null needs a `type` and a column that is nullable.")
