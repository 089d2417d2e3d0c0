"""Parameters of the generators that reach across rows: `aggregate`, `split`, `process`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import ColumnRef, Name, NonNegative, Number, Part, RowRef

Condition = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Aggregate(Part):
    """A value computed from a row's children in a fact."""

    of: ColumnRef = Field(description="`child.column`, of a fact whose first parent is this table.")
    op: Literal["sum", "count", "min", "max", "mean", "first", "last"] = Field(
        default="sum", description="count: of the values that are not null; first, last: of the children in their order."
    )
    where: Condition | None = Field(default=None, description="An expression over the child's columns: only children for which it is true.")


class Split(Part):
    """Parts of a parent's total that add up to it exactly, one for each of its children."""

    total: RowRef = Field(description="`parent.column`: a whole number or a decimal.")
    method: Literal["random", "even"] = Field(default="random", description="random: parts of uneven size; even: as equal as can be.")


class ProcessParams(Part):
    """The numbers of a process; which ones each kind takes is told in its description."""

    start: Number | None = Field(default=None, description="The first value; the mean where there is one, else 0 (gbm: 100).")
    mean: Number | None = Field(default=None, description="ar1, ou: the value that it returns to (0).")
    drift: Number = Field(default=0.0, description="random_walk: added each step; gbm: expected growth of the logarithm each step.")
    sigma: NonNegative = Field(default=1.0, description="The standard deviation of a step's noise.")
    phi: Annotated[float, Field(gt=-1, lt=1, allow_inf_nan=False)] | None = Field(
        default=None, description="ar1: the share of the distance to the mean that is left after a step (0.8)."
    )
    theta: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None, description="ou: the share of the distance to the mean that a step takes back (0.2)."
    )


#: The numbers that each kind of process takes.
PROCESS_TAKES = {
    "random_walk": frozenset({"start", "drift", "sigma"}),
    "ar1": frozenset({"start", "mean", "phi", "sigma"}),
    "ou": frozenset({"start", "mean", "theta", "sigma"}),
    "gbm": frozenset({"start", "drift", "sigma"}),
}


class Process(Part):
    """A series in which each value follows from the one before it."""

    kind: Literal["random_walk", "ar1", "ou", "gbm"] = Field(
        description="random_walk: x + drift + noise; ar1: mean + phi (x - mean) + noise; ou: x + theta (mean - x) + noise; gbm: x e^(drift + noise)."
    )
    params: ProcessParams = ProcessParams.model_construct()
    per: Name | None = Field(default=None, description="The parent whose children each form a series; the whole table where left out.")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        extra = sorted(self.params.model_fields_set - PROCESS_TAKES[self.kind] - {"comment"})
        if extra:
            raise PydanticCustomError(
                "process_params",
                "a {kind} has no `{extra}`; it takes {takes}",
                {"kind": self.kind, "extra": extra[0], "takes": ", ".join(sorted(PROCESS_TAKES[self.kind]))},
            )
        return self
