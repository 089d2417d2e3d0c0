"""The one client of all object stores (obstore): whole objects, streams, ranges, lists; its errors as ours, without a secret in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.core.records import dataclass
from seedbed.outside.buckets import CREDENTIALS, STORES, Bucket, settings_of, shown

if TYPE_CHECKING:
    import obstore
    from obstore.store import ObjectStore

    #: What names one version of an object.
    Version: TypeAlias = obstore.UpdateVersion

#: Of a large object, so much goes in one request; a store takes 10,000 of them for one object.
CHUNK_BYTES = 6 << 20
MOST_CHUNKS = 10_000

#: How many of these are on their way at a time, for each object.
_AT_ONCE = 1


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a store is waited for: one request, and all tries of it together, in seconds.

    What fails at once (no connection, a server's error) is tried again after 0.1, 0.2, 0.4 ... seconds, `tries` times at most.
    """

    request_s: float = 60.0
    retries_s: float = 45.0
    tries: int = 8


@dataclass(frozen=True, slots=True)
class Found:
    """An object: its name from the place on, its size, when it was written by the store's clock, and what names this version of it."""

    path: str
    size: int
    written: datetime
    version: Version


class AlreadyThere(Exception):  # noqa: N818 - an answer, not a fault
    """An object of that name is there, or another version of it."""


class NoConditions(Exception):  # noqa: N818 - an answer, not a fault
    """This store can't write on a condition."""


@dataclass(frozen=True, slots=True)
class Store:
    """A prefix of a bucket; the same in every process and thread. Names of objects go on from the prefix.

    Everything raises EdgeError where the store can't be reached, refuses, or fails.
    """

    bucket: Bucket
    patience: Patience = Patience()

    @property
    def _client(self) -> ObjectStore:
        return self._waiting(self.patience)

    def _waiting(self, patience: Patience) -> ObjectStore:
        return _client(self.bucket, patience, _settings(self.bucket.scheme), os.getpid())

    def put(self, path: str, content: bytes | memoryview | Sequence[bytearray]) -> None:
        """Write an object with one request, over one of that name."""
        with _edge(self.bucket):
            import obstore

            pieces = content if isinstance(content, bytes | memoryview) else iter(content)
            obstore.put(self._client, path, pieces, use_multipart=False)

    def put_new(self, path: str, content: bytes) -> Version:
        """Write an object that isn't there yet, and give its version.

        Raises:
            AlreadyThere: one of that name is.
            NoConditions: the store can't promise that.
        """
        return self._put_if(path, content, "create")

    def put_over(self, path: str, content: bytes, version: Version) -> Version:
        """Write an object over this version of it, and give the new version.

        Raises:
            AlreadyThere: another version is there, or none.
            NoConditions: the store can't promise that.
        """
        return self._put_if(path, content, version)

    def _put_if(self, path: str, content: bytes, mode: Any) -> Version:
        """Tried again less often: a store without conditions answers with an error of the sort that might pass."""
        from obstore.exceptions import AlreadyExistsError, BaseError, NotSupportedError, PreconditionError

        with _edge(self.bucket):
            import obstore

            try:
                done = obstore.put(self._waiting(replace(self.patience, tries=2)), path, content, mode=mode)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                if isinstance(error, FileNotFoundError) and _code(error) in _NO_BUCKET:
                    raise
                raise AlreadyThere from None
            except (NotSupportedError, BaseError) as error:
                if isinstance(error, NotSupportedError) or _status(error) == 501 or _code(error) == "NotImplemented":
                    raise NoConditions from None
                raise
            return _version(done)

    def put_stream(self, path: str, chunks: Iterator[bytearray]) -> None:
        """Write an object of any size, a chunk at a time; where `chunks` raises, what was sent is dropped and the error goes through."""
        with _edge(self.bucket):
            import obstore

            obstore.put(self._client, path, chunks, use_multipart=True, chunk_size=CHUNK_BYTES, max_concurrency=_AT_ONCE)

    def head(self, path: str) -> Found | None:
        """What is known of an object; None where there is none."""
        with _edge(self.bucket):
            import obstore

            try:
                return _found(obstore.head(self._client, path))
            except FileNotFoundError as error:
                if _code(error) in _NO_BUCKET:
                    raise
                return None

    def get(self, path: str) -> bytes | None:
        """A whole object; None where there is none."""
        with _edge(self.bucket):
            import obstore

            try:
                return bytes(obstore.get(self._client, path).bytes())
            except FileNotFoundError as error:
                if _code(error) in _NO_BUCKET:
                    raise
                return None

    def get_range(self, path: str, start: int, length: int) -> bytes:
        """Bytes of an object from `start` on, which must be inside of it; fewer at its end."""
        with _edge(self.bucket):
            import obstore

            return bytes(obstore.get_range(self._client, path, start=start, length=length))

    def listed(self, folder: str = "") -> Iterator[Found]:
        """All objects under a folder, deep; in the order of their names."""
        with _edge(self.bucket):
            import obstore

            for some in obstore.list(self._client, prefix=folder.strip("/") or None):
                for meta in some:
                    yield _found(meta)

    def delete(self, paths: Iterable[str]) -> None:
        """Remove objects, those that are not there too."""
        names = list(paths)
        for start in range(0, len(names), 250):  # Azure takes 256 at a time
            self._delete(names[start : start + 250])

    def _delete(self, names: list[str]) -> None:
        with _edge(self.bucket):
            import obstore

            try:
                obstore.delete(self._client, names)
            except FileNotFoundError as error:
                if _code(error) in _NO_BUCKET:
                    raise
                for name in names if len(names) > 1 else []:  # one is gone: who knows of the others
                    self._delete([name])


