"""Arrow's own parser for JSON, with what it must not see kept from it, and what it doesn't keep found out.

It takes documents that begin with `{`, guesses types, makes one null of null and missing, doubles of long numbers, takes NaN, and follows every
bracket with its stack. So: types are given to it, learnt from a piece of text whose depth and number of keys are known; the number of nulls is
compared with the word's in the text; long numbers are looked at again. Records in doubt go the robust way.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json
from numpy.typing import NDArray

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.read.collect.arrays import leaves_of, nulls_of
from seedbed.read.collect.shapes import Flags, Ints, Records
from seedbed.read.collect.strict import DEPTH
from seedbed.read.json_depth import depth_of

#: Text that types are learnt from at once; and how many members all objects' types may have, which bounds what Arrow fills in for keys that are missing.
_LEARNT_BYTES = 256 << 10
_MOST_FIELDS = 1_000

#: A number of so many digits and points may say more than a double; runs are found by halves.
_LONG = 16
#: Bytes that are looked at in one go: what a processor's cache holds.
_CACHED = 128 << 10


@dataclass(frozen=True, slots=True)
class Parsed:
    """Some of a block's records as an Arrow struct array: the records' places, and whether the array's nulls are JSON's null (else missing)."""

    places: Ints
    array: pa.StructArray
    is_null: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the fast way made of a block, the places of records left to the robust way, and the types known now."""

    parsed: tuple[Parsed, ...]
    left: Ints
    schema: pa.Schema | None


def parse_fast(records: Records, schema: pa.Schema | None) -> Pieces:
    """Parse the records that Arrow's parser takes whole; `schema` is what types are known."""
    fit = _beginnings(records)
    if not fit.any():
        return Pieces((), np.flatnonzero(~fit), schema)
    places = np.flatnonzero(fit)
    found: list[Parsed] = []
    left = [np.flatnonzero(~fit)]
    table, schema = _whole(records, places, schema)
    if table is not None:
        pieces = [(places, table)]
    else:
        pieces, refused, schema = _by_pieces(records, places, schema)
        left.append(refused)
    for where, array in pieces:
        made, doubtful = _settled(records, where, array)
        found += made
        left.append(doubtful)
    return Pieces(tuple(found), np.sort(np.concatenate(left)), schema)


def _beginnings(records: Records) -> Flags:
    """Which records begin with `{` and end with `}`: then no two of them can be one for the parser."""
    text = np.frombuffer(records.text, np.uint8)
    is_some = records.ends > records.starts
    safe_starts, safe_ends = np.where(is_some, records.starts, 0), np.where(is_some, records.ends - 1, 0)
    if not len(text):
        return np.zeros(len(records), np.bool_)
    fit: Flags = is_some & (text[safe_starts] == ord("{")) & (text[safe_ends] == ord("}"))
    return fit


def _text(records: Records, places: Ints) -> bytes | memoryview:
    """The text of some records, a line each."""
    first, last = int(places[0]), int(places[-1])
    if last - first + 1 == len(places):  # between records there is nothing but white space
        return memoryview(records.text)[int(records.starts[first]) : int(records.ends[last])]
    starts, ends = records.starts[places].tolist(), records.ends[places].tolist()
    return b"\n".join(records.text[start:end] for start, end in zip(starts, ends, strict=True))


def _table(text: bytes | memoryview, schema: pa.Schema | None, rows: int) -> pa.Table | None:
    """The rows of a text, one a record; None if the parser refuses it, or counts the records in another way."""
    try:
        table = arrow_json.read_json(
            pa.BufferReader(text),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=max(len(text) + 1, 1 << 10)),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="infer" if schema is None else "error"
            ),
        )
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    return table if table.num_rows == rows else None


def _read(text: bytes | memoryview, schema: pa.Schema, rows: int) -> pa.StructArray | None:
    """The rows of a text that have these types at most."""
    given = pa.schema([pa.field(field.name, _without_null(field.type)) for field in schema])
    table = _table(text, given, rows)
    if table is None or not table.num_columns or any(column.num_chunks != 1 for column in table.columns):
        return None
    return pa.StructArray.from_arrays([column.chunk(0) for column in table.columns], fields=list(table.schema))


