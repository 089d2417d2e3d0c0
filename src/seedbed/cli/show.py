"""How results look: tables, numbers, JSON. Rich is loaded on a terminal only."""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from seedbed.cli.verbs import in_colour
from seedbed.core.sizes import size_text as bytes_text

__all__ = ["bytes_text", "plain", "show_json", "show_table", "text_of"]

#: On a narrow terminal texts are wrapped down to this many columns: room for a moment, `2024-12-31 23:59:59`.
_NARROWEST = 20


def show_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Print a table to stdout: drawn on a terminal, in plain columns elsewhere; `right` names the columns aligned to the right."""
    lines = [[_printable(cell) for cell in row] for row in rows]
    numbers = set(right)
    if sys.stdout.isatty():
        _draw(title, head, lines, numbers)
        return
    click.echo(f"{title}")
    widths = [_width(cells) for cells in zip(head, *lines, strict=True)]
    for line in [head, *lines]:
        cells = [_padded(cell, width, to_right=name in numbers) for name, cell, width in zip(head, line, widths, strict=True)]
        click.echo(f"  {'  '.join(cells)}".rstrip())


def _draw(title: str, head: Sequence[str], lines: list[list[str]], numbers: set[str]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    console = Console(no_color=not in_colour(sys.stdout))
    widths = [_width(cells) for cells in zip(head, *lines, strict=True)]
    whole = [name in numbers or width <= _NARROWEST for name, width in zip(head, widths, strict=True)]
    least = [width if stays else _NARROWEST for width, stays in zip(widths, whole, strict=True)]
    console.print(Text(title, "bold"))
    for band in _bands(least, console.width):
        table = Table()
        for at in band:
            table.add_column(escape(head[at]), justify="right" if head[at] in numbers else "left", overflow="fold", no_wrap=whole[at])
        for line in lines:
            table.add_row(*(escape(line[at]) for at in band))
        console.print(table)


def _bands(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Columns that fit side by side, each group led by the first column: nothing is cut off where a table is wider than the terminal."""
    band = [0]
    for at in range(1, len(widths)):
        if 1 + sum(widths[each] + 3 for each in [*band, at]) > room and len(band) > 1:
            yield band
            band = [0]
        band.append(at)
    yield band


def _width(cells: Sequence[str]) -> int:
    """The columns of a terminal that the widest cell takes."""
    return max(map(_columns, cells))


def _columns(text: str) -> int:
    """The columns of a terminal that a text takes: two for a Chinese, Japanese or Korean letter, none for an accent of its own."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _padded(cell: str, width: int, *, to_right: bool) -> str:
    room = " " * (width - _columns(cell))
    return room + cell if to_right else cell + room


def _printable(text: str) -> str:
    """No data may steer the terminal."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def text_of(value: Any) -> str:
    """A value as a table shows it; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}" if value != round(value, 2) else f"{value:.2f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON takes it: times in ISO 8601, decimals as text with all their digits, bytes in Base64, no NaN.

    >>> from decimal import Decimal
    >>> plain({"price": Decimal("19.90"), "raw": [b"seed"]})
    {'price': '19.90', 'raw': ['c2VlZA==']}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def show_json(data: Any) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
