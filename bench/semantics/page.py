"""docs/semantics.md, made of the outcomes that are kept in `bench/semantics/outcomes.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.semantics.comparisons import COMPARISONS, Comparison, kinds
from bench.semantics.differences import REASONS, Outcome, is_same, reason_of
from bench.semantics.tables import MIXED, TABLES

PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
KEPT = Path(__file__).with_name("outcomes.json")
_BEGIN, _END = "<!-- comparison -->\n", "<!-- end of comparison -->\n"


def kept() -> dict[str, Any]:
    """The outcomes of both sides as they were last written."""
    found: dict[str, Any] = json.loads(KEPT.read_text())
    return found


def page(text: str, outcomes: dict[str, Any]) -> str:
    """The page with the comparison as the outcomes have it."""
    before, rest = text.split(_BEGIN)
    return before + _BEGIN + "\n".join(_told(outcomes)) + _END + rest.split(_END)[1]


def cases(outcomes: dict[str, Any]) -> Iterator[tuple[Comparison, str, Outcome, Outcome]]:
    """Every case with both outcomes."""
    for one in COMPARISONS:
        for table in one.tables:
            yield one, table, outcomes["ours"][one.name][table], outcomes["theirs"][one.name][table]


def _told(outcomes: dict[str, Any]) -> Iterator[str]:
    every = [(one, table, ours, theirs, is_same(one.name, ours, theirs)) for one, table, ours, theirs in cases(outcomes)]
    same = sum(case[-1] for case in every)
    used = {reason.key: reason for one, table, _, _, alike in every if not alike and (reason := reason_of(one.name, table)) is not None}
    numbers = {reason.key: number for number, reason in enumerate((reason for reason in REASONS if reason.key in used), 1)}
    yield f"{len(kinds())} kinds of checks in {len(COMPARISONS)} comparisons and {len(every)} cases, with {outcomes['peer']}: {same} the same, {len(every) - same} different.\n"
    yield "## Reasons\n"
    for key, number in numbers.items():
        count = sum(not case[-1] and reason_of(case[0].name, case[1]) is used[key] for case in every)
        yield f"{number}. {used[key].said} ({count} {'case' if count == 1 else 'cases'})"
    yield "\n## Tables\n\n| table | columns |\n|---|---|"
    yield from (f"| {name} | {_columns(name)} |" for name in TABLES)
    yield "\n## Kind by kind\n\nThe number of failing rows stands in brackets; **bold**: different, for the reason of that number."
    for one in COMPARISONS:
        mine = [case for case in every if case[0] is one]
        yield f"\n### {one.name}\n\n`{_said(one.check(''))}` · `{one.peer}({_arguments(one.expectation(''))})`\n"
        yield "| table | seedbed | Great Expectations | |\n|---|---|---|---|"
        yield from (_row(one, table, ours, theirs, alike, numbers) for _, table, ours, theirs, alike in mine)
    yield ""


def _row(one: Comparison, table: str, ours: Outcome, theirs: Outcome, alike: bool, numbers: dict[str, int]) -> str:  # noqa: FBT001 - of a tuple
    reason = None if alike else reason_of(one.name, table)
    verdict = "same" if alike else f"**{numbers[reason.key] if reason else '?'}**"
    given = f" `{_said(one.given[table][0])}`" if table in one.given else ""
    return f"| {table}{given} | {_outcome(ours)} | {_outcome(theirs)} | {verdict} |"


def _outcome(one: Outcome) -> str:
    count = f" ({one['failing']})" if one["failing"] else ""
    figure = f": {one['told']:.6g}" if isinstance(one["told"], int | float) else ""
    reason = f": {_escaped(str(one['told']))}" if one["status"] == "error" and one["told"] else ""
    return f"{one['status']}{count}{figure}{reason}"


def _columns(name: str) -> str:
    table = TABLES[name]
    if table.num_rows > 10:
        return "; ".join(f"{field.name} {field.type}, {table.num_rows} rows, {table[field.name].null_count} null" for field in table.schema)
    shown = [f"{field.name} {field.type}: {_escaped(_values(table[field.name].to_pylist()))}" for field in table.schema]
    return "; ".join(shown) + (f"; in pandas {_escaped(_values(MIXED[name]))}" if name in MIXED else "")


def _values(values: list[Any]) -> str:
    return (
        ", ".join(
            "null" if value is None else ascii(value) if isinstance(value, str) and not value.isprintable() else _plain(value)
            for value in values
        )
        or "no rows"
    )


def _plain(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _said(check: dict[str, Any]) -> str:
    return _escaped(json.dumps(check, ensure_ascii=False))


def _arguments(asked: dict[str, Any]) -> str:
    return _escaped(", ".join(f"{key}={value!r}" for key, value in asked.items()))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
