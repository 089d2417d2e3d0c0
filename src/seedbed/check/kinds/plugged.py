"""Checks that installed packages offer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from seedbed.check.check import Check
from seedbed.check.kinds.scope import Scope, promise
from seedbed.check.values import RowCheck
from seedbed.check.view import Mask, UnreadableError, View
from seedbed.core.errors import PluginError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.plugins import Plugin
from seedbed.core.records import dataclass
from seedbed.model.checks.values import PluginCheck
from seedbed.model.plugins import Params


def plugin(spec: PluginCheck, scope: Scope) -> Iterator[Check]:
    """Values that a plug-in judges."""
    try:
        found = scope.plugins.find("check", spec.name)
    except PluginError as error:
        raise UnreadableError(error.problems[0].message) from error
    if found is None:
        names = scope.plugins.names("check")
        hint = did_you_mean(spec.name, names) or (f"installed: {one_of(names)}" if names else "none is installed")
        raise UnreadableError(f"there is no check `{spec.name}` among the plug-ins; {hint}")
    test_args = json.dumps(spec.args, sort_keys=True)
    _params(found, test_args)
    for name in scope.columns(spec.each):
        about = promise(spec, scope, (name,), found.description.rstrip("."), name=f"{scope.table}.{name}.{spec.name}")
        yield RowCheck(about, Judged(name, found, test_args))


def _params(found: Plugin, args: str) -> Params:
    """The arguments as the plug-in's own class holds them."""
    kind = getattr(found.maker, "Params", None)
    if not (isinstance(kind, type) and issubclass(kind, Params) and callable(getattr(found.maker, "failing", None))):
        raise UnreadableError(f"{found.label} has no class `Params` or no method `failing`")
    try:
        return kind.model_validate_json(args)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableError(f"`args.{place}` of {found.label}: {first['msg']}") from error


@dataclass(frozen=True, slots=True)
class Judged:
    """Every value passes a plug-in's check; `args` are its arguments as JSON."""

    column: str
    plugin: Plugin
    args: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The values that fail."""
        array = view.typed(self.column)
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        known = view.valid(self.column)
        values = array.drop_null()
        broken = np.zeros(view.rows, np.bool_)
        if not len(values):
            return broken
        try:
            found = np.asarray(self.plugin.maker().failing(values, _params(self.plugin, self.args)))
        except Exception as error:
            raise UnreadableError(f"{self.plugin.label} fails: {type(error).__name__}: {error}") from error
        if found.dtype != np.bool_ or found.shape != (len(values),):
            raise UnreadableError(f"{self.plugin.label} gave {found.dtype} of shape {found.shape}, not one truth value for each value")
        broken[slice(None) if known is None else known] = found
        return broken
