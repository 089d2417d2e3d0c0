"""What the place of a table's rows is called at a broker: a pattern with the table's name in it."""

from __future__ import annotations

import re

from seedbed.core.errors import ModelError
from seedbed.outside.brokers import Address

#: Where the table's name goes.
TABLE = "{table}"


def pattern(at: Address, default: str = TABLE) -> str:
    """The pattern that an address asks for by `topic=`.

    Raises:
        ModelError: it is empty, or something else than `{table}` stands in braces.
    """
    return checked(at.options.get("topic", default), at.shown)


def checked(text: str, place: str) -> str:
    """A pattern, if it is one.

    Raises:
        ModelError: it is empty, or something else than `{table}` stands in braces.
    """
    other = next((found for found in re.findall(r"\{[^}]*\}?", text) if found != TABLE), None)
    if other or not text:
        message = f"`{other}` stands for nothing" if other else "a topic without a name"
        raise ModelError(message, where=place, fix="write {table} where the table's name goes")
    return text


def named(pattern: str, table: str) -> str:
    """The pattern with a table's name.

    >>> named("shop.{table}.v1", "user")
    'shop.user.v1'
    """
    return pattern.replace(TABLE, table)
