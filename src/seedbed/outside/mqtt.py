"""MQTT 5, through paho-mqtt: how a broker is reached, how messages are published and confirmed, and what errors mean."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode

PORT, TLS_PORT = 1883, 8883

#: How many messages may wait for their confirmation; for each confirmation the client looks through all of them.
MOST_WAITING = 200

#: Reason codes of MQTT 5.
_NOBODY, _TOO_LARGE, _NOT_AUTHORISED, _BAD_USER = 0x10, 0x95, 0x87, 0x86


#: The most that a message needs beside its topic, its properties and its value.
_FRAME_BYTES = 9
_MOST_TEXT = 65_535

#: How properties of a message begin in MQTT 5 (section 2.2.2.2).
_CONTENT_TYPE, _USER_PROPERTY = b"\x03", b"\x26"


class Properties:
    """The properties of one message, packed; the client's own class takes ten times as long to say the same."""

    __slots__ = ("packed",)

    def __init__(self, start: bytes, headers: Iterable[tuple[str, str]]) -> None:
        """Those of `start`, which `shared` gave, and then the headers."""
        content = b"".join([start, *(_USER_PROPERTY + _text(name) + _text(value) for name, value in headers)])
        self.packed = _length(len(content)) + content

    @staticmethod
    def shared(content_type: str, headers: Iterable[tuple[str, str]]) -> bytes:
        """What many messages begin with."""
        return b"".join([_CONTENT_TYPE, _text(content_type), *(_USER_PROPERTY + _text(name) + _text(value) for name, value in headers)])

    def pack(self) -> bytes:
        """As they are sent."""
        return self.packed


