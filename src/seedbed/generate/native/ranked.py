"""Values made of their number: row -> rank -> value, each rank another value.

A `Ranked` says how many values there are and makes any of them, so that a permutation of the rows gives unique values
and plain draws give random ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import product
from operator import mul
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass
from seedbed.core.text import fixed_width, join_taken, string_array, take_text, text_bytes

Words = Sequence[NDArray[np.uint64]]
Values: TypeAlias = Any  # an Arrow string array, or a NumPy array of numbers or booleans
Alphabets = Sequence[tuple[str, ...]]
Table: TypeAlias = tuple[tuple[str, ...], ...]  # neighbouring alphabets, multiplied out

WORD_LIMIT = 1 << 62  # a word's size, so that a permutation over a few times as many still fits 64 bits
_TABLE_LIMIT = 10_000  # entries of one table of neighbouring characters: small enough for the second-level cache


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Values by rank, a rank being one word or, where 2**62 isn't enough, several.

    type: what `make` gives: strings as an Arrow array, numbers and booleans as a NumPy array;
    radices: how many values each word can take, at most 2**62 each;
    distinct: whether different first words give different values;
    make: as many arrays of words as there are radices, of shape (n,), each word below its radix -> n values.

    For a column without duplicates the first word is a permutation's, of at least as many as there are rows, and the
    others are any draws; for a plain column each word is drawn.
    """

    type: ColumnType
    radices: tuple[int, ...]
    distinct: bool
    make: Callable[[Words], Values]

    @property
    def cardinality(self) -> int | None:
        """How many rows can have different values; None where a value may come twice whatever the words."""
        return self.radices[0] if self.distinct else None


def integers(first: int, count: int, step: int = 1) -> Ranked:
    """The integers first, first + step, ...: `count` of them.

    >>> integers(10, 3, 5).make([np.array([2, 0], np.uint64)]).tolist()
    [20, 10]
    """

    def make(words: Words) -> NDArray[np.int64]:
        return words[0].astype(np.int64) * np.int64(step) + np.int64(first)

    return Ranked(ColumnType.INT, (count,), distinct=True, make=make)


def chance(percent: int) -> Ranked:
    """True in `percent` of 100 draws."""

    def make(words: Words) -> NDArray[np.bool_]:
        return words[0] < np.uint64(percent)

    return Ranked(ColumnType.BOOL, (100,), distinct=False, make=make)


def strings(alphabets: Alphabets) -> Ranked:
    """All texts with one entry of each alphabet, the last changing fastest; an alphabet of one is fixed text.

    Entries may be empty or differ in length. Then a text may come of two ranks, unless only one alphabet has entries of
    several lengths; `distinct` tells.

    >>> ab = strings([("a", "b"), ("-",), ("0", "1", "2")])
    >>> ab.cardinality, ab.make([np.arange(6, dtype=np.uint64)]).to_pylist()
    (6, ['a-0', 'a-1', 'a-2', 'b-0', 'b-1', 'b-2'])
    """
    tables = _tables(alphabets)
    sizes = [_size(table) for table in tables]
    words = _words(sizes)
    fixed = all(len({len(text.encode()) for text in alphabet}) == 1 for alphabet in set(alphabets))
    make = _fixed_maker(tables, words) if fixed else _joined_maker(tables, words)
    radices = tuple(_product(sizes[i] for i in word) for word in words)
    return Ranked(ColumnType.STRING, radices, _unambiguous(alphabets), make)


