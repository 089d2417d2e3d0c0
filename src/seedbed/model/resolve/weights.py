"""Lists of weights: as long as what they weigh, and not all zero."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from seedbed.core.timegrid import DIMENSION_SIZES
from seedbed.model.places import Mistake, Path

_NUMBERED = {"hour": "24, one an hour from 0 to 23", "dow": "7, Monday first", "month": "12, January first"}

#: Beyond it all weight lies on the first item, to the last bit.
_STEEPEST = 64.0


def dimension_weights(dimension: str, weights: Sequence[float], path: Path) -> Iterator[Mistake]:
    """Mistakes of weights over the hour, the day of the week or the month."""
    if len(weights) != DIMENSION_SIZES[dimension]:
        yield Mistake(
            path, f"{len(weights)} weights for `{dimension}`, which has {DIMENSION_SIZES[dimension]}", f"give {_NUMBERED[dimension]}"
        )
    yield from not_all_zero(weights, path)


def not_all_zero(weights: Sequence[float], path: Path) -> Iterator[Mistake]:
    """A mistake if no weight is above 0."""
    if not any(weights):
        yield Mistake(path, "all weights are 0, so nothing can be drawn", "give at least one weight above 0")
    elif not math.isfinite(sum(weights)):
        yield Mistake(path, "the weights add up to more than any number", "make them smaller: only their ratios count")


def weights_kind(text: str, path: Path) -> Iterator[Mistake]:
    """Mistakes in the numbers of `zipf@A` and `head_tail@{S,A}`."""
    kind, _, rest = text.partition("@")
    written = [part.strip() for part in rest.strip("{} ").split(",")] if rest else []
    try:
        numbers = [float(part) for part in written]
    except ValueError:
        yield Mistake(path, f"`{rest}` are no numbers", "such as `zipf@1.1` or `head_tail@{0.8,1.1}`")
        return
    if kind == "head_tail" and not 0 <= numbers[0] <= 1:
        yield Mistake(path, f"the head's share is {written[0]}; it lies between 0 and 1", "such as `head_tail@{0.8,1.1}`")
    if numbers and numbers[-1] > _STEEPEST:
        yield Mistake(path, f"the exponent {written[-1]} leaves all weight on one item", f"give an exponent of at most {_STEEPEST:.0f}")
