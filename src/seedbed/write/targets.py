"""Where rows go: what takes them, by the scheme of a URL, and how it is asked to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.registry import load
from seedbed.core.sinks import Sink

Mode = Literal["append", "replace", "upsert"]
MODES: tuple[Mode, ...] = ("append", "replace", "upsert")

#: What makes the sink of each scheme: `(url, options) -> Sink`, loaded when a URL asks for it.
SINKS = {
    "file": "seedbed.write.files:open_files",
    "s3": "seedbed.write.files:open_files",
    "gs": "seedbed.write.files:open_files",
    "az": "seedbed.write.files:open_files",
    "postgresql": "seedbed.write.databases.postgres:open_sink",
    "postgres": "seedbed.write.databases.postgres:open_sink",
    "mysql": "seedbed.write.databases.mysql:open_sink",
    "mariadb": "seedbed.write.databases.mysql:open_sink",
    "sqlite": "seedbed.write.databases.sqlite:open_sink",
    "duckdb": "seedbed.write.databases.duckdb:open_sink",
    "kafka": "seedbed.write.streams.kafka:open_sink",
    "amqp": "seedbed.write.streams.rabbitmq:open_sink",
    "amqps": "seedbed.write.streams.rabbitmq:open_sink",
    "nats": "seedbed.write.streams.nats:open_sink",
    "redis": "seedbed.write.streams.redis:open_sink",
    "rediss": "seedbed.write.streams.redis:open_sink",
    "mqtt": "seedbed.write.streams.mqtt:open_sink",
    "mqtts": "seedbed.write.streams.mqtt:open_sink",
    "http": "seedbed.write.streams.http:open_sink",
    "https": "seedbed.write.streams.http:open_sink",
}

#: Schemes that are known and not served, each with the reason.
_NOT_SERVED = {
    "pulsar": "there is no Pulsar broker to test against, so nothing is promised of one",
    "pulsar+ssl": "there is no Pulsar broker to test against, so nothing is promised of one",
}
_INSTEAD = {"pulsar": "send to Kafka (Pulsar speaks its protocol through KoP), RabbitMQ, NATS or Redis, or write files"}


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """How rows are stored or sent; None and empty mean the sink's own way.

    `format_options` are those that a format has of its own, by name. `partition_by` has columns by table, `encodings` an encoding by
    `table.column`, `keys` the columns of a message's key by table; `rate` is in rows a second, `batch_rows` how many rows go in one statement or message. `mode` says what becomes of rows that are there already.
    `state` is the local file in which a sink that can't keep notes itself (a stream) remembers which parts are whole.
    """

    format: str | None = None
    compression: str | None = None
    format_options: Mapping[str, str] = field(default_factory=dict)
    partition_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row_group_rows: int | None = None
    encodings: Mapping[str, str] = field(default_factory=dict)
    dialect: str | None = None
    schema: str | None = None
    mode: Mode | None = None
    batch_rows: int | None = None
    rate: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    state: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that say something."""
        return tuple(option.name for option in fields(self) if getattr(self, option.name) not in (None, {}))

    def only(self, names: Iterable[str], taker: str) -> None:
        """Refuse options that `taker` can't follow.

        Raises:
            ModelError: one is given that isn't among `names`.

        >>> SinkOptions(compression="zstd").only(["compression"], "Parquet")
        """
        known = set(names)
        wrong = [_spelt(name) for name in self.given if name not in known]
        if wrong:
            fix = f"leave it out; {taker} takes {one_of(map(_spelt, sorted(known)))}" if known else "leave it out"
            raise ModelError(f"{taker} can't follow {one_of(wrong)}", fix=fix)


def _spelt(name: str) -> str:
    spelt = name.replace("_", "-")
    return f"--{spelt.removesuffix('s') if name in ('encodings', 'format_options', 'headers', 'keys') else spelt}"


def open_sink(target: str, options: SinkOptions) -> Sink:
    """What takes the rows at a path or URL.

    Raises:
        ModelError: the scheme is unknown or not served, or the sink can't follow an option.
        PluginError: a driver must be installed.
    """
    scheme = scheme_of(target)
    if scheme in _NOT_SERVED:
        raise ModelError(f"`{scheme}` is not served: {_NOT_SERVED[scheme]}", where=without_secrets(target), fix=_INSTEAD["pulsar"])
    if scheme not in SINKS:
        fix = did_you_mean(scheme, SINKS) or f"a path, or a URL of {one_of(SINKS, most=len(SINKS))}"
        raise ModelError(f"nothing takes `{scheme}:` URLs", where=without_secrets(target), fix=fix)
    return cast("Sink", load(SINKS[scheme])(target, options))


def scheme_of(target: str) -> str:
    """The scheme of a URL, in lower case; that of a path is `file`.

    >>> scheme_of("s3://bucket/x"), scheme_of("out/shop"), scheme_of("file:///tmp/x"), scheme_of("C:/data")
    ('s3', 'file', 'file', 'file')
    """
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", target)  # one letter is a drive
    return found[1].lower() if found and (target[found.end() :].startswith("/") or found[1].lower() in SINKS) else "file"


def local_path(target: str) -> str:
    """The path that a path or a `file:` URL means.

    Raises:
        ModelError: the URL names another machine.

    >>> local_path("file:///tmp/a%20b"), local_path("out")
    ('/tmp/a b', 'out')
    """
    if not target.lower().startswith("file:"):
        return target
    parts = urlsplit(target)
    if parts.netloc not in ("", "localhost"):
        raise ModelError("a file URL can't name another machine", where=target, fix="write file:///path, with three slashes")
    return unquote(parts.path)


def without_secrets(target: str) -> str:
    """A URL as it may be shown: without its password, and without the values after `?`.

    >>> without_secrets("postgresql://ann:x@host/db?sslkey=1")
    'postgresql://ann:***@host/db?***'
    >>> without_secrets("out/shop")
    'out/shop'
    """
    if scheme_of(target) == "file":
        return target
    hidden = re.sub(r"(?<=://)([^/@]*?):[^/]*@", r"\1:***@", target)
    return re.sub(r"\?.*", "?***", hidden)
