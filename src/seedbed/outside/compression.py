"""Streams packed as gzip, bz2, xz, zstd, lz4 or brotli: the same bytes at any time (no clock goes into a header)."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: What a packed file's name ends with, by how it is packed.
SUFFIXES = {"gzip": ".gz", "bz2": ".bz2", "xz": ".xz", "zstd": ".zst", "lz4": ".lz4", "brotli": ".br"}

#: How a file is packed, by the ending of its name.
PACKED = {suffix: name for name, suffix in SUFFIXES.items()}

#: Window bits that ask zlib for a gzip header, which then has no name and no time in it.
_GZIP = 31


class _Packer(Protocol):
    def compress(self, data: ReadableBuffer, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Packing(io.RawIOBase):
    """Writes packed bytes to another stream, which stays open."""

    def __init__(self, out: BinaryIO, packer: _Packer) -> None:
        self._out, self._packer = out, packer

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        self._out.write(self._packer.compress(data))
        return memoryview(data).nbytes

    def finish(self) -> None:
        """Write what is still held back, and the end mark."""
        self._out.write(self._packer.flush())


@contextmanager
def packing(out: BinaryIO, name: str | None) -> Iterator[BinaryIO]:
    """A stream whose bytes go packed to `out`, which is neither closed nor asked where it stands; `out` itself for None.

    >>> out = io.BytesIO()
    >>> with packing(out, "gzip") as packed:
    ...     _ = packed.write(b"seed")
    >>> out.getvalue()[:10].hex(), zlib.decompress(out.getvalue(), 31)
    ('1f8b0800000000000003', b'seed')
    """
    if name is None or name == "none":
        yield out
    elif name in _PACKERS:
        raw = _Packing(out, _PACKERS[name]())
        yield cast("BinaryIO", raw)
        raw.finish()  # not where something was raised: half a file needs no end
    else:
        yield from _arrow_packing(out, name)


_PACKERS: dict[str, Any] = {
    "gzip": lambda: zlib.compressobj(6, zlib.DEFLATED, _GZIP),
    "bz2": lambda: bz2.BZ2Compressor(9),
    "xz": lambda: lzma.LZMACompressor(preset=3),
}


def _arrow_packing(out: BinaryIO, name: str) -> Iterator[BinaryIO]:
    import pyarrow as pa

    held = _Held(out)
    stream = pa.CompressedOutputStream(pa.PythonFile(held, mode="w"), name)
    yield cast("BinaryIO", stream)
    stream.close()


class _Held(io.RawIOBase):
    """A stream whose close is not passed on."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        self._out.write(data)
        return memoryview(data).nbytes


def unpacking(path: Path, source: BinaryIO | None = None) -> Any:
    """A file for reading, unpacked as its ending says, as one of Arrow's; to be closed by whoever asked.

    It is read from `source` where that is given, which is closed with it.

    Raises:
        OSError: it can't be opened, or is packed in another way.
    """
    import pyarrow as pa

    name = PACKED.get(path.suffix.lower())
    if name == "xz":
        return pa.PythonFile(_Unpacked(lzma.LZMAFile(path if source is None else source)), mode="r")
    return pa.input_stream(str(path) if source is None else source, compression=name)


class _Unpacked(io.RawIOBase):
    """A file of xz, whose errors are told as those of files."""

    def __init__(self, file: lzma.LZMAFile) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return self._file.read(-1 if size is None else size)
        except (lzma.LZMAError, EOFError) as error:
            raise OSError(f"no whole xz file: {error}") from error

    def close(self) -> None:
        self._file.close()
        super().close()
