"""The page of faults lists every kind as the code has it."""

from __future__ import annotations

from seedbed.core.registry import QUALITY_KERNELS
from seedbed.model.quality import KINDS
from tools.write_quality import PAGE, page


def test_the_table_of_kinds_is_what_the_code_says() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "run .venv/bin/python tools/write_quality.py"


def test_every_kind_has_its_parameters_and_its_kernel() -> None:
    assert KINDS.keys() == QUALITY_KERNELS.keys()
