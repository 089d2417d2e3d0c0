"""The public functions: load a model, plan it, grow it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seedbed.model.document import Model
from seedbed.read.document import load_document
from seedbed.run.dataset import Dataset, planned
from seedbed.run.generate import GenerateResult, generate

__all__ = ["Dataset", "GenerateResult", "generate", "load", "plan"]


def load(path: str | Path) -> Model:
    """Read the model in a YAML or JSON file: frozen, with its `nodes`, `constraints` and `targets` as the document has them.

    Raises:
        ModelError: there is no such file, or its content is wrong; all mistakes at once, each with line and column.

    >>> model = load("examples/users_events.json")
    >>> [node.id for node in model.nodes]
    ['user', 'event']
    """
    return load_document(path)[0]


def plan(model: Model | str | Path, *, seed: int | None = None, rows: Mapping[str, int] | None = None, scale: float = 1.0) -> Dataset:
    """Compile a model, or the one in a file, for a seed (42 where left out).

    `rows` gives entities another number of rows, `scale` multiplies that of all others; facts follow from their parents. The seed
    is a whole number from 0 to 2^64 - 1. What is wrong with a file is told with line and column, with a model it is told without.

    Raises:
        ModelError: the model, or what is asked of it, cannot be; all that is wrong at once.

    >>> data = plan("examples/users_events.json", seed=7, rows={"user": 100})
    >>> data
    <seedbed.Dataset 'users_events', seed 7: user, event>
    >>> data.rows
    {'user': 100, 'event': 822}
    """
    return planned(model, seed=seed, rows=rows, scale=scale)
