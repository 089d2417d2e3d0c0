"""What a checker has gathered, as bytes that need no code to be read: JSON with arrays inside, so that a later increment is added up.

Only arrays, plain values and the classes named here are written and read; anything else of a state is what its measure starts with.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.check.check import Failures
from seedbed.check.figures import Extremes
from seedbed.check.keyset import KeySet
from seedbed.check.outcome import Sample
from seedbed.check.structure import AnyMeasure, Checker
from seedbed.check.sums import ExactSums
from seedbed.check.trees import EdgesOf
from seedbed.core.errors import DataError
from seedbed.core.text import string_array
from seedbed.stats.association import CoMoments
from seedbed.stats.benford import FirstDigits
from seedbed.stats.counts import ValueCounts
from seedbed.stats.distinct import DistinctSketch
from seedbed.stats.grids import EvenGrid, RelativeGrid
from seedbed.stats.moments import Moments
from seedbed.stats.periods import Periods
from seedbed.stats.quantiles import Quantiles

FORMAT = "seedbed.state/1"

_CLASSES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        CoMoments, DistinctSketch, EdgesOf, EvenGrid, ExactSums, Extremes, Failures, FirstDigits, KeySet, Moments, Periods, Quantiles, RelativeGrid,
        Sample, ValueCounts,
    )
}  # fmt: skip

_BROKEN = "make it anew: remove the file and check all parts once more"


def saved(checker: Checker) -> bytes:
    """What was gathered, to be taken in by a checker of the same checks later."""
    states = {
        name_of(measure): {"error": gathered.error, "state": _fields(gathered.state)} for measure, gathered in checker.gathered.items()
    }
    return json.dumps({"format": FORMAT, "rows": checker.rows, "states": states}, allow_nan=True).encode()


def take_in(checker: Checker, content: bytes, where: str) -> None:
    """Add what was saved to a checker that has seen nothing yet.

    Raises:
        DataError: the bytes are broken, or were saved by other checks.
    """
    try:
        data = json.loads(content)
        rows: Mapping[str, int] = data["rows"]
        if data["format"] != FORMAT:
            raise DataError(f"this is no state of the format {FORMAT}", where=where, fix=_BROKEN)
        missing = [measure for measure in checker.gathered if name_of(measure) not in data["states"] and rows.get(measure.table)]
        if missing:
            message = f"the state was saved by other checks: it lacks what one of `{missing[0].table}` asks for"
            raise DataError(message, where=where, fix="check all parts once more after the checks have changed")
        for measure, gathered in checker.gathered.items():
            found = data["states"].get(name_of(measure))
            if found is not None:
                gathered.error = gathered.error or found["error"]
                _fill(gathered.state, found["state"])
    except (ValueError, KeyError, TypeError, AttributeError, pa.ArrowException, zlib.error) as error:
        raise DataError("this is no state of a checker", where=where, fix=_BROKEN) from error
    checker.remember(rows)


def name_of(measure: AnyMeasure) -> str:
    """A name of a measure that stays the same from run to run."""
    return f"{type(measure).__name__}-{measure.table}-{sha256(repr(measure).encode()).hexdigest()[:24]}"


def _slots(value: object) -> list[str]:
    return [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]


def _fields(value: object) -> dict[str, Any]:
    """The fields that can be written; the others are what every such value starts with."""
    found = {}
    for name in _slots(value):
        part = getattr(value, name)
        if _can_write(part):
            found[name] = _written(part)
    return found


def _can_write(value: object) -> bool:
    return value is None or isinstance(value, _PLAIN) or type(value).__name__ in _CLASSES or hasattr(value, "update")


_PLAIN = (bool, int, float, str, list, tuple, dict, frozenset, np.ndarray, np.generic, pa.Array)


def _written(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | frozenset):
        kind = {list: "list", tuple: "tuple", frozenset: "set"}[type(value)]
        items = sorted(value) if isinstance(value, frozenset) else value
        return {kind: [_written(item) for item in items]}
    if isinstance(value, dict):
        return {"map": [[_written(key), _written(item)] for key, item in value.items()]}
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, pa.Array):
        return {"texts": value.to_pylist()}
    return {"of": type(value).__name__, "fields": _fields(value)}


def _array(value: np.ndarray[Any, Any]) -> dict[str, Any]:
    if value.dtype == object:  # Python's own integers, of any size
        return {"integers": [str(item) for item in value.tolist()]}
    data = np.packbits(value) if value.dtype == np.bool_ else np.ascontiguousarray(value)
    packed = b64encode(zlib.compress(data.tobytes(), 1)).decode()
    return {"array": value.dtype.str, "shape": list(value.shape), "data": packed}


def _read(value: Any, known: Any = None) -> Any:
    if not isinstance(value, dict):
        return value
    if "of" in value:
        kind = _CLASSES.get(value["of"])
        made = known if known is not None else object.__new__(kind) if kind is not None else None
        _fill(made, value["fields"])
        return made
    (tag, content), *_ = value.items()
    return _READERS[tag](content, value)


def _read_array(kind: str, value: Mapping[str, Any]) -> Any:
    data, shape, dtype = zlib.decompress(b64decode(value["data"])), tuple(value["shape"]), np.dtype(kind)
    if dtype.kind not in "biuf":
        raise ValueError(kind)
    if dtype == np.bool_:
        return np.unpackbits(np.frombuffer(data, np.uint8), count=int(np.prod(shape))).view(np.bool_).reshape(shape).copy()
    return np.frombuffer(data, dtype).reshape(shape).copy()


_READERS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "list": lambda items, _: [_read(item) for item in items],
    "tuple": lambda items, _: tuple(_read(item) for item in items),
    "set": lambda items, _: frozenset(_read(item) for item in items),
    "map": lambda items, _: {_read(key): _read(item) for key, item in items},
    "integers": lambda items, _: np.array([int(item) for item in items], object),
    "texts": lambda items, _: string_array(items),
    "array": _read_array,
}


def _fill(value: Any, fields: Mapping[str, Any]) -> None:
    for name, found in fields.items():
        if name not in _slots(value):
            raise KeyError(name)
        object.__setattr__(value, name, _read(found, getattr(value, name, None)))
