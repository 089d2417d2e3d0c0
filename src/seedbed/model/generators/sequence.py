"""Parameters of `sequence`."""

from pydantic import Field

from seedbed.model.base import Part


class Sequence(Part):
    """Numbers in equal steps: row i gets `start + i * step`."""

    start: int = Field(default=1, description="The value of the first row.")
    step: int = Field(default=1, description="The distance from one row to the next; not 0.")
