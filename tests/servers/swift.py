"""OpenStack Swift of Debian's packages with its S3 interface: a real store, with real signatures, and without conditions on writes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.buckets import Buckets, make_bucket, missing, s3_environment, started
from tests.servers.postgres import free_port

#: The system's Python, for which the packages are.
PYTHON = "/usr/bin/python3"


def is_installed() -> bool:
    """Whether the system's Python has Swift."""
    if not Path(PYTHON).exists():
        return False
    look = "import swift.common.wsgi, swift.common.middleware.s3api.s3api"
    return subprocess.run([PYTHON, "-c", look], capture_output=True, timeout=60, check=False).returncode == 0


@pytest.fixture(scope="session")
def swift() -> Iterator[Buckets]:
    """A real Swift with an empty bucket; skipped where the package is missing, except in CI."""
    if not is_installed():
        missing("Swift is not installed (Debian, Ubuntu: apt-get install python3-swift)")
    ports = [free_port() for _ in range(4)]
    main = Path(__file__).with_name("swift_main.py")
    with started("swift", [PYTHON, "-I", str(main), "{folder}", *map(str, ports)], *ports) as process:
        make_bucket(ports[0], "swift")
        yield Buckets("swift", "s3://swift", ports[0], s3_environment(ports[0]), False, process)
