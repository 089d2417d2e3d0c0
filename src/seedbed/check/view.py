"""A batch of a table as checks see it: columns as NumPy arrays, each turned once however many checks read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.check.hashing import Keys, exact_keys, float_keys, mixed, pair_keys, text_keys, wide_keys
from seedbed.check.outcome import MOST_SHOWN, Plain, Sample
from seedbed.core import compute as pc
from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType, ValueType, scale_of
from seedbed.core.calendar import DAY_US
from seedbed.core.clock import clock
from seedbed.core.decimals import to_floats, units_of
from seedbed.core.records import dataclass
from seedbed.core.wide import unsigned, wide_units
from seedbed.core.zones import zone_names

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64] | NDArray[np.float64]

#: How values are told apart: as they are; as floats, as numbers whatever their scale, or days as microseconds, where two columns of two types meet; nulls like values.
KeyForm: TypeAlias = Literal["plain", "float", "exact", "moment", "nullable"]

#: The fingerprint of a null where nulls are told from values.
_NULL_KEY = np.int64(0x5EED_BED0_0000_0001)

# Days beyond these have no microseconds in 64 bits; nothing real lies there.
_MOST_DAYS = 100_000_000

_ARROW_TYPES: dict[ColumnType, tuple[str, Callable[[pa.DataType], bool]]] = {
    ColumnType.INT: ("int64", pa.types.is_integer),
    ColumnType.FLOAT: ("double", pa.types.is_floating),
    ColumnType.BOOL: ("bool", pa.types.is_boolean),
    ColumnType.DATETIME: ("timestamp[us]", lambda kind: bool(pa.types.is_timestamp(kind)) and kind.tz is None),
    ColumnType.DATE: ("date32[day]", pa.types.is_date),
    ColumnType.STRING: ("string", lambda kind: _is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)),
    ColumnType.TIME: ("time64[us]", pa.types.is_time),
    ColumnType.BYTES: ("binary", lambda kind: bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))),
    ColumnType.STRUCT: ("struct", pa.types.is_struct),
    ColumnType.LIST: ("list", lambda kind: bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))),
}
_ARROW_TYPES |= {ColumnType.UUID: _ARROW_TYPES[ColumnType.STRING], ColumnType.JSON: _ARROW_TYPES[ColumnType.STRING]}


class UnreadableError(Exception):
    """A check can't be evaluated on this data; the message says why."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the model says of a table: its columns' types, and its primary key."""

    name: str
    types: Mapping[str, ValueType] = field(hash=False)
    key: tuple[str, ...] = ()
    tz: str | None = None
    as_stored: bool = False  # the types are those that the data has, whatever Arrow calls them
    coarse: frozenset[str] = frozenset()  # columns whose keys may be the same for different values

    def holds(self, stored: pa.DataType, name: str) -> bool:
        """Whether an Arrow type keeps the values of a column: datetimes have a time zone where the model has one."""
        if self.as_stored:
            return True
        if self.types[name] is ColumnType.DATETIME and self.tz is not None:
            return bool(pa.types.is_timestamp(stored)) and stored.tz is not None
        return holds(stored, self.types[name])


def arrow_name(kind: ValueType) -> str:
    """The Arrow type that a column of this type has.

    >>> arrow_name(ColumnType.DATE)
    'date32[day]'
    """
    if isinstance(kind, DecimalType):
        return f"a decimal with {kind.scale} digits after the point"
    return _ARROW_TYPES[kind][0]


def holds(stored: pa.DataType, kind: ValueType) -> bool:
    """Whether an Arrow type keeps values of the type: any width of integers for `int`, any unit without time zone for `datetime`.

    Decimals have the scale that the model says, and at most 18 digits.

    >>> holds(pa.int32(), ColumnType.INT), holds(pa.string(), ColumnType.INT)
    (True, False)
    """
    if isinstance(kind, DecimalType):
        return bool(pa.types.is_decimal(stored)) and stored.scale == kind.scale and stored.precision <= MOST_DIGITS
    return bool(_ARROW_TYPES[kind][1](stored))


def is_text(kind: ValueType) -> bool:
    """Whether values of a type are looked at as texts: strings, UUIDs, JSON, and bytes."""
    return isinstance(kind, ColumnType) and (kind.is_text or kind is ColumnType.BYTES)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


T = TypeVar("T")


class View:
    """The rows of a table from `start` on. Not to be shared by threads: it remembers what it has turned."""

    __slots__ = ("_known", "_numbers", "batch", "schema", "start", "table")

    def __init__(
        self,
        table: TableFacts,
        start: int,
        batch: pa.RecordBatch,
        schema: pa.Schema | None = None,
        numbers: NDArray[np.int64] | None = None,
    ) -> None:
        self.table = table
        self.start = start
        self.batch = batch
        self.schema: pa.Schema = batch.schema if schema is None else schema  # the whole table's, of which the batch may be a part
        self._known: dict[tuple[object, ...], Any] = {}
        self._numbers = numbers  # the rows' own numbers where they are not one after the other

    @property
    def rows(self) -> int:
        """How many rows there are, n."""
        return int(self.batch.num_rows)

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = make()
        found: T = self._known[key]
        return found

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        """The number of each row in its table, shape (n,)."""
        return np.arange(self.start, self.start + self.rows) if self._numbers is None else self._numbers

    def chosen(self, rows: Mask) -> View:
        """The rows for which the mask is true, shape (n,), with the numbers that they have here."""
        mask = pa.array(rows)
        return View(self.table, self.start, self.batch.filter(mask), self.schema, self.row_numbers[rows])

    def array(self, name: str) -> pa.Array:
        """A column as it came.

        Raises:
            UnreadableError: there is none of that name.
        """
        if self.batch.schema.get_field_index(name) < 0:
            raise UnreadableError(f"there is no column `{name}`")
        return self.batch.column(name)

    def typed(self, name: str) -> pa.Array:
        """A column that has the model's type.

        Raises:
            UnreadableError: there is none of that name, or it has another type.
        """
        array = self.array(name)
        kind = self.table.types[name]
        if not self.table.holds(array.type, name):
            raise UnreadableError(f"`{name}` is {array.type}, the model says {kind.value}")
        return array

    def valid(self, name: str) -> Mask | None:
        """Which rows have a value, shape (n,); None where all have."""
        return self._once(("valid", name), lambda: _valid(self.array(name)))

    def both_valid(self, names: Sequence[str]) -> Mask | None:
        """Which rows have a value in each column, shape (n,); None where all have."""
        masks = [mask for name in names if (mask := self.valid(name)) is not None]
        return np.logical_and.reduce(masks) if masks else None

    def numbers(self, name: str) -> Numbers:
        """A column's values, shape (n,): int64 (also days, microseconds, 0 and 1) or float64; where there is a null, anything.

        Decimals come as the floats nearest to them. Numbers beyond 64 bits come as Python's, in an array of objects.
        """
        kind = self.table.types[name]
        if isinstance(kind, DecimalType):
            return self._once(("numbers", name), lambda: _floats(self.typed(name), kind.scale))
        return self.exact_numbers(name)

    def exact_numbers(self, name: str) -> Numbers:
        """The same, but decimals as whole units."""
        return self._once(("exact", name), lambda: _numbers(self.typed(name)))

    def moments(self, name: str) -> NDArray[np.int64]:
        """A date's or datetime's microseconds since 1970, shape (n,)."""
        numbers: NDArray[np.int64] = self.numbers(name)  # type: ignore[assignment]  # times are integers
        if self.table.types[name] is ColumnType.DATE:
            return np.clip(numbers, -_MOST_DAYS, _MOST_DAYS) * DAY_US
        return numbers

    def local_moments(self, name: str) -> NDArray[np.int64]:
        """The same as the clocks of the column's time zone show them, where it has one."""
        tz = getattr(self.array(name).type, "tz", None)
        return clock(tz, None).local(self.moments(name)) if tz in zone_names() else self.moments(name)

    def texts(self, name: str, of_texts: Callable[[pa.Array], NDArray[Any]]) -> NDArray[Any]:
        """What a function makes of each text, shape (n,); where they come with a dictionary, of each of its texts once."""
        array = self.typed(name)
        if not pa.types.is_dictionary(array.type):
            return of_texts(_as_string(array))
        words = of_texts(_as_string(array.dictionary))
        if words.dtype == np.bool_ and words.all() and len(words):
            return np.ones(len(array), np.bool_)
        codes = _numbers(array.indices)
        if not len(words):
            return np.zeros(len(codes), words.dtype)
        known = self.valid(name)
        return words[codes if known is None else np.where(known, codes, 0)]

    def keys(self, names: Sequence[str], form: KeyForm = "plain") -> tuple[Keys, Mask | None]:
        """A number for each row that tells its values apart, shape (n,), and which rows have one.

        Ints, times and truth values are their own; floats their bits; texts and pairs have fingerprints.
        """
        return self._once(("keys", *names, form), lambda: (self._keys(names, form), self._keyed(names, form)))

    def _keyed(self, names: Sequence[str], form: KeyForm) -> Mask | None:
        return None if form == "nullable" else self.both_valid(names)

    def _keys_of_nulls_too(self, name: str) -> Keys:
        """Fingerprints that tell a null from every value."""
        keys, valid = self.keys([name])
        spread = mixed(keys.view(np.uint64)).view(np.int64)
        return spread if valid is None else np.where(valid, spread, _NULL_KEY)

    def _keys(self, names: Sequence[str], form: KeyForm) -> Keys:
        if len(names) > 1:
            each: KeyForm = "nullable" if form == "nullable" else "plain"
            first, *others = (self._keys([name], each) for name in names)
            for other in others:
                first = pair_keys(first, other)
            return first
        name = names[0]
        if form == "nullable":
            return self._keys_of_nulls_too(name)
        if is_text(self.table.types[name]):
            keys: Keys = self.texts(name, text_keys)
            return keys
        if form == "moment":
            return self.moments(name)
        numbers = self.numbers(name) if form == "float" else self.exact_numbers(name)
        if form == "float" or numbers.dtype == np.float64:
            return float_keys(numbers.astype(np.float64))
        if form == "exact":
            return exact_keys(numbers, scale_of(self.table.types[name]))
        return wide_keys(numbers) if numbers.dtype == object else numbers  # type: ignore[return-value]  # int64

    def samples(self, broken: Mask, columns: Sequence[str], most: int) -> list[Sample]:
        """The first `most` broken rows; their primary key comes first where it is here."""
        names = [name for name in dict.fromkeys([*self.table.key, *columns]) if self.batch.schema.get_field_index(name) >= 0]
        rows = np.flatnonzero(broken)[:most].tolist()
        return [Sample(self._number(row), tuple((name, _plain(self.batch.column(name)[row])) for name in names)) for row in rows]

    def _number(self, row: int) -> int:
        return self.start + row if self._numbers is None else int(self._numbers[row])


