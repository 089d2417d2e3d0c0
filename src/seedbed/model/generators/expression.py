"""Parameters of `expression`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from seedbed.model.base import Part


class Expression(Part):
    """A formula over the row's other columns."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=10_000)] = Field(
        description="The formula, in the safe expression language."
    )
