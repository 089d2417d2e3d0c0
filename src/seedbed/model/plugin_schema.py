"""What the parameters of plug-ins add to the JSON Schema of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from seedbed.core.plugins import Family, Plugin
from seedbed.model.plugins import params_of

Schema: TypeAlias = dict[str, Any]

#: The part of the schema that uses plug-ins, by family.
_USES: dict[Family, str] = {"generator": "FromPlugin", "modifier": "ByPlugin"}


def add_plugins(parts: Schema, plugins: Iterable[Plugin]) -> None:
    """Have the parts of a schema know these plug-ins, by name and with their parameters; others are then refused.

    Raises:
        PluginError: one of them has not the shape of a plug-in.
    """
    listed = list(plugins)
    for family, use in _USES.items():
        those = [plugin for plugin in listed if plugin.family == family]
        if those and use in parts:
            part = parts[use]
            part["properties"]["name"] = {**part["properties"]["name"], "enum": [plugin.name for plugin in those]}
            part["properties"]["name"].pop("pattern", None)
            part["allOf"] = [_known(parts, plugin) for plugin in those]


def _known(parts: Schema, plugin: Plugin) -> Schema:
    """What holds where a plug-in is named; its classes become parts of their own."""
    ref = add_params(parts, plugin)
    then: Schema = {"title": plugin.label, "properties": {"args": ref}}
    if parts[ref["$ref"].rpartition("/")[2]].get("required"):
        then["required"] = ["args"]
    return {"if": {"properties": {"name": {"const": plugin.name}}}, "then": then}


def add_params(parts: Schema, plugin: Plugin) -> Schema:
    """The classes of a plug-in's parameters as parts of a schema, and the reference to the outermost."""
    prefix = f"{plugin.family}_{plugin.name}"
    found = params_of(plugin).model_json_schema(by_alias=True, ref_template=f"#/$defs/{prefix}_{{model}}")
    for name, part in found.pop("$defs", {}).items():
        parts[f"{prefix}_{name}"] = part
    parts[prefix] = found
    return {"$ref": f"#/$defs/{prefix}"}
