"""NATS JetStream: a message a row, a subject a table; the server drops a message whose name it has seen a while ago."""

from __future__ import annotations

import re
from collections.abc import Collection

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.nats import PORT, Connection, require_nats
from seedbed.write.streams.messages import ID, KEY, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions


def open_sink(url: str, options: SinkOptions) -> StreamSink:
    """The sink of `nats://HOST:PORT?topic={table}&stream=NAME&create=false&tls=true`.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: nats-py is not installed.
    """
    options.only(OPTIONS, "NATS")
    at = address(url, PORT, ["stream", "create", "tls", "cafile"])
    require_nats()
    if at.path:
        raise ModelError("a NATS address has no path", where=at.shown, fix="say subjects by ?topic=shop.{table}")
    return stream_sink(JetStream(at, pattern(at)), options, schemas=at.options.get("schemas"))


@dataclass(frozen=True, slots=True)
class JetStream:
    """The servers at an address."""

    at: Address
    pattern: str

    @property
    def place(self) -> str:
        """The address without a password."""
        return self.at.shown

    def topic(self, table: str) -> str:
        """The subject of a table."""
        return named(self.pattern, table)

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that a stream takes each subject; one is made where none does, unless `create=false`."""
        del run, is_new
        for topic in topics:
            if not re.fullmatch(r"[^\s.*>]+(\.[^\s.*>]+)*", topic):
                fix = "say another by ?topic=; words with points between them, no spaces, no * and >"
                raise ModelError(f"a subject can't be called `{topic}`", where=self.place, fix=fix)
        connection = Connection(self.at)
        try:
            missing = [topic for topic in sorted(topics) if not connection.stream_of(topic)]
            if missing and not self.at.flag("create", default=True):
                raise self.at.failed(f"no stream takes the subject `{missing[0]}`", fix="make one, or leave create=false out")
            name = self.at.options.get("stream")
            wanted = {name: missing} if name and missing else {topic.replace(".", "_"): [topic] for topic in missing}
            for stream, subjects in wanted.items():
                connection.make_stream(stream, subjects)
        finally:
            connection.close()

    def connect(self) -> Channel:
        """A connection of its own."""
        return NatsChannel(Connection(self.at))

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the server."""


class NatsChannel:
    """A connection that publishes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.confirm = connection.confirm
        self.close = connection.close

    def rows_there(self, messages: Messages) -> int:
        """The server can't tell, but it drops what it had lately."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Publish messages; the name of each is its `Nats-Msg-Id`."""
        shared = {**messages.shared, "Content-Type": messages.content_type}
        rows = zip(messages.values, messages.keys, messages.ids, strict=True)
        self._connection.publish(
            messages.topic,
            (
                (value, {"Nats-Msg-Id": name, ID: name, **({KEY: _text(key)} if key is not None else {}), **shared})
                for value, key, name in rows
            ),
        )


def _text(key: bytes) -> str:
    """A key in a header, which is one line: anything but visible ASCII is percent-encoded."""
    from urllib.parse import quote

    text = key.decode()
    return text if text.isascii() and text.isprintable() and text == text.strip() else quote(text, safe=" ")
