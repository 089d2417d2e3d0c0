"""Texts become records: the documents, lines, or elements of a top-level array of a file.

What separates records is found by brackets and quotes alone, many bytes a step; whether each record is JSON is for the parsers to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from seedbed.core.records import dataclass
from seedbed.read.collect.decode import RefusedError, decoded, decoded_bytes
from seedbed.read.collect.shapes import Ints, Limits, Records, Refusal, Source
from seedbed.read.collect.strict import WrongJsonError, parsed

#: Text of a block of records.
BLOCK_BYTES = 8 << 20

_SPACE = b" \t\n\r"
_BLANK = re.compile(rb"[ \t\n\r]*")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)  # a fixed expression, on bytes whose length it keeps
_QUOTE, _OPEN, _CLOSE, _COMMA = 0x22, 0x7B, 0x7D, 0x2C
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Spans:
    """Where records begin and end in a text."""

    starts: Ints
    ends: Ints


def gather(files: Iterable[tuple[str | Source, bytes]], limits: Limits = Limits()) -> Records:  # noqa: B008 - frozen
    """The records of many small files, each with its name (or source, if that is known) and stored content; files that can't be read are named in `refused`.

    >>> records = gather([("a.json", b'{"a": 1}'), ("b.json", b"[1, 2]"), ("c.json", b"[1")])
    >>> [text.decode() for text in records.texts()], [one.reason for one in records.refused]
    (['{"a": 1}', '1', '2'], ["it ends where ',' or ']' should come"])
    """
    texts: list[bytes] = []
    starts, ends, owners, offsets, ids = [_NONE], [_NONE], [_NONE], [_NONE], [_NONE]
    refused, sources, place = [], [], 0
    for number, (name, content) in enumerate(files):
        source = name if isinstance(name, Source) else Source.of(name, content)
        sources.append(source)
        try:
            text = decoded_bytes(content, limits)
            text, spans = split(text, limits)
        except RefusedError as error:
            found = error.refusal
            refused.append(Refusal(number, found.reason, found.offset, found.is_truncated))
            continue
        texts.append(text)
        starts.append(spans.starts + place)
        ends.append(spans.ends + place)
        offsets.append(spans.starts)
        ids.append(spans.starts + source.base)
        owners.append(np.full(len(spans.starts), number, np.int64))
        place += len(text) + 1
    return Records(
        b"\n".join(texts),
        np.concatenate(starts),
        np.concatenate(ends),
        np.concatenate(ids),
        np.concatenate(owners),
        np.concatenate(offsets),
        tuple(sources),
        tuple(refused),
    )


def split(text: bytes, limits: Limits = Limits()) -> tuple[bytes, _Spans]:  # noqa: B008 - frozen
    """A whole text with nothing but white space between its records, and where these are.

    Raises:
        RefusedError: it has no value, or its array doesn't end.
    """
    first = _first_byte(text)
    if first == -1:
        raise RefusedError.at("it ends where a value should come", len(text), is_truncated=True)
    if text[first] == 0x7B:
        spans = _lines(text)
        if spans is None:  # one document, or some without a line each: whoever parses it sees where it ends
            spans = _Spans(np.array([first]), np.array([len(text.rstrip(_SPACE))]))
        _refuse_long(spans, limits, 0)
        return text, spans
    splitter = _Splitter(limits)
    pieces = list(splitter.take(text)) + list(splitter.end())
    starts, ends = [_NONE], [_NONE]
    place, whole = 0, []
    for piece, spans in pieces:
        starts.append(spans.starts + place)
        ends.append(spans.ends + place)
        whole.append(piece)
        place += len(piece)
    return b"".join(whole), _Spans(np.concatenate(starts), np.concatenate(ends))


def _first_byte(text: bytes) -> int:
    """Where the first byte is that isn't white space; -1 if there is none."""
    left = text.lstrip(_SPACE)
    return len(text) - len(left) if left else -1


