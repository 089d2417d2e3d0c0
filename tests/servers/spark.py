"""Apache Spark, with its JVM: a Connect server with two cores, out of the environment `.venv-spark` (or wherever SPARK_HOME is)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.clusters import missing, stop, wait_for
from tests.servers.postgres import free_port
from tests.servers.sail import listens

CHECKOUT = Path(__file__).resolve().parents[2]
CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"


def home() -> Path | None:
    """Where Spark is: a folder with `jars` and `bin/spark-submit`."""
    said = os.environ.get("SPARK_HOME")
    folders = [Path(said)] if said else sorted(CHECKOUT.glob(".venv-spark/lib/python3*/site-packages/pyspark"))
    return next((folder for folder in folders if (folder / "bin/spark-submit").exists() and (folder / "jars").is_dir()), None)


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """The URL of a Connect server; skipped where Spark or Java is missing, except in CI."""
    folder = home()
    if folder is None:
        missing("Apache Spark is not installed (make spark, or set SPARK_HOME)")
    if shutil.which("java") is None:
        missing("Java is not installed (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)")
    place = Path(tempfile.mkdtemp(prefix="seedbed-spark-"))
    try:
        yield from running(folder, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def running(spark_home: Path, folder: Path) -> Iterator[str]:
    """Start a server whose tasks run with this Python, and stop it at the end."""
    port, log = free_port(), folder / "log"
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
    }
    said = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command: list[str | Path] = [
        spark_home / "bin/spark-submit",
        "--master",
        "local[2]",
        "--driver-memory",
        "1g",
        "--class",
        CLASS,
        *said,
        "spark-internal",
    ]
    environment = {**os.environ, "SPARK_HOME": str(spark_home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        wait_for("Spark", lambda: listens(port), [server], log)
        yield f"sc://127.0.0.1:{port}"
    finally:
        stop(server)
