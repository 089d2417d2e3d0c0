"""The model's classes as a JSON Schema, for completion in editors and for checks without seedbed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from seedbed.core.counts import COUNT_PATTERN
from seedbed.core.plugins import Plugin
from seedbed.model.base import ColumnRef, Name, Part
from seedbed.model.document import Model
from seedbed.model.generators import KINDS
from seedbed.model.plugin_schema import add_plugins

Schema: TypeAlias = dict[str, Any]
Form: TypeAlias = Literal["authoring", "canonical"]
Version: TypeAlias = Literal["1.0", "2.0"]

#: `\w` means other characters to JavaScript than to Python and Rust; these mean the same to all, and a little more than ours.
_FIRST, _NEXT = "A-Za-z_\u0080-\U0010ffff", "A-Za-z0-9_\u0080-\U0010ffff"
_NAME = f"[{_FIRST}][{_NEXT}]*"

_SECTIONS = {
    "vocabs": "Lists of values, by their names.",
    "entities": "Tables of their own, by their names.",
    "facts": "Tables whose rows belong to rows of others, by their names.",
}


def json_schema(version: Version = "2.0", form: Form = "canonical", plugins: Iterable[Plugin] = ()) -> Schema:
    """The schema of a model, in the dialect 2020-12. It takes every model of that version and form that seedbed takes.

    Where `plugins` are given, models may use these, with the parameters that they have; else any, with any parameters.

    Raises:
        PluginError: one of them has not the shape of a plug-in.

    >>> json_schema()["$id"], json_schema("1.0")["$id"], json_schema(form="authoring")["$id"]
    ('urn:seedbed:model:2.0', 'urn:seedbed:model:1.0', 'urn:seedbed:model:2.0:authoring')
    """
    whole = Model.model_json_schema(by_alias=True)
    if version != "1.0":
        add_plugins(whole["$defs"], plugins)
    found = _portable(whole)
    parts = found["$defs"]
    parts["ColumnType"].pop("description", None)  # it speaks of memory
    if version == "1.0":
        _without_later(found, parts)
    else:
        _later_rows(parts)
    found["properties"]["version"]["enum"] = [version]
    for part in parts.values():
        if set(part.get("properties", ())) & set(KINDS) and part["properties"].keys() >= {"sequence", "choice"}:
            part["oneOf"] = [_has(kind) for kind in KINDS if kind in part["properties"]]
    _two_spellings(parts["SegmentBehavior"], "behaviors", "segments")
    if form == "authoring":
        _authored(found, parts)
    ending, title = (":authoring", " as people write it") if form == "authoring" else ("", "")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:seedbed:model:{version}{ending}"}
    head["title"] = f"seedbed model {version}{title}"
    return {**head, **{key: value for key, value in _unmarked(found).items() if key not in head}}


def _has(kind: str) -> Schema:
    """The generator of that kind is given, and not as null."""
    return {"title": kind, "required": [kind], "properties": {kind: {"not": {"type": "null"}}}}


def _two_spellings(part: Schema, key: str, other: str) -> None:
    """One key may be written as another instead."""
    part["properties"][other] = part["properties"][key]
    part["required"].remove(key)
    part["oneOf"] = [{"required": [key]}, {"required": [other]}]


def _later_rows(parts: Schema) -> None:
    """Numbers of rows may be texts such as 50K."""
    parts["Node"]["properties"]["rows"]["anyOf"].append({"type": "string", "pattern": COUNT_PATTERN, "examples": ["50K", "2.5M"]})


def _without_later(found: Schema, parts: Schema) -> None:
    """Take out what the first version does not have."""
    for kind in _classes(Part):
        part = found if kind is Model else parts.get(kind.__name__)
        if part is None:
            continue
        keys = {name: info.alias or name for name, info in kind.model_fields.items()}
        part["properties"] = {key: value for key, value in part.get("properties", {}).items() if "since" not in value}
        for name, values in getattr(kind, "since_values", {}).items():
            part["properties"][keys[name]] = _without_values(part["properties"][keys[name]], {str(value) for value in values}, parts)
        for name, depth in getattr(kind, "since_lists", {}).items():
            _without_lists(part["properties"][keys[name]], depth)
    new = {f"#/$defs/{kind.__name__}" for kind in _classes(Part) if "since" in vars(kind)}
    _without_options(found, new)
    parts["ColumnSpec"]["required"] = ["name", "type", "generator"]
    parts["ColumnSpec"]["properties"]["generator"].pop("default", None)
    used = _used(found)
    for name in list(parts):
        if name not in used:
            del parts[name]


def _classes(kind: type[Part]) -> Iterator[type[Part]]:
    for below in kind.__subclasses__():
        yield below
        yield from _classes(below)


def _without_values(value: Any, newer: set[str], parts: Schema) -> Any:
    """A schema whose listed values lack the newer ones; a shared list is written out."""
    if isinstance(value, list):
        return [_without_values(item, newer, parts) for item in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).removeprefix("#/$defs/")
    if "enum" in parts.get(name, {}):
        value = {**copy.deepcopy(parts[name]), **{key: item for key, item in value.items() if key != "$ref"}}
    changed = {key: _without_values(item, newer, parts) for key, item in value.items() if key != "enum"}
    return {**changed, "enum": [item for item in value["enum"] if item not in newer]} if "enum" in value else changed


def _without_lists(value: Schema, depth: int) -> None:
    """Take lists out of the alternatives of a schema, or of its items."""
    if depth > 1:
        _without_lists(value["items"], depth - 1)
    elif "anyOf" in value:
        value["anyOf"] = [option for option in value["anyOf"] if option.get("type") != "array"]


def _without_options(value: Any, new: set[str]) -> None:
    """Take alternatives out, wherever they are."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _without_options(item, new)
    for key in ("anyOf", "oneOf") if isinstance(value, dict) else ():
        if isinstance(value.get(key), list):
            value[key] = [option for option in value[key] if option.get("$ref") not in new]


