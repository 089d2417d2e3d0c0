"""The addresses of object stores, and what the environment says of how to reach them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass

#: The stores by their schemes, as messages call them.
STORES = {"s3": "S3", "gs": "Google Cloud Storage", "az": "Azure Blob Storage"}

#: What to look at where a store refuses who asks.
CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, AWS_REGION)",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, the path of a service account's key",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY (or AZURE_STORAGE_CONNECTION_STRING)",
}

_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A prefix of a bucket (Azure calls it a container): `s3://bucket/some/prefix`."""

    scheme: str
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.name}" + (f"/{self.prefix}" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a store is reached, in its client's words; None as `endpoint` is the provider's own."""

    endpoint: str | None = None
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def allow_http(self) -> bool:
        """Whether the endpoint is this machine, which is reached without encryption; elsewhere AWS_ALLOW_HTTP must say so."""
        return self.endpoint is not None and is_loopback(self.endpoint)


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is this machine.

    >>> is_loopback("http://127.0.0.1:9000"), is_loopback("http://localhost.example.com")
    (True, False)
    """
    return bool(_LOOPBACK.fullmatch(urlsplit(endpoint).hostname or ""))


def shown(endpoint: str) -> str:
    """An endpoint as it may be shown: who is asked, not by whom.

    >>> shown("http://ann:secret@127.0.0.1:9000/x")
    'http://127.0.0.1:9000'
    """
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def bucket_of(url: str) -> Bucket:
    """The bucket and the prefix that a URL means.

    Raises:
        ModelError: there is no bucket in it, or more than a bucket and a prefix.

    >>> bucket_of("s3://shop/2026/")
    Bucket(scheme='s3', name='shop', prefix='2026')
    """
    scheme, _, rest = url.partition("://")
    scheme, (name, _, prefix) = scheme.lower(), rest.partition("/")
    where = f"{scheme}://..."
    if scheme not in STORES:
        raise ModelError(f"`{scheme}://` is no object store", where=where, fix="use s3://, gs:// or az://")
    if "@" in name:
        raise ModelError("a bucket's address holds no credentials", where=where, fix=f"say them by the environment: {CREDENTIALS[scheme]}")
    if not re.fullmatch(r"[\w$][\w.-]*", name, re.ASCII):
        raise ModelError("there is no name of a bucket in the address", where=where, fix=f"write {scheme}://bucket/prefix")
    prefix = prefix.strip("/")
    if any(part in ("", ".", "..") for part in prefix.split("/") if prefix) or re.search(r"[?#\x00-\x1f\x7f]", prefix):
        fix = f"write {scheme}://bucket/prefix, of plain names; what else is to be said, the environment says"
        raise ModelError("the address has more than a bucket and a prefix", where=f"{scheme}://{name}/...", fix=fix)
    return Bucket(scheme, name, prefix)


def settings_of(scheme: str, environment: Mapping[str, str] | None = None) -> Settings:
    """What the environment says of a store beyond what the client library reads by itself.

    The library knows the variables AWS_..., AZURE_... and GOOGLE_... of keys, tokens, roles and endpoints. Added here are
    `AWS_ENDPOINT_URL_S3`, Azure's connection strings, and `STORAGE_EMULATOR_HOST` as Google's own libraries know it.

    Raises:
        ModelError: a connection string can't be read.
    """
    said = os.environ if environment is None else environment
    return {"s3": _s3, "gs": _google, "az": _azure}[scheme](said)


def _s3(said: Mapping[str, str]) -> Settings:
    endpoint = said.get("AWS_ENDPOINT_URL_S3") or said.get("AWS_ENDPOINT_URL") or said.get("AWS_ENDPOINT") or None
    region = said.get("AWS_REGION") or said.get("AWS_DEFAULT_REGION") or "us-east-1"
    return Settings(endpoint, {"region": region} | ({"endpoint": endpoint.rstrip("/")} if endpoint else {}))


def _google(said: Mapping[str, str]) -> Settings:
    host = said.get("STORAGE_EMULATOR_HOST")
    endpoint = (host if "://" in host else f"http://{host}") if host else said.get("GOOGLE_BASE_URL")
    options = {"base_url": endpoint.rstrip("/")} if endpoint else {}
    return Settings(endpoint, options | ({"bearer_token": "emulated"} if host else {}))


def _azure(said: Mapping[str, str]) -> Settings:
    text = said.get("AZURE_STORAGE_CONNECTION_STRING")
    if text is None:
        endpoint = said.get("AZURE_STORAGE_ENDPOINT") or said.get("AZURE_ENDPOINT")
        return Settings(endpoint, {"endpoint": endpoint} if endpoint else {})
    pairs = {name.strip().lower(): value.strip() for name, sign, value in (part.partition("=") for part in text.split(";")) if sign}
    endpoint = pairs.get("blobendpoint")
    options = {
        "account_name": pairs.get("accountname") or _account_in(endpoint),
        "account_key": pairs.get("accountkey"),
        "sas_key": pairs.get("sharedaccesssignature"),
        "endpoint": endpoint,
    }
    if not options["account_name"]:
        fix = "copy it anew: it begins with AccountName=... or BlobEndpoint=..."
        raise ModelError("this connection string names no account", where="AZURE_STORAGE_CONNECTION_STRING", fix=fix)
    return Settings(endpoint, {name: value for name, value in options.items() if value})


def _account_in(endpoint: str | None) -> str | None:
    parts = urlsplit(endpoint or "")
    first = parts.path.strip("/").partition("/")[0]
    return first or (parts.hostname or "").partition(".")[0] or None
