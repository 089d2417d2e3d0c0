"""The model's classes as a JSON Schema, for completion in editors and for checks without seedbed."""

from __future__ import annotations

from typing import Any, TypeAlias

from seedbed.model.base import ColumnRef, Name
from seedbed.model.document import Model
from seedbed.model.generators import KINDS

Schema: TypeAlias = dict[str, Any]

#: `\w` means other characters to JavaScript than to Python and Rust; these mean the same to all, and a little more than ours.
_FIRST, _NEXT = "A-Za-z_\u0080-\U0010ffff", "A-Za-z0-9_\u0080-\U0010ffff"
_NAME = f"[{_FIRST}][{_NEXT}]*"


def json_schema() -> Schema:
    """The schema of a model of version 1.0, in the dialect 2020-12. It takes every model that seedbed takes.

    >>> json_schema()["$id"]
    'urn:seedbed:model:1.0'
    """
    found = _portable(Model.model_json_schema(by_alias=True))
    parts = found["$defs"]
    parts["Generator"]["oneOf"] = [_has(kind) for kind in KINDS]
    _two_spellings(parts["SegmentBehavior"], "behaviors", "segments")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:seedbed:model:1.0", "title": "seedbed model 1.0"}
    return {**head, **{key: value for key, value in found.items() if key not in head}}


def _has(kind: str) -> Schema:
    """The generator of that kind is given, and not as null."""
    return {"title": kind, "required": [kind], "properties": {kind: {"not": {"type": "null"}}}}


def _two_spellings(part: Schema, key: str, other: str) -> None:
    """One key may be written as another instead."""
    part["properties"][other] = part["properties"][key]
    part["required"].remove(key)
    part["oneOf"] = [{"required": [key]}, {"required": [other]}]


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