def _lines(text: bytes) -> _Spans | None:
    """Lines that each begin with `{` and end with `}`, empty ones aside; None if there are others.

    Within a JSON value there is never `}`, a line's end and `{`: such lines are values of their own, or nothing is JSON.
    """
    first = text.find(b"\n")
    if first == -1 or (text[first - 1 : first] not in {b"}", b"\r", b"\n", b""}):
        return None
    signs = np.frombuffer(text, np.uint8)
    breaks = np.concatenate([np.flatnonzero(signs[start : start + _CACHED] == 10) + start for start in range(0, len(signs), _CACHED)])
    starts = np.concatenate([np.zeros(1, np.int64), breaks + 1])
    ends = np.concatenate([breaks, np.array([len(text)])])
    is_some = ends > starts
    starts, ends = starts[is_some], ends[is_some]
    if b"\r" in text:
        ends = ends - (signs[ends - 1] == 13)
        is_some = ends > starts
        starts, ends = starts[is_some], ends[is_some]
    is_object = (signs[starts] == 0x7B) & (signs[ends - 1] == 0x7D)
    return _Spans(starts, ends) if is_object.all() else None


def stream(
    source: Source,
    content: BinaryIO,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Records]:
    """The records of one file of any size, in blocks of about `block_bytes`, in the memory of a few blocks.

    Raises:
        RefusedError: it can't be read to its end; blocks before may have come out.
    """
    splitter, place = _Splitter(limits), 0
    for piece, spans in _pieces(splitter, content, limits, block_bytes):
        if len(spans.starts):
            yield Records(
                piece,
                spans.starts,
                spans.ends,
                spans.starts + place + source.base,
                np.zeros(len(spans.starts), np.int64),
                spans.starts + place,
                (source,),
            )
        place += len(piece)


def _pieces(splitter: _Splitter, content: BinaryIO, limits: Limits, block_bytes: int) -> Iterator[tuple[bytes, _Spans]]:
    waiting: list[bytes] = []
    held = 0
    for chunk in decoded(content, limits):
        waiting.append(chunk)
        held += len(chunk)
        if held >= block_bytes:
            yield from splitter.take(*waiting)
            waiting, held = [], 0
    yield from splitter.take(*waiting)
    yield from splitter.end()


def _refuse_long(spans: _Spans, limits: Limits, place: int) -> None:
    lengths = spans.ends - spans.starts
    if len(lengths) and int(lengths.max()) > limits.record_bytes:
        where = place + int(spans.starts[int(np.argmax(lengths))])
        raise RefusedError.at(f"a record has more than {limits.record_bytes:,} bytes", where)