def _without_null(kind: pa.DataType) -> pa.DataType:
    """A type with flags for what was null so far: the parser makes lists of nulls too short."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _without_null(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(_without_null(kind.value_type))
    return pa.bool_() if pa.types.is_null(kind) else kind


def _whole(records: Records, places: Ints, schema: pa.Schema | None) -> tuple[pa.StructArray | None, pa.Schema | None]:
    """All records at once with the types that are known, or with those of the first."""
    text = _text(records, places)
    if schema is not None and (array := _read(text, schema, len(places))) is not None:
        return array, schema
    if len(places) < 2 and len(text) > _LEARNT_BYTES:
        return None, schema
    count = max(1, int(np.searchsorted(np.cumsum(records.ends[places] - records.starts[places]), _LEARNT_BYTES)))
    learnt = _learnt(records, places[:count], schema)
    if learnt is None or learnt == schema:
        return None, schema
    return _read(text, learnt, len(places)), learnt


def _learnt(records: Records, places: Ints, schema: pa.Schema | None) -> pa.Schema | None:
    """The types that are known and those of some records; None where these can't be told safely."""
    text = bytes(_text(records, places))
    if len(text) > 4 * _LEARNT_BYTES or depth_of(text) > DEPTH:
        return None
    table = _table(text, None, len(places))
    if table is None:
        return None
    kind = united(schema_type(schema), plain(pa.struct(list(table.schema))))
    if kind is None or fields_of(kind) > _MOST_FIELDS:
        return None
    return pa.schema(list(kind))


def schema_type(schema: pa.Schema | None) -> pa.DataType:
    """A schema as the type of its rows."""
    return pa.struct(list(schema) if schema is not None else [])


def plain(kind: pa.DataType) -> pa.DataType:
    """A type as it was inferred, with texts for the moments that texts were taken for."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, plain(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(plain(kind.value_type))
    return pa.string() if pa.types.is_timestamp(kind) else kind


def united(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """The least type that values of both types have; None if there is none.

    >>> str(united(pa.list_(pa.null()), pa.list_(pa.float64())))
    'list<item: double>'
    """
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        inner = united(one.value_type, other.value_type)
        return None if inner is None else pa.list_(inner)
    if not (pa.types.is_struct(one) and pa.types.is_struct(other)):
        return None
    fields = {field.name: field.type for field in one}
    for field in other:
        kind = united(fields.get(field.name, pa.null()), field.type)
        if kind is None:
            return None
        fields[field.name] = kind
    return pa.struct([pa.field(name, kind) for name, kind in fields.items()])


def fields_of(kind: pa.DataType) -> int:
    """How many members all objects of a type have."""
    if pa.types.is_list(kind):
        return fields_of(kind.value_type)
    return sum(1 + fields_of(field.type) for field in kind) if pa.types.is_struct(kind) else 0


def _by_pieces(
    records: Records, places: Ints, schema: pa.Schema | None
) -> tuple[list[tuple[Ints, pa.StructArray]], Ints, pa.Schema | None]:
    """Records in pieces of `_LEARNT_BYTES`: those that were parsed, the places of the others, and the types that are known."""
    numbers = np.cumsum(records.ends[places] - records.starts[places]) // _LEARNT_BYTES
    made: list[tuple[Ints, pa.StructArray]] = []
    refused: list[Ints] = [np.zeros(0, np.int64)]
    for piece in np.split(places, np.flatnonzero(np.diff(numbers)) + 1):
        array = None if schema is None else _read(_text(records, piece), schema, len(piece))
        if array is None and (learnt := _learnt(records, piece, schema)) is not None and learnt != schema:
            schema = learnt
            array = _read(_text(records, piece), schema, len(piece))
        if array is None:
            refused.append(piece)
        else:
            made.append((piece, array))
    return made, np.concatenate(refused), schema


def _settled(records: Records, places: Ints, array: pa.StructArray) -> tuple[list[Parsed], Ints]:
    """What was parsed, parted by what its nulls are, and the places of records that are in doubt."""
    text = _text(records, places)
    doubtful = _long_numbers(text, records, places, array)
    nulls = nulls_of(array)
    if nulls and _are_said(text, array):
        return [Parsed(places[~doubtful], _some_rows(array, ~doubtful), is_null=True)], places[doubtful]
    words = 0 if not nulls else int(_words(records, places).sum()) if isinstance(text, bytes) else _words_between(records, places)
    if not words or (words == nulls and not _says_null(array)):
        sorts = [(~doubtful, words > 0)]
    else:
        spelt, counted, clear = _words(records, places), _nulls_by_row(array), ~_rows_saying_null(array) & ~doubtful
        sorts = [(clear & (spelt == counted) & (spelt > 0), True), (clear & (spelt == 0), False)]
        doubtful = ~(sorts[0][0] | sorts[1][0])
    made = [Parsed(places[rows], _some_rows(array, rows), is_null) for rows, is_null in sorts if rows.any()]
    return made, places[doubtful]


def _some_rows(array: pa.StructArray, rows: Flags) -> pa.StructArray:
    return array if rows.all() else array.filter(pa.array(rows))


def _are_said(text: bytes | memoryview, array: pa.StructArray) -> bool:
    """Whether every null of the array is one of the text, as far as members of objects tell: there are as many of each key.

    `"key": null` is never within a text, where a quote would be escaped.
    """
    counts: dict[str, int] = {}
    if not _count_nulls(array, counts):
        return False
    whole = text.obj if isinstance(text, memoryview) and isinstance(text.obj, bytes) and len(text) == len(text.obj) else bytes(text)
    for key, wanted in counts.items():
        name = json.dumps(key, ensure_ascii=False).encode()
        if wanted and whole.count(name + b": null") != wanted and whole.count(name + b":null") != wanted:
            return False
    return True


def _count_nulls(array: pa.StructArray, counts: dict[str, int]) -> bool:
    """Count the nulls of members by their keys; False if elements of lists are null too, which no key tells of."""
    for place in range(array.type.num_fields):
        key, member = array.type.field(place).name, array.field(place)
        counts[key] = counts.get(key, 0) + member.null_count
        while pa.types.is_list(member.type):
            member = member.flatten()
            if member.null_count:
                return False
        if pa.types.is_struct(member.type) and len(member) > member.null_count:
            whole = member.drop_null() if member.null_count else member
            if not _count_nulls(whole, counts):
                return False
    return True


def _words_between(records: Records, places: Ints) -> int:
    """How often the text of neighbouring records has `null`."""
    return records.text.count(b"null", int(records.starts[places[0]]), int(records.ends[places[-1]]))


def _words(records: Records, places: Ints) -> Ints:
    """How often each record's text has `null`."""
    starts, ends = records.starts[places].tolist(), records.ends[places].tolist()
    return np.fromiter((records.text.count(b"null", start, end) for start, end in zip(starts, ends, strict=True)), np.int64, len(places))