def _text(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > _MOST_TEXT:
        raise ModelError("a key is longer than MQTT's texts can be", where="--key", fix="choose shorter columns with --key TABLE=COLUMNS")
    return struct.pack(">H", len(encoded)) + encoded


def _length(count: int) -> bytes:
    """A number in groups of seven bits, the lowest first.

    >>> _length(200).hex()
    'c801'
    """
    groups = bytearray()
    while count >= 128:
        groups.append(count & 127 | 128)
        count >>= 7
    return bytes([*groups, count])


def require_paho() -> None:
    """Make sure that the client library is there.

    Raises:
        PluginError: it is not.
    """
    try:
        import paho.mqtt.client  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise not_installed("paho-mqtt", "mqtt", error) from error


class Publisher:
    """A connection on which messages are published with QoS 1; a thread of the client's own reads it."""

    def __init__(self, at: Address) -> None:
        """Connect.

        Raises:
            EdgeError: no broker answers, or it refuses the user.
        """
        from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        self._at = at
        self._is_open = self._is_closing = False
        self._sent = self._confirmed = 0
        self._most_bytes: int | None = None
        self._failure: SeedbedError | None = None
        self._moved = threading.Condition()
        (host, port), *others = at.hosts
        if others:
            raise ModelError("several hosts", where=at.shown, fix="name one")
        self._client = self._made(CallbackAPIVersion.VERSION2, MQTTProtocolVersion.MQTTv5)
        try:
            self._client.connect(host, port, clean_start=MQTT_CLEAN_START_FIRST_ONLY)
        except OSError as error:
            reason = error.strerror or str(error)
            raise at.failed("nobody is there", reason, fix="start it, or say another host; then run again") from error
        self._client.loop_start()
        try:
            self._wait(lambda: self._is_open)
        except BaseException:
            self.close()
            raise

    def _made(self, callbacks: Any, version: Any) -> Client:
        from paho.mqtt.client import Client

        at = self._at
        client = Client(callbacks, protocol=version, reconnect_on_failure=False)
        client.connect_timeout = at.timeout_s
        client.max_inflight_messages_set(MOST_WAITING)
        client.max_queued_messages_set(0)
        if at.user:
            client.username_pw_set(at.user, at.password)
        if at.scheme == "mqtts":
            client.tls_set_context(at.tls())
        client.on_connect, client.on_disconnect, client.on_publish = self._on_connect, self._on_disconnect, self._on_publish
        return client

    def publish(self, topic: str, value: bytes, properties: Properties, *, retain: bool) -> None:
        """Publish a message; waits while too many are not confirmed.

        Raises:
            EdgeError: the connection broke, or the broker refused a message.
            ModelError: the message is larger than the broker takes.
        """
        if self._most_bytes is not None and len(value) + 3 * len(topic) + len(properties.packed) + _FRAME_BYTES > self._most_bytes:
            raise _too_large(self._at)
        with self._moved:
            self._sent += 1
        self._client.publish(topic, value, 1, retain, cast("Any", properties))
        if self._sent - self._confirmed >= MOST_WAITING:
            self.settle(MOST_WAITING // 2)

    def settle(self, most: int) -> None:
        """Wait until at most so many messages are not confirmed.

        Raises:
            EdgeError: the connection broke, the broker is silent, or it refused a message.
        """
        self._wait(lambda: self._sent - self._confirmed <= most)

    def _wait(self, is_done: Callable[[], bool]) -> None:
        """Wait until something is so; each confirmation gives new patience."""
        with self._moved:
            before, end = self._confirmed, time.monotonic() + self._at.timeout_s
            while self._failure is None and not is_done():
                if self._confirmed > before:
                    before, end = self._confirmed, time.monotonic() + self._at.timeout_s
                if not self._moved.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    raise self._at.failed(f"the broker did not answer for {self._at.timeout_s:g} s")
            if self._failure is not None:
                raise self._failure

    def close(self) -> None:
        """End the connection, whatever waits."""
        self._is_closing = True
        with suppress(OSError, ValueError):
            self._client.disconnect()
        self._client.loop_stop()
        # Without these it isn't part of a cycle, and closes its last sockets as soon as it is dropped.
        self._client.on_connect = self._client.on_disconnect = self._client.on_publish = None

    # ------------------------------------------------------------------------------------ what the client calls

    def _on_connect(self, client: object, data: object, flags: object, reason: ReasonCode, properties: Any) -> None:
        del client, data, flags
        if reason.is_failure:
            self._fail(_refused(self._at, reason))
            return
        self._most_bytes = getattr(properties, "MaximumPacketSize", None)
        with self._moved:
            self._is_open = True
            self._moved.notify_all()

    def _on_disconnect(self, client: object, data: object, flags: object, reason: ReasonCode, properties: object) -> None:
        del client, data, flags, properties
        if not self._is_closing:
            self._fail(_too_large(self._at) if reason.value == _TOO_LARGE else self._at.failed("the connection broke", reason.getName()))

    def _on_publish(self, client: object, data: object, number: int, reason: ReasonCode, properties: object) -> None:
        del client, data, number, properties
        if reason.is_failure:
            self._fail(_refused(self._at, reason))
        elif reason.value == _NOBODY and not self._at.flag("unheard", default=False):
            fix = "subscribe first (with a session that lasts), or allow it with ?unheard=true"
            self._fail(self._at.failed("nobody subscribes to a topic, so the broker drops its rows", fix=fix))
        with self._moved:
            self._confirmed += 1
            self._moved.notify_all()

    def _fail(self, error: SeedbedError) -> None:
        with self._moved:
            self._failure = self._failure or error
            self._moved.notify_all()


def _refused(at: Address, reason: ReasonCode) -> EdgeError:
    if reason.value in (_BAD_USER, _NOT_AUTHORISED):
        return at.failed("the broker doesn't let this user in, or write", fix="say the right user and password: mqtt://USER:PASSWORD@HOST")
    return at.failed("the broker refused", reason.getName())


def _too_large(at: Address) -> ModelError:
    return ModelError("a row is larger than the largest message", where=at.shown, fix="raise the broker's largest packet size")
