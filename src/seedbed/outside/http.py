"""HTTP, through urllib3: one request and what came back; who asks decides whether to ask again."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool

PORT, TLS_PORT = 80, 443

#: So much of an answer's text is kept.
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; status 0 where none came, with the reason as text."""

    status: int
    text: str = ""
    retry_after: str | None = None


def require_urllib3() -> None:
    """Make sure that the client library is there.

    Raises:
        PluginError: it is not.
    """
    try:
        import urllib3  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise not_installed("urllib3", "http", error) from error


class Client:
    """A connection to one server, kept between requests; one thread at a time may use it."""

    def __init__(self, at: Address) -> None:
        """It connects when first asked."""
        self._at = at
        self._pool = _pool(at)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request, once."""
        import urllib3

        try:
            got = self._pool.urlopen("POST", path, body, {**_credentials(self._at), **headers}, retries=False, redirect=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(0, self._at.hidden(_reason(error)))
        text = got.data[: 4 * _MOST_TEXT].decode(errors="replace")
        return Answer(got.status, self._at.hidden(_shortened(text)), got.headers.get("Retry-After"))

    def close(self) -> None:
        """End the connection."""
        self._pool.close()


def _pool(at: Address) -> HTTPConnectionPool:
    import urllib3

    host, port = at.hosts[0]
    limit = urllib3.Timeout(at.timeout_s)
    if at.scheme == "https":
        return urllib3.HTTPSConnectionPool(host, port, timeout=limit, maxsize=1, ssl_context=at.tls())
    return urllib3.HTTPConnectionPool(host, port, timeout=limit, maxsize=1)


def _credentials(at: Address) -> dict[str, str]:
    said = f"{at.user}:{at.password or ''}".encode()
    return {"Authorization": f"Basic {base64.b64encode(said).decode()}"} if at.user else {}


def _reason(error: BaseException) -> str:
    """What went wrong, without the addresses of objects that urllib3's messages begin with."""
    inner = error.args[-1] if error.args else error
    return str(inner).rpartition(">: ")[2] or type(error).__name__


def _shortened(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_TEXT else f"{line[:_MOST_TEXT]}…"
