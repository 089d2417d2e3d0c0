"""A document is planned before it is given out; what the model can't promise is taken back, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seedbed.core.errors import ModelError, PluginError, Problem
from seedbed.run.dataset import planned
from seedbed.run.inferring.context import Context
from seedbed.stats.inference.made import Spec

#: Rounds of taking back.
_MOST_ROUNDS = 25

_TABLES = ("vocabs", "entities", "facts")


def tried(document: Spec, context: Context) -> None:
    """Plan a document until nothing is wrong with it, taking back promises about it, then keys, then what fills a column.

    Raises:
        ModelError: it can't be made right, which is a defect of ours.
    """
    for _ in range(_MOST_ROUNDS):
        try:
            _ = planned(document).prepared
        except PluginError:  # what fills pools is not installed here; it is asked for when rows are made
            return
        except ModelError as error:
            if not _mended(document, error.problems, context):
                raise
        else:
            return
    planned(document)


def _mended(document: Spec, problems: Sequence[Problem], context: Context) -> bool:
    """Whether something could be taken back."""
    rules = {path[1:3] for problem in problems if (path := _path(problem)) and path[0] == "constraints" and len(path) > 2}
    done = False
    for kind, at in sorted(rules, key=lambda pair: (str(pair[0]), -int(pair[1]))):
        rule = document["constraints"][kind].pop(int(at))
        context.left_out.append(f"{kind}: {_short(rule)} holds in the data; the model can't promise it")
        if not document["constraints"][kind]:
            del document["constraints"][kind]
        done = True
    return done or any(_mended_at(document, problem, context) for problem in problems)


def _path(problem: Problem) -> tuple[Any, ...]:
    """Where in the document, in the author's own form."""
    if problem.path and problem.path[0] == "constraints":
        return problem.path
    return tuple((problem.where or "").replace("[", ".").replace("]", "").split(".")) if problem.where else ()


def _short(rule: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in rule.items()) if isinstance(rule, dict) else str(rule)


def _mended_at(document: Spec, problem: Problem, context: Context) -> bool:
    path = _path(problem)
    if len(path) < 3 or path[0] not in _TABLES or path[1] not in document.get(path[0], {}):
        return False
    node, table = document[path[0]][path[1]], str(path[1])
    if path[2] == "pk":
        context.left_out.append(f"{table}: its key {node.pop('pk')} can't be promised: {problem.message}")
        return True
    if path[2] == "columns" and len(path) > 3 and path[3] in node["columns"]:
        return _mended_column(node, str(path[3]), problem, context, table)
    return False


def _mended_column(node: Spec, name: str, problem: Problem, context: Context, table: str) -> bool:
    column = node["columns"][name]
    note = f"{table}.{name}: {problem.message}"
    if column.pop("unique", None):
        context.left_out.append(f"{note}; it may come twice")
        return True
    generator = column.get("faker")
    if isinstance(generator, dict) and generator.pop("locale_from", None):
        context.left_out.append(note)
        return True
    context.left_out.append(f"{note}; the column is left out")
    del node["columns"][name]
    return True
