"""RabbitMQ, through pika: how it is reached, how messages are published and confirmed, and what errors mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from pika import BlockingConnection, ConnectionParameters

PORT, TLS_PORT = 5672, 5671

#: How many messages may wait for their confirmation.
MOST_WAITING = 2_000

_PERSISTENT, _NOT_FOUND, _WRONG = 2, 404, 406


def parameters(at: Address) -> ConnectionParameters:
    """How pika connects.

    Raises:
        PluginError: pika is not installed.
        ModelError: there are several hosts.
    """
    try:
        import pika
    except ImportError as error:
        raise not_installed("pika", "rabbitmq", error) from error
    (host, port), *others = at.hosts
    if others:
        raise ModelError("several hosts", where=at.shown, fix="name one, or what balances them")
    return pika.ConnectionParameters(
        host,
        port,
        at.path or "/",
        pika.PlainCredentials(at.user or "guest", at.password or "guest"),
        ssl_options=pika.SSLOptions(at.tls(), host) if at.scheme == "amqps" else None,
        heartbeat=0,  # the connection is read only while something is sent; waiting has a limit of its own
        connection_attempts=1,
        socket_timeout=at.timeout_s,
        stack_timeout=at.timeout_s,
        blocked_connection_timeout=at.timeout_s,
        client_properties={"connection_name": "seedbed"},
    )


@contextmanager
def asking(at: Address) -> Iterator[Server]:
    """A connection to ask things of the server.

    Raises:
        EdgeError: the server can't be reached, or refuses the user.
    """
    import pika
    from pika.exceptions import AMQPError

    at.reach()
    with failures(at):
        connection = pika.BlockingConnection(parameters(at))
        try:
            yield Server(connection)
        finally:
            with suppress(AMQPError, OSError):  # closed already
                connection.close()


class Server:
    """What there is at a server; each question has a channel of its own, since a refusal closes it."""

    def __init__(self, connection: BlockingConnection) -> None:
        self._connection = connection

    def has_exchange(self, name: str) -> bool:
        """Whether there is such an exchange."""
        return self._has(lambda channel: channel.exchange_declare(name, passive=True))

    def has_queue(self, name: str) -> bool:
        """Whether there is such a queue."""
        return self._has(lambda channel: channel.queue_declare(name, passive=True))

    def make_queue(self, name: str) -> None:
        """Make a queue that outlives the server's end."""
        self._connection.channel().queue_declare(name, durable=True)

    def _has(self, ask: Callable[[Any], object]) -> bool:
        from pika.exceptions import ChannelClosedByBroker

        try:
            ask(self._connection.channel())
        except ChannelClosedByBroker as error:
            if error.reply_code == _NOT_FOUND:
                return False
            raise
        return True


