"""Fan-outs that read the parent's row: by a column's value, where a condition holds, as many as a column says."""

from __future__ import annotations

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.nearest import one_of
from seedbed.model.document import Fanout, Model, Node
from seedbed.model.fanout import OTHERS
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Reference, Unknown, find_reference, may_lead_nowhere, reference_type
from seedbed.model.resolve.values import spelt
from seedbed.plan.children import MOST_CHILDREN, fanout_bounds, mean_of_case
from seedbed.plan.distributions import distribution_source
from seedbed.plan.provenance import Tables, listed_values, may_be_null
from seedbed.plan.shares import true_share, value_shares
from seedbed.plan.sources import choice_source
from seedbed.plan.support import Supports, clamp_of

_KEYS = frozenset({ColumnType.STRING, ColumnType.INT, ColumnType.BOOL})


def parent_reference(model: Model, parent: Node, text: str) -> Reference | Unknown:
    """What `by` or `column` means: a column of the parent, `parent.column`, or what the parent's row reads through a link."""
    first, _, rest = text.partition(".")
    found = find_reference(model, parent, text)
    return find_reference(model, parent, rest) if isinstance(found, Unknown) and first == parent.id and rest else found


def fanout_mistakes(model: Model, tables: Tables, supports: Supports) -> list[Mistake]:
    """Everything in the fan-outs that their parents' rows cannot give."""
    found: list[Mistake] = []
    for index, node in enumerate(model.nodes):
        parent = model.node(node.parents[0]) if node.kind == "fact" and node.parents else None
        if node.fanout is None or parent is None:
            continue
        path: Path = ("nodes", index, "fanout")
        if node.fanout.where is not None:
            found += _where(model, parent, node.fanout.where, (*path, "where"))
        if node.fanout.by is not None:
            found += _by(model, tables, parent, node.fanout, path)
        if node.fanout.distribution == "column":
            found += _column(model, parent, node, supports, (*path, "params", "column"))
    return found


def _where(model: Model, parent: Node, code: str, path: Path) -> list[Mistake]:
    from seedbed.plan.formulas import condition_mistakes, names_in  # only models with expressions need them

    own = next((name for name in names_in(code) if name.startswith(f"{parent.id}.")), None)
    if own is not None and isinstance(find_reference(model, parent, own), Unknown):
        message = f"`{own}`: the condition is over rows of `{parent.id}` itself"
        return [Mistake(path, message, f"write `{own.partition('.')[2]}`")]
    return condition_mistakes(model, parent, code, path, "`where`")


def _by(model: Model, tables: Tables, parent: Node, fanout: Fanout, path: Path) -> list[Mistake]:
    where: Path = (*path, "by")
    reference = parent_reference(model, parent, fanout.by or "")
    if isinstance(reference, Unknown):
        return [Mistake(where, reference.message, reference.fix)]
    kind = reference_type(model, reference)
    if kind not in _KEYS:
        return [Mistake(where, f"`{fanout.by}` is {kind}; keys of a map are texts, whole numbers or true and false", "name another column")]
    if fanout.maps:
        return _unlisted(tables, parent, fanout, reference, path)
    segments = parent.segment_behavior
    scales = segments is not None and any(behavior.fanout_multiplier is not None for behavior in segments.behaviors.values())
    if reference.link is None and scales and segments is not None and segments.segment_column == reference.name:
        return []  # the segments' own multipliers do it
    message = f"`by: {fanout.by}` changes nothing: all numbers of the fan-out are the same for each value"
    fix = f"give a map such as `lambda: {{a: 2, else: 5}}`, or `fanout_multiplier`s in a `segment_behavior` of `{parent.id}`"
    return [Mistake(where, message, fix)]


