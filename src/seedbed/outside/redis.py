"""Redis, through redis-py: how it is reached, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import ModelError
from seedbed.outside.brokers import Address, not_installed

if TYPE_CHECKING:
    from redis import Redis as Redis  # noqa: PLC0414 - for those who hold one

PORT = 6379


def open_redis(at: Address) -> Redis:
    """A client, which connects when first asked; it tries nothing twice, since a command may have been done.

    Raises:
        PluginError: redis-py is not installed.
        ModelError: the path is no number of a database.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise not_installed("redis-py", "redis", error) from error
    (host, port), *others = at.hosts
    if others:
        raise ModelError("several hosts", where=at.shown, fix="name one, the one that takes writes")
    if not (at.path or "0").isdecimal():
        raise ModelError(f"`/{at.path}` is no number of a database", where=at.shown, fix="leave it out, or say /0")
    secure: dict[str, Any] = {"ssl": True, "ssl_ca_certs": at.options.get("cafile")} if at.scheme == "rediss" else {}
    return Redis(
        host,
        port,
        db=int(at.path or "0"),
        username=at.user,
        password=at.password,
        socket_timeout=at.timeout_s,
        socket_connect_timeout=at.timeout_s,
        retry=Retry(NoBackoff(), 0),
        **secure,
    )


@contextmanager
def failures(at: Address) -> Iterator[None]:
    """Turn what redis-py raises into errors that say what to do."""
    from redis import exceptions

    try:
        yield
    except (exceptions.AuthenticationError, exceptions.NoPermissionError, exceptions.AuthorizationError) as error:
        fix = "say the right user and password: redis://USER:PASSWORD@HOST"
        raise at.failed("Redis doesn't let this user in, or do this", error, fix=fix) from error
    except exceptions.TimeoutError as error:
        raise at.failed(f"Redis did not answer for {at.timeout_s:g} s") from error
    except exceptions.ConnectionError as error:
        raise at.failed("the connection failed", error, fix="start Redis, or say another host; then run again with --resume") from error
    except exceptions.OutOfMemoryError as error:
        raise at.failed("Redis is out of memory", fix="raise its maxmemory, or read the streams; then run again with --resume") from error
    except exceptions.RedisError as error:
        raise at.failed("Redis failed", error) from error
