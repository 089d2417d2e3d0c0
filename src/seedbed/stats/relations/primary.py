"""Primary keys: columns, single or together, that name rows, by uniqueness, names and places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from seedbed.stats.relations.evidence import ColumnEvidence
from seedbed.stats.relations.found import PrimaryKey, TableEvidence
from seedbed.stats.relations.names import is_measure, says_key, shortens, table_words, words
from seedbed.stats.relations.vocabulary import KEY_WORDS

#: How many of a table's values may be equal to others', or missing, where somebody was careless.
_CARELESS = 0.05

#: Words of columns that tell something about a row rather than name it.
_TELLING = frozenset(
    ["address", "comment", "description", "email", "mail", "name", "note", "password", "path", "phone", "text", "title", "token", "url"]
)

#: Columns that are part of a key though they name nothing by themselves.
_ORDER = frozenset(
    [
        "date",
        "day",
        "index",
        "line",
        "month",
        "number",
        "ordinal",
        "period",
        "position",
        "seq",
        "sequence",
        "step",
        "time",
        "timestamp",
        "version",
        "week",
        "year",
    ]
)

#: The widest key, and the most columns that are looked at for it.
_WIDEST, _COLUMNS = 4, 10

#: The number of different values that some columns of a table have together, rows with a null left out, and of such rows.
CountTogether = Callable[[str, tuple[str, ...]], tuple[float, int]]


def primary_key(table: TableEvidence, together: CountTogether, others: frozenset[str] = frozenset()) -> PrimaryKey | None:
    """The columns that name a table's rows, or None.

    `others` are first words that table names share and that mean nothing.
    """
    if not table.rows:
        return None
    singles = sorted(_singles(table, others), key=lambda key: -key.confidence)
    if singles and singles[0].confidence >= 0.6:
        return singles[0]
    wider = _composite(table, together, frozenset(key.columns[0] for key in singles))
    candidates = [key for key in (*singles[:1], wider) if key is not None]
    best = max(candidates, key=lambda key: key.confidence, default=None)
    return best if best is not None and best.confidence >= 0.5 else None


def _singles(table: TableEvidence, others: frozenset[str]) -> Iterator[PrimaryKey]:
    for place, (name, column) in enumerate(table.columns.items()):
        if column.family not in ("whole", "text") or column.null_share > _CARELESS or column.uniqueness < 1 - _CARELESS:
            continue
        fit, why = _name(name, table.name, others)
        score = 0.35 + 0.1 * (1 - (1 - min(1.0, column.uniqueness)) / _CARELESS) + fit + (0.1 if place == 0 else 0.0)
        if is_measure(name) or column.longest > 128:
            score -= 0.4
        elif place == 0 and not set(words(name)) & _TELLING:
            score += 0.15
        told = ["every value differs" if column.uniqueness >= 1 else f"{column.uniqueness:.1%} of the values differ"]
        told += [why] if why else []
        told += ["stands first"] if place == 0 else []
        yield PrimaryKey(table.name, (name,), _held(score), min(1.0, column.uniqueness), tuple(told))


def _name(column: str, table: str, others: frozenset[str]) -> tuple[float, str]:
    said, target = words(column), table_words(table, others)
    core = tuple(word for word in said if word not in KEY_WORDS)
    if not core:
        return 0.42, f"`{column}` says that it names rows"
    if core in (target, target[-1:]) or "".join(core) == "".join(target) or _is_glued(column, target):
        return (0.45, "named after the table") if says_key(column) or len(said) > len(core) else (0.3, "has the table's name")
    if says_key(column) and target[: len(core)] == core:
        return 0.25, "begins as the table's name does"
    if says_key(column) and any(shortens(core[-1], word) for word in target):
        return 0.35, "short for the table's name"
    if set(said) & _TELLING:
        return -0.15, ""
    return (0.1, "named as a key") if says_key(column) else (0.0, "")


def _is_glued(column: str, target: tuple[str, ...]) -> bool:
    lower = column.lower().replace("_", "")
    return any(lower == "".join(target) + ending for ending in ("id", "key", "code", "no", "nr", "number", "uuid"))


def _composite(table: TableEvidence, together: CountTogether, singles: frozenset[str]) -> PrimaryKey | None:
    """The best of the narrowest keys of several columns, none of which is one by itself."""
    chosen = [name for name, column in table.columns.items() if name not in singles and _may_be_part(column)]
    chosen.sort(key=lambda name: -_part_fit(name))  # stable: of equal ones the first
    chosen = chosen[:_COLUMNS]
    for width in range(2, _WIDEST + 1):
        found = [key for columns in combinations(chosen, width) if (key := _tried(table, columns, together)) is not None]
        if found:
            return max(found, key=lambda key: key.confidence)
    return None


def _may_be_part(column: ColumnEvidence) -> bool:
    return column.family in ("whole", "text", "moment") and column.null_share <= _CARELESS and column.distinct > 1 and column.longest <= 128


def _part_fit(name: str) -> float:
    said = set(words(name))
    if says_key(name):
        return 1.0
    if said & _ORDER:
        return 0.8
    return 0.1 if said & _TELLING or is_measure(name) else 0.4


def _tried(table: TableEvidence, columns: tuple[str, ...], together: CountTogether) -> PrimaryKey | None:
    possible = 1.0
    for name in columns:
        possible *= table.columns[name].distinct
    if possible < (1 - _CARELESS) * table.rows:
        return None
    distinct, rows = together(table.name, columns)
    uniqueness = min(1.0, distinct / max(1, rows))
    if uniqueness < 1 - _CARELESS:
        return None
    names = list(table.columns)
    ordered = tuple(sorted(columns, key=names.index))
    fit = sum(map(_part_fit, columns)) / len(columns)
    early = 1 - sum(names.index(name) for name in columns) / len(columns) / max(1, len(names))
    score = 0.3 + 0.1 * (1 - (1 - uniqueness) / _CARELESS) + 0.4 * fit + 0.1 * early
    return PrimaryKey(table.name, ordered, _held(score), uniqueness, (f"{uniqueness:.1%} of the rows differ in these together",))


def _held(score: float) -> float:
    return max(0.0, min(0.99, score))
