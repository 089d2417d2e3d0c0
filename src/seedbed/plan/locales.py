"""The document's locale, given to everything in it that has a locale and says neither its own nor where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from seedbed.model.document import Model


def localised(model: Model) -> Model:
    """The model with its `locale` written out wherever it counts; the same model where it has none."""
    if model.locale is None:
        return model
    return model.model_copy(update={"nodes": _with(model.nodes, model.locale)})


def _with(value: Any, locale: str) -> Any:
    """The value, with the locale in all its parts; what nothing is changed in stays the same object."""
    if isinstance(value, BaseModel):
        return _part(value, locale)
    if isinstance(value, tuple):
        parts = tuple(_with(part, locale) for part in value)
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if isinstance(value, Mapping):
        changed = {key: _with(part, locale) for key, part in value.items()}
        return changed if any(changed[key] is not value[key] for key in value) else value
    return value


def _part(part: BaseModel, locale: str) -> BaseModel:
    fields = type(part).model_fields
    if "locale" in fields and "locale_from" in fields:
        has_own = getattr(part, "locale") is not None or getattr(part, "locale_from") is not None  # noqa: B009 - any class with both
        return part if has_own else part.model_copy(update={"locale": locale})
    changed = {name: new for name in part.model_fields_set & fields.keys() if (new := _with(old := getattr(part, name), locale)) is not old}
    return part.model_copy(update=changed) if changed else part
