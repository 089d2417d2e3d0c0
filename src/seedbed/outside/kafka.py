"""Kafka, through confluent-kafka: how it is reached, and what its errors mean."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer

PORT = 9092

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


def explained(error: KafkaError, at: Address, topic: str) -> SeedbedError:
    """What an error of librdkafka means."""
    from confluent_kafka import KafkaError as Code

    code = error.code()
    if code in (Code.UNKNOWN_TOPIC_OR_PART, Code._UNKNOWN_TOPIC, Code.LEADER_NOT_AVAILABLE):  # noqa: SLF001 - that is its name
        return at.failed(f"there is no topic `{topic}`", fix="make it, or let the broker make topics (auto.create.topics.enable)")
    if code == Code.TOPIC_EXCEPTION:
        return ModelError(f"a topic can't be called `{topic}`", where=at.shown, fix="say another by ?topic=")
    if code == Code.MSG_SIZE_TOO_LARGE:
        fix = "raise it with ?message.max.bytes= and at the broker"
        return ModelError(f"a row for `{topic}` is larger than the largest message", where=at.shown, fix=fix)
    if code in (Code._AUTHENTICATION, Code.SASL_AUTHENTICATION_FAILED):  # noqa: SLF001
        return at.failed("the broker doesn't know this user or password", fix="say the right ones: kafka://USER:PASSWORD@HOST")
    if code in (Code.TOPIC_AUTHORIZATION_FAILED, Code.CLUSTER_AUTHORIZATION_FAILED):
        return at.failed(f"this user may not write to `{topic}`", fix="allow it at the broker")
    if code in (Code._TRANSPORT, Code._TIMED_OUT, Code._MSG_TIMED_OUT, Code._ALL_BROKERS_DOWN):  # noqa: SLF001
        return no_answer(at)
    return at.failed("Kafka failed", error.str())


def no_answer(at: Address) -> EdgeError:
    """The error of brokers that are silent."""
    return at.failed(f"no broker answered for {at.timeout_s:g} s", fix="start it, or say another host; then run again with --resume")
