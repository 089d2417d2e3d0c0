"""What names a pool of values of one of Faker's methods."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import pyarrow as pa

from seedbed.model.generators.faker import Faker


@dataclass(frozen=True, slots=True)
class PoolKey:
    """A method of Faker with its locale and arguments (JSON text, keys sorted)."""

    locale: str
    method: str
    arguments: str = "{}"

    def __str__(self) -> str:
        return f"{self.locale}/{self.method}{'' if self.arguments == '{}' else self.arguments}"


def pool_key(faker: Faker, locale: str) -> PoolKey:
    """The key of the pool that a column draws from in a locale."""
    return PoolKey(locale, faker.method, json.dumps(faker.arguments, sort_keys=True))


def pool_hash(values: pa.Array) -> str:
    """SHA-256 over a pool's type and values, 64 hexadecimal digits."""
    digest = hashlib.sha256(str(values.type).encode())
    for value in values.to_pylist():
        data = repr(value).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
