"""The bytes of a text file: unpacked, in UTF-8, in pieces."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from seedbed.outside.compression import PACKED, unpacking
from seedbed.read.edges import edge
from seedbed.read.quotes import QuoteWatch
from seedbed.read.remote import from_the_start

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class TextStream:
    """A file's text as UTF-8 without byte order mark, read once from its start; `watch` sees it on the way.

    The encoding is what is said, else what the mark at the start says, else UTF-8.
    """

    __slots__ = ("_decoder", "_pending", "_raw", "closed", "watch")

    def __init__(self, raw: pa.NativeFile, encoding: str | None = None) -> None:
        self._raw = raw
        self.closed = False
        self.watch: QuoteWatch | None = None
        start = raw.read(4) or b""
        mark, marked = next(((mark, name) for mark, name in _MARKS if start.startswith(mark)), (b"", None))
        name = codecs.lookup(marked or encoding or "utf-8").name
        self._decoder = None if name == "utf-8" else codecs.getincrementaldecoder(name)()
        self._pending = start[len(mark) :]

    def read(self, size: int = -1) -> bytes:
        """The next bytes, about `size` of them before they are turned into UTF-8; all that are left for -1; none at the end."""
        more = self._raw.read() if size < 0 else self._raw.read(max(size - len(self._pending), 0))
        raw, self._pending = self._pending + (more or b""), b""
        text = raw if self._decoder is None else self._decoder.decode(raw, final=not raw).encode()
        if self.watch is not None:
            self.watch.see(text)
        return text if text or not raw else self.read(size)  # a decoder may keep back the start of a character

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self._raw.close()

    def readable(self) -> bool:
        """Yes."""
        return True


@contextmanager
def text_stream(path: Path, encoding: str | None = None) -> Iterator[TextStream]:
    """Open a text file, packed or not, and turn what goes wrong with it into our errors.

    Raises:
        DataError: the file is not in its encoding, or its packing is broken or ends too early.
        EdgeError: it can't be read.
    """
    with edge(path, "text file"):
        raw = unpacking(path, from_the_start(path))
        try:
            yield TextStream(raw, encoding)
        finally:
            raw.close()


def bare_suffix(path: Path) -> str:
    """The ending that says what is in a file, without the one that says how it is packed.

    >>> bare_suffix(Path("orders.CSV.gz")), bare_suffix(Path("orders.parquet")), bare_suffix(Path("notes.gz"))
    ('.csv', '.parquet', '')
    """
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def bare_name(path: Path) -> str:
    """A file's name without its endings.

    >>> bare_name(Path("orders.csv.gz"))
    'orders'
    """
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.stem
