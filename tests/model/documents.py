"""Sound models of every shape, as data, for properties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True) | st.sampled_from(["on", "yes", "no", "null", "true", "y", "straße", "名"])
numbers = st.integers(-1000, 1000) | st.floats(-1e6, 1e6, allow_nan=False)
shares = st.floats(0, 1)
texts = st.text(min_size=1, max_size=12)


def weights(count: int) -> st.SearchStrategy[list[Any]]:
    """So many weights, not all zero."""
    return st.lists(st.integers(0, 9), min_size=count, max_size=count).map(lambda found: found if any(found) else [1] * count)


@st.composite
def choices(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A choice among values, with weights of one kind or none."""
    listed = draw(st.lists(values, min_size=1, max_size=5))
    extra = draw(
        st.sampled_from([{}, {"weights_kind": "uniform"}, {"weights_kind": "zipf@1.2"}, {"weights_kind": "head_tail@{0.8,1}"}])
        | weights(len(listed)).map(lambda found: {"weights": found})
    )
    return {"choice": {"choices": listed, **extra}}


def distributions() -> st.SearchStrategy[dict[str, Any]]:
    """Every distribution."""
    std = st.floats(0, 50)
    return st.one_of(
        st.builds(lambda mean, std: {"type": "normal", "params": {"mean": mean, "std": std}}, numbers, std),
        st.builds(lambda mean, sigma: {"type": "lognormal", "params": {"mean": mean, "sigma": sigma}}, st.floats(-5, 5), std),
        st.builds(
            lambda ends: {"type": "uniform", "params": {"low": min(ends), "high": max(ends) + 1}, "clamp": [None, max(ends)]},
            st.tuples(numbers, numbers),
        ),
        st.builds(lambda mean: {"type": "poisson", "params": {"lambda": mean}}, st.floats(0.1, 100)),
    )


def series() -> st.SearchStrategy[dict[str, Any]]:
    """Moments, with a pattern or without."""
    pattern = st.sampled_from([("hour", 24), ("dow", 7), ("month", 12)]).flatmap(
        lambda kind: weights(kind[1]).map(lambda found: {"pattern": {"dimension": kind[0], "weights": found}})
    )
    freq = st.sampled_from(["S", "15T", "min", "h", "D", "B", "W", "M", "MS", "Q", "QS", "Y"])
    return st.builds(lambda grid, extra: {"datetime_series": {"freq": grid, **extra}}, freq, pattern | st.just({}))


@st.composite
def columns(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A column of any type with a generator that makes it."""
    kind = draw(st.sampled_from(["int", "float", "string", "bool", "datetime", "date"]))
    moments = st.sampled_from(["2024-01-31", "2024-02-29T12:30:00"])
    values = {"int": st.integers(-(2**63), 2**63 - 1), "float": numbers, "string": texts, "bool": st.booleans()}.get(kind, moments)
    options = [choices(values), st.just({"faker": {"method": "word"}})]
    if kind in {"int", "float"}:
        options += [distributions().map(lambda found: {"distribution": found}), st.just({"sequence": {"start": 5, "step": -1}})]
    if kind in {"datetime", "date"}:
        options.append(series())
    return {"name": name, "type": kind, "nullable": draw(st.booleans()), "generator": draw(st.one_of(options))}


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """A sound model: some entities, and facts that belong to them and look their keys up."""
    tables = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    nodes: list[dict[str, Any]] = []
    for index, table in enumerate(tables):
        own = draw(st.lists(names.filter(lambda name: name not in {"id", "ref"}), max_size=4, unique=True))
        key: dict[str, Any] = {"name": "id", "type": "int", "generator": {"sequence": {}}}
        node: dict[str, Any] = {"id": table, "kind": "entity", "pk": "id", "columns": [key, *(draw(columns(name)) for name in own)]}
        if index and draw(st.booleans()):
            parent = draw(st.sampled_from(tables[:index]))
            node |= {"kind": "fact", "parents": [parent], "fanout": {"distribution": "poisson", "lambda": draw(st.floats(0.1, 9))}}
            node["columns"].append({"name": "ref", "type": "int", "generator": {"lookup": {"from": f"{parent}.id"}}})
        nodes.append(node)
    metadata = {
        "name": draw(texts),
        **draw(st.dictionaries(names.filter(lambda key: key not in {"name", "comment"}), st.none() | numbers | texts, max_size=2)),
    }
    timeframe = {"start": "2024-01-01", "end": "2024-12-31", "freq": "H"}
    return {"version": "1.0", "metadata": metadata, "timeframe": timeframe, "nodes": nodes}
