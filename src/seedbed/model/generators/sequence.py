"""Parameters of `sequence`."""

from typing import Literal

from pydantic import Field

from seedbed.model.base import SINCE_2, Name, Part


class Sequence(Part):
    """Numbers in equal steps: row i gets `start + i * step`."""

    start: int = Field(default=1, description="The value of the first row.")
    step: int = Field(default=1, description="The distance from one row to the next; not 0.")
    per: Name | None = Field(
        default=None,
        description="The table's first parent: the numbers start again for its every row, so children are counted.",
        json_schema_extra=SINCE_2,
    )
    order: Literal["shuffled"] | None = Field(
        default=None, description="shuffled: the same numbers, each once, in an order that looks random.", json_schema_extra=SINCE_2
    )

    @property
    def is_plain(self) -> bool:
        """Whether row i has the number i."""
        return self.per is None and self.order is None
