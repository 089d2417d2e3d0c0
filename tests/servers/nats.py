"""A NATS server with JetStream, of Debian's packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.daemons import Daemon, folder, free_port, program

PASSWORD = "loopback"  # noqa: S105 - of a server that lives as long as the tests


@dataclass(frozen=True, slots=True)
class NatsServer:
    """A server that runs."""

    daemon: Daemon

    def url(self, password: str = PASSWORD, **options: str) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"nats://seed:{password}@127.0.0.1:{self.daemon.port}" + (f"?{said}" if said else "")


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    """A NATS server; tests use subjects of their own names."""
    server = program("nats-server", "nats-server")
    with folder("nats") as place:
        port = free_port()
        command: list[str | Path] = [
            server,
            "-a",
            "127.0.0.1",
            "-p",
            str(port),
            "-js",
            "-sd",
            place / "data",
            "--user",
            "seed",
            "--pass",
            PASSWORD,
        ]
        daemon = Daemon(command, place, port)
        daemon.start()
        try:
            yield NatsServer(daemon)
        finally:
            daemon.kill()
