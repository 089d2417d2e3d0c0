"""Builds pools of values with Faker, and keeps them on disk.

Faker is loaded here and nowhere else, and only when a model uses one of its methods that has neither frozen tables nor a
pattern. A pool is drawn without weighting, seeded from its key, at a fixed moment, so that it is the same on every machine
with the same Faker; its hash is part of the prepared plan.
"""

from __future__ import annotations

import datetime as dt
import inspect
import os
import random  # noqa: TID251 - some of Faker's methods draw from it behind the back of Faker's own generator
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa

from seedbed.core.errors import ModelError, PluginError
from seedbed.core.nearest import did_you_mean
from seedbed.core.text import string_array
from seedbed.generate.frozen import frozen_methods
from seedbed.generate.native import native_methods
from seedbed.generate.pool_key import POOL_SIZE, Argument, PoolKey, pool_hash

#: Faker's "now": methods such as `date_of_birth` count from here, whenever the pool is built.
NOW = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC)

MOST_CHARACTERS = 10_000  # of one value, so that a pool stays below 40 MB
_LARGEST_SIZE = 100_000  # of an argument that asks for a number of words, characters or items
_SIZE_WORDS = ("nb", "num", "max_nb", "max_chars", "min_chars", "length", "digits", "count")
_REFUSALS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, ImportError, NotImplementedError, OSError, RecursionError)
_lock = threading.Lock()  # building swaps Faker's clock and seeds Python's generator


def load_pool(key: PoolKey, cache_dir: Path | None = None) -> pa.Array:
    """The values of a pool, 4,096 as drawn: from the disk if they are there and whole, else built and, where possible, kept.

    `cache_dir` is by default `seedbed/pools` in the user's cache directory. Strings, 64-bit integers, floats, booleans,
    dates or times to the microsecond; nulls where Faker gives None.

    Raises:
        ModelError: the method, locale or an argument is unknown, or the method gives no single values.
        PluginError: Faker isn't installed.
    """
    folder = default_cache_dir() if cache_dir is None else cache_dir
    path = folder / f"{key.digest[:32]}-{_faker_version()}.arrow"
    found = _read(path)
    if found is not None:
        return found
    values = build_pool(key)
    _keep(path, values)
    return values


def build_pool(key: PoolKey) -> pa.Array:
    """Draw a pool's values, shape (4096,).

    Raises:
        ModelError: the method, locale or an argument is unknown, or the method gives no single values.
        PluginError: Faker isn't installed.
    """
    method = _method(key)
    _check_arguments(key, method)
    seed = int(key.digest[:16], 16)
    with _lock, _fixed_clock(), _seeded_random(seed):
        method.__self__.generator.seed_instance(seed)
        return _as_array(key, _drawn(key, method))


def faker_methods() -> list[str]:
    """The names a model may use with `faker`: our own and, where it is installed, all of Faker's for `en_US`; sorted."""
    own = {*frozen_methods(), *native_methods()}
    with suppress(PluginError):
        own |= _provided("en_US").keys()
    return sorted(own)


def default_cache_dir() -> Path:
    """`seedbed/pools` in `$XDG_CACHE_HOME`, or in `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path("~/.cache").expanduser()) / "seedbed" / "pools"


# ------------------------------------------------------------------------------------------ Faker itself


def _faker() -> ModuleType:
    try:
        import faker
    except ImportError as error:
        raise _missing() from error
    return faker


def _faker_version() -> str:
    """The version installed, known without loading it: pools kept on disk don't need Faker itself."""
    try:
        return metadata.version("Faker")
    except metadata.PackageNotFoundError as error:
        raise _missing() from error


def _missing() -> PluginError:
    return PluginError("this method needs Faker, which is not installed", fix="pip install 'seedbed[faker]'")


def _available_locales() -> Sequence[str]:
    _faker()
    from faker.config import AVAILABLE_LOCALES

    return sorted(AVAILABLE_LOCALES)


