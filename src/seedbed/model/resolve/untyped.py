"""Which of the columns without a type to tell: those that are at fault themselves, not those that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Reference, Unknown, find_reference
from seedbed.model.resolve.columns import generator_mistakes
from seedbed.model.resolve.scope import Scope

Names = tuple[str, str]

#: Where a mistake stands that says why there is no type.
_READS = ("of", "total", "from", "via", "by", "choices_ref")


def untyped_mistakes(scope: Scope, untyped: Mapping[Names, Mistake]) -> Iterator[Mistake]:
    """For each column without a type what is wrong with what it reads, else that it has none; nothing where the fault lies further up."""
    sources = {name: _sources(scope.model, name) & untyped.keys() for name in untyped}
    for index, node in enumerate(scope.model.nodes):
        for place, column in enumerate(node.columns):
            name = (node.id, column.name)
            if name not in untyped or (sources[name] and not _returns(sources, name)):
                continue
            path: Path = ("nodes", index, "columns", place)
            own = list(_expression_mistakes(scope.model, node, column, (*path, "generator", "expression", "code")))
            own += [mistake for mistake in generator_mistakes(scope, node, column, (*path, "generator")) if mistake.path[-1] in _READS]
            yield from own or [untyped[name]]


def _expression_mistakes(model: Model, node: Node, column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """What an expression that has no type reads though it is not there, or cannot be read as one."""
    if column.generator.expression is None:
        return
    from seedbed.core.expression import ExpressionError, parse  # only models with expressions need them

    try:
        parsed = parse(column.generator.expression.code)
    except ExpressionError as error:
        problem = error.problems[0]
        yield Mistake(path, f"{problem.message} (character {error.offset + 1} of the expression)", problem.fix)
        return
    for name in parsed.names:
        found = find_reference(model, node, name)
        if isinstance(found, Unknown):
            yield Mistake(path, f"{found.message} (in the expression)", found.fix)


def _sources(model: Model, name: Names) -> set[Names]:
    """The columns that a column's type comes from."""
    node = model.node(name[0])
    column = node.column(name[1]) if node is not None else None
    if node is None or column is None:
        return set()
    generator = column.generator
    refs = [generator.lookup.from_] if generator.lookup else [generator.aggregate.of] if generator.aggregate else []
    refs += [generator.choice.choices_ref] if generator.choice and generator.choice.choices_ref else []
    found = {(table_of(ref), column_of(ref)) for ref in refs}
    texts: tuple[str, ...] = (generator.split.total,) if generator.split else ()
    if generator.expression:
        from seedbed.core.expression import ExpressionError, parse  # only models with expressions need them

        try:
            texts = parse(generator.expression.code).names
        except ExpressionError:
            texts = ()
    references = (find_reference(model, node, text) for text in texts)
    return found | {(reference.table, reference.column) for reference in references if isinstance(reference, Reference)}


def _returns(sources: Mapping[Names, set[Names]], start: Names) -> bool:
    """Whether a column reads itself in the end."""
    seen: set[Names] = set()
    waiting = list(sources[start])
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting += sources.get(name, set())
    return False
