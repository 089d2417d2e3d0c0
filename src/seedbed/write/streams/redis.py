"""Redis streams: an entry a row, a stream a table.

Rows go in transactions, each with the number of rows of its part that are there by then. So a run that goes on knows, and adds no row twice.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.redis import PORT, failures, open_redis
from seedbed.write.streams.messages import ID, KEY, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    from seedbed.outside.redis import Redis


def open_sink(url: str, options: SinkOptions) -> StreamSink:
    """The sink of `redis://HOST:PORT/DATABASE?topic={table}`.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: redis-py is not installed.
    """
    options.only(OPTIONS, "Redis")
    at = address(url, PORT, ["cafile"])
    open_redis(at)  # what it refuses, it refuses now
    return stream_sink(RedisStreams(at, pattern(at)), options, schemas=at.options.get("schemas"))


@dataclass(frozen=True, slots=True)
class RedisStreams:
    """The server at an address."""

    at: Address
    pattern: str

    @property
    def place(self) -> str:
        """The address without a password."""
        return self.at.shown

    def topic(self, table: str) -> str:
        """The key of a table's stream."""
        return named(self.pattern, table)

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that the keys are free or streams; a new run forgets how far an earlier one came."""
        self.at.reach()
        with open_redis(self.at) as client, failures(self.at):
            for topic in sorted(topics):
                kind = client.type(topic)
                if kind not in (b"none", b"stream"):
                    message = f"the key `{topic}` holds no stream but a {kind!r}"
                    raise ModelError(message, where=self.place, fix="say another by ?topic=")
                if is_new:
                    client.delete(progress_key(topic, run))

    def connect(self) -> Channel:
        """A connection of its own."""
        return RedisChannel(open_redis(self.at), self.at)

    def finish(self, topics: Collection[str], run: str) -> None:
        """Forget how far each part came: all are whole."""
        with open_redis(self.at) as client, failures(self.at):
            client.delete(*(progress_key(topic, run) for topic in topics))


def progress_key(topic: str, run: str) -> str:
    """Where it stands how many rows of each part are in a stream; in a cluster, at the stream's own node.

    >>> progress_key("event", "0123"), progress_key("{shop}.event", "0123")
    ('seedbed:0123:{event}', 'seedbed:0123:{shop}.event')
    """
    return f"seedbed:{run}:{topic if '{' in topic else '{' + topic + '}'}"


class RedisChannel:
    """A connection; what `send` has sent is there when it returns."""

    def __init__(self, client: Redis, at: Address) -> None:
        self._client: Any = client
        self._at = at

    def rows_there(self, messages: Messages) -> int:
        """How far an earlier run came with this part."""
        with failures(self._at):
            found = self._client.hget(progress_key(messages.topic, messages.run), _part(messages))
        return int(found) if isinstance(found, bytes) else 0

    def send(self, messages: Messages) -> None:
        """Add entries and note how many there are now, all at once."""
        topic = messages.topic
        shared = [text for pair in messages.shared.items() for text in pair]
        head, kind = ("XADD", topic, "*", "value"), messages.content_type
        with failures(self._at), self._client.pipeline(transaction=True) as pipeline:
            add = pipeline.execute_command
            for value, key, name in zip(messages.values, messages.keys, messages.ids, strict=True):
                add(*head, value, ID, name, KEY, b"" if key is None else key, "content-type", kind, *shared)
            there = messages.first + len(messages) - messages.part
            pipeline.hset(progress_key(topic, messages.run), _part(messages), str(there))
            pipeline.execute()

    def confirm(self) -> None:
        """It is."""

    def close(self) -> None:
        """End the connection."""
        with suppress(EdgeError), failures(self._at):
            self._client.close()


def _part(messages: Messages) -> str:
    return f"{messages.table}/{messages.part}"
