"""Foreign keys: columns whose values are keys of other tables, by names, values and how they are spread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from seedbed.stats.relations.evidence import ColumnEvidence
from seedbed.stats.relations.found import PrimaryKey, Relation, TableEvidence
from seedbed.stats.relations.names import is_measure, name_fit, says_key, self_fit, words

#: What is told is at least as sure as this.
ACCEPTED = 0.58

#: Of rows' values so many are keys, where the name is plain, and where it is not.
_PLAIN, _VAGUE = 0.9, 0.97
_IS_PLAIN = 0.85

#: The share of rows whose values in some columns are values of other columns of another table.
CoverTogether = Callable[[str, tuple[str, ...], str, tuple[str, ...]], float]


def foreign_keys(
    tables: Mapping[str, TableEvidence],
    keys: Mapping[str, PrimaryKey],
    together: CoverTogether,
    others: frozenset[str] = frozenset(),
) -> list[Relation]:
    """The references among tables, the best for each column, in the tables' order.

    `keys` are the tables' primary keys; other columns in which all rows differ are targets only for columns of the same name.
    """
    found: list[Relation] = []
    for table in tables.values():
        for column in table.columns.values():
            best = _best(table, column, tables, keys, others)
            if best is not None:
                found.append(best)
    wider = list(_composite(tables, keys, together, others))
    return [*(one for one in found if not _follows_from(one, wider, found)), *wider]


def _best(
    table: TableEvidence,
    column: ColumnEvidence,
    tables: Mapping[str, TableEvidence],
    keys: Mapping[str, PrimaryKey],
    others: frozenset[str],
) -> Relation | None:
    if column.family not in ("whole", "text") or not column.values.distinct or is_measure(column.name):
        return None
    candidates = [one for target in tables.values() for one in _towards(table, column, target, keys, others)]
    if not candidates:
        return None
    candidates.sort(key=lambda pair: (-pair[0].confidence, pair[1]))
    plausible = {one.to_table for one, _ in candidates}
    best, _ = candidates[0]
    if best.confidence < ACCEPTED and len(plausible) == 1 and says_key(column.name) and best.coverage >= _VAGUE:
        best = replace(best, confidence=ACCEPTED, evidence=(*best.evidence, "no other table has all its values"))
    return best if best.confidence >= ACCEPTED else None


def _towards(
    table: TableEvidence, column: ColumnEvidence, target: TableEvidence, keys: Mapping[str, PrimaryKey], others: frozenset[str]
) -> Iterator[tuple[Relation, int]]:
    """How sure it is that a column refers to each key of a table, and how many rows the table has."""
    primary = keys.get(target.name)
    own = keys.get(table.name)
    for key in target.columns.values():
        is_primary = primary is not None and primary.columns == (key.name,)
        is_itself = table.name == target.name and key.name == column.name
        if is_itself or key.family != column.family or not (is_primary or _is_alternate(key)):
            continue
        is_own_key = own is not None and own.columns == (column.name,)
        if is_own_key and table.name == target.name:
            continue
        fit, why = (self_fit if table.name == target.name else name_fit)(column.name, target.name, key.name, others)
        if not is_primary and words(column.name) != words(key.name):
            continue
        if is_own_key and not _is_extension(table, column, target, key, fit, others):
            continue
        scored = _scored(table, column, target, key, fit, why)
        if scored is not None:
            yield (scored if is_primary else replace(scored, confidence=scored.confidence - 0.1)), target.rows


def _is_alternate(key: ColumnEvidence) -> bool:
    return key.uniqueness >= 0.999 and key.null_share == 0 and says_key(key.name) and key.rows > 1


def _is_extension(
    table: TableEvidence, column: ColumnEvidence, target: TableEvidence, key: ColumnEvidence, fit: float, others: frozenset[str]
) -> bool:
    """Whether a table's own key is that of another, too: a row each of some of the other's."""
    mine, _ = name_fit(column.name, table.name, column.name, others)
    named_alike = words(column.name) == words(key.name) and len(words(column.name)) > 1
    from_other = name_fit(column.name, target.name, "id", others)[0]
    own_name = name_fit(column.name, table.name, "id", others)[0]
    return fit >= _IS_PLAIN and (named_alike or mine < fit) and from_other > own_name


def _scored(
    table: TableEvidence, column: ColumnEvidence, target: TableEvidence, key: ColumnEvidence, fit: float, why: str
) -> Relation | None:
    coverage = column.values.within(key.values)
    if coverage < (_PLAIN if fit >= _IS_PLAIN else _VAGUE):
        return None
    is_telling = key.density <= 0.5 or column.family == "text"  # values that others hardly have by chance
    spread = _spread(column, key)
    if is_telling and coverage >= _VAGUE and key.distinct >= 20 and column.distinct >= 5:
        fit = max(fit, 0.55 if says_key(column.name) else 0.3)
    elif fit < 0.5 and spread < 0.9:
        return None
    elif fit < _IS_PLAIN:
        fit = max(fit * (0.5 + 0.5 * spread), 0.3 if says_key(column.name) else 0.0)  # small numbers fit any key
    confidence = 0.62 * fit + 0.2 * max(0.0, (coverage - 0.85) / 0.15) + (0.1 if is_telling else 0.035) + 0.08 * min(1.0, spread)
    told = [why] if why else []
    told.append("all its values are keys" if coverage == 1 else f"{coverage:.1%} of its values are keys")
    told.append("values that others hardly have" if is_telling else "whole numbers one after the other, which prove little")
    return Relation(
        table.name,
        (column.name,),
        target.name,
        (key.name,),
        min(0.99, confidence),
        coverage,
        "one-to-one" if column.uniqueness >= 0.999 and column.rows > 1 else "many-to-one",
        column.nulls > 0,
        tuple(told),
    )


def _spread(column: ColumnEvidence, key: ColumnEvidence) -> float:
    """How far into the keys a column's values reach: 1 from the first to the last."""
    if column.low is None or column.high is None or key.low is None or key.high is None:
        return min(1.0, key.values.used_by(column.values) / 0.3)
    return max(0.0, (min(column.high, key.high) - key.low + 1) / (key.high - key.low + 1))


