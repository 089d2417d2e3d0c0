"""Parts of a model whose classes and validators are made when a document first has one.

Making a class and its validator takes half a millisecond, and there are far more parts than any one document uses: those that few use and
that bring many classes wait. `later` stands for such a class in the annotation of a field; `Tagged` chooses among classes that are there,
and only the validator of the chosen one is made.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from seedbed.core.records import dataclass


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


@dataclass(frozen=True, slots=True)
class Tagged:
    """Marks the union of classes that a key tells apart, as `Field(discriminator=key)` does."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {tag: handler.generate_schema(_standing_for(kind)) for kind in get_args(source) for tag in self._tags(kind)}
        return core_schema.tagged_union_schema(choices, self.key, strict=False, from_attributes=True)

    def _tags(self, kind: type[BaseModel]) -> tuple[str, ...]:
        return get_args(kind.model_fields[self.key].annotation)


@cache
def _standing_for(kind: type[BaseModel]) -> type[Later]:
    return later(f"{kind.__module__}:{kind.__name__}")
