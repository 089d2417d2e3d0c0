"""Models and checks as data contracts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeAlias

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.model.odcs.checks import ContractChecks
from seedbed.model.odcs.writing import Clauses, contract_of_checks
from seedbed.run.rules import read_rules

Language: TypeAlias = Literal["yaml", "json"]


def export_contract(rules: str | Path, profile: str | None = None) -> Clauses:
    """The data contract (ODCS 3.1) of a model or a checks document, as plain data.

    Raises:
        ModelError: there is no such document, it has mistakes, or it is a contract already.
        EdgeError: the disk failed.
    """
    from seedbed.check.contract import contract_of_model

    known, _ = read_rules(rules, profile)
    name = Path(rules).name.partition(".")[0]
    if isinstance(known, ContractChecks):
        raise ModelError("this is a data contract already", where=str(rules), fix="give a model or a checks document")
    return contract_of_model(known, name) if isinstance(known, Model) else contract_of_checks(known, name)


def contract_text(contract: Clauses, language: Language) -> str:
    """A contract as a text in YAML or JSON."""
    if language == "json":
        return json.dumps(contract, ensure_ascii=False, indent=2) + "\n"
    from seedbed.model.formatting import stays_on_a_line
    from seedbed.model.reading.yaml_layout import written

    return written(contract, 140, stays_on_a_line)
