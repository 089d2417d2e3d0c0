"""Documents as files: there, readable, of a sane size."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from types import MappingProxyType

import pytest

from seedbed.core.errors import ModelError, Problem
from seedbed.read.document import examine_data, load_document, places_of, remembered

SHOP = Path(__file__).parent.parent / "model" / "shop.yaml"


def problem(path: str | Path) -> Problem:
    """The one problem of a path."""
    with pytest.raises(ModelError) as caught:
        load_document(path)
    assert caught.value.exit_code == 2
    (found,) = caught.value.problems
    return found


def test_a_document_is_read_with_its_places() -> None:
    model, places = load_document(SHOP)
    assert model.metadata.name == "shop"
    assert places.where(("nodes", 0, "pk")) == f"{SHOP}:8:9 nodes.country.pk"


def test_a_missing_file_offers_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("x")
    found = problem(tmp_path / "shpo.yaml")
    assert found == Problem("there is no such file", str(tmp_path / "shpo.yaml"), f"did you mean `{tmp_path / 'shop.yaml'}`?")


def test_a_missing_file_lists_the_models_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    assert problem(tmp_path / "zzzzzzzz").fix == "models there: `a.json`"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert problem(tmp_path / "no" / "m.yaml").fix == f"there is no directory {tmp_path / 'no'} either"
    assert problem(tmp_path / "m.yaml").fix == f"there is no model in {tmp_path.name}"


def test_a_directory_is_no_model(tmp_path: Path) -> None:
    assert problem(tmp_path).fix == "name a YAML or JSON file"
    (tmp_path / "a.json").write_text("x")
    assert problem(tmp_path) == Problem("this is a directory, not a model", str(tmp_path), f"name a file in it: `{tmp_path / 'a.json'}`")


def test_a_file_is_no_directory() -> None:
    assert problem(SHOP / "m.yaml").message == "a part of this path is a file, not a directory"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("x")
    path.chmod(0)
    assert problem(path).message == "the file may not be read"


def test_a_path_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    assert problem("a\0b").message.startswith("this is no path")
    assert problem(tmp_path / ("x" * 5000)).fix == "check the path"
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    assert problem(loop).fix == "check the path"


def test_ten_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_bytes(b" " * (10 * 2**20))
    assert problem(path) == Problem(
        "the document is larger than 4 MiB", str(path), "long lists of values belong into a vocab table or a file, not into the model"
    )


# ------------------------------------------------------------------------------------------------- plain data

PLAIN: dict[str, object] = json.loads((Path(__file__).parents[2] / "examples" / "users_events.json").read_text(encoding="utf-8"))


def test_plain_data_give_the_model_that_their_document_gives() -> None:
    assert examine_data(PLAIN).require() == load_document(Path(__file__).parents[2] / "examples" / "users_events.json")[0]
    assert examine_data(MappingProxyType({**PLAIN, "nodes": tuple(PLAIN["nodes"])})).require().nodes  # type: ignore[arg-type]  # a list


def test_what_no_document_can_hold_is_refused_with_its_path() -> None:
    frame = {"start": dt.date(2024, 1, 1), "end": "2024-12-31"}
    found = examine_data({**PLAIN, "timeframe": frame, "metadata": {"name": "m", "about": {1}}})
    problems = found.places.error(found.mistakes).problems
    assert sorted((str(problem.where), problem.message) for problem in problems) == [
        ("metadata.about", "a model holds no set"),
        ("timeframe.start", "a model holds no date"),
    ]
    assert 'write it as text: "2024-01-01"' in {problem.fix for problem in problems}


def test_data_that_hold_themselves_are_refused() -> None:
    endless: dict[str, object] = dict(PLAIN)
    endless["metadata"] = endless
    with pytest.raises(ModelError, match="more than 64 lists and objects in one another"):
        examine_data(endless)


def test_the_places_of_a_model_are_known_as_long_as_it_lives() -> None:
    found = examine_data(PLAIN)
    model = remembered(found)
    assert places_of(model) is found.places
    assert places_of(model.model_copy()) is None
    assert places_of(examine_data(PLAIN).require()) is None