def _valid(array: pa.Array) -> Mask | None:
    if pa.types.is_dictionary(array.type) and array.dictionary.null_count:
        array = array.dictionary_decode()
    if array.null_count == 0:
        return None
    return bits_of(array, 0)


def bits_of(array: pa.Array, buffer: int) -> Mask:
    """The bits of a buffer of an array, 0 for validity, 1 for truth values; shape (n,), false where there is no buffer."""
    bits = array.buffers()[buffer]
    if bits is None:  # the type of nulls alone
        return np.zeros(len(array), np.bool_)
    first, skipped = divmod(array.offset, 8)
    flags = np.unpackbits(np.frombuffer(bits, np.uint8)[first:], bitorder="little", count=skipped + len(array))
    return flags[skipped:].view(np.bool_)


def _numbers(array: pa.Array) -> Numbers:
    """The values of an array of numbers, times or truth values; those of an int64, float64 or timestamp[us] are not copied."""
    kind = array.type
    if pa.types.is_nested(kind):
        raise UnreadableError("structs and lists are not told apart")
    if pa.types.is_null(kind):
        return np.zeros(len(array))
    if pa.types.is_decimal(kind):
        return wide_units(array) if is_wide(kind) else units_of(array)
    if pa.types.is_uint64(kind):
        return unsigned(array)
    array = _as_machine_type(array)
    stored: Any = _DTYPES[array.type.id]
    data = array.buffers()[1]
    values = np.zeros(len(array), stored) if data is None else np.frombuffer(data, stored)[array.offset : array.offset + len(array)]
    wanted = np.float64 if values.dtype.kind == "f" else np.int64
    return values.astype(wanted, copy=False)  # type: ignore[return-value]  # one of the two


