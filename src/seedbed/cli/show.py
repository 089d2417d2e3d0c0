"""How results look: tables, numbers, JSON. Rich is loaded on a terminal only."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from seedbed.cli.verbs import in_colour


def show_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Print a table to stdout: drawn on a terminal, in plain columns elsewhere; `right` names the columns aligned to the right."""
    lines = [[_printable(cell) for cell in row] for row in rows]
    numbers = set(right)
    if sys.stdout.isatty():
        _draw(title, head, lines, numbers)
        return
    click.echo(f"{title}")
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    for line in [head, *lines]:
        cells = [cell.rjust(width) if name in numbers else cell.ljust(width) for name, cell, width in zip(head, line, widths, strict=True)]
        click.echo(f"  {'  '.join(cells)}".rstrip())


def _draw(title: str, head: Sequence[str], lines: list[list[str]], numbers: set[str]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for name in head:
        table.add_column(escape(name), justify="right" if name in numbers else "left", overflow="ellipsis", no_wrap=True)
    for line in lines:
        table.add_row(*map(escape, line))
    Console(no_color=not in_colour(sys.stdout)).print(table)


def _printable(text: str) -> str:
    """No data may steer the terminal."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def text_of(value: Any) -> str:
    """A value as a table shows it; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}" if value != round(value, 2) else f"{value:.2f}"
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON takes it: times in ISO 8601, no NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def show_json(data: Any) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def bytes_text(size: float) -> str:
    """A size for people.

    >>> bytes_text(1_234_567)
    '1.2 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
