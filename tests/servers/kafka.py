"""librdkafka's mock cluster, which lives in the test's own process: no Kafka broker, but it speaks Kafka's protocol over TCP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class MockCluster:
    """The cluster; it lives as long as the producer that made it."""

    owner: Any
    servers: str = ""
    _known: list[str] = field(default_factory=list)

    def url(self, **options: str) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"kafka://{self.servers}" + (f"?{said}" if said else "")

    def stop(self) -> None:
        self.owner = None

    def messages(self, topic: str, count: int, wait_s: float = 20.0) -> list[Any]:
        """The messages of a topic as a consumer gets them, until there are `count` of them and no more come."""
        import time

        from confluent_kafka import Consumer

        settings = {"bootstrap.servers": self.servers, "group.id": f"g-{time.monotonic_ns()}", "auto.offset.reset": "earliest"}
        consumer = Consumer({**settings, "enable.partition.eof": False, "enable.auto.commit": False})
        found: list[Any] = []
        try:
            consumer.subscribe([topic])
            end = time.monotonic() + wait_s
            while time.monotonic() < end:
                got = consumer.consume(10_000, timeout=0.3)
                found += [message for message in got if message.error() is None]
                if len(found) >= count and not got:
                    break
        finally:
            consumer.close()
        return found


@pytest.fixture
def kafka() -> Iterator[MockCluster]:
    """A mock cluster of three brokers, whose topics make themselves."""
    from confluent_kafka import Producer

    owner = Producer({"test.mock.num.brokers": 3, "bootstrap.servers": "", "log_level": 0})
    brokers = owner.list_topics(timeout=10).brokers
    cluster = MockCluster(owner, ",".join(f"{broker.host}:{broker.port}" for broker in brokers.values()))
    del owner
    yield cluster
    cluster.stop()