class Publisher:
    """A channel on which messages are published and confirmed later, many at a time; one thread at a time may use it."""

    def __init__(self, at: Address) -> None:
        """Connect.

        Raises:
            EdgeError: the server can't be reached, or refuses the user.
        """
        from pika import SelectConnection

        at.reach()
        self._at = at
        self._sent = self._confirmed = 0
        self._is_open = self._is_closing = False
        self._failure: SeedbedError | None = None
        self._channel: Any = None
        self._connection = SelectConnection(
            parameters(at),
            on_open_callback=self._on_connection,
            on_open_error_callback=self._on_failure,
            on_close_callback=self._on_failure,
        )
        self._wait(lambda: self._is_open)

    def publish(self, exchange: str, key: str, value: bytes, **properties: Any) -> None:
        """Publish a persistent message that must reach a queue; it is on its way when `settle` is called."""
        from pika import BasicProperties

        with failures(self._at):
            self._channel.basic_publish(exchange, key, value, BasicProperties(delivery_mode=_PERSISTENT, **properties), mandatory=True)
        self._sent += 1

    def settle(self, most: int = MOST_WAITING) -> None:
        """Wait until at most so many messages are not confirmed.

        Raises:
            EdgeError: the connection broke, the server is silent, or it refused a message, or no queue takes it.
        """
        self._wait(lambda: self._sent - self._confirmed <= most)

    def _wait(self, is_done: Callable[[], bool]) -> None:
        """Let the connection work until something is so; each step forward gives new patience."""
        loop = self._connection.ioloop
        loop.activate_poller()
        before, end = self._confirmed, time.monotonic() + self._at.timeout_s
        alarm = loop.call_later(self._at.timeout_s, lambda: None)  # wakes `poll`
        try:
            while True:
                if self._failure is not None:
                    raise self._failure
                if is_done():
                    return
                if self._confirmed > before:
                    before, end = self._confirmed, time.monotonic() + self._at.timeout_s
                elif time.monotonic() > end:
                    raise self._at.failed(f"the server did not answer for {self._at.timeout_s:g} s")
                loop.poll()
                loop.process_timeouts()
        finally:
            loop.remove_timeout(alarm)
            loop.deactivate_poller()

    def close(self) -> None:
        """End the connection, whatever waits."""
        from pika.exceptions import AMQPError

        with suppress(AMQPError, OSError, SeedbedError):
            self._failure, self._is_closing = None, True
            if self._connection.is_open:
                self._connection.close()
                self._wait(lambda: self._connection.is_closed)
        self._connection.ioloop.close()

    # ------------------------------------------------------------------------------------ what pika calls

    def _on_connection(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_failure)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirmation, callback=self._on_ready)

    def _on_ready(self, frame: object) -> None:
        del frame
        self._is_open = True

    def _on_confirmation(self, frame: Any) -> None:
        """The server has a message, or all up to it; or it couldn't keep it."""
        from pika.spec import Basic

        tag = frame.method.delivery_tag
        if isinstance(frame.method, Basic.Nack):
            self._fail(self._at.failed("the server couldn't keep a row", fix="look at the queue's limits, then run again with --resume"))
        self._confirmed = tag if frame.method.multiple else self._confirmed + 1

    def _on_return(self, channel: object, method: Any, properties: object, body: object) -> None:
        del channel, properties, body
        where = f"exchange `{method.exchange}`" if method.exchange else "the default exchange"
        fix = f"bind a queue with the routing key `{method.routing_key}`, then run again with --resume"
        self._fail(self._at.failed(f"no queue takes `{method.routing_key}` of {where}", fix=fix))

    def _on_failure(self, source: object, reason: Exception) -> None:
        del source
        if not self._is_closing:
            self._fail(explained(reason, self._at))

    def _fail(self, error: SeedbedError) -> None:
        self._failure = self._failure or error


@contextmanager
def failures(at: Address) -> Iterator[None]:
    """Turn what pika raises into errors that say what to do."""
    from pika.exceptions import AMQPError

    try:
        yield
    except (AMQPError, OSError) as error:
        raise explained(error, at) from error


def explained(error: BaseException, at: Address) -> EdgeError | ModelError:
    """What an error of pika means."""
    from pika import exceptions

    for cause in _causes(error):
        if isinstance(cause, (exceptions.ProbableAuthenticationError, exceptions.AuthenticationError)) or "ACCESS_REFUSED" in str(cause):
            return at.failed("the server doesn't let this user in", fix="say the right user and password: amqp://USER:PASSWORD@HOST/VHOST")
        if isinstance(cause, exceptions.ProbableAccessDeniedError):
            return at.failed(
                f"there is no virtual host `{at.path or '/'}`, or this user may not use it", fix="amqp://USER:PASSWORD@HOST/VHOST"
            )
        if isinstance(cause, exceptions.ChannelClosedByBroker) and cause.reply_code == _WRONG and "size" in cause.reply_text:
            fix = "raise the server's max_message_size"
            return ModelError(f"a row is larger than the largest message: {cause.reply_text}", where=at.shown, fix=fix)
    reason = next((str(cause) for cause in _causes(error) if str(cause)), type(error).__name__)
    return at.failed("the connection failed", reason)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it holds and what caused it, from the outside in."""
    yield error
    for inner in [*(getattr(error, "exceptions", None) or ()), *error.args, error.__cause__]:
        if isinstance(inner, BaseException):
            yield from _causes(inner)
