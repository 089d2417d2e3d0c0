"""All other columns: of one person or address, by themselves, by another's values, after another's moment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.keys import claims_unique
from seedbed.stats.inference.columns import column_made, with_nulls
from seedbed.stats.inference.dependent import by_another, null_condition
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.people import people_made
from seedbed.stats.inference.semantics import SHARED, Meaning
from seedbed.stats.inference.texts import TextAim

#: How far the shares of two genders may be from halves for a record to give them.
_HALVES = 0.04


def take_rest(context: Context, table: Table) -> None:
    """Fill the columns that nothing has filled yet."""
    seen = context.seen[table.name]
    locale = _locale(context, table)
    alone = {
        name: made for name in seen.columns if name not in table.columns and (made := _alone(context, table, name, locale)) is not None
    }
    people = _people(context, table, alone, locale)
    for name in seen.sample.schema.names:
        if name in table.columns:
            continue
        made = people.get(name) or alone.get(name)
        if made is None:
            context.left_out.append(f"{table.name}.{name}: {seen.columns[name].type}, which no generator makes")
            continue
        table.columns[name] = with_nulls(made, seen.columns[name]) if name in people else made
    _take_dependent(context, table, set(alone) - set(people))


def _alone(context: Context, table: Table, name: str, locale: Spec) -> Made | None:
    seen = context.seen[table.name]
    aim = TextAim(context.keeps_values, claims_unique(context, table.name, name), locale)
    return column_made(seen.columns[name], seen.values(name), context.meant[table.name].get(name), aim)


def _people(context: Context, table: Table, alone: Mapping[str, Made], locale: Spec) -> dict[str, Made]:
    """The columns that one person, address or company has; values that many share stay listed."""
    seen = context.seen[table.name]
    told = context.meant[table.name]
    has_home = any(
        meaning.kind in {"street_address", "postcode", "address"} and not alone[name].is_choice
        for name, meaning in told.items()
        if name in alone
    )
    shared = SHARED if has_home else SHARED | {"city", "region"}
    free = {name: meaning for name, meaning in told.items() if name in alone and not _stays(alone[name], meaning, context, shared)}
    unique = frozenset(name for name in free if claims_unique(context, table.name, name))
    free = {name: meaning for name, meaning in free.items() if name not in unique or meaning.kind in {"email", "user_name"}}
    made = people_made(free, unique, frozenset([*seen.columns, *table.columns]), locale)
    for name, meaning in context.meant[table.name].items():
        if meaning.kind == "gender" and name in alone and (person := _person_of(made, free, meaning)) and _are_halves(seen.values(name)):
            hidden = next(one.hidden for one in made.values() if person in one.hidden)
            made[name] = Made({"type": "string", "expression": {"code": f"{person}.gender"}}, "that of the person", hidden)
    return made


def _stays(made: Made, meaning: Meaning, context: Context, shared: frozenset[str]) -> bool:
    """Whether the column is better told by its own values."""
    is_listed = "choice" in made.spec or "constant" in made.spec
    return is_listed and (meaning.kind in shared or context.keeps_values)


def _person_of(made: Mapping[str, Made], free: Mapping[str, Meaning], meaning: Meaning) -> str | None:
    for name, other in free.items():
        if other.whose == meaning.whose and name in made:
            person = next((hidden for hidden, record in made[name].hidden.items() if record.spec["record"]["kind"] == "person"), None)
            if person is not None:
                return person
    return None


def _are_halves(values: pa.Array) -> bool:
    counts = {item["values"]: item["counts"] for item in values.drop_null().value_counts().to_pylist()}
    total = sum(counts.values())
    return set(counts) == {"female", "male"} and abs(counts["female"] / total - 0.5) <= _HALVES + 1.0 / total**0.5


def _locale(context: Context, table: Table) -> Spec:
    """The column that says whose names and addresses a row has: one of the row, or of the row it belongs to."""
    role = context.roles[table.name]
    own = {name: context.meant[table.name][name] for name in context.meant[table.name]}
    for name, meaning in own.items():
        if meaning.kind == "country_code" and not meaning.whose and not context.seen[table.name].columns[name].nulls:
            values = context.seen[table.name].values(name).unique().to_pylist()
            if values and all(context.is_country(str(value)) for value in values):
                return {"locale_from": name}
    if role.parent is not None and role.parent.target in context.tables:
        theirs = _locale(context, context.tables[role.parent.target])
        if theirs and "." not in theirs["locale_from"]:
            return {"locale_from": f"{role.parent.target}.{theirs['locale_from']}"}
    return {}


def _take_dependent(context: Context, table: Table, free: set[str]) -> None:
    """Tie listed columns to those before them, and nulls to the values that bring them."""
    seen = context.seen[table.name]
    before: dict[str, pa.Array] = {}
    for name in seen.sample.schema.names:
        made = table.columns.get(name)
        if made is None:
            continue
        is_listed = "choice" in made.spec and made.spec["type"] in {"string", "int", "bool"} and not _is_long(made)
        if name in free and is_listed and "choices" in made.spec["choice"]:
            tied = by_another(seen.values(name), before, made, least=1 if context.keeps_values else 5)
            table.columns[name] = made = tied or made
        if name in free and "null_rate" in made.spec:
            table.columns[name] = made = _with_condition(seen.values(name), before, made)
        counts = (
            "per" in made.spec.get("sequence", {})
            and made.spec["sequence"].get("step", 1) == 1
            and (seen.columns[name].distinct or 99) <= 12
        )
        if (is_listed and not seen.columns[name].nulls) or counts:
            before[name] = seen.values(name)


def _is_long(made: Made) -> bool:
    return len(made.spec["choice"].get("choices", ())) > 100


def _with_condition(values: pa.Array, before: Mapping[str, pa.Array], made: Made) -> Made:
    nulls = np.asarray(values.is_null().to_numpy(zero_copy_only=False), np.int64)
    condition = null_condition(nulls, before)
    if condition is None:
        return made
    spec = {key: value for key, value in made.spec.items() if key != "null_rate"}
    return Made({**spec, "null_if": condition}, f"{made.why}; always null there, and nowhere else", made.hidden, made.withheld)
