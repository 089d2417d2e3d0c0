"""What authors of plug-ins need: see docs/plugins.md.

    from typing import Annotated

    import numpy as np
    from numpy.typing import NDArray
    from pydantic import Field

    from seedbed import plugins


    class Dice:
        \"\"\"The throw of a die.\"\"\"

        class Params(plugins.Params):
            sides: Annotated[int, Field(ge=2)] = Field(default=6, description="The sides of a die.")

        def type(self, params: Params) -> str:
            return "int"

        def values(self, draw: plugins.Draw, params: Params) -> NDArray[np.int64]:
            return draw.below(params.sides) + 1

A package offers it in its `pyproject.toml`:

    [project.entry-points."seedbed.generators"]
    dice = "acme_dice:Dice"
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.plugins import Draw, draw_of
from seedbed.model.plugins import Params

__all__ = ["Check", "Draw", "Generator", "Modifier", "Params", "draw_of"]


class Generator(Protocol):
    """The shape of a plug-in that fills columns: whose class has it fits, without inheriting anything.

    seedbed makes one instance for a column, without arguments, and threads share it. Beside the methods the class has `Params`, a
    subclass of `seedbed.plugins.Params`, and a docstring whose first line lists it.
    """

    def type(self, params: Any) -> str:
        """The type of the values: int, float, bool, string, datetime or date."""

    def values(self, draw: Draw, params: Any) -> NDArray[Any] | pa.Array:
        """One value for each of the draw's rows, shape (n,), n at least 1: a function of `draw` and `params` alone.

        NumPy's whole numbers, floats, booleans and datetime64, or Arrow arrays; texts are Arrow arrays of strings, plain or with a
        dictionary. Nulls are taken where the column is nullable. Floats are finite. Exponentials and the like come from
        `seedbed.core.elementary`, whose bytes are the same everywhere.
        """


class Modifier(Protocol):
    """The shape of a plug-in that changes values; the rest is as in `Generator`."""

    def types(self, params: Any) -> tuple[str, ...]:
        """The types of columns that it can change: int, float, decimal, string, datetime, date."""

    def values(self, draw: Draw, params: Any, values: Any) -> NDArray[Any] | pa.Array:
        """The changed values, shape (n,): numbers are given and taken as float64, times as datetime64[us], texts as Arrow strings.

        What stands in the place of a null is given too, and ignored.
        """


class Check(Protocol):
    """The shape of a plug-in that judges values: a check of `kind: plugin` in a checks document, offered in `seedbed.checks`.

    seedbed makes one instance for a check, without arguments, and threads share it. Beside the method the class has `Params`, a
    subclass of `seedbed.plugins.Params`, and a docstring whose first line tells what holds.
    """

    def failing(self, values: pa.Array, params: Any) -> NDArray[np.bool_]:
        """Which values fail, shape (n,), n at least 1; nulls are left out before, and texts come without a dictionary."""
