"""JSON values against a JSON Schema (2020-12): the keywords that tell of data, references inside of the document, patterns on RE2.

A keyword that isn't known, or a reference to another document, is refused when the schema is read: nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from json import loads
from typing import Any

import pyarrow as pa

from seedbed.check.view import UnreadableError
from seedbed.core import compute as pc
from seedbed.core.records import dataclass

#: Keywords that say nothing about values.
_NOTES = frozenset({"$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated"})

#: How deep references may lead.
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that was read."""

    root: Any


@lru_cache(maxsize=64)
def read_schema(text: str) -> Schema:
    """The schema in a text.

    Raises:
        UnreadableError: it has a keyword that isn't known, a wrong reference or a regular expression that RE2 doesn't take.
    """
    root = loads(text)
    _refuse_unknown(root, root)
    return Schema(root)


def accepts(schema: Schema, value: object) -> bool:
    """Whether a value is as the schema says.

    >>> accepts(read_schema('{"type": "integer", "minimum": 3}'), 2)
    False
    """
    return _fits(schema.root, value, schema.root, 0)


def _refuse_unknown(part: Any, root: Any) -> None:
    if isinstance(part, bool):
        return
    if not isinstance(part, Mapping):
        raise UnreadableError("a schema is an object, true or false")
    unknown = [key for key in part if key not in _TESTS and key not in _NOTES and key not in _WITH_OTHERS]
    if unknown:
        raise UnreadableError(f"the schema's keyword `{unknown[0]}` is not supported")
    if "pattern" in part:
        _matches(part["pattern"], "")
    if "$ref" in part:
        _target(root, part["$ref"])
    for below in _parts_below(part):
        _refuse_unknown(below, root)


def _parts_below(part: Mapping[str, Any]) -> list[Any]:
    maps = [part.get(key, {}) for key in ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")]
    lists = [part.get(key, []) for key in ("allOf", "anyOf", "oneOf", "prefixItems")]
    singles = [
        part[key] for key in ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames") if key in part
    ]
    return [*singles, *(item for found in maps for item in found.values()), *(item for found in lists for item in found)]


def _target(root: Any, reference: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise UnreadableError(f"the schema refers to another document: `{reference}`")
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            raise UnreadableError(f"the schema has no `{reference}`")
        found = found[key]
    return found


def _fits(part: Any, value: Any, root: Any, depth: int) -> bool:
    if isinstance(part, bool):
        return part
    if depth > _DEEPEST:
        raise RecursionError
    below: Callable[[Any, Any], bool] = lambda inner, item: _fits(inner, item, root, depth + 1)  # noqa: E731 - bound to this depth
    if "$ref" in part and not below(_target(root, part["$ref"]), value):
        return False
    return all(_TESTS[key](wanted, value, part, below) for key, wanted in part.items() if key in _TESTS)


def _matches(pattern: str, text: str) -> bool:
    try:
        return bool(pc.match_substring_regex(pa.scalar(text), pattern=pattern).as_py())
    except pa.ArrowInvalid as error:
        raise UnreadableError(f"`{pattern}` is no regular expression of RE2") from error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _properties(wanted: Any, value: Any, part: Any, below: Any) -> bool:
    del part
    return not isinstance(value, dict) or all(below(inner, value[key]) for key, inner in wanted.items() if key in value)


def _additional(wanted: Any, value: Any, part: Any, below: Any) -> bool:
    if not isinstance(value, dict):
        return True
    patterns = list(part.get("patternProperties", {}))
    others = [key for key in value if key not in part.get("properties", {}) and not any(_matches(pattern, key) for pattern in patterns)]
    return all(below(wanted, value[key]) for key in others)


def _by_pattern(wanted: Any, value: Any, part: Any, below: Any) -> bool:
    del part
    if not isinstance(value, dict):
        return True
    return all(below(inner, item) for pattern, inner in wanted.items() for key, item in value.items() if _matches(pattern, key))


def _items(wanted: Any, value: Any, part: Any, below: Any) -> bool:
    return not isinstance(value, list) or all(below(wanted, item) for item in value[len(part.get("prefixItems", [])) :])


def _bound(holds: Callable[[Any, Any], bool], of: Callable[[Any], bool], size: Callable[[Any], Any] = lambda value: value) -> Any:
    return lambda wanted, value, _part, _below: not of(value) or holds(size(value), wanted)


def _if(wanted: Any, value: Any, part: Any, below: Any) -> bool:
    return bool(below(part.get("then" if below(wanted, value) else "else", True), value))


_LIST, _TEXT, _OBJECT = _TYPES["array"], _TYPES["string"], _TYPES["object"]
_WITH_OTHERS = frozenset({"$ref", "then", "else"})

_TESTS: dict[str, Callable[[Any, Any, Any, Any], bool]] = {
    "type": lambda wanted, value, _, __: any(_TYPES[kind](value) for kind in ([wanted] if isinstance(wanted, str) else wanted)),
    "enum": lambda wanted, value, _, __: any(_same(value, item) for item in wanted),
    "const": lambda wanted, value, _, __: _same(value, wanted),
    "required": lambda wanted, value, _, __: not isinstance(value, dict) or all(key in value for key in wanted),
    "properties": _properties,
    "additionalProperties": _additional,
    "patternProperties": _by_pattern,
    "propertyNames": lambda wanted, value, _, below: not isinstance(value, dict) or all(below(wanted, key) for key in value),
    "items": _items,
    "prefixItems": lambda wanted, value, _, below: not isinstance(value, list) or all(map(below, wanted, value)),
    "contains": lambda wanted, value, _, below: not isinstance(value, list) or any(below(wanted, item) for item in value),
    "uniqueItems": lambda wanted, value, _, __: (
        not (wanted and isinstance(value, list)) or not any(_same(one, other) for place, one in enumerate(value) for other in value[:place])
    ),
    "minItems": _bound(lambda size, wanted: size >= wanted, _LIST, len),
    "maxItems": _bound(lambda size, wanted: size <= wanted, _LIST, len),
    "minProperties": _bound(lambda size, wanted: size >= wanted, _OBJECT, len),
    "maxProperties": _bound(lambda size, wanted: size <= wanted, _OBJECT, len),
    "minLength": _bound(lambda size, wanted: size >= wanted, _TEXT, len),
    "maxLength": _bound(lambda size, wanted: size <= wanted, _TEXT, len),
    "pattern": _bound(lambda text, wanted: _matches(wanted, text), _TEXT),
    "minimum": _bound(lambda value, wanted: value >= wanted, _is_number),
    "maximum": _bound(lambda value, wanted: value <= wanted, _is_number),
    "exclusiveMinimum": _bound(lambda value, wanted: value > wanted, _is_number),
    "exclusiveMaximum": _bound(lambda value, wanted: value < wanted, _is_number),
    "multipleOf": _bound(lambda value, wanted: (value / wanted).is_integer(), _is_number),
    "allOf": lambda wanted, value, _, below: all(below(inner, value) for inner in wanted),
    "anyOf": lambda wanted, value, _, below: any(below(inner, value) for inner in wanted),
    "oneOf": lambda wanted, value, _, below: sum(below(inner, value) for inner in wanted) == 1,
    "not": lambda wanted, value, _, below: not below(wanted, value),
    "if": _if,
}
