"""Stored bytes become text in UTF-8: expanded if they are compressed, within limits, without a mark of their order."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.read.collect.shapes import Limits, Refusal

#: Bytes that are read, and expanded, at a time.
CHUNK = 1 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class RefusedError(DataError):
    """A file can't be taken; `refusal` says why and where."""

    refusal: Refusal

    @classmethod
    def at(cls, reason: str, offset: int, *, is_truncated: bool = False) -> RefusedError:
        """The error of a reason at a byte."""
        error = cls(reason, where=f"byte {offset:,}")
        error.refusal = Refusal(0, reason, offset, is_truncated)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return (_refused, (self.refusal,))


def _refused(refusal: Refusal) -> RefusedError:
    return RefusedError.at(refusal.reason, refusal.offset, is_truncated=refusal.is_truncated)


class _Expander(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def decoded(stream: BinaryIO, limits: Limits = Limits()) -> Iterator[bytes]:  # noqa: B008 - frozen
    """The text of a stored file in pieces of UTF-8 (a sign may be parted between two); none is empty.

    Raises:
        RefusedError: it isn't what its first bytes say, expands beyond the limits, or isn't text.

    >>> import gzip
    >>> b"".join(decoded(io.BytesIO(gzip.compress(chr(0xFEFF).encode() + b"[1]"))))
    b'[1]'
    """
    yield from _as_utf8(_expanded(stream, limits))


def decoded_bytes(content: bytes, limits: Limits = Limits()) -> bytes:  # noqa: B008 - frozen
    """The text of a small file; as `decoded`."""
    if content[:1] in {b"{", b"["} and content.isascii() and content[1:2] != b"\0":
        return content
    return b"".join(decoded(io.BytesIO(content), limits))


# ---------------------------------------------------------------------------------------------- expanding


def _expanded(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    head = stream.read(CHUNK)
    chunks = _chunks(head, stream)
    if head[:2] == b"\x1f\x8b":
        yield from _inflated(chunks, lambda: zlib.decompressobj(31), _inflate_zlib, limits)
    elif head[:3] == b"BZh" and head[4:10] in {b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"}:
        yield from _inflated(chunks, bz2.BZ2Decompressor, _inflate_other, limits)
    elif head[:6] == b"\xfd7zXZ\x00":
        yield from _inflated(chunks, lzma.LZMADecompressor, _inflate_other, limits)
    elif head[:4] == b"\x28\xb5\x2f\xfd":
        yield from _zstd(chunks, limits)
    else:
        yield from chunks


def _chunks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head
        head = stream.read(CHUNK)


class _Gauge:
    """How much was read and made of it."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.read, self.made = limits, 0, 0

    def count(self, made: int) -> None:
        """Count bytes that were made; too many of them raise."""
        self.made += made
        most = max(self.limits.free_bytes, self.limits.ratio * self.read)
        if self.made > min(most, self.limits.expanded_bytes):
            raise RefusedError.at(f"it expands to more than {min(most, self.limits.expanded_bytes):,} bytes", self.made)


def _inflate_zlib(expander: _Expander, chunk: bytes) -> tuple[bytes, bytes]:
    made: bytes = expander.decompress(chunk, CHUNK)  # type: ignore[attr-defined]
    rest: bytes = expander.unconsumed_tail  # type: ignore[attr-defined]
    return made, rest


def _inflate_other(expander: _Expander, chunk: bytes) -> tuple[bytes, bytes]:
    made: bytes = expander.decompress(chunk, CHUNK)  # type: ignore[attr-defined]
    return made, b""


def _inflated(
    chunks: Iterable[bytes], new: Callable[[], _Expander], inflate: Callable[[_Expander, bytes], tuple[bytes, bytes]], limits: Limits
) -> Iterator[bytes]:
    """Members one after the other, as gzip, bzip2 and xz allow; zeros after the last are padding."""
    gauge, expander = _Gauge(limits), new()
    is_fresh = False
    for stored in chunks:
        chunk = stored
        gauge.read += len(chunk)
        while chunk or (not expander.eof and not is_fresh and not getattr(expander, "needs_input", True)):
            if is_fresh and not chunk.strip(b"\0"):
                break
            is_fresh = False
            try:
                made, rest = inflate(expander, chunk)
            except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
                raise RefusedError.at(f"it can't be expanded: {error}", gauge.made) from error
            gauge.count(len(made))
            if made:
                yield made
            chunk = rest
            if expander.eof:
                chunk, expander, is_fresh = expander.unused_data, new(), True
    if not is_fresh:
        raise RefusedError.at("its compressed data ends too early", gauge.made, is_truncated=True)


class _Fed:
    """Chunks as a file that Arrow reads."""

    def __init__(self, chunks: Iterator[bytes], gauge: _Gauge) -> None:
        self.chunks, self.gauge, self.left, self.closed = chunks, gauge, b"", False

    def read(self, count: int) -> bytes:
        """At most so many bytes; none at the end."""
        if not self.left:
            self.left = next(self.chunks, b"")
            self.gauge.read += len(self.left)
        made, self.left = self.left[:count], self.left[count:]
        return made

    def close(self) -> None:
        """Have no more."""
        self.closed = True


def _zstd(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    gauge = _Gauge(limits)
    opened = pa.CompressedInputStream(pa.PythonFile(_Fed(chunks, gauge), mode="r"), "zstd")
    while True:
        try:
            made = opened.read(CHUNK)
        except (OSError, pa.ArrowException) as error:
            is_truncated = "truncated" in str(error).lower()
            raise RefusedError.at(f"it can't be expanded: {error}", gauge.made, is_truncated=is_truncated) from error
        if not made:
            return
        gauge.count(len(made))
        yield made


# ----------------------------------------------------------------------------------------------- encodings


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    encoding, skipped = _encoding_of(head)
    head = head[skipped:]
    read = skipped
    decoder = codecs.getincrementaldecoder(encoding)()
    is_utf8, is_between = encoding == "utf-8", False
    for chunk in _first(head, chunks):
        made = chunk
        if not is_utf8:
            made = _text(decoder, chunk, read, final=False).encode()
        elif is_between or not chunk.isascii():
            _text(decoder, chunk, read, final=False)
            is_between = bool(decoder.getstate()[0])
        read += len(chunk)
        if made:
            yield made
    _text(decoder, b"", read, final=True)


def _first(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from chunks


def _encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding that a text begins in, and the bytes of the mark that says so; without one, by where its zeros are."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if len(head) >= 4 and head[:3] == b"\0\0\0":
        return "utf-32-be", 0
    if len(head) >= 4 and head[0] and head[1:4] == b"\0\0\0":
        return "utf-32-le", 0
    if len(head) >= 2 and not head[0] and head[1]:
        return "utf-16-be", 0
    if len(head) >= 2 and head[0] and not head[1]:
        return "utf-16-le", 0
    return "utf-8", 0


def _text(decoder: codecs.IncrementalDecoder, chunk: bytes, read: int, *, final: bool) -> str:
    before = len(decoder.getstate()[0])
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        offset = read - before + error.start
        is_cut = final or error.end >= before + len(chunk)
        reason = "its text ends within a sign" if final else f"it isn't text in {error.encoding}: {error.reason}"
        raise RefusedError.at(reason, offset, is_truncated=final and is_cut) from error
