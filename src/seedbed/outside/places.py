"""Files in object stores: `s3://bucket/prefix`, `gs://...`, `az://container/prefix`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from seedbed.core.errors import EdgeError
from seedbed.core.records import dataclass
from seedbed.outside.buckets import STORES, bucket_of, settings_of
from seedbed.outside.leases import LOCK, Lease
from seedbed.outside.stores import Patience, Store
from seedbed.outside.unfinished import drop_unfinished
from seedbed.outside.uploads import Upload

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: What is read of a large object at a time.
READ_BYTES = 4 << 20

#: What is in memory already is sent by one request up to this size.
ONE_REQUEST_BYTES = 48 << 20

#: The leases of this process, by place: whoever writes there makes sure of them.
_LEASES: dict[str, Lease] = {}


def is_remote(url: str) -> bool:
    """Whether a path or URL means an object store.

    >>> is_remote("s3://shop/2026"), is_remote("out/shop")
    (True, False)
    """
    return url.partition("://")[0].lower() in STORES and "://" in url


def open_place(url: str, patience: Patience | None = None) -> ObjectPlace:
    """The place that a URL means; nothing is asked of the store yet.

    Raises:
        ModelError: the URL is no bucket's.
    """
    return ObjectPlace(Store(bucket_of(url), patience or Patience()))


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """A prefix of a bucket as a place of files; fits `Place`. A file appears when all of it is there."""

    store: Store

    @property
    def name(self) -> str:
        """The URL."""
        return str(self.store.bucket)

    @property
    def delta_options(self) -> dict[str, str]:
        """What delta-rs must be told to reach this store, beyond what it knows by the environment."""
        settings = settings_of(self.store.bucket.scheme)
        return {**settings.options, **({"allow_http": "true"} if settings.allow_http else {})}

    def take(self) -> Callable[[], None]:
        """Hold the place for this run alone, and drop the uploads that killed runs left; what is returned lets go of it.

        Raises:
            ModelError: another run is here.
            EdgeError: the store can't be reached, or refuses.
        """
        lease = Lease(self.store)
        _LEASES[self.name] = lease
        drop_unfinished(self.store.bucket)

        def release() -> None:
            _LEASES.pop(self.name, None)
            with suppress(EdgeError):  # a lock that stays is found to be dead
                lease.release()

        return release

    def _check(self) -> None:
        lease = _LEASES.get(self.name)
        if lease is not None:
            lease.check()

    def write(self, path: str, content: bytes | memoryview) -> None:
        """Keep a file, replacing one of that name."""
        if len(content) > ONE_REQUEST_BYTES:
            with self.open(path) as file:
                file.write(content)
            return
        self._check()
        self.store.put(path, content)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file to write to, bit by bit: it appears when the block ends, and not at all when the block raises."""
        upload = Upload(self.store, path)
        try:
            yield cast("BinaryIO", upload)
        except BaseException:
            upload.abandon()
            raise
        try:
            self._check()
            upload.commit()
        except BaseException:
            upload.abandon()
            raise

    def read(self, path: str) -> bytes | None:
        """The whole content of a small file; None where there is none."""
        return self.store.get(path)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a file of any size, a few MB at a time; the next is fetched meanwhile.

        Raises:
            EdgeError: there is no such file.
        """
        size = self.size(path)
        if size is None:
            raise EdgeError("there is no such file", where=f"{self.name}/{path}", fix="check the path, or find out who removed it")
        with ThreadPoolExecutor(1, thread_name_prefix="seedbed-get") as pool:
            starts = range(0, size, READ_BYTES)
            coming = [pool.submit(self.store.get_range, path, start, READ_BYTES) for start in starts[:1]]
            for start in [*starts[1:], size]:
                chunk = coming.pop().result() if coming else b""
                if start < size:
                    coming.append(pool.submit(self.store.get_range, path, start, READ_BYTES))
                if chunk:
                    yield chunk

    def size(self, path: str) -> int | None:
        """The size in bytes of a file; None where there is none."""
        found = self.store.head(path)
        return None if found is None else found.size

    def sizes(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """The paths of all files whose paths begin so, in order, and their sizes in bytes."""
        for found in self.store.listed(prefix.rpartition("/")[0]):
            if found.path.startswith(prefix) and found.path != LOCK:
                yield found.path, found.size

    def paths(self, prefix: str = "") -> Iterator[str]:
        """The paths of all files whose paths begin so, in order."""
        for path, _ in self.sizes(prefix):
            yield path

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, those that are not there too."""
        self.store.delete(paths)

    def reader(self, path: str, size: int | None = None) -> Reader:
        """A file to read from anywhere in it.

        Raises:
            EdgeError: there is no such file.
        """
        known = self.size(path) if size is None else size
        if known is None:
            raise EdgeError("there is no such file", where=f"{self.name}/{path}", fix="check the path, or find out who removed it")
        return Reader(self.store, path, known)


class Reader(io.RawIOBase):
    """An object as a file that can be read from anywhere; each read is one request for just these bytes."""

    def __init__(self, store: Store, path: str, size: int) -> None:
        super().__init__()
        self._store, self._path, self._size = store, path, size
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Begin the next read elsewhere."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readall(self) -> bytes:
        """All from here on."""
        return self.read(self._size - self._at)

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes from here on; fewer only at the end."""
        left = max(self._size - self._at, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        got = self._store.get_range(self._path, self._at, wanted) if wanted else b""
        self._at += len(got)
        return got

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer."""
        into = memoryview(buffer).cast("B")
        got = self.read(len(into))
        into[: len(got)] = got
        return len(got)
