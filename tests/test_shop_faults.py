"""The shop as its profile `dirty` hands it over: the list of faults is the difference, at every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.generate.prepare import prepare
from seedbed.generate.quality.delivery import Delivery
from seedbed.model.document import Model
from seedbed.model.reading import examine
from seedbed.plan.compile import compile_plan
from tests.explained import assert_explained

SHOP = Path(__file__).parents[1] / "examples" / "shop.yaml"
SCALES = [0.1, pytest.param(1.0, marks=pytest.mark.slow), pytest.param(10.0, marks=pytest.mark.slow)]


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_the_list_of_faults_is_the_difference_cell_by_cell(scale: float) -> None:
    model = _shop("dirty")
    made = Delivery(prepare(compile_plan(model, scale=scale), workers=2))
    told = assert_explained(made)
    assert model.quality_injection is not None
    assert {name for name, count in told.items() if count} == {issue.table for issue in model.quality_injection.issues}


def test_without_its_faults_the_shop_is_the_clean_one() -> None:
    dirty, clean = (prepare(compile_plan(_shop(profile), scale=0.02)) for profile in ("dirty", None))
    made, without = Delivery(dirty), Delivery(clean)
    for name in without.plan.delivered:
        rows = without.rows(name)
        assert made.clean_block(name, 0, rows) == without.block(name, 0, rows, encoded=True)


def _shop(profile: str | None) -> Model:
    return examine(SHOP.read_text(), SHOP.name, profile=profile).require()
