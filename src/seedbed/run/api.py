"""The public functions: load a model, plan it, grow it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seedbed.model.document import Model
from seedbed.model.reading import examine
from seedbed.read.document import examine_document, remembered
from seedbed.read.plugins import Installed
from seedbed.run.dataset import Dataset, planned
from seedbed.run.generate import GenerateResult, generate

__all__ = ["Dataset", "GenerateResult", "generate", "load", "loads", "plan"]


def load(source: str | Path | Mapping[str, object], *, profile: str | None = None) -> Model:
    """Read the model in a YAML or JSON file, or in plain data: frozen, with its `nodes`, `constraints` and `targets`.

    `profile` names overrides that the document holds for itself. Plain data are what `json.load` or a YAML reader gives: objects,
    lists, texts, numbers, true, false and None. What is told of the model later, by `plan` or `generate`, has line and column as well.

    Raises:
        ModelError: there is no such file, or its content is wrong; all mistakes that the document shows by itself, each with its place.
            `plan` also tells, at once, what only planning finds.
        EdgeError: the disk failed.

    >>> model = load("examples/users_events.json")
    >>> [node.id for node in model.nodes]
    ['user', 'event']
    """
    return remembered(examine_document(source, profile=profile))


def loads(text: str | bytes, name: str = "<text>", *, profile: str | None = None) -> Model:
    """Read the model in a text; `name` is what messages call it, and says by its ending whether it is YAML or JSON.

    Where the name doesn't say, what begins with `{` is JSON, anything else YAML. `profile` names overrides that the document holds for
    itself.

    Raises:
        ModelError: it is no model; all mistakes that the text shows by itself, each with line and column.

    >>> loads("version: '1.0'", "shop.yaml")
    Traceback (most recent call last):
    seedbed.core.errors.ModelError: shop.yaml:1:1 metadata: `metadata` is missing
    ...
    """
    return remembered(examine(text, name, profile=profile, plugins=Installed()))


def plan(
    model: Model | Mapping[str, object] | str | Path,
    *,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    profile: str | None = None,
    clean: bool = False,
) -> Dataset:
    """Compile a model, or the one in a file or in plain data, for a seed.

    `rows` gives entities another number of rows, `scale` multiplies that of all others; facts follow from their parents. The seed
    is a whole number from 0 to 2^64 - 1. Seed and scale stand in place of the document's own, which are 42 and 1 where left out;
    `profile` names overrides that the document holds for itself; `clean` leaves out the faults that it puts in on purpose, and the
    table that lists them. What is wrong is told with line and column where a file or a text
    was read.

    Raises:
        ModelError: the model, or what is asked of it, cannot be; all that is wrong at once.

    >>> data = plan("examples/users_events.json", seed=7, rows={"user": 100})
    >>> data
    <seedbed.Dataset 'users_events', seed 7: user, event>
    >>> data.rows
    {'user': 100, 'event': 822}
    """
    return planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
