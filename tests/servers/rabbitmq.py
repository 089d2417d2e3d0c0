"""A RabbitMQ of Debian's packages."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.daemons import Daemon, folder, free_port, program

if TYPE_CHECKING:
    from pika.adapters.blocking_connection import BlockingChannel


@dataclass(frozen=True, slots=True)
class RabbitServer:
    """A server that runs; its user guest has the password guest."""

    daemon: Daemon

    def url(self, password: str = "guest", **options: str) -> str:  # noqa: S107
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"amqp://guest:{password}@127.0.0.1:{self.daemon.port}/" + (f"?{said}" if said else "")

    def channel(self) -> BlockingChannel:
        import pika

        return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", self.daemon.port)).channel()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    """A RabbitMQ server; tests use queues of their own names."""
    program("rabbitmq-server", "rabbitmq-server")
    script = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on the PATH wants its own user and folders
    command: list[str | Path] = [script if script.exists() else "rabbitmq-server"]
    with folder("rabbit") as place:
        port, names = free_port(), str(free_port())
        (place / "advanced.config").write_text("[].\n")
        (place / "plugins").write_text("[].\n")
        (place / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{port}\ndisk_free_limit.absolute = 50MB\nlog.console = true\nlog.console.level = warning\n"
            "max_message_size = 300000\n"
        )
        environment = {
            "HOME": str(place),
            "RABBITMQ_NODENAME": f"seedbed{os.getpid()}@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "logs"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "advanced"),
            "RABBITMQ_CONF_ENV_FILE": str(place / "env"),
            "ERL_EPMD_PORT": names,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        daemon = Daemon(command, place, port, environment, lambda: _speaks(port))
        # Erlang's register of names would start as a daemon that outlives the tests; an own one doesn't.
        register = subprocess.Popen([program("epmd", "erlang-base"), "-port", names, "-address", "127.0.0.1"])
        try:
            daemon.start()
            yield RabbitServer(daemon)
        finally:
            daemon.kill()
            register.kill()
            register.wait(10)


def _speaks(port: int) -> bool:
    """Whether the server greets: its port opens before it is ready."""
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)):
            return False
        probe.sendall(b"AMQP\x00\x00\x09\x01")
        try:
            return probe.recv(1) == b"\x01"
        except OSError:
            return False