class _Splitter:
    """Finds records in a text that comes in pieces; what it gives out, put together, is the text (commas of the array made spaces).

    `mode` is `lines` (objects, a line each), `values` (one after the other), `array`, or unknown yet.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.mode = ""
        self.held = b""
        self.place = 0
        self.is_after_value = self.is_closed = False

    def take(self, *texts: bytes) -> Iterator[tuple[bytes, _Spans]]:
        """Take in more text; the records that end in it."""
        self.held = b"".join([self.held, *texts])
        if not self.mode:
            self._begin()
        if self.mode:
            yield from self._cut(is_last=False)
        if len(self.held) > self.limits.record_bytes:
            raise RefusedError.at(f"a record has more than {self.limits.record_bytes:,} bytes", self.place)

    def end(self) -> Iterator[tuple[bytes, _Spans]]:
        """The last records, when there is no more text."""
        if not self.mode:
            self._begin()
        if not self.mode:
            raise RefusedError.at("it ends where a value should come", self.place + len(self.held), is_truncated=True)
        yield from self._cut(is_last=True)
        if self.mode == "array" and not self.is_closed:
            where = self.place + len(self.held)
            raise RefusedError.at("it ends where ',' or ']' should come", where, is_truncated=True)

    def _begin(self) -> None:
        first = _first_byte(self.held)
        if first == -1:
            return
        if self.held[first] == 0x7B:
            self.mode = "lines"
        elif self.held[first] == 0x5B and not _are_many(self.held, first):
            self.mode = "array"
            self.held = self.held[:first] + b" " + self.held[first + 1 :]
        else:
            self.mode = "values"

    def _cut(self, *, is_last: bool) -> Iterator[tuple[bytes, _Spans]]:
        if self.mode == "lines":
            end = len(self.held) if is_last else self.held.rfind(b"}\n") + 2
            if end <= 1 and not is_last:
                return
            text = self.held if end == len(self.held) else self.held[:end]
            spans = _lines(text)
            if spans is not None:
                yield self._out(text, end, spans)
                return
            self.mode = "values"
        if self.is_closed:
            self._refuse_more(0)
            return
        starts, ends, close = outer(self.held, inside=self.mode == "array")
        spans = _Spans(starts, ends)
        if _are_regular(self.held, spans, self):
            made, end, spans = self._regular(spans, close)
            if is_last and _skipped(self.held, end) < len(self.held):  # a value that isn't whole
                made, end, spans = self._walk(made, end, spans, {}, is_last=True)
        else:
            known = dict(zip(starts.tolist(), ends.tolist(), strict=True))
            made, end, spans = self._walk(self.held, 0, _Spans(_NONE, _NONE), known, is_last=is_last)
        if end:
            yield self._out(made, end, spans)

    def _out(self, made: bytes | bytearray, end: int, spans: _Spans) -> tuple[bytes, _Spans]:
        """Give out the text to `end`, as it was made, and keep the rest."""
        _refuse_long(spans, self.limits, self.place)
        self.held = self.held[end:]
        self.place += end
        if isinstance(made, bytes) and end == len(made):
            return made, spans
        return bytes(made if end == len(made) else memoryview(made)[:end]), spans

    def _refuse_more(self, place: int) -> None:
        """After the end of the array there is only white space."""
        place = _skipped(self.held, place)
        if place < len(self.held):
            raise RefusedError.at("there is more after the end of the array", self.place + place)

    def _regular(self, spans: _Spans, close: int) -> tuple[bytes | bytearray, int, _Spans]:
        """The text with spaces for the commas between objects and lists (and for the end of the array), and where the last of them ends."""
        end = int(spans.ends[-1])
        self.is_after_value = True
        if self.mode != "array":
            return self.held, end, spans
        made = bytearray(self.held)
        _blank(made, np.concatenate([np.zeros(1, np.int64), spans.ends[:-1]]), spans.starts)
        if close >= 0 and _skipped(self.held, end) == close:
            made[close] = 0x20
            end, self.is_closed = close + 1, True
            self._refuse_more(end)
        return made, end, spans

    def _walk(
        self, text: bytes | bytearray, place: int, spans: _Spans, known: dict[int, int], *, is_last: bool
    ) -> tuple[bytearray, int, _Spans]:
        """Go through the text value by value: for scalars between the objects and lists (`known`: where these end), and for what is wrong."""
        made, begins, finishes = bytearray(text), spans.starts.tolist(), spans.ends.tolist()
        try:
            while (found := self._next(made, place, known, is_last=is_last)) is not None:
                begins.append(found[0])
                finishes.append(found[1])
                place = found[1]
        except WrongJsonError as error:
            if is_last or not error.is_truncated:
                raise RefusedError.at(error.reason, self.place + error.offset, is_truncated=error.is_truncated) from error
        end = len(made) if self.is_closed or is_last else finishes[-1] if finishes else 0
        return made, end, _Spans(np.array(begins, np.int64), np.array(finishes, np.int64))

    def _next(self, made: bytearray, place: int, known: dict[int, int], *, is_last: bool) -> tuple[int, int] | None:
        """The next value from a place on; None when there is none (yet)."""
        text, start, comma = self.held, _skipped(self.held, place), -1
        if start < len(text) and self.mode == "array":
            if text[start] == 0x5D:
                made[start] = 0x20
                self.is_closed = True
                self._refuse_more(start + 1)
                return None
            if self.is_after_value:
                if text[start] != _COMMA:
                    raise WrongJsonError("something else where ',' or ']' should come", start)
                comma, start = start, _skipped(text, start + 1)
        if start >= len(text):
            return None
        end = self._value(start, known, is_last=is_last)
        if end is None:
            return None
        if comma >= 0:
            made[comma] = 0x20
        self.is_after_value = True
        return start, end

    def _value(self, start: int, known: dict[int, int], *, is_last: bool) -> int | None:
        """Where the value ends that begins at `start`; None if that can't be told yet."""
        if start in known:
            return known[start]
        if self.held[start] in {0x7B, 0x5B} and not is_last:
            return None  # it would have been found if it ended here
        _, end = parsed(self.held, start, self.limits.nesting)
        if end >= len(self.held) and not is_last:
            return None  # a number may go on
        if self.mode == "values" and end < len(self.held) and self.held[end] not in b" \t\n\r{[":
            raise WrongJsonError("a value right after another", end)
        return end


def _skipped(text: bytes, place: int) -> int:
    """The first place from `place` on that isn't white space."""
    return _BLANK.match(text, place).end()  # type: ignore[union-attr] # it matches nothing, too


def _are_many(text: bytes, first: int) -> bool:
    """Whether a text that begins with an array has more values after it: a line each, not one array of records."""
    head = text[: first + (1 << 20)]
    _, ends, _ = outer(head, inside=False)
    return len(ends) > 0 and _skipped(head, int(ends[0])) < len(head)


