"""What the tests of streams need of each broker: its URL, what was received there, and how it is taken away."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.servers.http import HttpServer
from tests.servers.kafka import MockCluster
from tests.servers.mosquitto import PASSWORD, Mosquitto
from tests.servers.nats import NatsServer
from tests.servers.rabbitmq import RabbitServer
from tests.servers.redis import RedisServer


@dataclass(frozen=True, slots=True)
class Received:
    """A message as a consumer sees it."""

    id: str
    key: bytes | None
    value: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Harness(Protocol):
    """A broker under test. `drops_doubles` says that a message with a known name is there only once."""

    topic: str
    drops_doubles: bool
    server: Any

    def url(self, **options: str) -> str: ...

    def wrong_url(self) -> str: ...

    def received(self, count: int) -> list[Received]: ...

    def take_away(self) -> bool: ...

    def bring_back(self) -> None: ...

    def close(self) -> None: ...


class _Base:
    drops_doubles = False

    def __init__(self, server: Any, topic: str) -> None:
        self.server = server
        self.topic = topic

    def url(self, **options: str) -> str:
        return str(self.server.url(topic=self.topic, **options))

    def wrong_url(self) -> str:
        return str(self.server.url(password="secretword", topic=self.topic))  # noqa: S106 - a wrong one

    def take_away(self) -> bool:
        """End the server in the middle of a run; whether it comes back with what it had."""
        self.server.daemon.kill()
        return True

    def bring_back(self) -> None:
        self.server.daemon.start()

    def close(self) -> None:
        pass


class KafkaHarness(_Base):
    server: MockCluster

    def wrong_url(self) -> str:
        return ""  # the mock cluster lets everyone in

    def take_away(self) -> bool:
        self.server.stop()
        return False

    def received(self, count: int) -> list[Received]:
        return [self._received(message) for message in self.server.messages(self.topic, count)]

    def _received(self, message: Any) -> Received:
        headers = {name: value.decode() for name, value in message.headers()}
        return Received(headers.pop("seedbed-id"), message.key(), message.value(), headers)


class RedisHarness(_Base):
    drops_doubles = True
    server: RedisServer

    def received(self, count: int) -> list[Received]:
        del count
        client: Any = self.server.client()
        with client:
            return [self._received({name.decode(): value for name, value in entry.items()}) for _, entry in client.xrange(self.topic)]

    def _received(self, entry: dict[str, bytes]) -> Received:
        key, value, name = entry.pop("seedbed-key"), entry.pop("value"), entry.pop("seedbed-id").decode()
        return Received(name, key or None, value, {name: text.decode() for name, text in entry.items()})


class NatsHarness(_Base):
    drops_doubles = True
    server: NatsServer

    def received(self, count: int) -> list[Received]:
        del count
        return asyncio.run(self._all())

    async def _all(self) -> list[Received]:
        import nats

        client = await nats.connect(self.server.url())
        try:
            js = client.jetstream()
            waiting = (await js.stream_info(await js.find_stream_name_by_subject(self.topic))).state.messages
            subscription = await js.subscribe(self.topic, ordered_consumer=True)
            return [self._received(await subscription.next_msg(timeout=10)) for _ in range(waiting)]
        finally:
            await client.close()

    def _received(self, message: Any) -> Received:
        headers = dict(message.headers)
        key = headers.pop("seedbed-key", None)
        headers["content-type"] = headers.pop("Content-Type")
        assert headers.pop("seedbed-id") == headers["Nats-Msg-Id"]
        return Received(headers.pop("Nats-Msg-Id"), key.encode() if key is not None else None, message.data, headers)


class RabbitHarness(_Base):
    server: RabbitServer

    def received(self, count: int) -> list[Received]:
        del count
        channel: Any = self.server.channel()
        found: list[Received] = []
        try:
            for method, properties, body in channel.consume(self.topic, auto_ack=True, inactivity_timeout=0.5):
                if method is None:
                    break
                headers = dict(properties.headers)
                key = headers.pop("seedbed-key", None)
                headers["content-type"] = properties.content_type
                assert headers.pop("seedbed-id") == properties.message_id
                found.append(Received(properties.message_id, key.encode() if key is not None else None, body, headers))
        finally:
            channel.cancel()
            channel.connection.close()
        return found


class MqttHarness(_Base):
    """Its consumer has a session that outlives connections, so it gets what was sent while it was away."""

    server: Mosquitto

    def __init__(self, server: Mosquitto, topic: str) -> None:
        super().__init__(server, topic)
        self._found: list[Received] = []
        self._client = self._connected()

    def _connected(self) -> Any:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        client = Client(CallbackAPIVersion.VERSION2, client_id=f"reader-{self.topic}", protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set("seed", PASSWORD)
        subscribed = threading.Event()
        client.on_message = self._on_message
        client.on_subscribe = lambda *_: subscribed.set()
        lasting: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the library's
        lasting.SessionExpiryInterval = 600
        client.connect("127.0.0.1", self.server.daemon.port, clean_start=False, properties=lasting)
        client.loop_start()
        client.subscribe(self.topic, qos=1)
        assert subscribed.wait(10)
        return client

    def _on_message(self, client: object, data: object, message: Any) -> None:
        del client, data
        headers = dict(message.properties.UserProperty)
        key = headers.pop("seedbed-key", None)
        headers["content-type"] = message.properties.ContentType
        self._found.append(Received(headers.pop("seedbed-id"), key.encode() if key is not None else None, message.payload, headers))

    def take_away(self) -> bool:
        self.close()
        self.server.daemon.end()  # killed, Mosquitto loses the last second of what it has confirmed
        return True

    def bring_back(self) -> None:
        self.server.daemon.start()
        self._client = self._connected()

    def received(self, count: int) -> list[Received]:
        end, seen = time.monotonic() + 20, -1
        while time.monotonic() < end and (len(self._found) < count or len(self._found) != seen):
            seen = len(self._found)
            time.sleep(0.3)
        return list(self._found)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_message = self._client.on_subscribe = None


class HttpHarness(_Base):
    server: HttpServer

    def url(self, **options: str) -> str:
        return self.server.url(
            f"/{self.topic}", settings="&".join(f"{name}={value}" for name, value in {"attempts": "2", **options}.items())
        )

    def wrong_url(self) -> str:
        return ""  # the server lets everyone in

    def take_away(self) -> bool:
        self.server.faults[:] = ["cut"] * 2  # as often as it is asked
        return True

    def bring_back(self) -> None:
        pass

    def received(self, count: int) -> list[Received]:
        del count
        found = []
        for request in self.server.accepted:
            first = int(request.headers["seedbed-rows"].partition("-")[0])
            begin = f"{request.headers['seedbed-run']}/{request.headers['seedbed-table']}/"
            names = ("content-type", "seedbed-table", "seedbed-run", "x-origin")
            headers = {name: request.headers[name] for name in names if name in request.headers}
            for at, row in enumerate(json.loads(request.body)):
                text = json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()
                found.append(Received(f"{begin}{first + at}", None, text, headers))
        return found


#: By name: the fixture of the server, and what makes the harness.
HARNESSES: dict[str, tuple[str, Callable[[Any, str], Harness]]] = {
    "kafka": ("kafka", KafkaHarness),
    "redis": ("redis_server", RedisHarness),
    "nats": ("nats_server", NatsHarness),
    "rabbitmq": ("rabbitmq", RabbitHarness),
    "mqtt": ("mosquitto", MqttHarness),
    "http": ("http_server", HttpHarness),
}
