"""Columns that name rows: numbers in order, prefixes with numbers, UUIDs, texts of a form, numbers counted for each parent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.joined import Joined
from seedbed.run.inferring.roles import Role
from seedbed.run.inferring.seen import Seen
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.moments import grid_of, moment_text
from seedbed.stats.inference.patterns import Numbered, numbered
from seedbed.stats.inference.semantics import PERSONAL
from seedbed.stats.inference.templates import template_of
from seedbed.stats.relations.names import says_key
from seedbed.stats.values import DAY_US, Counts

#: Numbers one after the other show that they name rows where there are so many.
_MEASURED = 10

#: Meanings of texts that are unique by more than chance.
_UNIQUE = frozenset(["email", "user_name", "mac", "uuid"])


def take_counted(context: Context, table: Table, role: Role) -> None:
    """Fill the columns that number the children of each parent, or give each of them the next moment of a grid."""
    if role.parent is None:
        return
    seen = context.seen[table.name]
    most = int(role.parent.counts.max())
    for name, column in seen.columns.items():
        if name in table.columns or column.nulls or most < 2:
            continue
        if pa.types.is_integer(column.type) and column.low is not None and int(column.high or 0) - int(column.low) + 1 == most:
            if _counts_up(seen, name, role.parent):
                spec: Spec = {"type": "int", "sequence": {"start": int(column.low), "per": role.parent.target}}
                table.columns[name] = Made(spec, f"counts the rows of each {role.parent.target}")
        elif column.kind == "moment" and column.distinct == most and int(role.parent.counts.min()) == most:
            _take_regular(table, seen, name, role.parent)


def _numbers(seen: Seen, column: str) -> Counts:
    pieces = [numbers_of(batch.column(0)) for _, batch in seen.scan.batches([column])]
    return np.concatenate(pieces).astype(np.int64)


def _counts_up(seen: Seen, column: str, parent: Joined) -> bool:
    """Whether the children of each parent have the numbers from the first on, each once."""
    numbers = _numbers(seen, column)
    low = int(numbers.min())
    if (numbers - low >= parent.counts[parent.rows]).any():
        return False
    pairs = parent.rows * (int(numbers.max()) - low + 1) + (numbers - low)
    return len(np.unique(pairs)) == len(pairs)


def _take_regular(table: Table, seen: Seen, name: str, parent: Joined) -> None:
    moments = np.unique(_numbers(seen, name))
    is_day = pa.types.is_date(seen.columns[name].type)
    grid = grid_of(moments, is_day=is_day)
    steps = np.diff(moments)
    step = 7 * DAY_US if grid.freq == "W" else grid.step
    if (
        getattr(seen.columns[name].type, "tz", None)
        or not len(steps)
        or not (steps == step).all()
        or grid.freq not in {"W", "D", "H", "T", "S"}
    ):
        return
    within = {"start": moment_text(int(moments[0]), is_day=is_day), "end": moment_text(int(moments[-1]), is_day=is_day)}
    spec: Spec = {"type": "date" if is_day else "datetime", "datetime_series": {"within": within, "freq": grid.freq, "process": "regular"}}
    table.columns[name] = Made(spec, f"each {parent.target} has one at every point")


def take_keys(context: Context, table: Table, role: Role) -> None:
    """Fill the columns of which no value comes twice."""
    seen = context.seen[table.name]
    for name in seen.sample.schema.names:
        if name in table.columns or name not in seen.unique:
            continue
        made = _of_numbers(seen, name) if _names_rows(seen, name, role) else None
        if seen.columns[name].kind == "text":
            made = _of_texts(context, table, name, is_key=role.key == (name,))
        if made is not None:
            table.columns[name] = made


def _names_rows(seen: Seen, name: str, role: Role) -> bool:
    """Whether whole numbers that are all different are more than large measures: a key, named as one, or one after the other."""
    column = seen.columns[name]
    if not pa.types.is_integer(column.type):
        return False
    is_dense = int(column.high or 0) - int(column.low or 0) < 1.5 * column.rows
    return role.key == (name,) or says_key(name) or (is_dense and column.rows >= _MEASURED)


def promised_key(table: Table, role: Role) -> tuple[str, ...]:
    """The key, where the model can promise it; else none."""
    if not role.key or any(name not in table.columns for name in role.key):
        return ()
    if role.kind == "vocab":
        return role.key
    if len(role.key) == 1:
        return role.key if _is_unique(table.columns[role.key[0]]) or _follows_one_to_one(table, role) else ()
    parent = role.parent
    if parent is None or not set(parent.columns) <= set(role.key):
        return ()
    rest = set(role.key) - set(parent.columns)
    tells = (_is_told(table, role, name) for name in rest)
    return role.key if any(tells) else ()


def _follows_one_to_one(table: Table, role: Role) -> bool:
    return role.parent is not None and role.parent.columns == role.key and int(role.parent.counts.max()) <= 1 and bool(table.columns)


def _is_unique(made: Made) -> bool:
    spec = made.spec
    return bool(spec.get("unique")) or ("sequence" in spec and "per" not in spec["sequence"]) or "uuid" in spec


def _is_told(table: Table, role: Role, name: str) -> bool:
    """Whether a column tells the children of one parent apart."""
    spec = table.columns[name].spec
    if _is_unique(table.columns[name]) or "per" in spec.get("sequence", {}) or spec.get("datetime_series", {}).get("process") == "regular":
        return True
    if role.partner is not None and name in role.partner.columns:
        return True
    via = spec.get("lookup", {}).get("via")
    return via is not None and "unique_per" in table.links.get(via, {})


def _of_numbers(seen: Seen, name: str) -> Made | None:
    """Whole numbers, each once: rising by steps, or shuffled."""
    column = seen.columns[name]
    low, high = int(column.low or 0), int(column.high or 0)
    step = max(1, (high - low) // max(column.rows - 1, 1))
    values = numbers_of(seen.values(name))
    is_rising = bool((np.diff(values) > 0).all())
    is_dense = (high - low) == step * (column.rows - 1)
    sequence: Spec = {"start": low} | ({"step": step} if step > 1 else {}) | ({} if is_rising else {"order": "shuffled"})
    why = f"{'rising' if is_rising else 'in no order'} from {low:,}, {'none left out' if is_dense else 'some left out'}"
    return Made({"type": "int", "sequence": sequence}, why)


def _of_texts(context: Context, table: Table, name: str, *, is_key: bool) -> Made | None:
    """Texts, each once: numbered, or put together of what stands in the row; None where they are somebody's, or of another kind."""
    seen = context.seen[table.name]
    meaning = context.meant[table.name].get(name)
    if meaning is not None and meaning.kind in PERSONAL | {"uuid"} and not is_key:
        return None
    values: list[str] = seen.values(name).to_pylist()
    if (found := numbered(values, rows=seen.rows)) is not None:
        return _of_numbered(table, name, found)
    others = dict(_others(table, seen, name))
    template = template_of(values[:2_000], {other: column.slice(0, 2_000).to_pylist() for other, column in others.items()})
    if template is not None:
        return Made({"type": "string", "pattern": {"template": template}, "unique": True}, "put together of the row's other columns")
    return None


