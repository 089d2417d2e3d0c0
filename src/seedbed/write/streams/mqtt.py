"""MQTT 5: a message a row with QoS 1, a topic a table."""

from __future__ import annotations

from collections.abc import Collection

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.mqtt import PORT, TLS_PORT, Properties, Publisher, require_paho
from seedbed.write.streams.messages import ID, KEY, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions


def open_sink(url: str, options: SinkOptions) -> StreamSink:
    """The sink of `mqtt://USER:PASSWORD@HOST:PORT?topic=shop/{table}&retain=true&unheard=true`.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: paho-mqtt is not installed.
    """
    options.only(OPTIONS, "MQTT")
    at = address(url, TLS_PORT if url.startswith("mqtts") else PORT, ["retain", "unheard", "cafile"])
    require_paho()
    if at.path:
        raise ModelError("an MQTT address has no path", where=at.shown, fix="say topics by ?topic=shop/{table}")
    at.flag("unheard", default=False)
    return stream_sink(Mqtt(at, pattern(at), at.flag("retain", default=False)), options, schemas=at.options.get("schemas"))


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The broker at an address."""

    at: Address
    pattern: str
    retain: bool

    @property
    def place(self) -> str:
        """The address without a password."""
        return self.at.shown

    def topic(self, table: str) -> str:
        """The topic of a table."""
        return named(self.pattern, table)

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that the broker lets us in; topics need no making."""
        del run, is_new
        for topic in topics:
            if set(topic) & {"+", "#", "\0"}:
                raise ModelError(f"a topic can't be called `{topic}`", where=self.place, fix="say another by ?topic=, without + and #")
        Publisher(self.at).close()

    def connect(self) -> Channel:
        """A connection of its own."""
        return MqttChannel(Publisher(self.at), self.retain)

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the broker."""


class MqttChannel:
    """A connection that publishes."""

    def __init__(self, publisher: Publisher, retain: bool) -> None:  # noqa: FBT001 - one maker
        self._publisher = publisher
        self._retain = retain
        self.close = publisher.close

    def rows_there(self, messages: Messages) -> int:
        """The broker can't tell."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Publish messages, in order."""
        start, publish = Properties.shared(messages.content_type, messages.shared.items()), self._publisher.publish
        for value, key, name in zip(messages.values, messages.keys, messages.ids, strict=True):
            own = [(ID, name)] if key is None else [(ID, name), (KEY, key.decode())]
            publish(messages.topic, value, Properties(start, own), retain=self._retain)

    def confirm(self) -> None:
        """Wait until the broker has every message."""
        self._publisher.settle(0)
