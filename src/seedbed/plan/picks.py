"""What the words of a link mean: how rows are picked, and where a match is known without looking."""

from __future__ import annotations

from seedbed.core.draw import Floats
from seedbed.model.document import Model
from seedbed.model.links import LinkSpec, Pick, read_pick
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import Link, Plan, TablePlan
from seedbed.plan.sources import head_tail_weights, zipf_weights


def pick_of(text: str) -> Pick:
    """What a `pick` says that has been judged."""
    found = read_pick(text)
    assert found is not None
    return found


def rank_weights(pick: Pick, count: int) -> Floats | None:
    """The weight of each of `count` ranks, shape (count,); None where all are equal."""
    if pick.kind == "zipf":
        return zipf_weights(count, pick.numbers[0])
    return head_tail_weights(count, *pick.numbers) if pick.kind == "head_tail" else None


def family_link(plan: Plan, table: str, link: Link) -> str | None:
    """The link to a row whose children in the target are just those that match; None where an index must tell.

    So it is where the target reads its parent's key, and this row reads the key of a row of that parent.
    """
    spec, target = link.spec, plan.table(link.target)
    if spec is None or len(spec.match) != 1 or target.parent is None:
        return None
    ((theirs, own),) = spec.match.items()
    if not _reads_key(plan, target, theirs, "parent"):
        return None
    return _link_to_key(plan.model, plan, plan.table(table), own, target.parent)


def _reads_key(plan: Plan, table: TablePlan, name: str, link: str) -> bool:
    column = table.column(name)
    lookup = column.spec.generator.lookup
    key = plan.table(table.parent or "").node.key
    changed = column.spec.modifiers or column.spec.may_be_null
    return lookup is not None and not changed and column.link == link and lookup.from_ == f"{table.parent}.{key}" and key is not None


def _link_to_key(model: Model, plan: Plan, table: TablePlan, own: str, parent: str) -> str | None:
    """The link through which a reference reads the key of `parent`."""
    key = plan.table(parent).node.key
    found = find_reference(model, table.node, own)
    if not isinstance(found, Reference) or found.field is not None or key is None:
        return None
    if found.link is not None:
        return table.link_name(found.link) if (found.table, found.column) == (parent, key) else None
    column = table.column(found.column)
    lookup = column.spec.generator.lookup
    if lookup is None or lookup.from_ != f"{parent}.{key}" or column.spec.modifiers or column.null_share > 0 or column.spec.null_if:
        return None
    return column.link


def weight_column(spec: LinkSpec) -> str | None:
    """The target's column that weighs its rows."""
    pick = read_pick(spec.pick)
    return pick.column if pick is not None else None
