"""A Redis of Debian's packages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.servers.daemons import Daemon, folder, free_port, program

if TYPE_CHECKING:
    from redis import Redis

PASSWORD = "loop@back"  # noqa: S105 - of a server that lives as long as the tests


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A server that runs and writes every command to its disk."""

    daemon: Daemon

    def url(self, password: str = "loop%40back", **options: str) -> str:  # noqa: S107
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"redis://default:{password}@127.0.0.1:{self.daemon.port}/0" + (f"?{said}" if said else "")

    def client(self) -> Redis:
        from redis import Redis

        return Redis("127.0.0.1", self.daemon.port, password=PASSWORD)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server; tests use streams of their own names."""
    server = program("redis-server", "redis-server")
    with folder("redis") as place:
        port = free_port()
        settings = {"port": port, "bind": "127.0.0.1", "dir": place, "save": "", "appendonly": "yes", "requirepass": PASSWORD}
        command = [server, *(str(word) for name, value in settings.items() for word in (f"--{name}", value))]
        daemon = Daemon(command, place, port, is_ready=lambda: _answers(port))
        daemon.start()
        try:
            yield RedisServer(daemon)
        finally:
            daemon.kill()


def _answers(port: int) -> bool:
    """Whether the server has read its data: then it asks for a password."""
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)):
            return False
        probe.sendall(b"PING\r\n")
        return probe.recv(7) == b"-NOAUTH"
