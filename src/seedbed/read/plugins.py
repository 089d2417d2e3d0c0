"""Plug-ins of installed packages, found by their entry points and loaded when a model names them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points

from seedbed.core.errors import PluginError
from seedbed.core.nearest import one_of
from seedbed.core.plugins import FAMILIES, Family, Plugin

#: The groups of entry points.
GROUPS: dict[Family, str] = {"generator": "seedbed.generators", "modifier": "seedbed.modifiers", "check": "seedbed.checks"}


class Installed:
    """The plug-ins of all packages that Python finds; nothing is looked for before the first question."""

    def names(self, family: Family) -> tuple[str, ...]:
        """The names of those there are, in order, without loading any."""
        return tuple(sorted({name for kind, name in self._offers if kind == family}))

    def find(self, family: Family, name: str) -> Plugin | None:
        """The plug-in of a name, loaded; None where there is none.

        Raises:
            PluginError: it cannot be loaded, or several packages offer the name.
        """
        offers = self._offers.get((family, name), [])
        if len(offers) > 1:
            packages = one_of(sorted({_origin(offer)[0] for offer in offers}))
            raise PluginError(f"several packages offer the {family} `{name}`: {packages}", fix="uninstall all but one of them")
        return _loaded(family, offers[0]) if offers else None

    def all(self) -> Iterator[Plugin | PluginError]:
        """Every plug-in, loaded, or what keeps it from being so."""
        for family in FAMILIES:
            for name in self.names(family):
                try:
                    found = self.find(family, name)
                    assert found is not None
                    yield found
                except PluginError as error:
                    yield error

    @cached_property
    def _offers(self) -> dict[tuple[Family, str], list[EntryPoint]]:
        found: dict[tuple[Family, str], list[EntryPoint]] = {}
        for family, group in GROUPS.items():
            for point in entry_points(group=group):
                found.setdefault((family, point.name), []).append(point)
        return found


def _origin(point: EntryPoint) -> tuple[str, str]:
    """The package that offers something, and its version."""
    return (point.dist.name, point.dist.version) if point.dist is not None else (point.module, "")


def _loaded(family: Family, point: EntryPoint) -> Plugin:
    package, version = _origin(point)
    try:
        found = point.load()
    except Exception as error:
        message = f"the {family} `{point.name}` of {package} {version} cannot be loaded: {type(error).__name__}: {error}"
        raise PluginError(message, where=point.value, fix=f"pip install --force-reinstall {package}, or uninstall it") from error
    if not isinstance(found, type):
        raise PluginError(
            f"the {family} `{point.name}` of {package} {version} is no class", where=point.value, fix=f"tell the authors of {package}"
        )
    return Plugin(family, point.name, package, version, found)
