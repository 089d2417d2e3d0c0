"""Parameters of `datetime_series`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from seedbed.model.base import Moment, NonNegative, Part, Values

#: A grid: S T/min H D B W M MS Q QS Y, upper or lower case, with a whole number before it if wanted (`15T`).
Frequency = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,5}([A-Za-z]{1,3})$", max_length=8)]
Dimension = Literal["hour", "dow", "month"]
Weights = Values[NonNegative]


class Window(Part):
    """A span of time, both ends included; a date alone as `end` means its whole day."""

    start: Moment
    end: Moment


class Pattern(Part):
    """Weights over the hour of the day (24), the day of the week (7, Monday first) or the month (12)."""

    dimension: Dimension = Field(description="What the weights are over.")
    weights: Weights = Field(description="24 for hours from 0, 7 for days from Monday, 12 for months from January.")


class DatetimeSeries(Part):
    """A moment on a grid within a window, drawn evenly or by a pattern."""

    within: Literal["timeframe"] | Window = Field(default="timeframe", description="`timeframe`, or a window of its own.")
    freq: Frequency | None = Field(default=None, description="The grid the values lie on; the timeframe's where left out.")
    pattern: Pattern | None = Field(default=None, description="Weights by hour, day of the week or month.")
