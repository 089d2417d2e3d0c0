"""An emulator of S3: moto's server. It checks no signature."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from tests.servers.buckets import Buckets, make_bucket, missing, s3_environment, started
from tests.servers.postgres import free_port


@contextmanager
def moto(bucket: str = "moto") -> Iterator[Buckets]:
    """A server of its own, for tests that end it."""
    if find_spec("moto") is None:
        missing("moto is not installed (pip install 'moto[s3]' flask flask-cors)")
    port = free_port()
    with started("moto", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port) as process:
        make_bucket(port, bucket)
        yield Buckets("moto", f"s3://{bucket}", port, s3_environment(port), True, process)


@pytest.fixture(scope="session")
def s3() -> Iterator[Buckets]:
    """An emulated S3 with an empty bucket."""
    with moto() as server:
        yield server
