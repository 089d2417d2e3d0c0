"""From the text of a data contract to checks, with every mistake found at once and placed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.model.places import Marks, Mistake, Places
from seedbed.model.reading.tree import Tree, refuse_vast

if TYPE_CHECKING:
    from seedbed.model.odcs.checks import ContractChecks
    from seedbed.model.odcs.document import Contract


def is_contract(data: object) -> bool:
    """Whether plain data are a data contract.

    >>> is_contract({"kind": "DataContract", "apiVersion": "v3.1.0"}), is_contract({"tables": {}})
    (True, False)
    """
    return isinstance(data, Mapping) and data.get("kind") == "DataContract"


def contract_of(tree: Tree, name: str) -> Contract:
    """The contract in a document that is read.

    Raises:
        ModelError: with every mistake.
    """
    from pydantic import ValidationError

    from seedbed.model.odcs.document import Contract
    from seedbed.model.reading.problems import mistakes_of

    refuse_vast(tree.data, name)
    places = Places(name, tree.data, tree.find)
    version = tree.data.get("apiVersion") if isinstance(tree.data, Mapping) else None
    if isinstance(version, str) and not version.startswith(("v3.0.", "v3.1.")):
        message = f"contracts of ODCS {version} are not read"
        raise places.error([*tree.mistakes, Mistake(("apiVersion",), message, "write it in v3.1.0")])
    try:
        found = Contract.model_validate(tree.data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise places.error([*tree.mistakes, *mistakes_of(error, Contract, tree.data)]) from None
    if tree.mistakes:
        raise places.error(list(tree.mistakes))
    return found


def contract_checks(tree: Tree, name: str) -> ContractChecks:
    """The checks that a contract asks for.

    Raises:
        ModelError: it is no contract, or its rules contradict themselves.
    """
    from seedbed.model.odcs.checks import checks_of_contract

    return checks_of_contract(contract_of(tree, name), name)


def contract_from(data: Mapping[str, object]) -> ContractChecks:
    """The checks that a contract in plain data asks for.

    Raises:
        ModelError: as above.
    """
    return contract_checks(Tree(dict(data), Marks), "")
