"""`seedbed generators`: every kind, with its parameters from the model's own classes and an example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import json_option

if TYPE_CHECKING:
    from seedbed.core.errors import PluginError
    from seedbed.core.plugins import Plugin

#: One small example of each generator, as YAML in a column, and of each modifier, as in its list of them.
EXAMPLES = {
    "sequence": "{sequence: {start: 1001, step: 1}}",
    "choice": "{choice: {choices: [free, pro], weights: [0.8, 0.2]}}",
    "distribution": "{distribution: {type: lognormal, params: {mean: 3.0, sigma: 0.6}, clamp: [1, 500]}}",
    "datetime_series": "{datetime_series: {within: timeframe, freq: H, pattern: {dimension: dow, weights: [1, 1, 1, 1, 2, 3, 3]}}}",
    "faker": "{faker: {method: name, locale: de_DE}}",
    "lookup": "{lookup: {from: customer.customer_id}}",
    "expression": '{expression: {code: "round(quantity * price, 2)"}}',
    "enum_list": "{enum_list: {values: [EUR, USD, JPY]}}",
    "record": "{record: {kind: person, locale_from: country}}",
    "case": '{case: {when: [{if: "total >= 50", then: {constant: {value: 0}}}], else: {constant: {value: 5}}}}',
    "mixture": "{mixture: {variants: [{weight: 9, then: {choice: {choices: [0]}}}, {weight: 1, then: {choice: {choices: [1, 2, 3]}}}]}}",
    "struct": "{struct: {fields: {width: {distribution: {type: uniform, params: {low: 1, high: 9}}}, unit: {choice: {choices: [cm, in]}}}}}",
    "list": "{list: {length: {type: poisson, params: {lambda: 2}}, items: {choice: {choices: [new, eco, sale]}}}}",
    "pattern": '{pattern: {template: "{sku|lower}-{row:06d}"}}',
    "uuid": "{uuid: {version: 7}}",
    "constant": "{constant: {value: 0}}",
    "aggregate": '{aggregate: {of: order.total, op: sum, where: "total > 20"}}',
    "split": "{split: {total: order.total, method: random}}",
    "process": "{process: {kind: ou, params: {mean: 120, theta: 0.2, sigma: 18}, per: product}}",
    "plugin": "{plugin: {name: dice, args: {sides: 6}}}",
}
MODIFIER_EXAMPLES = {
    "multiply": "{transform: multiply, args: {factor: 1.19}}",
    "add": "{transform: add, args: {value: 5}}",
    "clamp": "{transform: clamp, args: {min: 0, max: 100}}",
    "round": "{transform: round, args: {digits: 2}}",
    "jitter": "{transform: jitter, args: {std: 0.05, mode: mul}}",
    "map_values": "{transform: map_values, args: {mapping: {DE: Germany, AT: Austria}}}",
    "seasonality": "{transform: seasonality, args: {dimension: month, weights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]}}",
    "time_jitter": "{transform: time_jitter, args: {std_minutes: 20}}",
    "effect": "{transform: effect, args: {effect_table: promotion, on: {}, window: {start_col: starts, end_col: ends}, "
    "map: {field: lift, op: mul, default: 1.0}}}",
    "outliers": "{transform: outliers, args: {rate: 0.01, mode: spike, magnitude_dist: {type: uniform, params: {low: 3, high: 6}}}}",
    "trend": "{transform: trend, args: {type: linear, time_reference: bought_at, params: {a: 1.0, b: 0.1}}}",
    "plugin": "{transform: plugin, name: round_to, args: {step: 5}}",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind: `is_required`, or `default` where it is left out."""

    name: str
    type: str
    is_required: bool
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A generator or modifier, as the model's classes describe it."""

    name: str
    family: str
    description: str
    parameters: tuple[Parameter, ...]
    example: str