def _nulls_by_row(array: pa.StructArray) -> Ints:
    """How many nulls each row has at all levels."""
    found = np.zeros(len(array), np.int64)
    for leaf, rows in leaves_of(array, np.arange(len(array))):
        if pa.types.is_null(leaf.type):
            found += np.bincount(rows, minlength=len(array))
        elif leaf.null_count:
            found += np.bincount(rows[np.asarray(leaf.is_null().to_numpy(zero_copy_only=False))], minlength=len(array))
    return found


def _says_null(array: pa.StructArray) -> bool:
    return bool(_rows_saying_null(array).any())


def _rows_saying_null(array: pa.StructArray) -> Flags:
    """Rows with a text (or a key) that has `null` in it: there the word in the text is no null."""
    found = np.zeros(len(array), np.bool_)
    if "null" in str(_names(array.type)):
        return ~found
    for leaf, rows in leaves_of(array, np.arange(len(array))):
        if pa.types.is_string(leaf.type) and leaf.null_count < len(leaf):
            says = pc.fill_null(pc.match_substring(leaf, "null"), False)  # noqa: FBT003 - Arrow's own form
            if pc.any(says).as_py():
                found[rows[np.asarray(says.to_numpy(zero_copy_only=False))]] = True
    return found


def _names(kind: pa.DataType) -> list[str]:
    if pa.types.is_list(kind):
        return _names(kind.value_type)
    return [name for field in kind for name in (field.name, *_names(field.type))] if pa.types.is_struct(kind) else []


