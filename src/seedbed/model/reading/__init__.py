"""From a document's text to a model, with every mistake found at once and placed.

The names below are imported when they are first used: to read a document of checks takes none of the classes of models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.model.reading.parsing import Examined, examine, examine_tree, parse, parse_with_places
    from seedbed.model.reading.trees import is_json, read_tree

__all__ = ["Examined", "examine", "examine_tree", "is_json", "parse", "parse_with_places", "read_tree"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = "trees" if name in ("is_json", "read_tree") else "parsing"
    return getattr(import_module(f"{__name__}.{home}"), name)
