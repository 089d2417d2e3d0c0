"""The object stores that tests write to."""

from __future__ import annotations

from tests.servers.azure import azure
from tests.servers.gcs import gcs
from tests.servers.s3 import s3
from tests.servers.swift import swift

__all__ = ["azure", "gcs", "s3", "swift"]
