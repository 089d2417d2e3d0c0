"""Measure what checks find of the faults in every example, and write the tables of docs/detection.md: `.venv/bin/python tools/write_detection.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import seedbed
from seedbed.model.quality import KINDS
from tools.detection.declared import DECLARED, Declared, declared_found
from tools.detection.faults import EXAMPLES, faulty
from tools.detection.measure import Found, measured

PAGE = Path(__file__).parents[1] / "docs" / "detection.md"
#: How large the examples are made: some thousand rows each.
SCALES = {"bank.json": 0.05, "driving.yaml": 0.2, "marketing.json": 0.2, "onboarding.json": 0.2, "sensors.json": 0.2, "shop.yaml": 0.1}
PARTS = ("clean", "promises", "declared")

#: What of each kind no promise of the model speaks of, and so no check of it can see.
UNSEEN = {
    "null": "a null in a column that may hold them",
    "missing_field": "a null in a column that may hold them; a field of a JSON object, of which a model promises nothing: declare `json_schema`",
    "malformed_timestamp": "nothing: the column comes as text, so the column is accused, not its cells",
    "invalid_enum": "a value of a column without `enum`; the choices that it is drawn from are no promise",
    "duplicate": "a copy in a table without a key",
    "near_duplicate": "a copy in a table without a key",
    "boundary_violation": "a value beyond a clamp of its generator that no `range` repeats",
    "typo": "a slip in a free text: a name misspelt is still a name",
    "case": "a text without pattern or list",
    "whitespace": "a text without pattern or list",
    "encoding": "nothing: the column comes as bytes, so the column is accused, not its cells",
    "swap_columns": "two values that are both right in both columns, such as first and last name",
    "orphan_fk": "nothing",
    "truncation": "a free text that is shorter",
    "type_drift": "nothing: the column comes as text, so the column is accused, not its cells",
    "unit_drift": "a number without `range`, or one that stays within",
    "late_arrival": "all: no model promises an order of rows; declare `monotonic`",
    "out_of_order": "all: no model promises an order of rows; declare `monotonic`",
    "outlier": "a number without `range`, or one that stays within",
    "mean_drift": "a number without `range`, or one that stays within, where no target or distribution tells",
    "category_drift": "a category of a column without `enum`; one that becomes another one of the list",
}

#: What of each kind the declared check can't see.
BESIDE = {
    "typo": "slips that leave three letters, a dash and five digits",
    "truncation": "codes cut by one character",
    "whitespace": "a blank between two groups of digits, where blanks belong",
    "late_arrival": "a row that comes after one still later; each break of the order is seen",
    "out_of_order": "a row that comes after one still later; each break of the order is seen",
    "encoding": "which cells: the column is accused",
    "mean_drift": "which cells: the column is accused",
}


def page(text: str) -> str:
    """The page with all tables measured anew."""
    for part, table in zip(PARTS, (clean_table(), promises_table(), declared_table()), strict=True):
        begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
        before, rest = text.split(begin)
        text = before + begin + table + end + rest.split(end)[1]
    return text


def examples() -> list[Path]:
    """All examples."""
    return sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".json", ".yaml"))


def clean_scores(paths: Iterable[Path], scale: float | None = None) -> Iterator[tuple[Path, int, seedbed.Report]]:
    """Each example's rows and what its own model says of them."""
    for path in paths:
        data = seedbed.plan(path, scale=scale)
        tables = {name: data.to_arrow(name) for name in data.rows}
        yield path, sum(table.num_rows for table in tables.values()), seedbed.validate(tables, path)


def found_by_kind(
    paths: Iterable[Path], kinds: Iterable[str] = tuple(KINDS), scales: dict[str, float] | None = None, rate: float = 0.01
) -> dict[str, Found]:
    """What the examples' own models find of each kind of fault, wherever it can be."""
    found = {kind: Found(kind) for kind in kinds}
    for path in paths:
        for kind, known in found.items():
            made = faulty(path, kind, rate, (SCALES if scales is None else scales).get(path.name))
            if made is not None:
                known.add(measured(made))
    return found


def clean_table() -> str:
    """The score of each example by its own model."""
    rows = [
        f"| {path.stem} | {rows:,} | {report.count.passed} | {report.count.failed + report.count.error} | {report.count.skipped} | {report.score:g} |"
        for path, rows, report in clean_scores(examples())
    ]
    return "\n".join(["| example | rows | checks passed | failed | skipped | score |", "|---|---:|---:|---:|---:|---:|", *rows, ""])


def promises_table() -> str:
    """What models' own checks find, by kind."""
    head = "| kind | faults | break a promise | found | recall | accused | rightly | precision | by | what none can see |\n"
    rows = [
        f"| `{kind}` | {_figures(found)} | {', '.join(sorted(found.by))} | {UNSEEN[kind]} |\n"
        for kind, found in found_by_kind(examples()).items()
    ]
    return head + "|---|---:|---:|---:|---:|---:|---:|---:|---|---|\n" + "".join(rows)


def declared_table() -> str:
    """What a check finds that is declared against a kind."""
    head = "| kind | check | faults | can be seen | found | recall | accused | rightly | precision | beside |\n"
    rows = [f"| `{one.kind}` | {_told(one)} | {_figures(declared_found(one, 0.1))} | {BESIDE.get(one.kind, '')} |\n" for one in DECLARED]
    return head + "|---|---|---:|---:|---:|---:|---:|---:|---:|---|\n" + "".join(rows)


def _told(one: Declared) -> str:
    said = json.dumps(one.check, ensure_ascii=False).replace("|", "\\|")
    return f"`{one.table}`: `{said}`"


def _figures(found: Found) -> str:
    shares = (_share(found.found, found.visible), _share(found.right, found.accused))
    return f"{found.faults:,} | {found.visible:,} | {found.found:,} | {shares[0]} | {found.accused:,} | {found.right:,} | {shares[1]}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
