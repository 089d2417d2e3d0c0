"""Kafka: a message a row, a topic a table."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.kafka import PORT, explained, no_answer, open_producer, require_topic
from seedbed.write.streams.messages import ID, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

#: Beyond the time that librdkafka gives a message, for its report to come through.
_GRACE_S = 5.0


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
        return KafkaChannel(open_producer(self.at), self.at)

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the broker."""


class KafkaChannel:
    """A producer and what it has failed to deliver."""

    def __init__(self, producer: Producer, at: Address) -> None:
        self._producer = producer
        self._at = at
        self._topic = ""
        self._failure: KafkaError | None = None

    def rows_there(self, messages: Messages) -> int:
        """Kafka can't tell."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Put messages into the producer's queue; waits while it is full."""
        produce, topic, on_delivery = self._producer.produce, messages.topic, self._on_delivery
        self._topic = topic
        shared = [(name, value.encode()) for name, value in {**messages.shared, "content-type": messages.content_type}.items()]
        for value, key, name in zip(messages.values, messages.keys, messages.ids, strict=True):
            headers = [*shared, (ID, name.encode())]
            while True:
                try:
                    produce(topic, value, key, on_delivery=on_delivery, headers=headers)
                    break
                except BufferError:
                    self._make_room()
                except Exception as error:
                    raise self._refused(error) from error
        self._producer.poll(0)
        self._look()

    def _make_room(self) -> None:
        """Wait until the queue is shorter; messages leave it delivered, or as failed once their time is over."""
        before, end = len(self._producer), time.monotonic() + self._at.timeout_s + _GRACE_S
        while len(self._producer) >= before:
            self._producer.poll(0.05)
            self._look()
            if time.monotonic() > end:
                raise no_answer(self._at)

    def confirm(self) -> None:
        """Wait until all brokers in sync have every message."""
        left = self._producer.flush(self._at.timeout_s + _GRACE_S)
        self._look()
        if left:
            raise no_answer(self._at)

    def close(self) -> None:
        """Forget what waits."""
        from confluent_kafka import KafkaException

        with suppress(KafkaException):
            self._producer.purge()
            self._producer.flush(0)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        del message
        self._failure = self._failure or error

    def _look(self) -> None:
        if self._failure is not None:
            raise explained(self._failure, self._at, self._topic)

    def _refused(self, error: Exception) -> Exception:
        from confluent_kafka import KafkaException

        return explained(error.args[0], self._at, self._topic) if isinstance(error, KafkaException) else error