@cache
def _provided(locale: str) -> dict[str, Callable[..., object]]:
    """Faker's methods of a locale by name; of several providers with one name the first that Faker asks."""
    if locale not in _available_locales():
        alike = [known for known in _available_locales() if known[:3] == f"{locale[:2]}_"]
        near = did_you_mean(locale, alike) or did_you_mean(locale, _available_locales())
        raise ModelError(f"Faker has no locale `{locale}`", fix=near or "use one such as `en_US`, or leave it out")
    generator = _faker().Faker(locale, use_weighting=False).factories[0]
    generator.seed_instance(0)  # gives it a generator of its own, which providers then hold on to
    found: dict[str, Callable[..., object]] = {}
    for provider in generator.get_providers():
        for name, method in inspect.getmembers(provider, inspect.ismethod):
            if not name.startswith("_") and method.__self__ is provider:
                found.setdefault(name, method)
    return found


def _method(key: PoolKey) -> Any:
    provided = _provided(key.locale)
    if key.method not in provided:
        known = {*provided, *frozen_methods(), *native_methods()}
        near = did_you_mean(key.method, known)
        raise ModelError(f"there is no method `{key.method}` for `{key.locale}`", fix=near or "`seedbed generators` names them all")
    return provided[key.method]


def _check_arguments(key: PoolKey, method: Callable[..., object]) -> None:
    try:
        inspect.signature(method).bind(**key.arguments)
    except TypeError as error:
        known = [name for name in inspect.signature(method).parameters if name not in {"args", "kwargs"}]
        unknown = next((name for name in key.arguments if name not in known), "")
        near = did_you_mean(unknown, known)
        takes = f"it takes {', '.join(f'`{name}`' for name in known)}" if known else "it takes none"
        raise ModelError(f"`{key.method}`: {error}", fix=near or takes) from error
    for name, value in key.args:
        if name.startswith(_SIZE_WORDS) and isinstance(value, int) and value > _LARGEST_SIZE:
            raise ModelError(f"`{name}` of `{key.method}` is {value}", fix=f"give at most {_LARGEST_SIZE}")


# ------------------------------------------------------------------------------------------- a fixed clock


class _Kind(type):
    """Instances of the class it stands for count as its own."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


class _Date(dt.date, metaclass=_Kind):
    """A date whose today never changes."""

    @classmethod
    def today(cls) -> _Date:
        """1 July 2025."""
        return cls(NOW.year, NOW.month, NOW.day)


class _Datetime(dt.datetime, metaclass=_Kind):
    """A time whose now never changes, and whose own zone is UTC."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> _Datetime:
        """Noon of 1 July 2025 in UTC."""
        fixed = cls(NOW.year, NOW.month, NOW.day, NOW.hour, tzinfo=dt.UTC)
        return fixed.replace(tzinfo=None) if tz is None else fixed.astimezone(tz)

    @classmethod
    def today(cls) -> _Datetime:
        """The same without a zone."""
        return cls.now()

    def astimezone(self, tz: dt.tzinfo | None = None) -> _Datetime:
        """The same moment elsewhere; without a zone it is in UTC, wherever the machine is."""
        known = self if self.tzinfo is not None else self.replace(tzinfo=dt.UTC)
        return super(_Datetime, known).astimezone(tz or dt.UTC)


_SHIM = SimpleNamespace(
    **{name: getattr(dt, name) for name in dir(dt) if not name.startswith("__")} | {"date": _Date, "datetime": _Datetime}
)
_FIXED = {id(dt.date): _Date, id(dt.datetime): _Datetime, id(dt): _SHIM}


@contextmanager
def _fixed_clock() -> Iterator[None]:
    """Let all modules of Faker see the fixed clock; put theirs back afterwards."""
    swapped: list[tuple[ModuleType, str, object]] = []
    for module in [module for name, module in sys.modules.items() if name.startswith("faker.")]:
        for name, value in list(vars(module).items()):
            if id(value) in _FIXED:
                swapped.append((module, name, value))
                setattr(module, name, _FIXED[id(value)])
    try:
        yield
    finally:
        for module, name, value in swapped:
            setattr(module, name, value)


