"""What others add to seedbed: the shape of their classes, and the draws that these get.

A plug-in is a class that an installed package names in its entry points, in the group `seedbed.generators`,
`seedbed.modifiers` or `seedbed.checks`.
Nothing here looks for packages: who reads models is given `Plugins`, and asks only for those that a model names.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Protocol, TypeAlias

from seedbed.core.draw import Bits, Floats, Ints, below, unit
from seedbed.core.elementary import normal_quantile
from seedbed.core.errors import PluginError
from seedbed.core.records import dataclass
from seedbed.core.tables import QuantileTable

Family: TypeAlias = Literal["generator", "modifier", "check"]

#: Those of models.
FAMILIES: tuple[Family, ...] = ("generator", "modifier")

#: Draws of one row are told apart by numbers below this.
MOST_SLOTS = 1 << 16


class Draw:
    """What a plug-in draws by: each row has bits of its own, the same in whatever block the row is made.

    Every method gives one value a row, shape (n,); `slot`, from 0 to 65,535, tells several draws of a row apart.

    >>> draw = draw_of(seed=7, rows=range(3, 6))
    >>> len(draw), draw.rows.tolist()
    (3, [3, 4, 5])
    >>> draw.below(6).tolist() == draw_of(seed=7, rows=range(9)).below(6)[3:6].tolist()
    True
    """

    __slots__ = ("_bits", "rows")

    def __init__(self, rows: Ints, bits: Callable[[int], Bits]) -> None:
        """Draws of the rows with these numbers, shape (n,); `bits` gives those of a slot."""
        self.rows, self._bits = rows, bits

    def __len__(self) -> int:
        return len(self.rows)

    def bits(self, slot: int = 0) -> Bits:
        """64 random bits, uint64."""
        if not 0 <= slot < MOST_SLOTS:
            message = f"a slot lies between 0 and {MOST_SLOTS - 1:,}, not {slot}"
            raise ValueError(message)
        return self._bits(slot)

    def unit(self, slot: int = 0) -> Floats:
        """Floats in [0, 1) with 53 random bits."""
        return unit(self.bits(slot))

    def below(self, limit: int, slot: int = 0) -> Ints:
        """Whole numbers from 0 to limit - 1, int64."""
        if limit < 1:
            message = f"a limit is at least 1, not {limit}"
            raise ValueError(message)
        return below(self.bits(slot), limit)

    def normal(self, slot: int = 0) -> Floats:
        """Standard normal numbers, cut at 6.75; the same bytes on every processor."""
        return _normal().draw(self.bits(slot))


@cache
def _normal() -> QuantileTable:
    return QuantileTable.of(normal_quantile)


def draw_of(seed: int, rows: range) -> Draw:
    """Draws to try a plug-in with."""
    from seedbed.core.draw import derive_key, draw_bits, row_numbers

    key = derive_key(seed, "plugin")
    return Draw(row_numbers(rows), lambda slot: draw_bits(key, rows, slot))


@dataclass(frozen=True, slots=True)
class Plugin:
    """A class that an installed package offers by a name: one instance of `maker` makes the values of a column."""

    family: Family
    name: str
    package: str
    version: str
    maker: type[Any]

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"the {self.family} `{self.name}` of {self.origin}"

    @property
    def origin(self) -> str:
        """The package and its version."""
        return f"{self.package} {self.version}"

    @property
    def description(self) -> str:
        """The first line of the class's docstring."""
        return (self.maker.__doc__ or self.name).strip().partition("\n")[0]

    def error(self, what: str, cause: BaseException | None = None, *, where: str | None = None) -> PluginError:
        """What is wrong with the plug-in, as an error."""
        said = "" if cause is None else f": {type(cause).__name__}: {cause}"
        return PluginError(
            f"{self.label} {what}{said}", where=where, fix=f"tell the authors of {self.package}, or use another version of it"
        )


class Plugins(Protocol):
    """Plug-ins to be found by name."""

    def names(self, family: Family) -> tuple[str, ...]:
        """The names of those there are, without loading any."""

    def find(self, family: Family, name: str) -> Plugin | None:
        """The plug-in of a name, loaded; None where there is none.

        Raises:
            PluginError: it cannot be loaded, or several packages offer the name.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """Plug-ins that are at hand."""

    plugins: tuple[Plugin, ...] = ()

    def names(self, family: Family) -> tuple[str, ...]:
        """The names of those there are."""
        return tuple(plugin.name for plugin in self.plugins if plugin.family == family)

    def find(self, family: Family, name: str) -> Plugin | None:
        """The plug-in of a name; None where there is none."""
        return next((plugin for plugin in self.plugins if (plugin.family, plugin.name) == (family, name)), None)


NO_PLUGINS: Plugins = Known()
