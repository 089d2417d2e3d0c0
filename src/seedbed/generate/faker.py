"""Kernel of `faker`: frozen tables, patterns computed from their rank, and pools of Faker's other methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import Column, ColumnType
from seedbed.core.draw import Bits, Ints, below, row_numbers
from seedbed.core.errors import DataError, ModelError
from seedbed.core.permute import Permutation
from seedbed.core.records import dataclass
from seedbed.generate.columns import finished
from seedbed.generate.conversion import ARROW_TYPES, as_type, from_arrow
from seedbed.generate.frame import Context, Frame, Kernel, coded, codes_of, integers
from seedbed.generate.frozen.methods import DERIVED_METHODS, NAME_METHODS, frozen_text, is_frozen
from seedbed.generate.frozen.names import NameParts
from seedbed.generate.frozen.tables import LocaleTables, locale_of_country, locale_tables, locales
from seedbed.generate.native.methods import LOCALE_METHODS, native
from seedbed.generate.native.ranked import Ranked
from seedbed.generate.pool_key import PoolKey, Pools, pool_key
from seedbed.model.generators.faker import Faker
from seedbed.model.references import Reference, find_reference
from seedbed.model.resolve.values import fits
from seedbed.plan.nested import all_inner_columns
from seedbed.plan.plan import ColumnPlan, Plan
from seedbed.plan.provenance import listed_values

DEFAULT_LOCALE = "en_US"

_TIMES = (ColumnType.DATE, ColumnType.DATETIME)
_SAMPLED = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a frame: their numbers, and their draws for a column's slots, all of shape (n,)."""

    numbers: Ints
    bits: Callable[[str, int], Bits]


Maker = Callable[[Rows], Any]


def kernel(engine: Context, column: ColumnPlan) -> Kernel:
    """Values of a method of Faker, each locale's rows together."""
    faker = column.spec.generator.faker
    assert faker is not None
    guide = _locale_guide(engine.plan, column)

    def made(frame: Frame) -> Column:
        kept: dict[tuple[str, int], Bits] = {}

        def bits(name: str, slot: int) -> Bits:
            if (name, slot) not in kept:
                kept[name, slot] = frame.bits(engine.key(column.table, name, "value"), slot)
            return kept[name, slot]

        if guide.locale_from is None:
            found = _maker(engine, column, (guide.locale or DEFAULT_LOCALE).replace("-", "_"))(Rows(row_numbers(frame.rows), bits))
        else:
            found = _by_locale(engine, column, guide.locale_from, frame, bits)
        if isinstance(found, np.ndarray) and found.dtype == np.int64:
            return as_type(Column(found), ColumnType.INT, column)
        return Column(found)

    return finished(engine, column, made, None)


def _locale_guide(plan: Plan, column: ColumnPlan) -> Faker:
    """The column that decides the locale: the name's, where an e-mail derives from one."""
    source = plan.table(column.table).column(column.names_from[0]) if column.names_from else column
    guide = source.spec.generator.faker
    assert guide is not None
    return guide


def _by_locale(engine: Context, column: ColumnPlan, locale_from: str, frame: Frame, bits: Callable[[str, int], Bits]) -> Any:
    """Make each locale's rows together, and put them back in their order."""
    groups, names = _row_locales(engine, column, locale_from, frame)
    numbers = row_numbers(frame.rows)
    if len(names) == 1:
        return _plain(_maker(engine, column, names[0])(Rows(numbers, bits)))
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups, minlength=len(names)))
    parts = []
    for place, name in enumerate(names):
        picks = order[ends[place - 1] if place else 0 : ends[place]]
        if len(picks):
            parts.append(_plain(_maker(engine, column, name)(Rows(numbers[picks], _picked(bits, picks)))))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    if not parts:
        return _plain(_maker(engine, column, _possible_locales(engine.plan, column)[0])(Rows(numbers, bits)))
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts).take(back)
    return pc.take(pa.concat_arrays(parts), integers(back))


