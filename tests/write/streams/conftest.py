"""The servers that streams are sent to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.http import http_server
from tests.servers.kafka import kafka
from tests.servers.mosquitto import mosquitto
from tests.servers.nats import nats_server
from tests.servers.rabbitmq import rabbitmq
from tests.servers.redis import redis_server
from tests.write.streams.harness import HARNESSES, Harness

__all__ = ["http_server", "kafka", "mosquitto", "nats_server", "rabbitmq", "redis_server"]


#: RabbitMQ takes seconds to start.
_NAMES = [pytest.param(name, marks=pytest.mark.slow) if name == "rabbitmq" else name for name in HARNESSES]


@pytest.fixture(params=_NAMES)
def stream(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Each broker, one after the other, with a topic of the test's own."""
    server, make = HARNESSES[request.param]
    harness = make(request.getfixturevalue(server), f"t{abs(hash(request.node.nodeid)) % 10**9}")
    try:
        yield harness
    finally:
        harness.close()