# -------------------------------------------------------------------------------------------------- several columns


def _composite(
    tables: Mapping[str, TableEvidence], keys: Mapping[str, PrimaryKey], together: CoverTogether, others: frozenset[str]
) -> Iterator[Relation]:
    for target_name, key in keys.items():
        if len(key.columns) < 2:
            continue
        target = tables[target_name]
        for table in tables.values():
            if table.name == target_name:
                continue
            columns, fit = _matching(table, target, key.columns, others)
            if columns is None or _is_same_pair(table, columns, keys):
                continue
            coverage = together(table.name, columns, target_name, key.columns)
            if coverage < _PLAIN:
                continue
            uniqueness = 0.0 if keys.get(table.name) is None else float(set(keys[table.name].columns) <= set(columns))
            told = ("named as the key's columns", "all are keys" if coverage == 1 else f"{coverage:.1%} are keys")
            optional = any(table.columns[name].nulls for name in columns)
            cardinality = "one-to-one" if uniqueness else "many-to-one"
            confidence = min(0.99, 0.62 * fit + 0.3 * max(0.0, (coverage - 0.85) / 0.15) + 0.05)
            if confidence >= ACCEPTED:
                yield Relation(table.name, columns, target_name, key.columns, confidence, coverage, cardinality, optional, told)  # type: ignore[arg-type]  # one of the two


def _matching(
    table: TableEvidence, target: TableEvidence, parts: Sequence[str], others: frozenset[str]
) -> tuple[tuple[str, ...] | None, float]:
    """The columns of a table that are named as those of a key, and how well."""
    chosen: list[str] = []
    fits = []
    for part in parts:
        family = target.columns[part].family
        fitting = [
            (_part_fit(name, target.name, part, others), name)
            for name, column in table.columns.items()
            if column.family == family and name not in chosen
        ]
        fit, name = max(fitting, default=(0.0, ""), key=lambda pair: pair[0])
        if fit < 0.7:
            return None, 0.0
        chosen.append(name)
        fits.append(fit)
    return tuple(chosen), sum(fits) / len(fits)


def _part_fit(column: str, table: str, part: str, others: frozenset[str]) -> float:
    if words(column) == words(part):
        return 1.0
    said, wanted = words(column), words(part)
    if len(said) > len(wanted) and said[-len(wanted) :] == wanted:
        return 0.85
    return name_fit(column, table, part, others)[0] * 0.8


def _is_same_pair(table: TableEvidence, columns: tuple[str, ...], keys: Mapping[str, PrimaryKey]) -> bool:
    """Whether the columns are the table's own key, in its own words: two m:n tables between the same two."""
    own = keys.get(table.name)
    return (
        own is not None
        and set(own.columns) == set(columns)
        and len(own.columns) == len(columns)
        and all(says_key(name) for name in columns)
    )


def _follows_from(one: Relation, wider: Sequence[Relation], all_found: Sequence[Relation]) -> bool:
    """Whether a reference follows from a wider one: the key it is part of refers to the same table itself."""
    for relation in wider:
        if relation.table == one.table and set(one.columns) < set(relation.columns):
            part = relation.to_columns[relation.columns.index(one.columns[0])]
            if any(
                other.table == relation.to_table
                and other.columns == (part,)
                and (other.to_table, other.to_columns) == (one.to_table, one.to_columns)
                for other in all_found
            ):
                return True
    return False
