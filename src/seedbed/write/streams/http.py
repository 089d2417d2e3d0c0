"""HTTP: a request for some hundred rows, to any URL; asked again where that may help, with a key by which a server knows what it has had."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import randbelow
from urllib.parse import parse_qsl, quote, urlsplit

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.http import PORT, TLS_PORT, Answer, Client, require_urllib3
from seedbed.write.streams.messages import RUN, TABLE, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import checked, named
from seedbed.write.targets import SinkOptions

#: Rows of a request, unless `batch_rows` says otherwise.
BATCH_ROWS = 500

#: How often a request is sent in all, and the waits between: they double from the first to the longest, and each is cut by chance, so that
#: many senders don't come back at once. A server that asks for a longer wait than this gets no further request.
ATTEMPTS, FIRST_WAIT_S, LONGEST_WAIT_S, MOST_PATIENCE_S = 8, 0.5, 30.0, 120.0

#: What an answer may ask for to be sent again: no answer, too early, too many, and all that is the server's own trouble.
_AGAIN = frozenset({0, 408, 425, 429})

#: What an address says of the sending, after `#`, which servers never see.
_SETTINGS = ("timeout", "attempts", "cafile", "lines")


def _chance() -> float:
    return randbelow(1 << 53) / (1 << 53)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and after which waits a request is sent again; `chance` gives numbers in [0, 1), `now` the time of day."""

    attempts: int = ATTEMPTS
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = _chance
    now: Callable[[], datetime] = _now

    def wait_s(self, attempt: int, answer: Answer) -> float:
        """How long to wait after the `attempt`-th answer, counted from 0: what the server asks for, else a part of the doubled wait."""
        asked = self._asked_s(answer.retry_after)
        return asked if asked is not None else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**attempt) * self.chance()

    def _asked_s(self, said: str | None) -> float | None:
        """What `Retry-After` says: seconds, or a date; None where it says nothing that can be read."""
        if said is None:
            return None
        if said.strip().isdecimal():
            return float(said)
        try:
            return max(0.0, (parsedate_to_datetime(said) - self.now()).total_seconds())
        except (ValueError, TypeError):
            return None


def open_sink(url: str, options: SinkOptions, patience: Patience | None = None) -> StreamSink:
    """The sink of `https://HOST/PATH/{table}?…#timeout=30&attempts=8&lines=true`; what stands after `#` is ours, the rest the server's.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: urllib3 is not installed.
    """
    options.only([*OPTIONS, "batch_rows"], "HTTP")
    require_urllib3()
    plain, _, settings = url.partition("#")
    parts = urlsplit(plain)
    port = TLS_PORT if parts.scheme.lower() == "https" else PORT
    at = address(f"{parts.scheme}://{parts.netloc}", port)
    said = dict(parse_qsl(settings, keep_blank_values=True))
    for name in said:
        if name not in _SETTINGS:
            fix = did_you_mean(name, _SETTINGS) or f"one of {one_of(_SETTINGS)}"
            raise ModelError(f"HTTP addresses have no setting `{name}` after #", where=at.shown, fix=fix)
    at = Address(at.scheme, at.hosts[:1], at.user, at.password, parts.path.removeprefix("/"), said)
    if len(parts.netloc.split(",")) > 1:
        raise ModelError("several hosts", where=at.shown, fix="name one")
    if (options.format or "json").lower() == "avro":
        raise ModelError("a request holds rows as JSON", where=at.shown, fix="leave --format avro out")
    rows = options.batch_rows or BATCH_ROWS
    if rows < 1:
        raise ModelError(f"{rows} rows a request send nothing", where="--batch-rows", fix="1 or more")
    patience = patience or Patience(_attempts(said.get("attempts"), at))
    target = checked(f"/{at.path}{'?' + parts.query if parts.query else ''}", at.shown)
    broker = Http(at, target, at.flag("lines", default=False), patience)
    return stream_sink(broker, options, chunk_rows=rows, is_smooth=False)