def _as_machine_type(array: pa.Array) -> pa.Array:
    """The array as one of the types that NumPy has too."""
    kind = array.type
    if pa.types.is_time(kind):
        return array.cast(pa.time64("us"), safe=False).view(pa.int64())
    if pa.types.is_timestamp(kind) and kind.unit != "us":
        return array.cast(pa.timestamp("us"), safe=False)
    wanted = next((target for is_such, target in _CASTS if is_such(kind)), None)
    return array if wanted is None else array.cast(wanted)


_CASTS: tuple[tuple[Callable[[pa.DataType], bool], pa.DataType], ...] = (
    (pa.types.is_boolean, pa.int8()),
    (pa.types.is_date64, pa.date32()),
    (pa.types.is_duration, pa.int64()),
    (pa.types.is_float16, pa.float64()),
)

_DTYPES: dict[int, type[np.generic]] = {
    pa.int8().id: np.int8,
    pa.int16().id: np.int16,
    pa.int32().id: np.int32,
    pa.int64().id: np.int64,
    pa.uint8().id: np.uint8,
    pa.uint16().id: np.uint16,
    pa.uint32().id: np.uint32,
    pa.float32().id: np.float32,
    pa.float64().id: np.float64,
    pa.date32().id: np.int32,
    pa.timestamp("us").id: np.int64,
}