def _plain(values: Any) -> Any:
    """Coded texts written out: whether a block has one locale or several must not show."""
    return pc.decoded(values) if isinstance(values, pa.DictionaryArray) else values


def _picked(bits: Callable[[str, int], Bits], picks: Ints) -> Callable[[str, int], Bits]:
    return lambda name, slot: bits(name, slot)[picks]


def _row_locales(engine: Context, column: ColumnPlan, locale_from: str, frame: Frame) -> tuple[Ints, tuple[str, ...]]:
    """The place of each row's locale in the names returned."""
    countries = frame.read(_reference(engine.plan, column.table, locale_from))
    data = countries.data
    if isinstance(data, np.ndarray):
        raise ModelError(f"`{locale_from}` holds no country codes", where=column.ref, fix="let locale_from name a string column")
    coded = data if isinstance(data, pa.DictionaryArray) else pc.encoded(data)
    listed = tuple(coded.dictionary.to_pylist())
    names = engine.once(("locales", column.ref, listed), lambda: _locales_of(listed))
    codes = codes_of(coded).astype(np.int64)
    unknown = [place for place, name in enumerate(names) if name is None]
    if unknown and bool(np.isin(codes, unknown).any()):
        first = listed[int(codes[np.isin(codes, unknown)][0])]
        raise DataError(f"`{first}` is no country that a locale is known for", where=column.ref, fix="use ISO codes such as DE, BR, JP")
    if countries.valid is not None:
        codes = np.where(countries.valid, codes, len(names))
    distinct = tuple(dict.fromkeys(name for name in (*names, DEFAULT_LOCALE) if name is not None))
    places = np.array([distinct.index(name or DEFAULT_LOCALE) for name in (*names, DEFAULT_LOCALE)])
    return places.take(codes), distinct


def _reference(plan: Plan, table: str, name: str) -> Reference:
    """What a name means in a row of a table; the plan has seen to it that it means something."""
    found = find_reference(plan.model, plan.table(table).node, name)
    assert isinstance(found, Reference)
    return found


