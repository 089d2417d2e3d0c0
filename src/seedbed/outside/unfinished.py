"""What killed runs leave in S3: uploads in pieces that nobody will end. They can't be seen among the objects, but are paid for.

The client library can't list them, so the two requests are made here, signed as AWS says ("Signature Version 4"). They need a key in the
environment; with other credentials (roles, tokens), and in Google Cloud Storage, a rule of the bucket has to remove such uploads.
Azure drops them itself.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote, urlencode, urlsplit

from seedbed.core.records import dataclass
from seedbed.outside.buckets import Bucket, settings_of

_TIMEOUT_S = 20
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """Who asks: an access key, and the region whose servers are asked."""

    name: str
    secret: str
    token: str | None
    region: str


def drop_unfinished(bucket: Bucket) -> int:
    """Abort every unfinished upload under a prefix of an S3 bucket, and give their number; only for who holds the place alone.

    Where it isn't allowed or not known how to, nothing is done: the uploads are harmless to whoever reads.
    """
    key = _key(os.environ)
    if bucket.scheme != "s3" or key is None:
        return 0
    settings = settings_of("s3")
    base = settings.options.get("endpoint") or f"https://s3.{key.region}.amazonaws.com"
    dropped = 0
    try:
        for path, upload in list(_unfinished(key, base, bucket)):
            ask(key, "DELETE", base, f"/{bucket.name}/{path}", {"uploadId": upload})
            dropped += 1
    except (OSError, ValueError):  # refused, unknown there, or the network: never a reason for the run to fail
        return dropped
    return dropped


def _key(said: Mapping[str, str]) -> Key | None:
    name, secret = said.get("AWS_ACCESS_KEY_ID"), said.get("AWS_SECRET_ACCESS_KEY")
    if not name or not secret:
        return None
    return Key(name, secret, said.get("AWS_SESSION_TOKEN") or None, said.get("AWS_REGION") or said.get("AWS_DEFAULT_REGION") or "us-east-1")


def _unfinished(key: Key, base: str, bucket: Bucket) -> Iterator[tuple[str, str]]:
    """The names of objects that uploads were begun for, and the uploads' own."""
    prefix = f"{bucket.prefix}/" if bucket.prefix else ""
    more = {"uploads": "", "prefix": prefix}
    while True:
        page = ask(key, "GET", base, f"/{bucket.name}", more)
        for upload in re.findall(r"<Upload>(.*?)</Upload>", page, re.DOTALL):
            path, name = _said(upload, "Key"), _said(upload, "UploadId")
            if path.startswith(prefix) and name:
                yield path, name
        if _said(page, "IsTruncated") != "true":
            return
        more = more | {"key-marker": _said(page, "NextKeyMarker"), "upload-id-marker": _said(page, "NextUploadIdMarker")}


def _said(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return unescape(found[1]) if found else ""


def ask(key: Key, method: str, base: str, path: str, query: Mapping[str, str]) -> str:
    """Send a signed request without a body, and give the text of the answer."""
    host = urlsplit(base).netloc.rpartition("@")[2]
    at = quote(path)
    asked = urlencode(sorted(query.items()), quote_via=quote)
    headers = _signed(key, method, host, at, asked, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    request = urllib.request.Request(f"{base}{at}?{asked}", method=method, headers=headers)  # noqa: S310 - the endpoint of the client itself
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        text: str = answer.read().decode()
    return text


def _signed(key: Key, method: str, host: str, path: str, query: str, now: str) -> dict[str, str]:
    """The headers of a request with its signature; `now` as `20260131T235959Z`."""
    headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": now}
    if key.token:
        headers["x-amz-security-token"] = key.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{now[:8]}/{key.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signing = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.digest(signing, text.encode(), "sha256").hex()
    return headers | {"Authorization": f"AWS4-HMAC-SHA256 Credential={key.name}/{scope}, SignedHeaders={names}, Signature={signature}"}