def equal_shares(parts: Sequence[Ranked]) -> Ranked:
    """Texts of several kinds, each kind equally often; no text may be of two kinds, and each part has one word.

    The smallest part says how many ranks a kind has; a second word chooses among the values that a larger part has
    beyond those, so that plain draws reach them.

    >>> both = equal_shares([strings([("a", "b")]), strings([tuple("0123456789")])])
    >>> both.cardinality, both.make([np.arange(4, dtype=np.uint64), np.array([0, 3, 2, 1], np.uint64)]).to_pylist()
    (4, ['a', '6', 'b', '3'])
    """
    if len(parts) == 1:
        return parts[0]
    share = min(WORD_LIMIT // len(parts), *(part.radices[0] for part in parts))
    widest = max(part.radices[0] // share for part in parts)
    kinds = np.uint64(len(parts))

    def make(words: Words) -> pa.StringArray:
        kind, rank = (words[0] % kinds).astype(np.int64), words[0] // kinds
        extra = words[1] if widest > 1 else np.zeros(len(rank), np.uint64)
        order = np.argsort(kind, kind="stable")
        ends = np.searchsorted(kind[order], np.arange(len(parts) + 1))
        rows = [order[ends[i] : ends[i + 1]] for i in range(len(parts))]
        made = [_of_share(part, share, rank[at], extra[at]) for part, at in zip(parts, rows, strict=True)]
        back = np.empty(len(order), np.int32)
        back[order] = np.arange(len(order), dtype=np.int32)
        return take_text(pa.concat_arrays(made), back)

    radices = (share * len(parts), widest) if widest > 1 else (share * len(parts),)
    return Ranked(ColumnType.STRING, radices, all(part.distinct for part in parts), make)


def with_check(body: Ranked, check: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Ranked:
    """Digits of one width and behind them the digit that `check` works out of them, shape (n, width) -> (n,)."""

    def make(words: Words) -> pa.StringArray:
        texts = body.make(words)
        flat = text_bytes(texts)[1]
        data = flat.reshape(len(texts), len(flat) // max(len(texts), 1))
        return fixed_width(np.column_stack((data, check(data - ord("0")) + ord("0"))))

    return Ranked(body.type, body.radices, body.distinct, make)


def _of_share(part: Ranked, share: int, rank: NDArray[np.uint64], extra: NDArray[np.uint64]) -> Values:
    further = np.uint64(part.radices[0] // share)
    return part.make([rank + np.uint64(share) * (extra % further)])


def _product(sizes: Iterable[int]) -> int:
    return reduce(mul, sizes, 1)


def _tables(alphabets: Alphabets) -> list[Table]:
    """Neighbouring alphabets together while their product stays small, so that a row needs fewer look-ups."""
    tables: list[Table] = [()]
    for alphabet in alphabets:
        if _size(tables[-1]) * len(alphabet) <= _TABLE_LIMIT:
            tables[-1] = (*tables[-1], alphabet)
        else:
            tables.append((alphabet,))
    return tables


def _size(table: Table) -> int:
    """How many entries the product of a table's alphabets has."""
    return _product(map(len, table))


def _words(sizes: list[int]) -> list[range]:
    """Which tables each word decides: as many as its limit allows, from the left."""
    words, start, size = [], 0, 1
    for i, count in enumerate(sizes):
        if size * count > WORD_LIMIT:
            words.append(range(start, i))
            start, size = i, 1
        size *= count
    return [*words, range(start, len(sizes))]


def _unambiguous(alphabets: Alphabets) -> bool:
    """Whether no text comes of two ranks: no entry comes twice, and at most one alphabet has several lengths."""
    several = [alphabet for alphabet in alphabets if len({len(text) for text in alphabet}) > 1]
    return len(several) <= 1 and all(len(set(alphabet)) == len(alphabet) for alphabet in alphabets)


def _indexes(words: Words, sizes: list[int], decided: list[range]) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """Each table's number and the entries chosen in it; a word's last table changes fastest."""
    for word, tables in zip(words, decided, strict=True):
        rest = word
        for i in reversed(tables[1:]):
            size = np.uint64(sizes[i])
            above = rest // size
            yield i, rest - above * size
            rest = above
        yield tables[0], rest


def _fixed_maker(tables: list[Table], decided: list[range]) -> Callable[[Words], pa.StringArray]:
    sizes = [_size(table) for table in tables]
    matrices = [_matrix(table) for table in tables]
    ends = np.cumsum([matrix.shape[1] for matrix in matrices]).tolist()

    def make(words: Words) -> pa.StringArray:
        out = np.empty((len(words[0]), ends[-1]), np.uint8)
        for i, index in _indexes(words, sizes, decided):
            out[:, ends[i] - matrices[i].shape[1] : ends[i]] = matrices[i][index.astype(np.intp)]
        return fixed_width(out)

    return make


@lru_cache(maxsize=256)
def _matrix(table: Table) -> NDArray[np.uint8]:
    """The bytes of all entries of a table, shape (entries, width); formats of many locales share their runs of digits."""
    places = np.arange(_size(table))
    columns = [np.empty((len(places), 0), np.uint8)]
    for alphabet in reversed(table):
        places, chosen = np.divmod(places, len(alphabet))
        columns.append(np.array([list(text.encode()) for text in alphabet], np.uint8).reshape(len(alphabet), -1)[chosen])
    return np.concatenate(columns[::-1], axis=1)


def _joined_maker(tables: list[Table], decided: list[range]) -> Callable[[Words], pa.StringArray]:
    sizes = [_size(table) for table in tables]
    texts = [_texts(table) for table in tables]

    def make(words: Words) -> pa.StringArray:
        chosen = {i: (texts[i], index.astype(np.int32)) for i, index in _indexes(words, sizes, decided)}
        return join_taken(*(chosen[i] for i in range(len(texts))))

    return make


@lru_cache(maxsize=256)
def _texts(table: Table) -> pa.StringArray:
    """All entries of a table, the last alphabet changing fastest."""
    return string_array(["".join(entries) for entries in product(*table)])
