"""Grow realistic, relational data from one document.

    import seedbed

    model = seedbed.load("bank.json")
    plan = seedbed.plan(model, seed=7)
    plan.block("customer", 0, 1000)        # a pyarrow.RecordBatch: the same rows on any machine
    seedbed.generate(model, "out/bank")    # every table as Parquet

The names below are imported when they are first used, so that `import seedbed` loads neither NumPy nor Arrow.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from seedbed.core.version import __version__

if TYPE_CHECKING:
    from seedbed.check.results import Report
    from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError, Problem, SeedbedError
    from seedbed.run.api import Dataset, generate, load, loads, plan
    from seedbed.run.collect.collect import Collected, collect
    from seedbed.run.infer import Inferred, infer
    from seedbed.run.profile import Profile, profile
    from seedbed.run.relations import Relations, relations
    from seedbed.run.seals import Verification, verify
    from seedbed.run.validate import validate

__all__ = [
    "Collected",
    "DataError",
    "Dataset",
    "EdgeError",
    "Inferred",
    "ModelError",
    "PluginError",
    "Problem",
    "Profile",
    "Relations",
    "Report",
    "SeedbedError",
    "Verification",
    "__version__",
    "collect",
    "generate",
    "infer",
    "load",
    "loads",
    "plan",
    "profile",
    "relations",
    "validate",
    "verify",
]

_HOMES = {
    "seedbed.core.errors": ("DataError", "EdgeError", "ModelError", "PluginError", "Problem", "SeedbedError"),
    "seedbed.run.api": ("Dataset", "generate", "load", "loads", "plan"),
    "seedbed.check.results": ("Report",),
    "seedbed.run.validate": ("validate",),
    "seedbed.run.seals": ("Verification", "verify"),
    "seedbed.run.collect.collect": ("Collected", "collect"),
    "seedbed.run.profile": ("Profile", "profile"),
    "seedbed.run.infer": ("Inferred", "infer"),
    "seedbed.run.relations": ("Relations", "relations"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def _public(name: str) -> object:
    """Import the public name `name` from its home; AttributeError when there is none."""
    home = _HOME_OF.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)


if not TYPE_CHECKING:  # a type checker shall see a misspelt name
    __getattr__ = _public


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)


def _verb(name: str) -> property:
    """Make a module attribute that stays the public function `name`.

    The folders `plan/` and `generate/` are named as the verbs are, and importing a folder sets it as an attribute of
    its parent: the setter lets that pass, so `seedbed.plan(...)` works whatever was imported before.
    """

    def get(_: ModuleType) -> object:
        return _public(name)

    def keep(_: ModuleType, folder: ModuleType) -> None:
        del folder

    return property(get, keep)


class _Package(ModuleType):
    generate = _verb("generate")
    plan = _verb("plan")


sys.modules[__name__].__class__ = _Package
