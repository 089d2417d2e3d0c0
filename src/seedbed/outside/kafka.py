"""Kafka, through confluent-kafka: how it is reached, and what its errors mean."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

PORT = 9092

#: Beyond the time that librdkafka gives a message, for its report to come through.
_GRACE_S = 5.0

Headers: TypeAlias = "list[tuple[str, str | bytes | None]]"

#: What a producer does unless the address says otherwise: every message is confirmed by all replicas in sync, none is doubled or
#: overtaken by a retry, keys go to the partitions where Java's clients put them, and few enough wait in memory.
_SETTINGS: dict[str, Any] = {
    "client.id": "seedbed",
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    "linger.ms": 20,
    "queue.buffering.max.messages": 20_000,
    "queue.buffering.max.kbytes": 65_536,
    "delivery.report.only.error": True,
}
#: What at-least-once stands on; an address can't take it away.
_FIXED = frozenset({"bootstrap.servers", "enable.idempotence", "acks", "delivery.report.only.error", "sasl.username", "sasl.password"})


def open_producer(at: Address) -> Producer:
    """A producer; it connects by itself, in the background.

    Raises:
        PluginError: confluent-kafka is not installed.
        ModelError: the address has a property that librdkafka doesn't know, or a value it doesn't take.
    """
    try:
        from confluent_kafka import KafkaException, Producer
    except ImportError as error:
        raise not_installed("confluent-kafka", "kafka", error) from error
    try:
        return Producer(_properties(at), logger=_silent())
    except (KafkaException, TypeError, ValueError) as error:
        said = error.args[0].str() if isinstance(error, KafkaException) else str(error)
        fix = "see librdkafka's list of configuration properties"
        raise ModelError(at.hidden(f"the Kafka client refuses what the address says: {said}"), where=at.shown, fix=fix) from error


def _properties(at: Address) -> dict[str, Any]:
    given = {name: value for name, value in at.options.items() if "." in name}
    for name in given:
        if name in _FIXED:
            raise ModelError(f"`{name}` can't be changed: what a stream promises stands on it", where=at.shown, fix="leave it out")
    secrets = {"sasl.username": at.user, "sasl.password": at.password or ""} if at.user else {}
    secure = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"} if at.user else {}
    patience = {"message.timeout.ms": int(at.timeout_s * 1000)}
    return {**_SETTINGS, **patience, **secure, **given, **secrets, "bootstrap.servers": at.servers}


def _silent() -> logging.Logger:
    """What librdkafka would print, it also says by errors."""
    logger = logging.getLogger("seedbed.kafka")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return logger


def require_topic(producer: Producer, topic: str, at: Address) -> None:
    """Make sure that a topic is there; a broker that makes topics by itself makes it now.

    Raises:
        EdgeError: no broker answers, or there is no such topic.
        ModelError: it may not be called so.
    """
    from confluent_kafka import KafkaException

    at.reach()
    try:
        found = producer.list_topics(topic, timeout=at.timeout_s).topics[topic].error
    except KafkaException as error:
        raise explained(error.args[0], at, topic) from error
    if found is not None:
        raise explained(found, at, topic)


class Publisher:
    """A producer and what it has failed to deliver; one thread at a time may use it."""

    def __init__(self, at: Address) -> None:
        """It connects in the background."""
        self._at = at
        self._producer = open_producer(at)
        self._topic = ""
        self._failure: KafkaError | None = None

    def publish(self, topic: str, value: bytes, key: bytes | None, headers: Headers) -> None:
        """Put a message into the queue; waits while it is full.

        Raises:
            EdgeError: an earlier message couldn't be delivered.
            ModelError: the message is larger than may be.
        """
        from confluent_kafka import KafkaException

        self._topic = topic
        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._on_delivery, headers=headers)
            except BufferError:
                self._make_room()
            except KafkaException as error:
                raise explained(error.args[0], self._at, topic) from error
            else:
                return

    def _make_room(self) -> None:
        """Wait until the queue is shorter; messages leave it delivered, or as failed once their time is over."""
        before, end = len(self._producer), time.monotonic() + self._at.timeout_s + _GRACE_S
        while len(self._producer) >= before:
            self._producer.poll(0.05)
            self.look()
            if time.monotonic() > end:
                raise no_answer(self._at)

    def look(self) -> None:
        """Raise what was told of messages that couldn't be delivered."""
        self._producer.poll(0)
        if self._failure is not None:
            raise explained(self._failure, self._at, self._topic)

    def confirm(self) -> None:
        """Wait until all brokers in sync have every message.

        Raises:
            EdgeError: one couldn't be delivered.
        """
        left = self._producer.flush(self._at.timeout_s + _GRACE_S)
        self.look()
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


def explained(error: KafkaError, at: Address, topic: str) -> SeedbedError:
    """What an error of librdkafka means."""
    from confluent_kafka import KafkaError as Code

    code = error.code()
    if code in (Code.UNKNOWN_TOPIC_OR_PART, Code._UNKNOWN_TOPIC, Code.LEADER_NOT_AVAILABLE):
        return at.failed(f"there is no topic `{topic}`", fix="make it, or let the broker make topics (auto.create.topics.enable)")
    if code == Code.TOPIC_EXCEPTION:
        return ModelError(f"a topic can't be called `{topic}`", where=at.shown, fix="say another by ?topic=")
    if code == Code.MSG_SIZE_TOO_LARGE:
        fix = "raise it with ?message.max.bytes= and at the broker"
        return ModelError(f"a row for `{topic}` is larger than the largest message", where=at.shown, fix=fix)
    if code in (Code._AUTHENTICATION, Code.SASL_AUTHENTICATION_FAILED):
        return at.failed("the broker doesn't know this user or password", fix="say the right ones: kafka://USER:PASSWORD@HOST")
    if code in (Code.TOPIC_AUTHORIZATION_FAILED, Code.CLUSTER_AUTHORIZATION_FAILED):
        return at.failed(f"this user may not write to `{topic}`", fix="allow it at the broker")
    if code in (Code._TRANSPORT, Code._TIMED_OUT, Code._MSG_TIMED_OUT, Code._ALL_BROKERS_DOWN):
        return no_answer(at)
    return at.failed("Kafka failed", error.str())


def no_answer(at: Address) -> EdgeError:
    """The error of brokers that are silent."""
    return at.failed(f"no broker answered for {at.timeout_s:g} s", fix="start it, or say another host; then run again with --resume")
