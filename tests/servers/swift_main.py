"""OpenStack Swift with its S3 interface, all four servers: `/usr/bin/python3 swift_main.py FOLDER PROXY ACCOUNT CONTAINER OBJECT`.

Run by the system's Python, for which Debian's package is. The servers of the three rings listen on the ports that are said, on the
loopback only, and keep everything in the folder.
"""

from __future__ import annotations

import os
import pwd
import signal
import sys
from pathlib import Path
from typing import Any

COMMON = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
user = {user}
log_level = ERROR
"""

STORAGE = """[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

# The cache is asked for by the middleware that knows the users, and does without when nobody answers there.
PROXY = """[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""

HASHES = "[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n"


def make_ring(folder: Path, name: str, port: int) -> None:
    """One device, one copy: the server of this port."""
    from swift.common.ring import RingBuilder

    builder = RingBuilder(2, 1, 1)
    place = {"ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port}
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "device": "d1", "weight": 1, **place})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))


def serve(folder: Path, name: str, port: int) -> int:
    """Run one of the servers; returns when it ends."""
    from swift.common.wsgi import run_wsgi

    conf = folder / f"{name}.conf"
    user = pwd.getpwuid(os.getuid()).pw_name
    text = COMMON + (PROXY if name == "proxy" else STORAGE)
    conf.write_text(text.format(name=name, port=port, folder=folder, user=user), encoding="utf-8")
    return int(run_wsgi(str(conf), f"{name}-server"))


def main() -> None:
    """Start all four, and end them when asked to."""
    from swift.common import utils

    folder = Path(sys.argv[1])
    ports = dict(zip(("proxy", "account", "container", "object"), map(int, sys.argv[2:6]), strict=True))
    utils.SWIFT_CONF_FILE = str(folder / "swift.conf")
    utils.HASH_PATH_SUFFIX = utils.HASH_PATH_PREFIX = b"tests"
    (folder / "swift.conf").write_text(HASHES, encoding="utf-8")
    (folder / "devices" / "d1").mkdir(parents=True)
    for name in ("account", "container", "object"):
        make_ring(folder, name, ports[name])
    children = []
    for name, port in ports.items():
        child = os.fork()
        if not child:
            os._exit(serve(folder, name, port))
        children.append(child)

    def end(*_: Any) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
