"""What type a column of texts is, decided by all its values: the first of a list of types that every one of them spells."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.read.octets import base64_bytes

_MOMENTS = tuple(pa.timestamp(unit, tz) for tz in (None, "UTC") for unit in ("us", "ns"))

#: Tried in this order. Whole numbers too large for 64 bits stay exact as decimals.
TYPES: tuple[pa.DataType, ...] = (
    pa.int64(),
    pa.decimal128(38, 0),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    *_MOMENTS,
    pa.time64("us"),
)
#: What texts can be where numbers have a spelling of their own, as in JSON.
TEMPORAL: tuple[pa.DataType, ...] = (pa.date32(), *_MOMENTS, pa.time64("us"))

# At most 17 digits before the point: more is no measure but a number of something, which a float would not keep.
_EXACT = 10**17
_FLOAT = r"^(-?(0|[1-9][0-9]{0,16})?(\.[0-9]*)?([eE][-+]?[0-9]+)?|nan|NaN|-?inf|-?Infinity)$"
_BOOL = r"^(true|True|TRUE|false|False|FALSE)$"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"


class Guess:
    """The types that a column may still be; told the column's texts block by block.

    A hint comes first. Without one, numbers are those that are written as a program writes them, so `007` stays a text.

    >>> guess = Guess()
    >>> guess.see(pa.array(["1", None, "2"])); guess.kind
    DataType(int64)
    >>> guess.see(pa.array(["1.5"])); guess.kind
    DataType(double)
    >>> guess.see(pa.array(["007"])); guess.kind
    DataType(string)
    """

    __slots__ = ("_hint", "_living", "_seen")

    def __init__(self, hint: pa.DataType | None = None, types: Sequence[pa.DataType] = TYPES) -> None:
        self._hint = None if hint is None or pa.types.is_nested(hint) else hint
        self._living: list[pa.DataType] = [] if hint is not None and pa.types.is_string(hint) else list(types)
        self._seen = False

    @property
    def is_open(self) -> bool:
        """Whether more texts could still change the answer."""
        return bool(self._living) or self._hint is not None

    @property
    def kind(self) -> pa.DataType:
        """The column's type as far as it is known; a column without any value is what the hint says, or texts."""
        if self._hint is not None:
            return self._hint
        return self._living[0] if self._living and self._seen else pa.string()

    def see(self, texts: pa.Array) -> None:
        """Look at texts; nulls and empty ones say nothing."""
        if not self.is_open:
            return
        said = texts.drop_null()
        said = said.filter(pc.not_equal(said, pa.scalar("")))
        if not len(said):
            return
        self._seen = True
        if self._hint is not None and not pa.types.is_string(self._hint) and _converted(said, self._hint) is None:
            self._hint = None
        self._living = _of_whole_numbers(said, self._living) or [kind for kind in self._living if _spells(said, kind)]


def convert(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Texts as values of the type; an empty text is null unless texts or bytes (in Base64) are wanted.

    Raises:
        pa.ArrowInvalid: a text is no value of the type.
    """
    if pa.types.is_string(kind):
        return texts
    if pa.types.is_binary(kind):
        return base64_bytes(texts)
    empty = pc.equal(texts, pa.scalar(""))
    if pc.any(empty).as_py():
        texts = pc.if_else(empty, pa.scalar(None, pa.string()), texts)
    if pa.types.is_time(kind):
        _refuse_unlike(texts, _TIME)
        moments = pc.binary_join_element_wise(pa.scalar("1970-01-01 "), texts, pa.scalar(""))
        return moments.cast(pa.timestamp("us")).cast(pa.time64("us")).cast(kind)
    return texts.cast(kind)


def _of_whole_numbers(texts: pa.Array, living: Sequence[pa.DataType]) -> list[pa.DataType]:
    """What of the living types is left where all texts are whole numbers of 64 bits; nothing where they aren't."""
    if pa.int64() not in living or not _spells(texts, pa.int64()):
        return []
    ends = pc.min_max(texts.cast(pa.int64()))
    is_float = ends["min"].as_py() > -_EXACT and ends["max"].as_py() < _EXACT
    return [kind for kind in living if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or (is_float and pa.types.is_floating(kind))]


def _converted(texts: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return convert(texts, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _spells(texts: pa.Array, kind: pa.DataType) -> bool:
    """Whether each text is one that a program would write for a value of the type."""
    if pa.types.is_floating(kind) and not _like(texts, _FLOAT):
        return False
    if pa.types.is_boolean(kind) and not _like(texts, _BOOL):
        return False
    found = _converted(texts, kind)
    if found is None:
        return False
    is_whole = pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    return not is_whole or bool(pc.all(pc.equal(found.cast(pa.string()), texts)).as_py())


def _like(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())


def _refuse_unlike(texts: pa.Array, pattern: str) -> None:
    if pc.all(pc.match_substring_regex(texts, pattern)).as_py() is False:
        raise pa.ArrowInvalid("a text is no time of a day")
