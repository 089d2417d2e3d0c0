"""From a record and the name of a field to a kernel: each home's rows together, put back in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column, ColumnType
from seedbed.core.compute import encoded
from seedbed.core.draw import Bits, Ints
from seedbed.core.errors import DataError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.timegrid import DAY
from seedbed.generate.columns import finished
from seedbed.generate.conversion import ARROW_TYPES, to_arrow
from seedbed.generate.frame import Context, Frame, Kernel, codes_of, integers
from seedbed.generate.frozen.tables import locales
from seedbed.generate.records.cards import CARD_FIELDS
from seedbed.generate.records.companies import COMPANY_FIELDS
from seedbed.generate.records.drawn import Drawn, Field, Values
from seedbed.generate.records.homes import Home, home_of
from seedbed.generate.records.persons import PERSON_FIELDS
from seedbed.generate.records.places import ADDRESS_FIELDS, POINT_FIELDS
from seedbed.model.generators.record import Record
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import ColumnPlan, Plan
from seedbed.plan.provenance import listed_values

FIELDS: dict[str, dict[str, Field]] = {
    "person": PERSON_FIELDS,
    "address": ADDRESS_FIELDS,
    "company": COMPANY_FIELDS,
    "payment_card": CARD_FIELDS,
    "geo_point": POINT_FIELDS,
}

#: Where a record lies that says neither a locale nor a column to take it from, and a row whose country is null.
USUAL_LOCALE = "en_US"


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """All fields of a record side by side, as a struct."""
    fields = {name: _as_field(column, kind) for name, kind in _record(column).field_types.items()}
    made = {name: _field(engine, column, name) for name in fields}
    kinds = [pa.field(name, ARROW_TYPES[field.type], nullable=False) for name, field in fields.items()]

    def drawn(frame: Frame) -> Column:
        arrays = [to_arrow(Column(made[name](frame)), field, encoded=False) for name, field in fields.items()]
        return Column(pa.StructArray.from_arrays(arrays, fields=kinds))

    return finished(engine, column, drawn, None)


def _as_field(column: ColumnPlan, kind: ColumnType) -> ColumnPlan:
    """A field's values as a column of their type."""
    return replace(column, spec=column.spec.model_copy(update={"declared_type": kind}))


def field_kernel(engine: Context, column: ColumnPlan, field: str) -> Kernel:
    """One field of a record; it draws nothing that its own values do not need."""
    made = _field(engine, column, field)
    return lambda frame: Column(made(frame))


def _field(engine: Context, column: ColumnPlan, field: str) -> Callable[[Frame], Values]:
    """The values of a field at the rows of a frame."""
    record = _record(column)
    make = FIELDS[record.kind][field]
    start, end = (moment // DAY for moment in engine.window)

    def made(frame: Frame) -> Values:
        bits = _draws(engine, column, frame)
        if record.locale_from is None:
            home = home_of(record.locale or USUAL_LOCALE)
            assert home is not None
            return make(Drawn(home, len(frame), bits, start, end))
        groups, homes = _row_homes(engine, column, frame, record.locale_from)
        return _by_home(groups, homes, lambda home, n, rows: make(Drawn(home, n, _picked(bits, rows), start, end)))

    return made


def _draws(engine: Context, column: ColumnPlan, frame: Frame) -> Callable[[str, int], Bits]:
    """The draws of each purpose and slot, each computed once a frame."""
    kept: dict[tuple[str, int], Bits] = {}

    def bits(purpose: str, slot: int) -> Bits:
        if (purpose, slot) not in kept:
            kept[purpose, slot] = frame.bits(engine.key(column.table, column.name, "record", purpose), slot)
        return kept[purpose, slot]

    return bits


def _picked(bits: Callable[[str, int], Bits], rows: Ints) -> Callable[[str, int], Bits]:
    return lambda purpose, slot: bits(purpose, slot)[rows]


def _by_home(groups: Ints, homes: tuple[Home, ...], make: Callable[[Home, int, Ints], Values]) -> Values:
    """Make each home's rows together, and put them back in their order."""
    order = np.argsort(groups.astype(np.int16), kind="stable")  # a radix sort: no more than 250 homes
    ends = np.searchsorted(groups[order], np.arange(len(homes) + 1))
    parts = [make(home, int(ends[i + 1] - ends[i]), order[ends[i] : ends[i + 1]]) for i, home in enumerate(homes)]
    if len(homes) == 1:
        return parts[0]
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts).take(back)
    return pa.concat_arrays(parts).take(integers(back))


def _row_homes(engine: Context, column: ColumnPlan, frame: Frame, locale_from: str) -> tuple[Ints, tuple[Home, ...]]:
    """The place of each row's home in the homes returned; a row without a country is at the usual one."""
    reference = find_reference(engine.plan.model, engine.plan.table(column.table).node, locale_from)
    assert isinstance(reference, Reference)
    countries = frame.read(reference)
    data: Any = countries.data
    coded = data if isinstance(data, pa.DictionaryArray) else encoded(data)
    listed = tuple(coded.dictionary.to_pylist())
    found = engine.once(("homes", column.ref, listed), lambda: tuple(home_of(text) for text in listed))
    codes = codes_of(coded).astype(np.int64)
    if countries.valid is not None:
        codes = np.where(countries.valid, codes, len(listed))
    unknown = [place for place, home in enumerate(found) if home is None]
    if unknown and bool(np.isin(codes, unknown).any()):
        first = listed[int(codes[np.isin(codes, unknown)][0])]
        raise DataError(f"`{first}` is no country that places are known for", where=column.ref, fix="use ISO codes such as DE, BR, JP")
    usual = home_of(USUAL_LOCALE)
    assert usual is not None
    known = [home or usual for home in (*found, None)]
    homes = tuple({id(home): home for home in known}.values())
    places = np.array([next(i for i, home in enumerate(homes) if home is one) for one in known], dtype=np.int64)
    return places.take(codes), homes


def _record(column: ColumnPlan) -> Record:
    record = column.spec.generator.record
    assert record is not None
    return record


def record_mistake(plan: Plan, column: ColumnPlan) -> tuple[str, str] | None:
    """What keeps a record from being made, and the remedy: a locale, or a country listed in the model, that no place is known for."""
    record = _record(column)
    if record.locale is not None and record.locale.replace("-", "_") not in locales():
        fix = did_you_mean(record.locale.replace("-", "_"), locales()) or f"use one of {one_of(locales(), most=50)}"
        return f"records have no locale `{record.locale}`", fix
    reference = find_reference(plan.model, plan.table(column.table).node, record.locale_from or "")
    if not isinstance(reference, Reference) or reference.field is not None:
        return None
    listed = listed_values({table.name: table for table in plan.tables}, f"{reference.table}.{reference.column}")
    unknown = [str(value) for value in listed or () if home_of(str(value)) is None]
    return (f"`{unknown[0]}` is no country that places are known for", "use ISO codes such as DE, BR, JP") if unknown else None
