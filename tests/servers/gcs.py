"""A stand-in for Google Cloud Storage: neither its server nor an emulator of what its client speaks (the XML interface) can be had here.

That interface is S3's but for the names of headers. So moto's S3 answers, behind a translation of those names (gcs_main.py):
Google's client is run over HTTP, with Google's conditions and versions, against a server that isn't Google's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.servers.buckets import Buckets, make_bucket, missing, started
from tests.servers.postgres import free_port


@pytest.fixture(scope="session")
def gcs() -> Iterator[Buckets]:
    """A stand-in with an empty bucket."""
    if find_spec("moto") is None:
        missing("moto is not installed (pip install 'moto[s3]' flask flask-cors)")
    port = free_port()
    with started("gcs", [sys.executable, "-I", str(Path(__file__).with_name("gcs_main.py")), str(port)], port) as process:
        make_bucket(port, "google")
        yield Buckets("gcs", "gs://google", port, {"STORAGE_EMULATOR_HOST": f"127.0.0.1:{port}"}, True, process)
