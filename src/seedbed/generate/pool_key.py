"""Pools of values: what a Faker method without frozen tables can give, drawn once and then chosen from.

The pools themselves are made outside (`seedbed.run.pools`); a prepared plan holds them with their hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TypeAlias

import pyarrow as pa

from seedbed.core.block import ColumnType
from seedbed.core.digest import leaf_digest
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.generators.choice import FromFile
from seedbed.model.generators.faker import Faker

#: How many values a pool holds. Duplicates stay in, so that what a method gives more often stays more frequent.
POOL_SIZE = 4096

DEFAULT_LOCALE = "en_US"

Argument: TypeAlias = "bool | int | float | str | tuple[Argument, ...] | None"


@dataclass(frozen=True, slots=True, order=True)
class PoolKey:
    """What decides a pool's values: the locale, the method and its arguments in the order of their names.

    >>> str(PoolKey.of("pystr", {"max_chars": 5}))
    'en_US.pystr(max_chars=5)'
    """

    locale: str
    method: str
    args: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, method: str, arguments: Mapping[str, object] | None = None, locale: str | None = None) -> PoolKey:
        """Make a key of what a document says; lists become tuples.

        Raises:
            ModelError: an argument is neither a single value nor a list of such.
        """
        args = tuple((name, _frozen(name, value)) for name, value in sorted((arguments or {}).items()))
        return cls((locale or DEFAULT_LOCALE).replace("-", "_"), method, args)

    @property
    def arguments(self) -> dict[str, Argument]:
        """The arguments by name."""
        return dict(self.args)

    @property
    def digest(self) -> str:
        """SHA-256 of the key, in hex: the seed of the pool's draws.

        Texts and numbers that look alike stay apart.

        >>> PoolKey.of("color").digest[:8] == PoolKey.of("color", locale="de_DE").digest[:8]
        False
        """
        text = json.dumps(["seedbed pool 1", self.locale, self.method, self.args], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.locale}.{self.method}({', '.join(f'{name}={value!r}' for name, value in self.args)})"


@dataclass(frozen=True, slots=True, order=True)
class FileKey:
    """A column of a file beside the model, as values of a type.

    >>> str(FileKey("data/countries.csv", "code", ColumnType.STRING))
    'data/countries.csv, column code'
    """

    file_path: str
    column: str
    type: ColumnType
    sheet: str = ""

    def __str__(self) -> str:
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        kind = f" as {self.type}" if self.type is not ColumnType.STRING else ""
        return f"{self.file_path}{sheet}, column {self.column}{kind}"


#: What a pool is known by.
AnyKey: TypeAlias = "PoolKey | FileKey"
Pools: TypeAlias = "Mapping[PoolKey | FileKey, pa.Array]"


def file_keys(source: FromFile, kind: ColumnType) -> tuple[FileKey, FileKey | None]:
    """The keys of a file's values, and of their weights if it has any."""
    values = FileKey(source.file_path, source.column, kind, source.sheet or "")
    if source.weight_column is None:
        return values, None
    return values, FileKey(source.file_path, source.weight_column, ColumnType.FLOAT, source.sheet or "")


def pool_key(faker: Faker, locale: str) -> PoolKey:
    """The key of the pool that a column draws from in a locale."""
    return PoolKey.of(faker.method, faker.arguments, locale)


def pool_hash(values: pa.Array) -> str:
    """SHA-256 of a pool's type and values, in hex; equal for equal values, wherever they were made.

    >>> pool_hash(pa.array([1, 2])) == pool_hash(pa.array([1, 2, 3]).slice(0, 2))
    True
    """
    return hashlib.sha256(f"seedbed pool 1\n{values.type}\n".encode() + leaf_digest(values)).hexdigest()


def _frozen(name: str, value: object) -> Argument:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return tuple(_frozen(name, item) for item in value)
    raise ModelError(f"argument `{name}` is {type(value).__name__}", fix="give a text, a number, true or false, or a list of them")
