"""Every executor gives the same contents; clusters are real ones, of one node each."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedbed
from tests.run.executors.reaching import parted, reached
from tests.run.shop import contents, digests, names

SHOP = Path(__file__).parents[3] / "examples" / "shop.yaml"
DIRTY = ("--profile", "dirty", "--scale", "0.05")
CLUSTERS = ["processes", "sail", "spark", "slurm", "condor"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parted(tmp_path_factory.mktemp("model"), customers=150_000)


@pytest.fixture(scope="module")
def wanted(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The digests of both models as threads make them, and the names of the files."""
    plain, dirty = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("dirty")
    seedbed.generate(model, plain)
    seedbed.generate(SHOP, dirty, profile="dirty", scale=0.05)
    return digests(plain), digests(dirty), names(plain)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLUSTERS)
def test_every_executor_gives_the_same_contents(
    name: str, model: Path, wanted: tuple[dict[str, str], dict[str, str], list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cluster = reached(request, name)
    plain, dirty = tmp_path / "plain", tmp_path / "dirty"
    cluster.generate(model, plain)
    assert digests(plain) == wanted[0]
    assert contents(plain, "order") == wanted[0]["order"]
    assert names(plain) == wanted[2]
    few = ("--pool-option", "jobs=3") if name in ("slurm", "condor") else ()
    cluster.generate(SHOP, dirty, *DIRTY, *few)  # with links and faults
    assert digests(dirty) == wanted[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dirty", "plain"]  # nothing of the jobs is left