def outer(text: bytes, *, inside: bool) -> tuple[Ints, Ints, int]:
    """Where the outermost objects and lists of a text begin and end, shape (n,), those that end in it; and where the array closes that
    it is `inside` of (-1: not in this text).

    >>> starts, ends, close = outer(b'{"a": "}"}, [2], {"b', inside=True)
    >>> starts.tolist(), ends.tolist(), close
    ([0, 12], [10, 15], -1)
    """
    plain = _ESCAPED.sub(b"__", text) if b"\\" in text else text
    signs = np.frombuffer(plain, np.uint8)
    places = _brackets(signs)
    kinds = signs[places] | np.uint8(0x20)
    steps = np.where(kinds == _OPEN, 1, -1).astype(np.int8)
    depths = np.cumsum(steps, dtype=np.int32)
    close = -1
    if inside and len(depths) and int(depths.min()) < 0:
        end = int(np.argmax(depths < 0))
        close = int(places[end])
        places, steps, depths = places[:end], steps[:end], depths[:end]
    starts = places[(depths == 1) & (steps == 1)]
    ends = places[(depths == 0) & (steps == -1)] + 1
    return starts[: len(ends)], ends, close


#: For a byte of eight signs (the first the highest bit), which of them are after an odd number of ones among them, themselves included.
_ODD = np.bitwise_xor.accumulate(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), axis=1)
_INSIDE = np.packbits(_ODD, axis=1)[:, 0]
_PARITY = _ODD[:, 7] * np.uint8(255)
#: What the four brackets have in common; Y, y, _ and DEL have it too, and are told from them afterwards.
_ALIKE, _BRACKET = np.uint8(0xD9), np.uint8(0x59)
#: Signs that are looked at in one go: what a processor's cache holds.
_CACHED = 256 << 10


def _brackets(signs: NDArray[np.uint8]) -> Ints:
    """Where brackets are that aren't in texts (between quotes; none is escaped): eight signs a step."""
    found, is_inside = [_NONE], np.uint8(0)
    for start in range(0, len(signs), _CACHED):
        part = signs[start : start + _CACHED]
        marked = np.packbits((part & _ALIKE) == _BRACKET)
        quotes = np.packbits(part == _QUOTE)
        before = np.bitwise_xor.accumulate(_PARITY.take(quotes)) ^ is_inside
        inside = _INSIDE.take(quotes)
        inside[1:] ^= before[:-1]
        inside[0] ^= is_inside
        is_inside = before[-1]
        marked &= ~inside
        groups = np.flatnonzero(marked != 0)  # of flags that is quicker than of bytes
        hits = np.flatnonzero(np.unpackbits(marked[groups]).view(np.bool_))
        found.append(groups[hits >> 3] * 8 + (hits & 7) + start)
    places = np.concatenate(found)
    folded = signs[places] | np.uint8(0x20)
    is_bracket = (folded == _OPEN) | (folded == _CLOSE)
    return places if is_bracket.all() else places[is_bracket]


def _are_regular(text: bytes, spans: _Spans, splitter: _Splitter) -> bool:
    """Whether before and between objects and lists there is only white space, and a comma in an array."""
    if not len(spans.starts):
        return False
    starts = np.concatenate([np.zeros(1, np.int64), spans.ends[:-1]])
    lengths = spans.starts - starts
    if int(lengths.max()) > 64:
        return False
    wanted = np.full(len(lengths), int(splitter.mode == "array"))
    if not splitter.is_after_value:
        wanted[0] = 0
    signs = np.frombuffer(text, np.uint8)
    for length in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == length)
        gap = signs[starts[chosen][:, None] + np.arange(length)] if length else np.zeros((len(chosen), 0), np.uint8)
        commas = (gap == _COMMA).sum(axis=1)
        spaces = ((gap == 32) | (gap == 10) | (gap == 13) | (gap == 9)).sum(axis=1)
        if ((commas != wanted[chosen]) | (commas + spaces != length)).any():
            return False
    return True


def _blank(text: bytearray, starts: Ints, ends: Ints) -> None:
    """Make the commas between records spaces."""
    signs = np.frombuffer(text, np.uint8)
    lengths = ends - starts
    total = int(lengths.sum())
    offsets = np.cumsum(lengths) - lengths
    places = np.repeat(starts - offsets, lengths) + np.arange(total)
    signs[places[signs[places] == _COMMA]] = 0x20