def is_wide(kind: pa.DataType) -> bool:
    """Whether numbers of an Arrow type, decimals in units, may have no room in 64 bits with a sign."""
    if pa.types.is_uint64(kind):
        return True
    return bool(pa.types.is_decimal(kind)) and not (kind.precision <= MOST_DIGITS and kind.scale >= 0)


def _floats(array: pa.Array, scale: int) -> NDArray[np.float64]:
    """The floats nearest to decimals; shape (n,)."""
    units = _numbers(array)
    if units.dtype != object:
        return to_floats(units, scale)  # type: ignore[arg-type]  # int64
    return np.asarray(pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def _as_string(array: pa.Array) -> pa.StringArray:
    """Texts plain; bytes seen as texts, which they need not be: they are only told apart."""
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type) or pa.types.is_fixed_size_binary(array.type):
        return array.cast(pa.binary()).view(pa.string())
    return array if pa.types.is_string(array.type) else pc.cast(array, pa.string())


def _plain(scalar: pa.Scalar) -> Plain:
    """A value as JSON has it; moments as ISO text."""
    if pa.types.is_timestamp(scalar.type):
        scalar = scalar.cast(pa.timestamp("us"), safe=False)  # Python's own moments have no nanoseconds
    if pa.types.is_time(scalar.type):
        scalar = scalar.cast(pa.time64("us"), safe=False)
    return plain(scalar.as_py())


def plain(value: object) -> Plain:
    """A Python value as JSON has it; moments as ISO text, bytes in hexadecimal digits, the beginning of a very long text."""
    if isinstance(value, bytes):
        return _shortened(value[:MOST_SHOWN].hex(), 2 * len(value))
    if isinstance(value, str):
        return _shortened(value[:MOST_SHOWN], len(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else plain(str(value))


def _shortened(text: str, length: int) -> str:
    return text[:MOST_SHOWN] if length <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({length:,} characters)"
