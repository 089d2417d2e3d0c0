"""What a tabletop holds, as plug-ins of seedbed."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from seedbed import plugins
from seedbed.plugins import Draw

SUITS = {"french": ["clubs", "diamonds", "hearts", "spades"], "german": ["acorns", "leaves", "hearts", "bells"]}


class Dice:
    """The sum of some dice."""

    class Params(plugins.Params):
        """How many dice, and of how many sides."""

        count: Annotated[int, Field(ge=1, le=100)] = Field(default=2, description="How many dice.")
        sides: Annotated[int, Field(ge=2)] = Field(description="The sides of each.")

    def type(self, params: Params) -> str:
        """Whole numbers."""
        del params
        return "int"

    def values(self, draw: Draw, params: Params) -> NDArray[np.int64]:
        """Each die has a slot of its own."""
        found = np.full(len(draw), params.count, dtype=np.int64)
        for die in range(params.count):
            found += draw.below(params.sides, die)
        return found


class Card:
    """The suit of a card."""

    class Params(plugins.Params):
        """Which cards."""

        deck: Literal["french", "german"] = Field(default="french", description="Whose suits.")

    def type(self, params: Params) -> str:
        """Texts."""
        del params
        return "string"

    def values(self, draw: Draw, params: Params) -> pa.Array:
        """One of four suits."""
        return pa.DictionaryArray.from_arrays(draw.below(4).astype(np.int32), SUITS[params.deck])


class RoundTo:
    """Numbers at whole steps."""

    class Params(plugins.Params):
        """How wide a step is."""

        step: Annotated[float, Field(gt=0)] = Field(default=1.0, description="The distance from one number to the next.")

    def types(self, params: Params) -> tuple[str, ...]:
        """Numbers only."""
        del params
        return ("int", "float", "decimal")

    def values(self, draw: Draw, params: Params, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest multiple of the step."""
        del draw
        return np.rint(values / params.step) * params.step