def _locales_of(countries: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(locale_of_country(country) for country in countries)


def _maker(engine: Context, column: ColumnPlan, locale: str) -> Maker:
    found: Maker = engine.once(("faker", column.ref, locale), lambda: _make_maker(engine, column, locale))
    return found


def _make_maker(engine: Context, column: ColumnPlan, locale: str) -> Maker:
    faker = column.spec.generator.faker
    assert faker is not None
    ranked = _ranked(faker, locale)
    if ranked is not None:
        return _ranked_maker(engine, column, ranked)
    if locale in locales() and not faker.arguments:
        tables = locale_tables(locale)
        if faker.method in DERIVED_METHODS:
            return _derived_maker(engine, column, tables)
        if is_frozen(faker.method, tables):
            return lambda rows: frozen_text(faker.method, tables, lambda slot: rows.bits(column.name, slot), len(rows.numbers))
    pool = _timed(engine.pools[pool_key(faker, locale)], column.type)
    values = pool if pa.types.is_string(pool.type) else from_arrow(pool)
    return lambda rows: _pooled(values, rows.bits(column.name, 0))


def _timed(pool: pa.Array, kind: ColumnType) -> pa.Array:
    """A pool of dates or times as the column's type holds them: texts in ISO 8601, a day's first moment, a moment's day."""
    if not pa.types.is_temporal(pool.type):
        return pool
    if kind is ColumnType.STRING:
        return pa.array([None if value is None else value.isoformat() for value in pool.to_pylist()], pa.string())
    return pc.cast(pool, ARROW_TYPES[kind], safe=False)


def _pooled(values: Any, bits: Bits) -> Any:
    places = below(bits, len(values))
    return values.take(places) if isinstance(values, np.ndarray) else coded(places.astype(np.int32), values)


def _ranked(faker: Faker, locale: str) -> Ranked | None:
    return native(faker.method, faker.arguments, locale_tables(locale if locale in locales() else DEFAULT_LOCALE))


def _ranked_maker(engine: Context, column: ColumnPlan, ranked: Ranked) -> Maker:
    """Drawn ranks, or for a unique column a permutation of all ranks."""
    shuffle = Permutation(engine.key(column.table, column.name, "rank"), ranked.radices[0]) if column.is_unique else None

    def made(rows: Rows) -> Any:
        words = [below(rows.bits(column.name, slot), radix).view(np.uint64) for slot, radix in enumerate(ranked.radices)]
        if shuffle is not None:
            words[0] = shuffle.forward(rows.numbers).view(np.uint64)
        return ranked.make(words)

    return made


def _derived_maker(engine: Context, column: ColumnPlan, tables: LocaleTables) -> Maker:
    """E-mails and user names: of the row's own name where it has one before it."""
    faker = column.spec.generator.faker
    assert faker is not None
    write = DERIVED_METHODS[faker.method]
    names = [engine.column_plan(column.table, name) for name in column.names_from]

    def made(rows: Rows) -> pa.StringArray:
        number = (rows.numbers + 1).view(np.uint64) if column.is_unique else None
        return write(tables, _parts(tables, names, column, rows), lambda slot: rows.bits(column.name, slot), number)

    return made


def _parts(tables: LocaleTables, names: list[ColumnPlan], column: ColumnPlan, rows: Rows) -> NameParts:
    drawn = []
    for source in names or [column]:
        faker = source.spec.generator.faker
        method = NAME_METHODS[faker.method if names and faker else "name"]
        drawn.append(method(tables, lambda slot, name=source.name: rows.bits(name, slot), len(rows.numbers)))  # type: ignore[misc]  # a closure over the loop's value
    first = next((parts.first for parts in drawn if parts.first is not None), None)
    last = next((parts.last for parts in drawn if parts.last is not None), None)
    return NameParts(first, last)


def distinct_values(column: ColumnPlan) -> int | None:
    """How many rows of a unique column can differ; None where its method cannot promise it."""
    faker = column.spec.generator.faker
    assert faker is not None
    if faker.method in DERIVED_METHODS and not faker.arguments:
        return 1 << 62  # the row's number is part of it
    if faker.locale_from is not None and faker.method in LOCALE_METHODS:
        return None  # two locales may have a value in common
    ranked = _ranked(faker, (faker.locale or DEFAULT_LOCALE).replace("-", "_"))
    return None if ranked is None else ranked.cardinality


def misfit(plan: Plan, column: ColumnPlan, pools: Pools) -> tuple[str, str] | None:
    """What keeps a method's values from being of the column's type, and what to do about it; None where they fit."""
    faker = column.spec.generator.faker
    assert faker is not None
    if column.type is ColumnType.STRING:
        return None
    for locale in _possible_locales(plan, column):
        given, kind = _kind_of(_sample(faker, locale, pools), column.type)
        if kind is not column.type:
            return f"`{faker.method}` gives {given}, not {column.type}", f"set the column's type to {kind}"
    return None


def _kind_of(values: Any, wanted: ColumnType) -> tuple[str, ColumnType]:
    """What values are, for people, and the type of column they go into: the wanted one where that holds them."""
    kind = pa.from_numpy_dtype(values.dtype) if isinstance(values, np.ndarray) else values.type
    if pa.types.is_time(kind):
        return "times of day", ColumnType.TIME
    if pa.types.is_temporal(kind):
        own = ColumnType.DATE if pa.types.is_date(kind) else ColumnType.DATETIME
        return f"{own}s", wanted if wanted in _TIMES else own
    if pa.types.is_string(kind):
        if _may_become(values, wanted):
            return "texts", wanted
        return f"texts such as `{values[0].as_py()}`", ColumnType.STRING
    own = ColumnType.BOOL if pa.types.is_boolean(kind) else ColumnType.FLOAT if pa.types.is_floating(kind) else ColumnType.INT
    holds = wanted in (ColumnType.INT, ColumnType.FLOAT, ColumnType.BOOL) or (wanted is ColumnType.DECIMAL and own is not ColumnType.BOOL)
    return "truth values" if own is ColumnType.BOOL else "numbers", wanted if holds else own


def _may_become(texts: pa.Array, wanted: ColumnType) -> bool:
    """Whether texts can be delivered as a type: those of UUIDs, JSON, numbers, moments; any as bytes."""
    if wanted in (ColumnType.UUID, ColumnType.JSON):
        return all(fits(text, wanted) for text in texts.to_pylist())
    if wanted in _NOT_OF_TEXT:
        return False
    try:
        pc.cast(texts, ARROW_TYPES[wanted])
    except pa.ArrowInvalid:
        return False
    return True


_NOT_OF_TEXT = (ColumnType.DECIMAL, ColumnType.TIME, ColumnType.STRUCT, ColumnType.LIST)


def _sample(faker: Faker, locale: str, pools: Pools) -> Any:
    """Some of the values that a method gives, enough to know their type."""
    ranked = _ranked(faker, locale)
    if ranked is not None:
        return ranked.make([np.array([number % radix for number in range(_SAMPLED)], dtype=np.uint64) for radix in ranked.radices])
    if not _is_computed(faker, locale):
        return pools[pool_key(faker, locale)]
    if faker.method in DERIVED_METHODS:
        return pa.array(["user@example.org"])
    spread = np.arange(_SAMPLED, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio
    return frozen_text(faker.method, locale_tables(locale), lambda _: spread, _SAMPLED)


def faker_columns(plan: Plan) -> tuple[ColumnPlan, ...]:
    """The columns that a method of Faker fills, in the order of the plan; those inside other generators by themselves."""
    columns = (column for table in plan.tables for column in table.columns if not column.stage)
    every = (found for column in columns for found in (column, *(inner for _, inner in all_inner_columns(column))))
    return tuple(column for column in every if column.spec.generator.faker is not None)


def needed_pools(plan: Plan, column: ColumnPlan) -> tuple[PoolKey, ...]:
    """The pools that a column draws from, one a locale; none where its values are computed.

    Raises:
        ModelError: the method takes no such arguments.
    """
    faker = column.spec.generator.faker
    assert faker is not None
    return tuple(pool_key(faker, locale) for locale in _possible_locales(plan, column) if not _is_computed(faker, locale))


def _is_computed(faker: Faker, locale: str) -> bool:
    if _ranked(faker, locale) is not None:
        return True
    if faker.arguments or locale not in locales():
        return False
    return faker.method in DERIVED_METHODS or is_frozen(faker.method, locale_tables(locale))


def _possible_locales(plan: Plan, column: ColumnPlan) -> tuple[str, ...]:
    """The locales that a column's rows may have."""
    faker = _locale_guide(plan, column)
    if faker.locale_from is None:
        return (faker.locale.replace("-", "_") if faker.locale else DEFAULT_LOCALE,)
    reference = _reference(plan, column.table, faker.locale_from)
    countries = _listed_countries(plan, reference) if reference.field is None else None
    if countries is None:
        return locales()
    found = dict.fromkeys(locale_of_country(country) for country in countries)
    if reference.link is not None or plan.table(reference.table).column(reference.column).nullable:
        found[DEFAULT_LOCALE] = None
    return tuple(locale for locale in found if locale is not None) or (DEFAULT_LOCALE,)


def _listed_countries(plan: Plan, reference: Reference) -> tuple[str, ...] | None:
    """All values of a column of countries, through lookups; None where the model does not list them."""
    listed = listed_values({table.name: table for table in plan.tables}, f"{reference.table}.{reference.column}", len(plan.tables))
    return None if listed is None else tuple(str(country) for country in listed)
