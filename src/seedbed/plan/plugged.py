"""Plug-ins of a model: which they are, and those that nobody has looked for."""

from __future__ import annotations

from seedbed.model.document import Model
from seedbed.model.places import Mistake
from seedbed.model.plugins import arguments_in


def plugin_mistakes(model: Model) -> list[Mistake]:
    """Columns whose plug-ins nobody has looked for."""
    return [
        Mistake(
            ("nodes", index, "columns", place),
            f"nobody has looked for the plug-in of `{node.id}.{column.name}`",
            "read the model by seedbed.load",
        )
        for index, node in enumerate(model.nodes)
        for place, column in enumerate(node.columns)
        if any(args.params is None for args in arguments_in(column))
    ]


def plugins_of(model: Model) -> dict[str, str]:
    r"""The package and version of each plug-in that a model uses, by family and name.

    >>> from seedbed.model.reading import parse
    >>> text = 'version: "2.0"\nmetadata: {name: m}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'
    >>> plugins_of(parse(text + "entities: {t: {columns: {id: {sequence: {}}}}}", "m.yaml"))
    {}
    """
    found = [args.plugin for args in arguments_in(model) if args.plugin is not None]
    return {f"{plugin.family} {plugin.name}": plugin.origin for plugin in sorted(found, key=lambda each: (each.family, each.name))}
