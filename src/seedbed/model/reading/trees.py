"""From a document's text to plain data, whatever is in it."""

from __future__ import annotations

from seedbed.model.reading.json_text import read_json
from seedbed.model.reading.tree import Tree


def read_tree(text: str, name: str) -> Tree:
    """Plain data and positions of a document; JSON if it is named or begins so, else YAML."""
    if is_json(text, name):
        return read_json(text, name)
    from seedbed.model.reading.yaml_text import read_yaml

    return read_yaml(text, name)


def is_json(text: str, name: str) -> bool:
    """Whether a document is JSON: by its name, or else by its first character.

    >>> is_json("{}", "m.yaml"), is_json("{}", "<stdin>")
    (False, True)
    """
    if name.lower().endswith((".json", ".yaml", ".yml")):
        return name.lower().endswith(".json")
    return text.lstrip()[:1] == "{"
