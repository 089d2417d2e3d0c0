"""An emulator of Azure Blob Storage: Azurite, of npm (`npm ci` in the folder beside this file)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.servers.buckets import Buckets, make_bucket, missing, started
from tests.servers.postgres import free_port

MAIN = Path(__file__).parent / "azurite/node_modules/azurite/dist/src/blob/main.js"

ACCOUNT = "devstoreaccount1"
#: The key of the emulator's account: it stands in its documentation, and is the same everywhere.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="session")
def stores(s3: Buckets, azure: Buckets, gcs: Buckets) -> dict[str, str]:
    """The environment that leads to all emulated stores, each with a bucket called `shop`."""
    make_bucket(s3.port, "shop")
    make_bucket(gcs.port, "shop")
    make_container(azure.port, "shop")
    return {**s3.environment, **azure.environment, **gcs.environment}


@pytest.fixture(scope="session")
def azure() -> Iterator[Buckets]:
    """An emulated Azure with an empty container; skipped where the emulator is missing, except in CI."""
    node = shutil.which("node")
    if node is None or not MAIN.exists():
        missing("Azurite is not installed (npm ci --prefix tests/servers/azurite)")
    port = free_port()
    said = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", "{folder}", "--disableTelemetry", "--skipApiVersionCheck"]
    with started("azurite", [node, str(MAIN), *said, "--silent"], port) as process:
        make_container(port, "azurite")
        endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
        text = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        yield Buckets("azurite", "az://azurite", port, {"AZURE_STORAGE_CONNECTION_STRING": text}, True, process)


def make_container(port: int, name: str) -> None:
    """Make a container, by a request signed with the key."""
    now = format_datetime(datetime.now(UTC), usegmt=True)
    headers = f"x-ms-date:{now}\nx-ms-version:2021-08-06"
    signed = "PUT" + "\n" * 12 + f"{headers}\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), signed.encode(), hashlib.sha256)).decode()
    said = {"x-ms-date": now, "x-ms-version": "2021-08-06", "Authorization": f"SharedKey {ACCOUNT}:{signature}", "Content-Length": "0"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("PUT", f"/{ACCOUNT}/{name}?restype=container", headers=said)
    assert connection.getresponse().status == 201
    connection.close()
