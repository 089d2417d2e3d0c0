"""Kafka: a message a row, a topic a table."""

from __future__ import annotations

import re
from collections.abc import Collection

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.kafka import PORT, Headers, Publisher, open_producer, require_topic
from seedbed.write.streams.messages import ID, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions


def open_sink(url: str, options: SinkOptions) -> StreamSink:
    """The sink of `kafka://HOST:PORT?topic={table}`; options with a point in their names go to librdkafka.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: confluent-kafka is not installed.
    """
    options.only(OPTIONS, "Kafka")
    at = address(url, PORT, dotted=True)
    if at.path:
        raise ModelError("a Kafka address has no path", where=at.shown, fix="say topics by ?topic=shop.{table}")
    open_producer(at)  # what it refuses, it refuses now
    return stream_sink(Kafka(at, pattern(at)), options, schemas=at.options.get("schemas"))


@dataclass(frozen=True, slots=True)
class Kafka:
    """The brokers at an address."""

    at: Address
    pattern: str

    @property
    def place(self) -> str:
        """The address without a password."""
        return self.at.shown

    def topic(self, table: str) -> str:
        """The topic of a table."""
        return named(self.pattern, table)

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that the topics are there."""
        del run, is_new
        producer = open_producer(self.at)
        for topic in sorted(topics):
            if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", topic):
                fix = "say another by ?topic=; Kafka takes letters of ASCII, digits, points, _ and -"
                raise ModelError(f"a topic can't be called `{topic}`", where=self.place, fix=fix)
            require_topic(producer, topic, self.at)

    def connect(self) -> Channel:
        """A producer of its own."""
        return KafkaChannel(Publisher(self.at))

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the broker."""


class KafkaChannel:
    """A producer of its own."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.confirm = publisher.confirm
        self.close = publisher.close

    def rows_there(self, messages: Messages) -> int:
        """Kafka can't tell."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Put messages into the producer's queue; waits while it is full."""
        shared: Headers = [(name, value.encode()) for name, value in messages.shared.items()]
        shared.append(("content-type", messages.content_type.encode()))
        publish, topic = self._publisher.publish, messages.topic
        for value, key, name in zip(messages.values, messages.keys, messages.ids, strict=True):
            publish(topic, value, key, [*shared, (ID, name.encode())])
        self._publisher.look()
