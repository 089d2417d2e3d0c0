"""Promises of the repository itself: light start-up, one owner per heavy library, nothing of any one machine."""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seedbed

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "seedbed"
HEAVY = {"numpy", "pyarrow", "pydantic", "pydantic_core", "pandas", "ruamel", "faker"}
PARQUET_OWNERS = {"read/parquet.py", "write/formats/parquet.py"}
KINDS_OF_CHANGE = {"added", "changed", "fixed", "bytes"}


def project_files() -> Iterator[Path]:
    """All files that .gitignore lets in; works in an unpacked archive too."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        yield from (Path(folder) / name for name in files if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored))


def text_files() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield path, content.decode()


def modules_after(code: str) -> set[str]:
    """The top-level modules a fresh interpreter holds after `code`, which may end in SystemExit(0)."""
    script = f"""
import json, sys
try:
    {code}
except SystemExit as stop:
    assert not stop.code, stop.code
finally:
    print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stderr.splitlines()[-1]))


def layer_contract() -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract: dict[str, Any] = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return contract


@pytest.mark.parametrize(
    "code",
    [
        "import seedbed",
        "import seedbed; dir(seedbed); seedbed.ModelError",
        "import seedbed.cli.main; sys.argv = ['seedbed', '--help']; seedbed.cli.main.main()",
        "import seedbed.cli.main; sys.argv = ['seedbed', '--version']; seedbed.cli.main.main()",
    ],
    ids=["import", "errors", "help", "version"],
)
def test_start_up_loads_nothing_heavy(code: str) -> None:
    assert not modules_after(code) & HEAVY


def test_python_m_seedbed_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "seedbed", "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert "Usage: " in done.stdout
    assert "generate" in done.stdout


@pytest.mark.parametrize("name", seedbed.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(seedbed, name) is not None
    assert name in dir(seedbed)


def test_verbs_stay_functions_when_the_folders_of_their_names_are_imported() -> None:
    __import__("seedbed.plan.compile")
    __import__("seedbed.generate.engine")
    assert callable(seedbed.plan)
    assert callable(seedbed.generate)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="grow"):
        seedbed.grow  # type: ignore[attr-defined]  # noqa: B018


def test_every_folder_of_the_source_is_in_the_layer_contract() -> None:
    contract = layer_contract()
    layers = {name.strip("() ") for line in contract["layers"] for name in line.split("|")}
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert contract["exhaustive"]
    assert folders <= layers


def test_layers_that_exist_are_not_optional() -> None:
    optional = {name.strip(" ") for line in layer_contract()["layers"] for name in line.split("|") if "(" in name}
    assert not [name for name in optional if (SOURCE / name.strip("()")).is_dir()]


def test_parquet_files_are_touched_in_two_places_only() -> None:
    importers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and "pyarrow.parquet" in imported_names(node)
    }
    assert importers <= PARQUET_OWNERS


def imported_names(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}


def test_no_file_names_a_package_registry() -> None:
    registry = re.compile(
        r"https?://[^\s\"'>]+\.(whl|tar\.gz|tgz|deb)\b|(extra-)?index[-_]url\b|find[-_]links|pythonhoste[d]|pypi\.org/simple"
    )
    assert not [(path.name, found[0]) for path, text in text_files() if (found := registry.search(text))]


def test_no_file_names_a_path_of_one_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(work|farm|root|home)/\w|(?<![\w.])/opt/(pypi|wheels)")
    assert not [(path.name, found[0]) for path, text in text_files() if (found := machine.search(text))]


def test_every_pinned_requirement_has_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        pinned = re.findall(r"^[a-z0-9][\w.-]*==[^\n]*\n(?:    --hash=sha256:[0-9a-f]{64})?", path.read_text(), re.MULTILINE)
        assert pinned
        assert all("--hash" in requirement for requirement in pinned)


def test_changelog_fragments_are_named_by_what_they_change() -> None:
    fragments = [path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]
    assert not [path.name for path in fragments if path.suffix != ".md" or path.stem.rpartition(".")[2] not in KINDS_OF_CHANGE]


def test_the_readme_opens_with_the_two_commands() -> None:
    opening = (ROOT / "README.md").read_text()[:1500]
    assert "make demo" in opening
    assert "make test" in (ROOT / "README.md").read_text()
