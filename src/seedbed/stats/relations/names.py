"""Names of tables and columns as words, and how well a column's name fits a table's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from seedbed.stats.relations.vocabulary import KEY_WORDS, MEASURES, PEOPLE, ROLES, SELF

#: Words that end in "id" by chance.
_NO_IDS = ("paid", "void", "valid", "solid", "fluid", "grid", "brid", "droid", "covid", "raid", "rapid", "acid", "humid", "liquid", "amid")

_HUMP = re.compile("[A-Z]+(?![a-z\u0080-\U0010ffff])|[A-Z]?[a-z\u0080-\U0010ffff]+|[0-9]+")
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "indices": "index", "data": "data"}
_UNCHANGED = ("ss", "us", "is", "news", "series", "species", "status", "address")


@lru_cache(maxsize=16_384)
def words(name: str) -> tuple[str, ...]:
    """A name's words in lower case, each in the singular.

    >>> words("customerIDs"), words("ORDER_LINES"), words("HTTPStatusCode"), words("Categories")
    (('customer', 'id'), ('order', 'line'), ('http', 'status', 'code'), ('category',))
    """
    spaced = re.sub(r"IDs\b", "Ids", name)
    found = [word for part in re.split(r"[\W_]+", spaced) for word in _HUMP.findall(part if not part.isupper() else part.lower())]
    return tuple(singular(word.lower()) for word in found)


def singular(word: str) -> str:
    """An English word in the singular, as far as its ending tells.

    >>> [singular(word) for word in ("boxes", "cities", "buses", "classes", "cases", "status", "movies")]
    ['box', 'city', 'bus', 'class', 'case', 'status', 'movie']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word.endswith(_UNCHANGED):
        return word if word != "ids" else "id"
    if word.endswith("ies"):
        return word[:-1] if word in ("movies", "cookies", "series") else word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zzes", "buses", "uses")) and not word.endswith(("houses", "causes", "clauses")):
        return word[:-2]
    return word.removesuffix("s")


def table_words(table: str, others: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """A table's words without the prefixes that many tables share (`tbl`, `dim`, a schema's); `others` are first words of all tables."""
    found = words(table)
    while len(found) > 1 and (found[0] in {"tbl", "dim", "fact", "fct", "stg", "raw", "ref", "t", "tb"} or found[0] in others):
        found = found[1:]
    return found


def is_measure(column: str) -> bool:
    """Whether a column's name says that it counts or measures something.

    >>> is_measure("line_total"), is_measure("customer_id"), is_measure("year_id")
    (True, False, False)
    """
    said = words(column)
    return bool(said) and not KEY_WORDS & set(said) and bool(MEASURES & set(said[-2:]))


def says_key(column: str) -> bool:
    """Whether a column's name says that it names something."""
    said = words(column)
    return bool(said) and (said[-1] in KEY_WORDS or said[0] in ("id", "fk", "uuid", "guid") or _ends_in_id(column))


def _ends_in_id(column: str) -> bool:
    """`customerid`, but not `paid`."""
    return column.isalpha() and len(column) > 5 and column.lower().endswith("id") and not column.lower().endswith(_NO_IDS)


def name_fit(column: str, table: str, key: str, others: frozenset[str] = frozenset()) -> tuple[float, str]:
    """How well a column's name fits being a reference to `table`.`key`, from 0 to 1, and why.

    >>> name_fit("customer_id", "customers", "id")
    (1.0, 'named after the table and its key')
    >>> name_fit("billing_address_id", "address", "address_id")[0], name_fit("quantity", "product", "id")[0]
    (0.9, 0.0)
    """
    said, target = words(column), table_words(table, others)
    core, key_core = _core(said), _core(words(key))
    if said == words(key) and key_core:
        return 1.0, "named as the key"
    if core and core == target:
        return 1.0, "named after the table and its key"
    joined = "".join(target)
    if (core and "".join(core) == joined) or (_glued(column) == joined):
        return 0.97, "named after the table"
    if core and len(core) > len(target) and core[-len(target) :] == target:
        return 0.9, f"`{' '.join(core[: -len(target)])}` {' '.join(target)}"
    if key_core and len(core) > len(key_core) and core[-len(key_core) :] == key_core:
        return 0.88, "ends in the key's name"
    return _by_part(core, target) if core else (0.0, "")


def _by_part(core: tuple[str, ...], target: tuple[str, ...]) -> tuple[float, str]:
    if len(target) > len(core) and target[-len(core) :] == core:
        return 0.75, "named after the end of the table's name"
    if len(core) > len(target) and core[: len(target)] == target:
        return 0.72, "begins with the table's name"
    if shortens(core[-1], target[-1]):
        return 0.7, "short for the table's name"
    return _by_role(core, target)


def _by_role(core: tuple[str, ...], target: tuple[str, ...]) -> tuple[float, str]:
    if core and core[-1] == "by" and target[-1] in PEOPLE:
        return 0.6, "somebody who did something"
    if core and set(core) & ROLES and target[-1] in PEOPLE | ROLES:
        return 0.6, "a person in a role"
    if core and target and core[0] == target[0] and len(target) > 1:
        return 0.4, "begins alike"
    return 0.0, ""


def self_fit(column: str, table: str, key: str, others: frozenset[str] = frozenset()) -> tuple[float, str]:
    """The same for a reference to a row of the column's own table."""
    core = _core(words(column))
    if set(core) & SELF:
        return 0.9, "names another row of its table"
    if words(column) == words(key):
        return 0.0, ""
    fit, why = name_fit(column, table, key, others)
    if fit >= 0.9 and len(core) > len(table_words(table, others)):
        return fit, why
    if set(core) & ROLES and table_words(table, others)[-1] in PEOPLE:
        return 0.8, "a person in a role, of the same table"
    return min(fit, 0.5), why


def _core(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those that only say that something is named."""
    while len(said) > 1 and said[-1] in KEY_WORDS:
        said = said[:-1]
    while len(said) > 1 and said[0] in ("fk", "id", "ref"):
        said = said[1:]
    return () if len(said) == 1 and said[0] in KEY_WORDS else said


def _glued(column: str) -> str:
    """`customerid` without its ending."""
    lower = column.lower()
    for ending in ("_id", "id", "_key", "key", "_code", "code", "_no"):
        if lower.endswith(ending) and len(lower) > len(ending) + 2:
            return singular(lower.removesuffix(ending))
    return lower


def shortens(short: str, long: str) -> bool:
    """`dept` for department, `cust` for customer."""
    if len(short) < 3 or len(short) >= len(long) or short[0] != long[0]:
        return False
    if long.startswith(short):
        return True
    letters = iter(long)
    return len(short) <= 5 and all(letter in letters for letter in short)


def shared_prefixes(tables: Iterable[str]) -> frozenset[str]:
    """First words that most tables share, and that tell nothing of any.

    >>> sorted(shared_prefixes(["shop_order", "shop_item", "shop_customer"]))
    ['shop']
    """
    firsts = [said[0] for table in tables if len(said := words(table)) > 1]
    count = len(list(firsts))
    return frozenset(word for word in set(firsts) if count > 2 and firsts.count(word) > 0.8 * count)
