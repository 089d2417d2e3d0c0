"""Names of tables and columns that any file system, database and language takes, made of keys that may be anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED

#: Bytes of a name: PostgreSQL's 63 would cut many that others take; file systems take 255 with what is added.
_BYTES = 120
_HOSTILE = re.compile(r"[\s/\\\"'`<>|:;*?%$&(){}\[\],=\x00-\x1f\x7f\ud800-\udfff]+")

#: Words that no database takes as a bare name, and names that Windows keeps for devices.
_WORDS = frozenset(
    [
        *[
            "all",
            "and",
            "any",
            "as",
            "between",
            "by",
            "case",
            "check",
            "column",
            "constraint",
            "create",
            "cross",
            "default",
            "delete",
            "distinct",
            "drop",
            "else",
            "end",
            "except",
            "exists",
            "false",
            "for",
        ],
        *[
            "foreign",
            "from",
            "full",
            "grant",
            "group",
            "having",
            "in",
            "inner",
            "insert",
            "intersect",
            "into",
            "is",
            "join",
            "left",
            "like",
            "limit",
            "not",
            "null",
            "offset",
            "on",
            "or",
            "order",
            "outer",
        ],
        *[
            "primary",
            "references",
            "right",
            "select",
            "set",
            "table",
            "then",
            "to",
            "true",
            "union",
            "unique",
            "update",
            "user",
            "using",
            "values",
            "when",
            "where",
            "with",
        ],
        *["aux", "con", "nul", "prn", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3"],
    ]
)
_OWN = frozenset([ID, PARENT, POSITION, KEY, RESCUED])


def safe_name(key: str) -> str:
    """A name made of a key: its own text where that is safe.

    >>> [safe_name(key) for key in ("straße", "User Id", "../etc", "select", "", "_id")]
    ['straße', 'User_Id', 'etc', 'select_', 'unnamed', 'id']
    """
    name = "".join("_" if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign for sign in key)
    name = _HOSTILE.sub("_", name).strip("_. -") if not _is_safe(key) else key
    if not name:
        return "unnamed"
    if len(name.encode()) > _BYTES:
        mark = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        name = name.encode()[: _BYTES - 9].decode("utf-8", "ignore") + "_" + mark
    return name + "_" if name.casefold() in _WORDS else name


def _is_safe(key: str) -> bool:
    return key.isidentifier() and not key.startswith("_") and unicodedata.is_normalized("NFC", key)


def unlike(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Names of which no two are the same, whatever their case: later ones get a number.

    >>> unlike(["userId", "user_id", "User_Id", "USERID"])
    ['userId', 'user_id', 'User_Id_2', 'USERID_2']
    """
    used = {name.casefold() for name in (*taken, *_OWN)}
    found = []
    for name in names:
        made, number = name, 1
        while _folded(made) in used:
            number += 1
            made = f"{name}_{number}"
        used.add(_folded(made))
        found.append(made)
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def pointer(path: str, key: str) -> str:
    """The JSON pointer of a member (RFC 6901)."""
    return f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
