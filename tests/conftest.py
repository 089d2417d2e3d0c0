"""How much is tried: `SEEDBED_PROFILE` names a Hypothesis profile, `ci` unless said."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.servers.azure import azure, stores
from tests.servers.gcs import gcs
from tests.servers.mariadb import mariadb
from tests.servers.postgres import postgres
from tests.servers.s3 import s3
from tests.servers.sail import sail, spark_master
from tests.servers.swift import swift

__all__ = ["azure", "gcs", "mariadb", "postgres", "s3", "sail", "spark_master", "stores", "swift"]  # fixtures that every test can ask for

# The same examples every time, so that a red build is red again.
settings.register_profile(
    "ci", max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# New examples every time; a failure prints how to see it again.
settings.register_profile("soak", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("SEEDBED_PROFILE", "ci"))