def _long_numbers(text: bytes | memoryview, records: Records, places: Ints, array: pa.StructArray) -> Flags:
    """Rows with a number that a double may not hold as it was written."""
    found = np.zeros(len(array), np.bool_)
    doubles = [(leaf, rows) for leaf, rows in leaves_of(array, np.arange(len(array))) if pa.types.is_floating(leaf.type)]
    if not doubles:
        return found
    for leaf, rows in doubles:
        numbers = np.abs(np.asarray(leaf.fill_null(1.0).to_numpy(zero_copy_only=False)))
        found[rows[~(numbers < 2.0**53) | ((numbers < 1e-300) & (numbers > 0))]] = True
    signs = np.frombuffer(text, np.uint8)
    starts, ends = _runs(signs)
    zeros = _tiny(signs, doubles)
    spots = np.concatenate([starts[_is_lossy(signs, starts, ends)], zeros])
    if len(spots):
        found[_rows_at(spots, records, places)] = True
    return found


def _rows_at(spots: Ints, records: Records, places: Ints) -> Ints:
    """The rows that places in the text of some records are in."""
    first, last = int(places[0]), int(places[-1])
    if last - first + 1 == len(places):
        begins = records.starts[places] - records.starts[first]
    else:
        lengths = records.ends[places] - records.starts[places] + 1
        begins = np.cumsum(lengths) - lengths
    return np.searchsorted(begins, spots, side="right") - 1


def _runs(signs: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Where runs of at least `_LONG` digits and points begin and end."""
    if len(signs) < _LONG:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pieces = [np.zeros(0, np.int64)]
    for start in range(0, len(signs), _CACHED):
        part = signs[start : start + _CACHED + _LONG - 1]
        run = (part - np.uint8(46)) < 12  # . / 0 ... 9; a solidus does no harm
        if not (np.packbits(run) == 255).any():  # a run of 15 has eight from a multiple of eight on
            continue
        for step in (1, 2, 4, 8):
            run = run[:-step] & run[step:]
        pieces.append(np.flatnonzero(run) + start)
    hits = np.concatenate(pieces)
    if not len(hits):
        return hits, hits
    breaks = np.flatnonzero(np.diff(hits) > 1) + 1
    starts = hits[np.concatenate([np.zeros(1, np.int64), breaks])]
    ends = hits[np.concatenate([breaks - 1, np.full(1, len(hits) - 1)])] + _LONG
    return starts, ends


def _is_lossy(signs: NDArray[np.uint8], starts: Ints, ends: Ints) -> Flags:
    """Which of the runs may be numbers that no double holds: neither within quotes, nor a whole one, nor the shortest text of a double."""
    if not len(starts):
        return np.zeros(0, np.bool_)
    before, after = signs[np.maximum(starts - 1, 0)], signs[np.minimum(ends, len(signs) - 1)]
    is_text = (before == ord('"')) & (after == ord('"'))
    is_exponent = (after | 32) == ord("e")
    raw = signs.tobytes()
    texts = pa.array(
        [raw[start:end].decode() if not skip else None for start, end, skip in zip(starts, ends, is_text, strict=True)], pa.string()
    )
    point = pc.fill_null(pc.match_substring(texts, "."), False)  # noqa: FBT003 - Arrow's own form
    has_point = np.asarray(point.to_numpy(zero_copy_only=False))
    is_same = np.zeros(len(starts), np.bool_)
    if has_point.any():
        chosen = np.flatnonzero(has_point & ~is_exponent)
        is_same[chosen] = [_is_shortest(text) for text in texts.take(pa.array(chosen)).to_pylist()]
    return np.asarray(~is_text & (is_exponent | (has_point & ~is_same)))


def _is_shortest(text: str) -> bool:
    try:
        return repr(float(text)) == text
    except ValueError:  # two points: a text within a text
        return False


def _tiny(signs: NDArray[np.uint8], doubles: list[tuple[pa.Array, Ints]]) -> Ints:
    """Places of exponents below zero, if some double is 0: 1e-400 is read as that."""
    if not any(pc.any(pc.equal(leaf, 0.0)).as_py() for leaf, _ in doubles) or len(signs) < 4:
        return np.zeros(0, np.int64)
    is_exponent = ((signs[1:-1] | 32) == ord("e")) & (signs[2:] == ord("-")) & ((signs[:-2] - np.uint8(46)) < 12)
    return np.flatnonzero(is_exponent)