def _unlisted(tables: Tables, parent: Node, fanout: Fanout, reference: Reference, path: Path) -> list[Mistake]:
    """Values of `by` that no map lists, and listed ones that there are not."""
    source = tables[reference.table].column(reference.column) if reference.field is None else None
    values = listed_values(tables, source.ref) if source is not None else None
    known = None if values is None else [spelt(value) for value in values if isinstance(value, bool | int | float | str)]
    strange = [key for key in fanout.listed if known is not None and key not in known]
    if strange and known is not None:
        message = f"`{fanout.by}` is never {one_of(strange)}"
        return [Mistake((*path, "by"), message, f"it may be {one_of(known)}")]
    if fanout.has_others:
        return []
    missing = [value for value in known or () if value not in fanout.listed]
    is_null = source is None or may_be_null(tables, source) or (reference.link is not None and may_lead_nowhere(parent, reference.link))
    if known is not None and not missing and not is_null:
        return []
    what = f"be {one_of(missing)}" if missing else "have other values" if known is None else "be null"
    return [Mistake((*path, "by"), f"`{fanout.by}` may {what}, for which no number is given", f"add `{OTHERS}: 1` to the map")]


def _column(model: Model, parent: Node, node: Node, supports: Supports, path: Path) -> list[Mistake]:
    fanout = node.fanout
    assert fanout is not None
    assert fanout.params is not None
    text = fanout.params.column or ""
    reference = parent_reference(model, parent, text)
    if isinstance(reference, Unknown):
        return [Mistake(path, reference.message, reference.fix)]
    kind = reference_type(model, reference)
    if kind is not ColumnType.INT:
        return [Mistake(path, f"`{text}` is {kind}; a number of children is int", "name an `int` column")]
    span = supports.of(f"{reference.table}.{reference.column}") if reference.field is None else None
    if span is None or not span.known:
        return []  # judged row by row
    if span.low < 0 and fanout_bounds(fanout)[0] == 0 and fanout.min is None and (fanout.clamp or (None,))[0] is None:
        return [
            Mistake(
                path, f"`{text}` goes down to {span.low:,.0f}; no parent has fewer than 0 children", "add `min: 0`, or clamp the column"
            )
        ]
    if span.high > MOST_CHILDREN and fanout_bounds(fanout)[1] >= MOST_CHILDREN:
        message = f"`{text}` goes up to {span.high:,.0f}; a parent has at most {MOST_CHILDREN:,} children"
        return [Mistake(path, message, "add a `max`, or clamp the column")]
    return []


def expected_children(model: Model, node: Node, fanout: Fanout) -> float:
    """The expected number of children of one parent, where parents differ."""
    parent = model.node(node.parents[0])
    assert parent is not None
    share = 1.0 if fanout.where is None else true_share(model, parent, fanout.where)
    if fanout.distribution == "column":
        return share * _mean_of_column(model, parent, fanout)
    cases = {key: mean_of_case(case) for key, case in fanout.cases.items()}
    reference = parent_reference(model, parent, fanout.by) if fanout.by is not None and fanout.maps else None
    shares = value_shares(model, reference.table, reference.column) if isinstance(reference, Reference) else None
    if shares is None:
        return share * sum(cases.values()) / len(cases)
    return share * sum(weight * cases.get(key, cases.get(OTHERS, 0.0)) for key, weight in shares.items())


def _mean_of_column(model: Model, parent: Node, fanout: Fanout) -> float:
    """The mean of the column that says how many; the middle of its bounds, or 1, where the model does not tell."""
    low, high = fanout_bounds(fanout)
    reference = parent_reference(model, parent, (fanout.params.column if fanout.params is not None else None) or "")
    owner = model.node(reference.table) if isinstance(reference, Reference) and reference.field is None else None
    spec = owner.column(reference.column) if owner is not None and isinstance(reference, Reference) else None
    if spec is None or spec.modifiers:
        return (low + high) / 2 if high < MOST_CHILDREN else float(max(low, 1))
    generator = spec.generator
    source = distribution_source(generator.distribution, whole=True) if generator.distribution is not None else None
    if generator.choice is not None:
        source = choice_source(spec, generator.choice)
    if source is None:
        return (low + high) / 2 if high < MOST_CHILDREN else float(max(low, 1))
    least, most = clamp_of(spec)
    ends = max(low, -np.inf if least is None else least), min(high, np.inf if most is None else most)
    return source.mean_of(lambda k: np.clip(np.rint(k), *ends))
