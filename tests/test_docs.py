"""The code in README.md and docs/ runs: each page in a folder of its own, its blocks in order."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(yaml|json|console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENT_NAME = re.compile(r"`([\w-]+\.(?:yaml|json))`")


def document_name(page: str, start: int, stop: int) -> str | None:
    """The file that a document belongs into: the one named last before it, or else the one named right after it."""
    before = DOCUMENT_NAME.findall(page[max(0, start - 200) : start])
    after = DOCUMENT_NAME.findall(page[stop : stop + 100])
    return before[-1] if before else next(iter(after), None)


def run_console(block: str, folder: Path) -> None:
    for line in block.splitlines():
        if line.startswith("$ seedbed "):
            command = [sys.executable, "-m", "seedbed", *shlex.split(line.removeprefix("$ seedbed "), comments=True)]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def run_page(text: str, folder: Path) -> None:
    names: dict[str, object] = {"__name__": "page"}
    for found in BLOCK.finditer(text):
        language, block = found.groups()
        if language == "console":
            run_console(block, folder)
        elif language == "python":
            exec(compile(block, "page", "exec", dont_inherit=True), names)  # noqa: S102 - our own page
        elif name := document_name(text, found.start(), found.end()):
            (folder / name).write_text(block)


#: Pages whose code asks servers: the fixtures that give the variables of the environment that lead there.
SERVERS = {"docs/executors.md": ("spark_master",), "docs/places.md": ("stores",)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_of_the_page_runs(page: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for fixture in SERVERS.get(page.relative_to(ROOT).as_posix(), ()):
        for name, value in request.getfixturevalue(fixture).items():
            monkeypatch.setenv(name, value)
    if (ROOT / "examples").is_dir():
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    with contextlib.chdir(tmp_path):
        run_page(page.read_text(), tmp_path)
