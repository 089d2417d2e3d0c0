"""How each cluster is reached, and runs as whole processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import seedbed
from seedbed.core.sinks import Part
from seedbed.plan.shapes import table_shape
from seedbed.run.layout import Span, parts_of
from seedbed.run.make import Job
from seedbed.write.files import open_folder
from seedbed.write.targets import SinkOptions
from tests.run.shop import column, document

PATIENCE_S = 180
MEMORY = "memory=400"  # two jobs at a time fit into the smallest machine


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the command line says to reach a cluster, and the environment it needs."""

    words: tuple[str, ...]
    environment: dict[str, str]

    def command(self, model: Path, out: Path, *more: str) -> list[str]:
        return [sys.executable, "-m", "seedbed", "generate", str(model), "-o", str(out), *self.words, *more]

    def start(self, model: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(model, out, *more), env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def generate(self, model: Path, out: Path, *more: str) -> None:
        done = self.tried(model, out, *more)
        assert done.returncode == 0, done.stderr

    def tried(self, model: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            self.command(model, out, *more), env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )


def reached(request: pytest.FixtureRequest, name: str) -> Cluster:
    """A cluster that runs."""
    if name in ("threads", "processes"):
        return Cluster(("--executor", name), {})
    if name in ("sail", "spark"):
        return Cluster(("--executor", "spark", "--master", request.getfixturevalue(name), "--workers", "2"), {})
    own = ["--pool-option", "dagman=/usr/bin/condor_dagman"] if name == "condor" else []
    return Cluster(("--executor", name, "--pool-option", MEMORY, *own), request.getfixturevalue(name).environment)


def parted(folder: Path, customers: int) -> Path:
    """A model whose orders are several parts, and whose customers draw from a pool of values."""
    made: dict[str, Any] = document(customers)
    made["nodes"][0]["columns"].append(column("claim", "string", faker={"method": "catch_phrase"}))
    path = folder / "parted.json"
    path.write_text(json.dumps(made))
    return path


def job_of(model: Path, out: Path) -> tuple[Job, list[Part]]:
    """The job of a whole model into a folder that is begun, and its parts."""
    data = seedbed.plan(model)
    sink = open_folder(out, SinkOptions())
    spans = [Span(name, 0, rows) for name, rows in data.rows.items()]
    shapes = {span.table: table_shape(data.plan, span.table, data.schema(span.table), span.rows) for span in spans}
    sink.begin(list(shapes.values()), "request", "refuse")
    return Job(data.prepared, sink, shapes, is_shared=False), [part for span in spans for part in parts_of(span)]
