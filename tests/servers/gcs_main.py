"""moto's S3 with Google's names of headers: `python gcs_main.py PORT`."""

from __future__ import annotations

import sys
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

#: moto finds by it that S3 is meant.
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


class Translated:
    """An application that is asked in Google's words and answers in them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.tags: dict[str, str] = {}

    def __call__(self, asked: dict[str, Any], start: Any) -> Any:
        asked["HTTP_AUTHORIZATION"] = SIGNED
        version = asked.pop("HTTP_X_GOOG_IF_GENERATION_MATCH", None)
        if version == "0":
            asked["HTTP_IF_NONE_MATCH"] = "*"
        elif version is not None:
            asked["HTTP_IF_MATCH"] = self.tags.get(version, '"none"')
        for name in [name for name in asked if name.startswith("HTTP_X_GOOG_")]:
            asked[name.replace("GOOG", "AMZ")] = asked.pop(name)

        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            return start(status, headers + self.versions(headers), error)

        return self.inner(asked, begin)

    def versions(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The number of an object's version, made of its tag."""
        tags = [value for name, value in headers if name.lower() == "etag"]
        made = [(str(int(tag.strip('"').partition("-")[0][:14], 16) + 1), tag) for tag in tags]
        self.tags.update(made)
        return [("x-goog-generation", number) for number, _ in made]


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), Translated(DomainDispatcherApplication(create_backend_app)), threaded=True)