def _found(meta: Any) -> Found:
    return Found(meta["path"], meta["size"], meta["last_modified"], _version(meta))


def _version(said: Any) -> Version:
    """What names a version of an object, of all that a store says."""
    return cast("Version", {name: said[name] for name in ("e_tag", "version") if said[name] is not None})


def _settings(scheme: str) -> frozenset[tuple[str, str]]:
    """What the environment says now of a provider: a client is made anew where it changes."""
    return frozenset(pair for pair in os.environ.items() if pair[0].startswith(_VARIABLES[scheme]))


_VARIABLES = {"s3": ("AWS_",), "gs": ("GOOGLE_", "STORAGE_EMULATOR_"), "az": ("AZURE_",)}


@lru_cache(maxsize=16)
def _client(bucket: Bucket, patience: Patience, said: frozenset[tuple[str, str]], process: int) -> ObjectStore:
    """The client of a bucket; each process makes its own."""
    del said, process
    store = _library()
    settings = settings_of(bucket.scheme)
    waiting: dict[str, Any] = {"timeout": timedelta(seconds=patience.request_s), "connect_timeout": timedelta(seconds=5)}
    if settings.allow_http:
        waiting["allow_http"] = True
    backoff = {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=10), "base": 2}
    retrying = {"max_retries": patience.tries, "retry_timeout": timedelta(seconds=patience.retries_s), "backoff": backoff}
    maker = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}[bucket.scheme]
    with _edge(bucket):
        made: ObjectStore = maker(
            bucket.name, prefix=bucket.prefix or None, client_options=waiting, retry_config=retrying, **dict(settings.options)
        )
    return made


def _library() -> Any:
    try:
        import obstore.store
    except ImportError as error:
        raise PluginError("object stores need a library that isn't installed", fix="pip install 'seedbed[cloud]'") from error
    return obstore.store


# --------------------------------------------------------------------------------------------- errors

_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"})


@contextmanager
def _edge(bucket: Bucket) -> Iterator[None]:
    """What the library raises, as ours. Its texts hold URLs with signatures, so only the status and the store's own code are kept."""
    _library()
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise _told(bucket, error) from None  # its text may hold a signature, so it goes no further


def _told(bucket: Bucket, error: Exception) -> Exception:
    store, where, text = STORES[bucket.scheme], str(bucket), str(error)
    status, code = _status(error), _code(error)
    said = " ".join(filter(None, (str(status or ""), code)))
    if code in _NO_BUCKET:
        word = "container" if bucket.scheme == "az" else "bucket"
        return EdgeError(
            f"there is no {word} `{bucket.name}`", where=where, fix=f"make the {word} first, or check its name and the endpoint"
        )
    if "169.254.169.254" in text or "InvalidAccount" in text:
        return EdgeError(f"no credentials for {store} were found", where=where, fix=f"set {CREDENTIALS[bucket.scheme]}")
    if status in (401, 403) or type(error).__name__ in ("UnauthenticatedError", "PermissionDeniedError"):
        fix = f"check {CREDENTIALS[bucket.scheme]}, and what they may do there"
        return EdgeError(f"{store} refused these credentials ({said or 'no reason given'})", where=where, fix=fix)
    if isinstance(error, FileNotFoundError):
        return EdgeError("there is no such object any more", where=where, fix="find out who removed it, then run again")
    if status is not None:
        return EdgeError(f"{store} failed ({said})", where=where, fix="run again, with --resume where rows were written")
    return _unreached(bucket, text)


def _unreached(bucket: Bucket, text: str) -> Exception:
    store, where = STORES[bucket.scheme], str(bucket)
    endpoint = settings_of(bucket.scheme).endpoint
    if "builder error" in text and endpoint and endpoint.startswith("http:"):
        fix = "use https://, or set AWS_ALLOW_HTTP=true where the network is trusted"
        return ModelError("the endpoint has no encryption, and isn't this machine", where=where, fix=fix)
    if "HTTP error" in text or "error sending" in text or "timed out" in text.lower():
        said = "it did not answer in time" if re.search(r"timed ?out", text, re.IGNORECASE) else "no connection"
        fix = "look at the network and at the endpoint, then run again, with --resume where rows were written"
        return EdgeError(f"{store} can't be reached: {said}", where=f"{where} at {shown(endpoint)}" if endpoint else where, fix=fix)
    first = re.sub(r"https?://\S+", "...", text.partition("\n")[0])[:200]
    return EdgeError(f"{store} can't be used: {first}", where=where, fix=f"check {CREDENTIALS[bucket.scheme]}")


def _status(error: Exception) -> int | None:
    found = re.search(r"status code: (\d{3})", str(error))
    return int(found[1]) if found else None


def _code(error: Exception) -> str:
    found = re.search(r"<Code>\s*(\w+)\s*</Code>", str(error))
    return found[1] if found else ""
