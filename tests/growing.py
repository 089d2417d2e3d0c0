"""Small models said in few words, and the data that grows from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import ModelError, Problem
from seedbed.generate.engine import Engine
from seedbed.generate.prepare import prepare
from seedbed.model.document import Model
from seedbed.model.reading import parse
from seedbed.plan.compile import compile_plan
from seedbed.plan.plan import Plan

Document = dict[str, Any]

SEQUENCE: Document = {"sequence": {}}
TIMES: Document = {"datetime_series": {}}


def column(name: str, kind: str, generator: Mapping[str, Any], *modifiers: Mapping[str, Any], **rest: Any) -> Document:
    """A column; modifiers are those of `change`."""
    return {"name": name, "type": kind, "generator": generator, "modifiers": list(modifiers), **rest}


def key(name: str = "id") -> Document:
    """A column of whole numbers from 1 on."""
    return column(name, "int", SEQUENCE)


def change(transform: str, **args: Any) -> Document:
    """A modifier."""
    return {"transform": transform, "args": args}


def entity(name: str, rows: int, *columns: Document, **rest: Any) -> Document:
    """A table of its own; `id` is its key."""
    return {"id": name, "kind": "entity", "rows": rows, "pk": "id", "columns": [key(), *columns], **rest}


def fact(name: str, parents: Sequence[str] | str, fanout: Document | None, *columns: Document, **rest: Any) -> Document:
    """A table of children; `id` is its key, `<parent>_id` the key of each parent."""
    named = [parents] if isinstance(parents, str) else list(parents)
    refs = [column(f"{parent}_id", "int", lookup(f"{parent}.id")) for parent in named]
    given = {} if fanout is None else {"fanout": fanout}
    return {"id": name, "kind": "fact", "pk": "id", "parents": named, "columns": [key(), *refs, *columns], **given, **rest}


def vocab(name: str, *values: Any) -> Document:
    """A list of texts: `id` counts them, `name` holds them."""
    return {"id": name, "kind": "vocab", "pk": "id", "columns": [key(), column("name", "string", {"enum_list": {"values": list(values)}})]}


def lookup(ref: str, **on: str) -> Document:
    """A lookup, with `on` as keywords."""
    return {"lookup": {"from": ref, **({"on": on} if on else {})}}


def normal(mean: float, std: float, **rest: Any) -> Document:
    """A normal distribution."""
    return {"distribution": {"type": "normal", "params": {"mean": mean, "std": std}, **rest}}


def uniform(low: float, high: float, **rest: Any) -> Document:
    """A uniform distribution."""
    return {"distribution": {"type": "uniform", "params": {"low": low, "high": high}, **rest}}


def choice(*choices: Any, **rest: Any) -> Document:
    """A choice of values."""
    return {"choice": {"choices": list(choices), **rest}}


def times(freq: str = "S", **rest: Any) -> Document:
    """Moments on a grid; `start` and `end` are a window of their own."""
    window = {"within": {"start": rest.pop("start"), "end": rest.pop("end")}} if "start" in rest else {}
    return {"datetime_series": {"freq": freq, **window, **rest}}


def pattern(dimension: str, weights: Sequence[float]) -> Document:
    """A pattern of `times`."""
    return {"dimension": dimension, "weights": list(weights)}


def poisson(expected: float, **rest: Any) -> Document:
    """A Poisson fan-out."""
    return {"distribution": "poisson", "lambda": expected, **rest}


def even(least: int, most: int, **rest: Any) -> Document:
    """A uniform fan-out."""
    return {"distribution": "uniform", "min": least, "max": most, **rest}


def model(*nodes: Document, start: str = "2024-01-01", end: str = "2024-12-31", freq: str = "H", **rest: Any) -> Model:
    """A model read from its document, so that everything a reader refuses is refused."""
    timeframe = {"start": start, "end": end, "freq": freq}
    document = {"version": "1.0", "metadata": {"name": "test"}, "timeframe": timeframe, "nodes": list(nodes), **rest}
    return parse(json.dumps(document), "test.json")


def plan(*nodes: Document, seed: int = 42, **rest: Any) -> Plan:
    """The plan of a model."""
    return compile_plan(model(*nodes, **rest), seed=seed)


def grown(*nodes: Document, seed: int = 42, **rest: Any) -> Engine:
    """An engine for a model."""
    return Engine(prepare(plan(*nodes, seed=seed, **rest)))


def table(engine: Engine, name: str) -> pa.RecordBatch:
    """All rows of a table."""
    return engine.block(name, 0, engine.rows(name))


def numbers(engine: Engine, ref: str) -> NDArray[Any]:
    """All values of a column without nulls: numbers as they are, dates as days, datetimes as microseconds."""
    name, _, column_name = ref.partition(".")
    values = table(engine, name).column(column_name)
    assert values.null_count == 0
    if pa.types.is_timestamp(values.type):
        values = values.view(pa.int64())
    if pa.types.is_date32(values.type):
        return np.asarray(values.view(pa.int32())).astype(np.int64)
    return np.asarray(values) if not pa.types.is_boolean(values.type) else np.array(values.to_pylist())


def texts(engine: Engine, ref: str) -> list[Any]:
    """All values of a column as Python holds them."""
    name, _, column_name = ref.partition(".")
    values: list[Any] = table(engine, name).column(column_name).to_pylist()
    return values


def refused(make: Callable[[], object]) -> Problem:
    """The one problem that something is refused with."""
    with pytest.raises(ModelError) as caught:
        make()
    (problem,) = caught.value.problems
    assert problem.fix
    return problem
