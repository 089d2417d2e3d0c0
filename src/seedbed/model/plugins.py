"""Arguments of plug-ins: as the document has them, and as the plug-in's own class reads them.

Who validates a model gives the plug-ins there are as context (`plugin_context`); without it arguments stay as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from seedbed.core.block import ColumnType
from seedbed.core.nearest import did_you_mean, nearest, one_of
from seedbed.core.plugins import Family, Plugin, Plugins
from seedbed.core.records import dataclass
from seedbed.model.base import Part
from seedbed.model.shape import keys_of, kind_at

#: The types that a plug-in can make; texts become UUIDs, JSON and bytes where the column is of these.
MADE = frozenset({ColumnType.INT, ColumnType.FLOAT, ColumnType.BOOL, ColumnType.STRING, ColumnType.DATETIME, ColumnType.DATE})

#: The types that a plug-in can change.
CHANGED = frozenset({ColumnType.INT, ColumnType.FLOAT, ColumnType.DECIMAL, ColumnType.STRING, ColumnType.DATETIME, ColumnType.DATE})


class Params(Part):
    """The ground of a plug-in's parameters: frozen, strict about types, refusing keys it does not know."""

    model_config = ConfigDict(defer_build=False)  # names in annotations are those at hand where the class is written


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of a plug-in.

    written: as the document has them; plugin: what takes them, and params: them as its class holds them, both None where nobody has
    looked for it; types: what a generator makes (one type), or what a modifier can change.
    """

    written: Mapping[str, Any] = field(default_factory=dict)
    plugin: Plugin | None = None
    params: Params | None = None
    types: frozenset[ColumnType] = frozenset()

    @property
    def type(self) -> ColumnType | None:
        """The type that a generator makes; None where nobody has looked for it."""
        return next(iter(self.types), None)


def plugin_context(plugins: Plugins | None) -> dict[str, object]:
    """The context by which a model is validated where plug-ins are known; None: nobody looks for them."""
    return {"plugins": plugins}


def _plugins(info: ValidationInfo) -> Plugins | None:
    return info.context.get("plugins") if isinstance(info.context, dict) else None


def _name(family: Family) -> Callable[[str, ValidationInfo], str]:
    """What refuses names that no plug-in has."""

    def check(name: str, info: ValidationInfo) -> str:
        plugins = _plugins(info)
        if plugins is not None and plugins.find(family, name) is None:
            names = plugins.names(family)
            listed = f"installed: {one_of(names)}" if names else "none is installed; install the package that brings it"
            fix = did_you_mean(name, names) or listed
            raise PydanticCustomError(
                "plugin", "there is no {family} `{name}` among the plug-ins", {"family": family, "name": name, "fix": fix}
            )
        return name

    return check


def _args(family: Family) -> Callable[[Any, ValidationInfo], Args]:
    """What reads arguments by the plug-in's own class, where it is known."""

    def read(value: Any, info: ValidationInfo) -> Args:
        written = value.written if isinstance(value, Args) else value
        if not isinstance(written, Mapping):
            raise PydanticCustomError("plugin", "expected an object", {"fix": "write `args: {name: value}`"})
        plugins, name = _plugins(info), info.data.get("name")
        if plugins is None or name is None:
            return value if isinstance(value, Args) else Args(written)
        plugin = plugins.find(family, name)
        if plugin is None:
            return Args(written)
        try:
            return bound(plugin, written)
        except ValidationError as error:
            if isinstance(value, Args) and not written:  # left out: there is no place for what is missing in it
                needed = [str(detail["loc"][0]) for detail in error.errors() if detail["loc"]]
                fix = f"add `args: {{{', '.join(f'{key}: ..' for key in needed)}}}`"
                raise PydanticCustomError("plugin", "`{name}` needs arguments", {"name": name, "fix": fix}) from None
            raise

    return read


def bound(plugin: Plugin, written: Mapping[str, Any]) -> Args:
    """Arguments as a plug-in takes them.

    Raises:
        ValidationError: they are not what it takes.
        PluginError: the plug-in has not the shape of one, or fails.
    """
    kind = params_of(plugin)
    try:
        params = kind.model_validate(dict(written), by_alias=True, by_name=False)
        types = _types(plugin, params)
    except ValidationError as error:
        raise _worded(error, kind, written) from None
    except Exception as error:
        raise plugin.error("fails on its arguments", error) from error
    return Args(written, plugin, params, types)