@contextmanager
def _seeded_random(seed: int) -> Iterator[None]:
    """Seed Python's shared generator, and put its state back afterwards."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


# --------------------------------------------------------------------------------------------- the values


def _drawn(key: PoolKey, method: Callable[..., object]) -> list[object]:
    from faker.exceptions import BaseFakerException

    arguments: dict[str, Argument] = key.arguments
    try:
        first = _scalar(key, method(**arguments))
        return [first, *(_scalar(key, method(**arguments)) for _ in range(POOL_SIZE - 1))]
    except (*_REFUSALS, BaseFakerException) as error:
        raise ModelError(f"Faker's `{key.method}` fails: {error}", fix="look at its arguments") from error


def _scalar(key: PoolKey, value: object) -> object:
    """A value as it is stored: numbers of any precision as floats, times of day as text."""
    if isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            raise ModelError(f"`{key.method}` gives texts of {len(value)} characters", fix=f"ask for at most {MOST_CHARACTERS}")
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | dt.date):
        return value
    raise ModelError(
        f"`{key.method}` gives {type(value).__name__}, not a single value",
        fix="use a method that gives a text, number, date or truth value",
    )


_KINDS: tuple[tuple[type | tuple[type, ...], Callable[[list[Any]], pa.Array]], ...] = (
    (bool, lambda values: pa.array(values, pa.bool_())),
    (int, lambda values: pa.array(values, pa.int64())),
    ((int, float), lambda values: pa.array([None if value is None else float(value) for value in values], pa.float64())),
    (dt.datetime, lambda values: pa.array([_micros(value) for value in values], pa.int64()).cast(pa.timestamp("us"))),
    (
        dt.date,
        lambda values: pa.array([None if value is None else (value - dt.date(1970, 1, 1)).days for value in values], pa.int32()).cast(
            pa.date32()
        ),
    ),
)


def _as_array(key: PoolKey, values: list[object]) -> pa.Array:
    """One Arrow array; what is of several kinds becomes text."""
    present = [value for value in values if value is not None]
    if not present:
        raise ModelError(f"`{key.method}` gives nothing for `{key.locale}`", fix="use another method")
    if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in present):
        values = [None if value is None else str(value) for value in values]
        present = [value for value in values if value is not None]
    for kind, convert in _KINDS:
        if all(isinstance(value, kind) and isinstance(value, bool) is (kind is bool) for value in present):
            return convert(values)
    texts = string_array(["" if value is None else str(value) for value in values])
    return texts if len(present) == len(values) else _with_nulls(texts, [value is not None for value in values])


def _micros(value: dt.datetime | None) -> int | None:
    if value is None:
        return None
    moment = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _with_nulls(texts: pa.StringArray, valid: list[bool]) -> pa.StringArray:
    bitmap = pa.array(valid, pa.bool_()).buffers()[1]
    _, offsets, data = texts.buffers()
    return pa.StringArray.from_buffers(len(texts), offsets, data, bitmap)


# ----------------------------------------------------------------------------------------------- the disk


def _read(path: Path) -> pa.Array | None:
    """A pool kept earlier, None if there is none or it isn't what was written."""
    try:
        with pa.OSFile(str(path)) as source:
            batch = pa.ipc.open_file(source).read_all().combine_chunks().to_batches()[0]
    except (OSError, pa.ArrowException, IndexError):
        return None
    wanted = (batch.schema.metadata or {}).get(b"hash", b"").decode()
    return batch.column(0) if pool_hash(batch.column(0)) == wanted else None


def _keep(path: Path, values: pa.Array) -> None:
    """Write a pool beside its place and rename it; a directory that can't be written is no reason to fail."""
    schema = pa.schema([pa.field("value", values.type)], metadata={"hash": pool_hash(values)})
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                writer.write_batch(pa.record_batch([values], schema=schema))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
