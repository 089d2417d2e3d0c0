"""Parameters of `state_transition_model`: the states that a row goes through, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seedbed.model.base import Name, NonNegative, Part, Share
from seedbed.model.generators.distribution import Distribution

StateName = Annotated[str, Field(min_length=1, max_length=200)]


class State(Part):
    """One state: where it leads, and how long a row stays before it goes there."""

    next_states: dict[StateName, Share] = Field(
        default={}, description="`{state: its probability}`; what they lack to 1 stays in this state for good."
    )
    dwell: Distribution | None = Field(
        default=None, description="How long a row stays before it leaves, in `period_unit`; 0 where left out."
    )
    terminal: bool = Field(default=False, description="Nothing follows.")


class TransitionVariation(Part):
    """How a segment's transitions differ."""

    transition_multiplier: NonNegative = Field(description="Scales the probabilities of leaving a state; together they stay at most 1.")


class StateTransitionModel(Part):
    """A state machine that every row goes through from its start time on; what would happen after the timeframe has not happened."""

    initial_state: StateName = Field(description="The state of every row at its start time.")
    states: dict[StateName, State] = Field(min_length=1, max_length=1_000, description="`{state: where it leads}`.")
    state_column: Name = Field(description="The text column that holds the state reached by the end of the timeframe.")
    time_column: Name | None = Field(default=None, description="The datetime column that holds when that state was reached.")
    start_column: Name | None = Field(
        default=None, description="The column that holds the start time; the row's time where left out: its first datetime that is drawn."
    )
    period_unit: Literal["second", "minute", "hour", "day", "week"] = Field(default="hour", description="What a dwell time of 1 is.")
    emit: Literal["final", "events"] = Field(
        default="final", description="final: these columns alone; events: also a table with a row for each state that a row enters."
    )
    segment_column: Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)?$", max_length=260)] | None = Field(
        default=None, description="The column, or `link.column`, that names a row's segment."
    )
    segment_variation: dict[str, TransitionVariation] = Field(default={}, description="`{segment: how its transitions differ}`.")

    @property
    def events_time(self) -> str:
        """The time column of the table of events."""
        return self.time_column or "at"