def _beginning(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del ctx, param
    return [name for name in (*EXAMPLES, *MODIFIER_EXAMPLES) if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=_beginning)
@json_option
def generators(name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the generators and modifiers, or show the parameters and an example of NAME."""
    found = [*kinds(), *plugin_kinds()]
    if name is not None:
        found = _named(found, name)
    if as_json:
        from seedbed.cli.show import show_json

        show_json([asdict(kind) for kind in found])
    elif name is not None:
        for kind in found:
            _show(kind)
    else:
        _list(found)


def kinds() -> list[Kind]:
    """Every generator, then every modifier."""
    from seedbed.model.generators import KINDS
    from seedbed.model.schema import json_schema

    parts = json_schema()["$defs"]
    found = []
    for name in KINDS:
        field = parts["Generator"]["properties"][name]
        found.append(Kind(name, "generator", field["description"], tuple(_parameters(parts, field, "")), EXAMPLES[name]))
    for part in parts.values():
        transform = part.get("properties", {}).get("transform", {}).get("const")
        if transform is not None:
            args = part["properties"].get("args", {}) if transform != "plugin" else _without_tag(part)
            found.append(
                Kind(transform, "modifier", part["description"], tuple(_parameters(parts, args, "")), MODIFIER_EXAMPLES[transform])
            )
    return found


def _without_tag(part: dict[str, Any]) -> dict[str, Any]:
    """A modifier's part without `transform`."""
    return {**part, "properties": {key: value for key, value in part["properties"].items() if key != "transform"}}


def plugin_kinds() -> list[Kind]:
    """Every plug-in that is installed; those that cannot be loaded are told on stderr."""
    from seedbed.core.errors import PluginError
    from seedbed.read.plugins import Installed

    found = []
    for plugin in Installed().all():
        try:
            found.append(_plugin_kind(plugin))
        except PluginError as error:
            click.echo(f"warning: {error}", err=True)
    return found


def _plugin_kind(plugin: Plugin | PluginError) -> Kind:
    from seedbed.core.errors import PluginError
    from seedbed.model.plugin_schema import add_params

    if isinstance(plugin, PluginError):
        raise plugin
    parts: dict[str, Any] = {}
    parameters = tuple(_parameters(parts, add_params(parts, plugin), ""))
    needed = ", ".join(f"{each.name}: .." for each in parameters if each.is_required and "." not in each.name)
    use = f"name: {plugin.name}" + (f", args: {{{needed}}}" if needed else "")
    example = f"{{plugin: {{{use}}}}}" if plugin.family == "generator" else f"{{transform: plugin, {use}}}"
    return Kind(plugin.name, f"{plugin.family} of {plugin.origin}", plugin.description, parameters, example)


def _parameters(parts: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[Parameter]:
    for part in _objects(parts, schema):
        variant = part["properties"].get("type", {}).get("const")
        own = f"{prefix}[{variant}] " if variant else prefix
        for name, field in part["properties"].items():
            if name == "comment" or (name == "type" and variant):
                continue
            inner = _objects(parts, field)
            if inner and _is_only_objects(parts, field):
                yield from _parameters(parts, field, f"{own}{name}.")
                continue
            default = field.get("default")
            yield Parameter(f"{own}{name}", _type(parts, field), name in part.get("required", ()), default, field.get("description", ""))


def _options(schema: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return [option for option in listed if option.get("type") != "null"]


def _resolved(parts: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    ref = str(schema.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] = {"type": "generator"} if ref in _GENERATORS else parts[ref] if ref else schema
    return found


#: Classes of generators inside others, which are generators like any other.
_GENERATORS = ("Generator", "Inner")


def _objects(parts: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for option in _options(schema):
        part = _resolved(parts, option)
        if "oneOf" in part or "anyOf" in part:
            found += _objects(parts, part)
        elif "properties" in part:
            found.append(part)
    return found


def _is_only_objects(parts: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether it is an object with known keys; a map of any keys may stand in its place."""
    options = [option for option in _options(schema) if "additionalProperties" not in option or "properties" in option]
    return bool(options) and all(_objects(parts, option) for option in options)


def _type(parts: dict[str, Any], schema: dict[str, Any]) -> str:
    return " or ".join(dict.fromkeys(_one_type(parts, _resolved(parts, option)) for option in _options(schema)))


def _one_type(parts: dict[str, Any], option: dict[str, Any]) -> str:
    if "anyOf" in option or "oneOf" in option:
        return _type(parts, option)
    if "enum" in option:
        return " or ".join(map(str, option["enum"]))
    if "const" in option:
        return str(option["const"])
    if option.get("type") == "array":
        items = option.get("items") or {"anyOf": option.get("prefixItems", [{}])}
        return f"list of {_type(parts, items)}" if items else "list"
    name = str(option.get("type", "any"))
    return {"string": "text", "object": "map"}.get(name, name)


def _named(found: list[Kind], name: str) -> list[Kind]:
    from seedbed.core.errors import ModelError
    from seedbed.core.nearest import did_you_mean, one_of

    those = [kind for kind in found if kind.name == name]
    if those:
        return those
    names = list(dict.fromkeys(kind.name for kind in found))
    raise ModelError(f"there is no generator or modifier `{name}`", fix=did_you_mean(name, names) or f"there are {one_of(names, most=20)}")


def _list(found: list[Kind]) -> None:
    from seedbed.cli.show import show_table

    show_table(
        "kinds", ("name", "family", "what it does", "example"), [(kind.name, kind.family, kind.description, kind.example) for kind in found]
    )
    click.echo("`seedbed generators NAME` shows the parameters of one")


def _show(kind: Kind) -> None:
    from seedbed.cli.show import show_table

    click.echo(f"{kind.name} ({kind.family}): {kind.description}")
    rows = [(each.name, each.type, _need(each), each.description) for each in kind.parameters]
    show_table("parameters", ("name", "type", "default", "what it is"), rows)
    click.echo(f"example\n  {kind.example}")


def _need(parameter: Parameter) -> str:
    if parameter.is_required:
        return "required"
    return "-" if parameter.default is None else str(parameter.default)
