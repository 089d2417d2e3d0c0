"""Parts of a model whose classes are made when a document first has one.

Making a class and its validator takes half a millisecond, and there are far more parts than any one document uses: those that few use and
that bring many classes wait. `later` stands for such a class in the annotation of a field.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from pydantic import BaseModel, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Later:
    """Stands for a class that isn't imported yet."""

    place: ClassVar[str]

    @classmethod
    def loaded(cls) -> type[BaseModel]:
        """The class itself, imported now."""
        module, _, name = cls.place.partition(":")
        found: type[BaseModel] = getattr(import_module(module), name)
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        del source, handler
        return core_schema.with_info_plain_validator_function(cls._validated, ref=f"{cls.place.replace(':', '.')}:later")

    @classmethod
    def _validated(cls, value: object, info: ValidationInfo) -> BaseModel:
        """What the class makes of a value. A document, which comes with a context, must use the keys' own names; what Python gives needn't."""
        return cls.loaded().model_validate(value, context=info.context, by_alias=True, by_name=info.context is None)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        del schema
        kind = cls.loaded()
        kind.model_rebuild()
        return handler(_nameless(kind.__pydantic_core_schema__))


def _nameless(schema: Any) -> Any:
    """The schema of a class without its name, under which the one that stands for it is listed."""
    if schema["type"] == "definitions":
        return {**schema, "schema": _nameless(schema["schema"])}
    return {key: value for key, value in schema.items() if key != "ref"}


def later(place: str) -> type[Later]:
    """What stands for the class at `module:name` in an annotation.

    >>> later("seedbed.model.states:StateTransitionModel").loaded().__name__
    'StateTransitionModel'
    """
    return type(place.rpartition(":")[2], (Later,), {"place": place})
