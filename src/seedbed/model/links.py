"""Links of a node: which row of another table, or of its own, each of its rows refers to."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from seedbed.core.records import dataclass
from seedbed.model.base import Name, Part, RowRef, Share
from seedbed.model.generators.distribution import Distribution

Whole = Annotated[int, Field(ge=1, le=2**48)]


def _named_null(value: object) -> object:
    """The word `null`, which YAML reads as nothing unless it is quoted."""
    return "null" if value is None else value


class Hierarchy(Part):
    """The shape of a tree that a table's rows form: no circles, by construction."""

    roots: Whole = Field(default=1, description="How many rows have no parent.")
    branching: Whole | Distribution = Field(default=6, description="The most children of a row: a number, or a distribution of it.")
    max_depth: Annotated[int, Field(ge=1, le=64)] = Field(default=10, description="The most steps from a row up to its root.")


class Capacity(Part):
    """How many rows may refer to one row of the target."""

    limit: Whole | Name = Field(description="A number, or the target's column that holds it.")
    utilization: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0, description="The share of each limit that may be used."
    )
    on_full: Annotated[Literal["next", "null", "error"], BeforeValidator(_named_null)] = Field(
        default="next",
        description="next: another row with room; null: no row where demand passes all limits; error: refuse such a demand.",
    )


class AsOf(Part):
    """The row that holds at a time: the latest of the matching rows that begins at or before it."""

    at: RowRef = Field(description="This row's time: a column, or `link.column`.")
    valid_from: Name = Field(description="The target's column that says since when its row holds.")
    valid_to: Name | None = Field(default=None, description="The target's column that says until when, not included; null: still.")


class LinkSpec(Part):
    """Which row of `to` each row refers to."""

    to: Name = Field(description="The table referred to.")
    pick: Annotated[str, Field(max_length=200)] = Field(
        default="uniform", description="uniform, `zipf@A`, `head_tail@{S,A}`, or `weight:column` of the target."
    )
    match: dict[Name, RowRef] = Field(
        default={}, description="`{column of the target: column of this row}` that must be equal: only such rows are picked."
    )
    unique_per: Name | None = Field(default=None, description="A parent or link of this table: none of its rows gets the same row twice.")
    as_of: AsOf | None = Field(default=None, description="The row that holds at this row's time.")
    hierarchy: Hierarchy | None = Field(default=None, description="Links to the table itself: the tree they form.")
    capacity: Capacity | None = Field(default=None, description="How many rows may refer to one row.")
    null_rate: Share = Field(default=0.0, description="The share of rows that refer to none.")


@dataclass(frozen=True, slots=True)
class Pick:
    """How a row of the target is picked: by weights of ranks, or by those in a `column`."""

    kind: Literal["uniform", "zipf", "head_tail", "weight"]
    numbers: tuple[float, ...] = ()
    column: str | None = None


_NUMBER = r"(\d+(?:\.\d+)?)"
_FORMS = {
    "uniform": re.compile(r"uniform"),
    "zipf": re.compile(rf"zipf@{_NUMBER}"),
    "head_tail": re.compile(rf"head_tail@\{{{_NUMBER}, ?{_NUMBER}\}}"),
    "weight": re.compile(r"weight:([^\W\d]\w*)"),
}


def read_pick(text: str) -> Pick | None:
    """What a `pick` says; None where it says nothing known.

    >>> read_pick("zipf@1.1")
    Pick(kind='zipf', numbers=(1.1,), column=None)
    """
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found is not None and kind == "weight":
            return Pick("weight", column=found[1])
        if found is not None:
            return Pick(kind, tuple(map(float, found.groups())))  # type: ignore[arg-type]  # a key of _FORMS
    return None
