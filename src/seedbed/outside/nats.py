"""NATS JetStream, through nats-py: how it is reached, how messages are published and confirmed, and what errors mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

PORT = 4222

#: How many messages may wait for their confirmation.
MOST_WAITING = 4_000

T = TypeVar("T")


def require_nats() -> None:
    """Make sure that the client library is there.

    Raises:
        PluginError: it is not.
    """
    try:
        import nats  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise not_installed("nats-py", "nats", error) from error


class Connection:
    """A connection with an event loop of its own, which runs while something is asked of it; one thread at a time may use it."""

    def __init__(self, at: Address) -> None:
        """Connect.

        Raises:
            EdgeError: no server answers, or it refuses the user.
        """
        at.reach()
        self._at = at
        self._loop = asyncio.new_event_loop()
        self._waiting = 0
        self._sent = 0
        self._failure: SeedbedError | None = None
        self._moved = asyncio.Event()
        self._said: Exception | None = None
        self._inbox = ""
        try:
            with failures(at):
                self._client = _client()
                self._run(self._connect())
        except BaseException:
            self.close()
            raise

    async def _connect(self) -> None:
        at, client = self._at, self._client
        scheme = "tls" if at.flag("tls", default=False) else "nats"
        await asyncio.wait_for(
            client.connect(
                [f"{scheme}://{server}" for server in at.servers.split(",")],
                name="seedbed",
                user=at.user,
                password=at.password,
                tls=at.tls() if scheme == "tls" else None,
                allow_reconnect=False,
                connect_timeout=max(1, int(at.timeout_s)),
                error_cb=self._on_error,
                closed_cb=self._on_closed,
            ),
            at.timeout_s,
        )
        self._inbox = client.new_inbox()
        await client.subscribe(f"{self._inbox}.*", cb=self._on_answer)

    async def _on_error(self, error: Exception) -> None:
        self._said = error

    async def _on_closed(self) -> None:
        self._failure = self._failure or self._at.failed("the connection broke", self._said)
        self._moved.set()

    async def _on_answer(self, message: Msg) -> None:
        """Count a confirmation, or keep what went wrong."""
        self._waiting -= 1
        if b'"error"' in message.data or not message.data:
            self._failure = self._failure or refused(self._at, message.data)
        self._moved.set()

    def stream_of(self, subject: str) -> str | None:
        """The stream that takes a subject, None where none does."""
        from nats.js.errors import NotFoundError

        with failures(self._at):
            try:
                return self._run(self._jetstream().find_stream_name_by_subject(subject))
            except NotFoundError:
                return None

    def make_stream(self, name: str, subjects: Sequence[str]) -> None:
        """Make a stream that takes these subjects.

        Raises:
            EdgeError: there is one of that name, or the server can't make it.
        """
        with failures(self._at):
            self._run(self._jetstream().add_stream(name=name, subjects=list(subjects)))

    def _jetstream(self) -> JetStreamContext:
        return self._client.jetstream(timeout=self._at.timeout_s)

    def publish(self, subject: str, messages: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
        """Publish messages and their headers, in order; waits while too many are not confirmed.

        Raises:
            EdgeError: the connection broke, or the stream refused a message.
        """
        with failures(self._at):
            self._run(self._publish(subject, messages))

    async def _publish(self, subject: str, messages: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
        client, inbox = self._client, self._inbox
        for value, headers in messages:
            self._sent += 1
            self._waiting += 1
            await client.publish(subject, value, f"{inbox}.{self._sent}", dict(headers))
            if self._waiting >= MOST_WAITING:
                await self._settle(MOST_WAITING // 2)
        self._look()

    def confirm(self) -> None:
        """Wait until the stream has every message.

        Raises:
            EdgeError: it refused one, or is silent for too long.
        """
        with failures(self._at):
            self._run(self._settle(0))

    async def _settle(self, most: int) -> None:
        """Wait until at most so many are not confirmed; each confirmation gives new patience."""
        self._look()
        while self._waiting > most:
            self._moved.clear()
            await asyncio.wait_for(self._moved.wait(), self._at.timeout_s)
            self._look()

    def _look(self) -> None:
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the connection, whatever waits."""
        if not self._loop.is_closed():
            with suppress(SeedbedError), failures(self._at):
                self._run(self._ended())
            self._loop.close()

    async def _ended(self) -> None:
        await asyncio.wait_for(self._client.close(), 5)
        await asyncio.sleep(0)  # in which the socket is closed

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


def _client() -> Client:
    from nats.aio.client import Client

    return Client()


def refused(at: Address, answer: bytes) -> EdgeError:
    """The error of a stream that doesn't take a message; an answer without content comes where no stream is there at all."""
    try:
        said = str(json.loads(answer)["error"]["description"])
    except (ValueError, KeyError, TypeError):
        return at.failed("no stream takes this subject", fix="make one, or leave create=false out")
    return at.failed("the stream refused a row", said, fix="raise the stream's limits, then run again with --resume")


@contextmanager
def failures(at: Address) -> Iterator[None]:
    """Turn what nats-py raises into errors that say what to do."""
    from nats import errors
    from nats.js import errors as js_errors

    try:
        yield
    except (errors.AuthorizationError, errors.InvalidUserCredentialsError) as error:
        raise _unknown_user(at) from error
    except errors.MaxPayloadError as error:
        raise ModelError("a row is larger than the largest message", where=at.shown, fix="raise the server's max_payload") from error
    except js_errors.ServiceUnavailableError as error:
        raise at.failed("the server has no JetStream", error, fix="start it with -js") from error
    except js_errors.APIError as error:
        raise at.failed("JetStream refused", error.description) from error
    except (TimeoutError, errors.TimeoutError) as error:
        raise at.failed(f"the server did not answer for {at.timeout_s:g} s") from error
    except (errors.Error, OSError) as error:
        if "authorization violation" in str(error).lower():
            raise _unknown_user(at) from error
        raise at.failed("the connection failed", error, fix="start the server, or say another; then run again with --resume") from error


def _unknown_user(at: Address) -> EdgeError:
    return at.failed("the server doesn't know this user or password", fix="say the right ones: nats://USER:PASSWORD@HOST")
