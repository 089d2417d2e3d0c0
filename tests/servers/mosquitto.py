"""A Mosquitto of Debian's packages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.servers.daemons import Daemon, folder, free_port, program

PASSWORD = "loopback"  # noqa: S105 - of a server that lives as long as the tests


@dataclass(frozen=True, slots=True)
class Mosquitto:
    """A broker that runs."""

    daemon: Daemon

    def url(self, password: str = PASSWORD, **options: str) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mqtt://seed:{password}@127.0.0.1:{self.daemon.port}" + (f"?{said}" if said else "")


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    """A Mosquitto that keeps what subscribers with a session haven't got; tests use topics of their own names."""
    server, passwords = program("mosquitto", "mosquitto"), program("mosquitto_passwd", "mosquitto")
    with folder("mosquitto") as place:
        place.chmod(0o777)  # it leaves root behind
        port = free_port()
        subprocess.run([passwords, "-b", "-c", place / "users", "seed", PASSWORD], check=True, timeout=30)
        (place / "users").chmod(0o644)
        (place / "conf").write_text(
            f"listener {port} 127.0.0.1\npassword_file {place}/users\nallow_anonymous false\n"
            f"persistence true\npersistence_location {place}/\nautosave_interval 1\n"
            "max_queued_messages 0\nmax_inflight_messages 0\nmax_packet_size 300000\n"
        )
        daemon = Daemon([server, "-c", place / "conf"], place, port)
        daemon.start()
        try:
            yield Mosquitto(daemon)
        finally:
            daemon.kill()
