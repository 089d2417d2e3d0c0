from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from seedbed.check.kinds.registry import CHECK_KINDS
from seedbed.core.errors import ModelError
from seedbed.model.checks.document import ChecksDocument, check_classes, document_of
from seedbed.model.checks.reading import checks_from

CHECKS = {"version": "1.0", "tables": {"a": [{"kind": "null", "column": "b"}, {"kind": "range", "column": "c", "min": 1}]}}


def test_every_kind_has_a_class_in_the_module_where_it_is_looked_for() -> None:
    assert all(name == kind for name, made in check_classes().items() for kind in made.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]
    assert check_classes().keys() == CHECK_KINDS.keys()


def test_a_class_of_some_kinds_reads_what_the_class_of_all_reads() -> None:
    few = document_of(["null", "range"]).model_validate(CHECKS)
    every = document_of().model_validate(CHECKS)
    assert isinstance(few, ChecksDocument)
    assert few.tables == every.tables
    assert checks_from(CHECKS) == few


def test_a_document_can_be_pickled() -> None:
    document = checks_from(CHECKS)
    assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301 - our own bytes


def test_a_mistake_is_told_as_if_all_kinds_were_known() -> None:
    wrong = {"version": "1.0", "tables": {"a": [{"kind": "null", "column": "b", "min": 1}]}}
    with pytest.raises(ModelError, match="min"):
        checks_from(wrong)


def test_reading_checks_loads_no_part_of_models() -> None:
    code = (
        "import sys; from seedbed.model.checks.reading import parse_checks\n"
        'parse_checks(\'{"version": "1.0", "tables": {"a": [{"kind": "null", "column": "b"}]}}\', \'c.json\')\n'
        "assert not {'seedbed.model.document', 'seedbed.model.generators', 'seedbed.model.checks.across'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
