"""An HTTP server of the standard library that keeps what it gets, and misbehaves as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was answered with 200."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpServer:
    """A server; `faults` are what the next requests get instead of 200: a status, a status and `Retry-After`, `hang` or `cut`."""

    port: int
    accepted: list[Request] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    faults: list[int | str | tuple[int, str]] = field(default_factory=list)
    hang_s: float = 2.0
    answer: bytes = b"{}"

    def url(self, path: str = "/rows/{table}", who: str = "", settings: str = "") -> str:
        return f"http://{who}127.0.0.1:{self.port}{path}{'#' + settings if settings else ''}"


def _handler(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.seen.append(self.headers["Idempotency-Key"])
            fault = server.faults.pop(0) if server.faults else 200
            if fault == "hang":
                time.sleep(server.hang_s)
            if isinstance(fault, str):
                self.close_connection = True
                return
            status, again = fault if isinstance(fault, tuple) else (fault, None)
            if status == 200:
                server.accepted.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            if again:
                self.send_header("Retry-After", again)
            self.send_header("Content-Length", str(len(server.answer)))
            self.end_headers()
            self.wfile.write(server.answer)

        def log_message(self, *words: Any) -> None:
            del words

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    """A server on loopback."""
    found = HttpServer(0)
    server = _Quiet(("127.0.0.1", 0), _handler(found))
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