def _attempts(said: str | None, at: Address) -> int:
    if said is not None and not (said.isdecimal() and 1 <= int(said) <= 100):
        raise ModelError(f"`attempts={said}` is no number of attempts", where=at.shown, fix="1 to 100")
    return ATTEMPTS if said is None else int(said)


@dataclass(frozen=True, slots=True)
class Http:
    """A server, and where on it a table's rows go; `lines` sends a row a line, else a JSON list."""

    at: Address
    target: str
    lines: bool
    patience: Patience

    @property
    def place(self) -> str:
        """The URL without a password and without what stands after `?`."""
        return self.at.shown

    def topic(self, table: str) -> str:
        """The path and query of a table's requests."""
        return named(self.target, table if table == "{table}" else quote(table))

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that somebody listens; nothing is asked yet."""
        del topics, run, is_new
        self.at.timeout_s  # noqa: B018 - refuses what is no number
        self.at.reach()

    def connect(self) -> Channel:
        """A connection of its own."""
        return HttpChannel(self)

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the server."""


class HttpChannel:
    """A connection; a request that `send` has sent was answered well when it returns."""

    def __init__(self, broker: Http) -> None:
        self._broker = broker
        self._client = Client(broker.at)

    def rows_there(self, messages: Messages) -> int:
        """The server can't tell."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Send rows as one request, again and again where that may help.

        Raises:
            ModelError: the server says that the request is wrong.
            EdgeError: no good answer came.
        """
        broker, patience = self._broker, self._broker.patience
        body = b"\n".join(messages.values) + b"\n" if broker.lines else b"[" + b",".join(messages.values) + b"]"
        headers = _headers(messages, broker.lines)
        for attempt in range(patience.attempts):
            answer = self._client.post(messages.topic, body, headers)
            if 200 <= answer.status < 300:
                return
            wait_s = patience.wait_s(attempt, answer)
            if not _may_help(answer) or attempt + 1 == patience.attempts or wait_s > MOST_PATIENCE_S:
                raise _refused(answer, messages, broker.at, attempt + 1)
            patience.sleep(wait_s)

    def confirm(self) -> None:
        """Every request was answered."""

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def _headers(messages: Messages, lines: bool) -> Mapping[str, str]:  # noqa: FBT001 - one caller
    """What stands at the head of a request: the same for the same rows, whenever they are sent."""
    rows = f"{messages.first}-{messages.first + len(messages)}"
    return {
        "Content-Type": "application/x-ndjson" if lines else "application/json",
        "User-Agent": "seedbed",
        "Idempotency-Key": f'"{messages.run}/{messages.table}/{rows}"',
        TABLE: quote(messages.table),
        RUN: messages.run,
        "seedbed-rows": rows,
        **messages.headers,
    }


def _may_help(answer: Answer) -> bool:
    """Whether the same request may have another answer later."""
    return answer.status in _AGAIN or answer.status >= 500


def _refused(answer: Answer, messages: Messages, at: Address, attempts: int) -> EdgeError | ModelError:
    rows = f"rows {messages.first} to {messages.first + len(messages) - 1} of `{messages.table}`"
    said = f": {answer.text}" if answer.text else ""
    times = "" if attempts == 1 else f" after {attempts} attempts"
    if answer.status == 0:
        return at.failed(f"no answer for {rows}{times}{said}", fix="look at the server, then run again with --resume")
    if _may_help(answer):
        return at.failed(f"the server answered {answer.status} to {rows}{times}{said}", fix="wait, then run again with --resume")
    fix = {401: "say the right user and password, or --header Authorization=…", 403: "allow it at the server", 404: "say another URL"}
    message = f"the server refused {rows} with {answer.status}{said}"
    return ModelError(message, where=at.shown, fix=fix.get(answer.status, "look at what the server takes"))
