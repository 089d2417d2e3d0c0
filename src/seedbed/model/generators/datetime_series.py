"""Parameters of `datetime_series`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from seedbed.model.base import Items, Moment, NonNegative, Part, Values
from seedbed.model.generators.distribution import Distribution

_SINCE_2: dict[str, JsonValue] = {"since": "2.0"}

#: A grid: S T/min H D B W M MS Q QS Y, upper or lower case, with a whole number before it if wanted (`15T`).
Frequency = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,5}([A-Za-z]{1,3})$", max_length=8)]
Dimension = Literal["hour", "dow", "month"]
Weights = Values[NonNegative]

#: A column of the row, or `link.column` of a row it refers to.
TimeRef = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)?$", max_length=260)]

#: What a delay of 1 is.
DelayUnit = Annotated[str, StringConstraints(pattern=r"^(S|T|MIN|H|D|W|s|t|min|h|d|w|second|minute|hour|day|week)$")]


class Window(Part):
    """A span of time, both ends included; a date alone as `end` means its whole day."""

    start: Moment
    end: Moment


class Pattern(Part):
    """Weights over the hour of the day (24), the day of the week (7, Monday first) or the month (12)."""

    dimension: Dimension = Field(description="What the weights are over.")
    weights: Weights = Field(description="24 for hours from 0, 7 for days from Monday, 12 for months from January.")


class HolidayWeights(Part):
    """The weight of a moment on a public holiday, and on any other day."""

    holiday: NonNegative
    workday: NonNegative = 1.0


class HolidayPattern(Part):
    """Weights of public holidays and of all other days, by the timeframe's calendar."""

    dimension: Literal["holiday"] = Field(description="What the weights are over.")
    weights: HolidayWeights = Field(description="`{holiday: .., workday: ..}`: of public holidays, and of all other days, Sundays too.")


class DatetimeSeries(Part):
    """A moment on a grid within a window, drawn evenly or by patterns, or a delay after another moment."""

    within: Literal["timeframe"] | Window = Field(default="timeframe", description="`timeframe`, or a window of its own.")
    freq: Frequency | None = Field(default=None, description="The grid the values lie on; the timeframe's where left out.")
    pattern: Pattern | None = Field(default=None, description="Weights by hour, day of the week or month.")
    patterns: Items[Annotated[Pattern | HolidayPattern, Field(discriminator="dimension")]] = Field(
        default=(), description="Several such weights, also by holiday; they multiply.", json_schema_extra=_SINCE_2
    )
    after: TimeRef | None = Field(
        default=None, description="A column or `link.column`: the value is that moment or a later one.", json_schema_extra=_SINCE_2
    )
    before: TimeRef | None = Field(
        default=None, description="A column or `link.column`: the value is that moment or an earlier one.", json_schema_extra=_SINCE_2
    )
    delay: Distribution | None = Field(
        default=None, description="How long after `after` the value lies, drawn from a distribution.", json_schema_extra=_SINCE_2
    )
    unit: DelayUnit = Field(default="h", description="What a delay of 1 is: s, min, h, d or w.", json_schema_extra=_SINCE_2)
    process: Literal["iid", "poisson", "regular"] = Field(
        default="iid",
        description="iid: each row for itself; poisson: a parent's rows (or all rows of an entity) in order of time; "
        "regular: the k-th of them at the k-th point of the grid.",
        json_schema_extra=_SINCE_2,
    )