def params_of(plugin: Plugin) -> type[Params]:
    """The class of a plug-in's parameters.

    Raises:
        PluginError: the plug-in has not the shape of one.
    """
    kind = getattr(plugin.maker, "Params", None)
    if not (isinstance(kind, type) and issubclass(kind, Params)):
        raise plugin.error("has no class `Params` made from seedbed.plugins.Params")
    for need in ("values", "type" if plugin.family == "generator" else "types"):
        if not callable(getattr(plugin.maker, need, None)):
            raise plugin.error(f"has no method `{need}`")
    return kind


def _types(plugin: Plugin, params: Params) -> frozenset[ColumnType]:
    """The type that a generator makes, or those that a modifier can change."""
    made = plugin.maker()
    said = (made.type(params),) if plugin.family == "generator" else tuple(made.types(params))
    possible = MADE if plugin.family == "generator" else CHANGED
    wrong = [text for text in said if text not in set(possible)]
    if wrong or not said:
        names = one_of(sorted(kind.value for kind in possible))
        raise plugin.error(f"says `{wrong[0] if wrong else 'nothing'}` where it says its type; it can be one of {names}")
    return frozenset(map(ColumnType, said))


def _worded(error: ValidationError, kind: type[Params], written: Mapping[str, Any]) -> ValidationError:
    """The same error, where unknown keys have their remedy with them: only here the class that knows the others is at hand."""
    details: list[InitErrorDetails] = []
    for detail in error.errors(include_url=False):
        said: Any = detail["type"]
        if said == "extra_forbidden":
            key, around = str(detail["loc"][-1]), kind_at(kind, written, detail["loc"][:-1])
            known = [name for name in keys_of(around) if name != "comment"] if around is not None else []
            meant = nearest(key, known)
            fix = f"did you mean `{meant}`?" if meant else f"keys here: {one_of(known, most=20)}" if known else "remove it: there are none"
            said = PydanticCustomError("plugin", "unknown key `{key}`", {"key": key[:80], "fix": fix, "meant": meant})
        elif "ctx" not in detail and said not in _WITHOUT_NUMBERS:
            said = PydanticCustomError("plugin", "{said}", {"said": detail["msg"][:1].lower() + detail["msg"][1:], "fix": None})
        elif said in ("value_error", "assertion_error"):
            said = PydanticCustomError("plugin", "{said}", {"said": str(detail["ctx"]["error"]), "fix": None})
        details.append({"type": said, "loc": detail["loc"], "input": detail["input"], "ctx": detail.get("ctx", {})})
    return ValidationError.from_exception_data(error.title, details)


#: Findings of pydantic that are worded elsewhere and carry nothing with them.
_WITHOUT_NUMBERS = frozenset(
    {
        "missing",
        "bool_type",
        "int_type",
        "float_type",
        "string_type",
        "tuple_type",
        "list_type",
        "dict_type",
        "model_type",
        "model_attributes_type",
        "finite_number",
    }
)

PluginName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=128)]


def _written(args: Args) -> dict[str, Any]:
    return dict(args.written)


_SCHEMA = WithJsonSchema({"type": "object", "additionalProperties": True})

GeneratorName: TypeAlias = Annotated[PluginName, AfterValidator(_name("generator"))]
ModifierName: TypeAlias = Annotated[PluginName, AfterValidator(_name("modifier"))]
GeneratorArgs: TypeAlias = Annotated[Args, PlainValidator(_args("generator")), PlainSerializer(_written), _SCHEMA]
ModifierArgs: TypeAlias = Annotated[Args, PlainValidator(_args("modifier")), PlainSerializer(_written), _SCHEMA]


def arguments_in(value: object) -> Iterator[Args]:
    """The arguments of all plug-ins in a part of a model."""
    if isinstance(value, Args):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from arguments_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from arguments_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from arguments_in(part)
