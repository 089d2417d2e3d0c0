"""What the tests of collecting share: documents become tables and documents again, in several orders and cuts."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

import seedbed.read.collect.shred as shredding
from seedbed.read.collect.decide import Decisions, decide
from seedbed.read.collect.fast import Pieces
from seedbed.read.collect.parse import value_of
from seedbed.read.collect.rebuild import rebuild
from seedbed.read.collect.restore import retype
from seedbed.read.collect.shapes import Hint, Options, Records
from seedbed.read.collect.shred import Shredded, shred
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.read.collect.split import gather
from seedbed.read.collect.tabulate import tabulate
from seedbed.read.collect.values import Doubled, Number, Raw


def meant(value: object) -> object:
    """What a value says as JSON: the order of keys is free, that of the values of one key isn't, numbers are what they say."""
    if isinstance(value, Raw):
        return ("text", str(value))
    if isinstance(value, dict):
        pairs = list(value.pairs() if isinstance(value, Doubled) else value.items())
        return ("object", tuple(sorted(((key, meant(one)) for key, one in pairs), key=lambda pair: pair[0])))
    if isinstance(value, list):
        return ("list", tuple(map(meant, value)))
    if isinstance(value, float | Number) or type(value) is int:
        text = repr(value) if isinstance(value, float) else str(value)
        return ("number", text if len(text.rpartition("e")[2]) > 18 else Decimal(text))
    return (type(value).__name__, str(value))


def said(text: str | bytes) -> object:
    """What a JSON text says."""
    return meant(value_of(text if isinstance(text, bytes) else text.encode()))


def _nothing_fast(records: Records, hint: Hint) -> Pieces:
    return Pieces((), np.arange(len(records)), hint.schema)


def robustly(records: Records, options: Options | None = None) -> Shredded:
    """A block shredded the robust way alone."""
    fast = shredding._fast
    shredding._fast = _nothing_fast
    try:
        return shred(records, options=options or Options())
    finally:
        shredding._fast = fast


def by_id(tables: Sequence[dict[str, pa.Table]], decisions: Decisions) -> dict[str, pa.Table]:
    """The tables of many batches as one, by the numbers of their rows."""
    found = {}
    for shape in decisions.tables:
        parts = [one[shape.name] for one in tables if shape.name in one]
        if parts:
            found[shape.name] = pa.concat_tables(parts).sort_by([("_id", "ascending")]).combine_chunks()
    return found


def whole(files: Sequence[tuple[str, bytes]], options: Options | None = None) -> tuple[dict[str, pa.Table], Decisions, Shredded]:
    """The tables of some files, all at once."""
    made = shred(gather(files), options=options or Options())
    decisions = decide(made.sketch, options or Options())
    return by_id([tabulate(made.physical, decisions)], decisions), decisions, made


def in_batches(
    batches: Sequence[Sequence[tuple[str, bytes]]], options: Options | None = None
) -> tuple[dict[str, pa.Table], Decisions, Sketch]:
    """The tables of files that came in batches, each first typed by what was known then, and retyped at the end."""
    sketch, hint = Sketch(), Hint()
    parts = []
    for batch in batches:
        made = shred(gather(batch), hint, options=options or Options())
        hint = made.hint
        sketch = Sketch.from_bytes(merge([sketch, made.sketch]).to_bytes())
        decisions = decide(sketch, options or Options())
        parts.append((tabulate(made.physical, decisions), decisions))
    final = decide(sketch, options or Options())
    return by_id([retype(tables, old, final) for tables, old in parts], final), final, sketch


def check(files: Sequence[tuple[str, bytes]], options: Options | None = None) -> dict[str, pa.Table]:
    """Whatever way files are read in, they give the same tables, and these give the documents back."""
    tables, decisions, made = whole(files, options)
    assert not made.refused, made.refused
    assert Decisions.from_json(decisions.to_json()) == decisions
    same(made, robustly(gather(files), options))
    documents = dict(rebuild(tables, decisions))
    records = gather(files)
    singles = robustly(records, options)
    for number, text in zip(singles.physical.ids.tolist(), source_texts(records), strict=True):
        assert said(documents[number]) == said(text), (documents[number], text)
    for order in (list(reversed(files)), [*files[1::2], *files[::2]]):
        cut = len(order) // 2
        batches = [batch for batch in (order[:cut], order[cut:]) if batch]
        others, final, sketch = in_batches(batches, options)
        assert sketch.to_bytes() == made.sketch.to_bytes()
        assert final == decisions
        assert others.keys() == tables.keys()
        for name, table in tables.items():
            assert others[name].equals(table), (name, others[name].to_pylist(), table.to_pylist())
    return tables


def source_texts(records: Records) -> list[bytes]:
    """The text of each value of a block, in order."""
    from seedbed.read.collect.parse import values_of

    return [text[first:last] for text in records.texts() for _, first, last in values_of(text)]


def same(one: Shredded, other: Shredded) -> None:
    """Two ways of reading give the same."""
    assert one.sketch.to_bytes() == other.sketch.to_bytes()
    assert one.physical.ids.tolist() == other.physical.ids.tolist()
    assert one.refused == other.refused
    decisions = decide(one.sketch)
    tables, others = tabulate(one.physical, decisions), tabulate(other.physical, decisions)
    assert tables.keys() == others.keys()
    for name, table in tables.items():
        assert table.equals(others[name]), name
