"""RabbitMQ: a persistent message a row, a durable queue a table."""

from __future__ import annotations

from collections.abc import Collection

from seedbed.core.records import dataclass
from seedbed.outside.brokers import Address, address
from seedbed.outside.rabbitmq import PORT, TLS_PORT, Publisher, asking, parameters
from seedbed.write.streams.messages import ID, KEY, Messages
from seedbed.write.streams.stream import OPTIONS, Channel, StreamSink, stream_sink
from seedbed.write.streams.topics import named, pattern
from seedbed.write.targets import SinkOptions

#: Messages handed to the connection before it is let work.
_AT_ONCE = 500


def open_sink(url: str, options: SinkOptions) -> StreamSink:
    """The sink of `amqp://USER:PASSWORD@HOST:PORT/VHOST?topic={table}&exchange=NAME&declare=false`.

    Raises:
        ModelError: the address or an option can't be.
        PluginError: pika is not installed.
    """
    options.only(OPTIONS, "RabbitMQ")
    at = address(url, TLS_PORT if url.startswith("amqps") else PORT, ["exchange", "declare", "cafile"])
    parameters(at)  # what it refuses, it refuses now
    return stream_sink(RabbitMQ(at, pattern(at)), options, schemas=at.options.get("schemas"))


@dataclass(frozen=True, slots=True)
class RabbitMQ:
    """The server at an address; without an exchange, rows go straight to the queues."""

    at: Address
    pattern: str

    @property
    def place(self) -> str:
        """The address without a password."""
        return self.at.shown

    @property
    def exchange(self) -> str:
        """The exchange that messages go to; empty: the default one, which knows every queue by its name."""
        return self.at.options.get("exchange", "")

    def topic(self, table: str) -> str:
        """The queue, or the routing key, of a table."""
        return named(self.pattern, table)

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that the exchange is there, or the queues are; missing queues are made unless `declare=false`."""
        del run, is_new
        with asking(self.at) as server:
            if self.exchange:
                if not server.has_exchange(self.exchange):
                    raise self.at.failed(f"there is no exchange `{self.exchange}`", fix="make it, or say another")
                return
            for queue in sorted(topics):
                if server.has_queue(queue):
                    continue
                if not self.at.flag("declare", default=True):
                    raise self.at.failed(f"there is no queue `{queue}`", fix="make it, or leave declare=false out")
                server.make_queue(queue)

    def connect(self) -> Channel:
        """A channel of its own."""
        return RabbitChannel(Publisher(self.at), self.exchange)

    def finish(self, topics: Collection[str], run: str) -> None:
        """Nothing is kept at the server."""


class RabbitChannel:
    """A channel that publishes."""

    def __init__(self, publisher: Publisher, exchange: str) -> None:
        self._publisher = publisher
        self._exchange = exchange
        self.close = publisher.close

    def rows_there(self, messages: Messages) -> int:
        """The server can't tell."""
        del messages
        return 0

    def send(self, messages: Messages) -> None:
        """Publish messages, in order."""
        publish, exchange, topic, kind = self._publisher.publish, self._exchange, messages.topic, messages.content_type
        shared, table = messages.shared, messages.table
        for at, (value, key, name) in enumerate(zip(messages.values, messages.keys, messages.ids, strict=True)):
            headers = {**shared, ID: name} if key is None else {**shared, ID: name, KEY: key.decode()}
            publish(exchange, topic, value, content_type=kind, headers=headers, message_id=name, type=table, app_id="seedbed")
            if at % _AT_ONCE == _AT_ONCE - 1:
                self._publisher.settle()
        self._publisher.settle()

    def confirm(self) -> None:
        """Wait until the server has every message on its disk."""
        self._publisher.settle(0)