def _others(table: Table, seen: Seen, name: str) -> Iterator[tuple[str, pa.Array]]:
    for other, made in table.columns.items():
        column = seen.columns.get(other)
        is_usable = column is not None and not column.nulls and column.kind in {"text", "number"}
        if other != name and is_usable and {"lookup", "sequence", "uuid", "pattern"} & set(made.spec):
            yield other, seen.values(other)


def _of_numbered(table: Table, name: str, found: Numbered) -> Made:
    prefix, suffix = (part.replace("{", "{{").replace("}", "}}") for part in (found.prefix, found.suffix))
    width = f":0{found.digits}d" if found.digits > 1 else ""
    why = f"numbered from {found.first:,}"
    if found.first == 1 and found.step == 1:
        return Made({"type": "string", "pattern": {"template": f"{prefix}{{row{width}}}{suffix}"}, "unique": True}, why)
    number = f"{name}_number"
    while number in table.columns:
        number += "_"
    sequence: Spec = (
        {"start": found.first} | ({"step": found.step} if found.step > 1 else {}) | ({} if found.is_rising else {"order": "shuffled"})
    )
    hidden = {number: Made({"type": "int", "sequence": sequence, "unique": True, "hidden": True}, "the number in it")}
    spec: Spec = {"type": "string", "pattern": {"template": f"{prefix}{{{number}{width}}}{suffix}"}, "unique": True}
    return Made(spec, why, hidden)


def claims_unique(context: Context, table: str, name: str) -> bool:
    """Whether a column of texts is unique by more than chance."""
    seen, meaning = context.seen[table], context.meant[table].get(name)
    if name not in seen.unique or seen.columns[name].kind != "text" or seen.rows < 20:
        return False
    if meaning is not None and meaning.kind in PERSONAL | {"city", "job"}:
        return meaning.kind in _UNIQUE
    lengths = seen.columns[name].shapes.lengths
    mean = float((lengths.values * lengths.counts).sum() / max(int(lengths.counts.sum()), 1))
    return mean <= 40