def _used(found: Schema) -> set[str]:
    """The names of parts that something leads to."""
    used: set[str] = set()
    waiting: list[Any] = [{key: value for key, value in found.items() if key != "$defs"}]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix("#/$defs/")
            if name in found["$defs"] and name not in used:
                used.add(name)
                waiting.append(found["$defs"][name])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return used


def _authored(found: Schema, parts: Schema) -> None:
    """Tables and columns as maps by their names, generators among the keys of columns."""
    table, column, generator = parts.pop("Node"), parts.pop("ColumnSpec"), parts["Generator"]
    kinds = [kind for kind in KINDS if kind in generator["properties"]]
    own = {key: value for key, value in column["properties"].items() if key != "name"}
    none_of = {"title": "written out, or filled by its table", "not": {"anyOf": [{"required": [kind]} for kind in kinds]}}
    parts["Column"] = {
        **column,
        "title": "Column",
        "properties": {**{kind: generator["properties"][kind] for kind in kinds}, **own},
        "required": [],
        "oneOf": [*map(_has, kinds), none_of],
    }
    columns = {
        "type": "object",
        "description": table["properties"]["columns"]["description"],
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_NAME}$", "maxLength": 128},
        "additionalProperties": {"$ref": "#/$defs/Column"},
    }
    keys = {key: value for key, value in table["properties"].items() if key not in {"id", "kind"}}
    parts["Table"] = {**table, "title": "Table", "properties": {**keys, "columns": columns}, "required": ["columns"]}
    maps = {
        section: {"type": ["object", "null"], "description": text, "propertyNames": columns["propertyNames"]}
        | {"additionalProperties": {"$ref": "#/$defs/Table"}}
        for section, text in _SECTIONS.items()
    }
    properties: Schema = {}
    for key, value in found["properties"].items():
        properties |= maps if key == "nodes" else {key: value}
    found["properties"] = properties
    found["required"] = [key for key in found["required"] if key != "nodes"]
    found["anyOf"] = [{"required": [section]} for section in _SECTIONS]


def _unmarked(value: Any) -> Any:
    """The schema without our marks of versions."""
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_mark = isinstance(value.get("since"), str)
    return {key: _unmarked(item) for key, item in value.items() if not (is_mark and key == "since")}


def _portable(value: Any) -> Any:
    """The schema in words that every validator knows."""
    if isinstance(value, list):
        return [_portable(item) for item in value]
    if not isinstance(value, dict):
        return _PATTERNS.get(value, value) if isinstance(value, str) else value
    plain = {key: _portable(item) for key, item in value.items() if key != "discriminator"}
    patterns = plain.pop("patternProperties", None)
    if patterns:
        ((pattern, inside),) = patterns.items()
        plain["propertyNames"] = {**plain.get("propertyNames", {}), "pattern": _PATTERNS.get(pattern, pattern)}
        plain["additionalProperties"] = inside
    return plain


def _pattern_of(annotation: Any) -> str:
    return next(str(part.pattern) for part in annotation.__metadata__ if getattr(part, "pattern", None))


_PATTERNS = {_pattern_of(Name): f"^{_NAME}$", _pattern_of(ColumnRef): rf"^{_NAME}\.{_NAME}$"}
