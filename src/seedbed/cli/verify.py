"""`seedbed verify`: whether what a run left is still as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import json_option

if TYPE_CHECKING:
    from seedbed.run.seals import Verification


@click.command()
@click.argument("place", metavar="DIR|URL")
@click.option("--files-only", is_flag=True, help="Compare sizes and SHA-256 only; read no values.")
@json_option
def verify(place: str, *, files_only: bool, as_json: bool) -> None:
    """Compare what `generate` left at a folder or URL with its manifest: every file's size and SHA-256, every column's content digest.

    Exit code 1 where something differs.
    """
    from seedbed.cli.progress import progress
    from seedbed.run.seals import verify as look

    with progress() as events:
        found = look(place, contents=not files_only, events=events)
    if as_json:
        from seedbed.cli.show import show_json

        show_json(data(found))
    else:
        show(found)
    if not found.ok:
        raise SystemExit(1)


def data(found: Verification) -> dict[str, Any]:
    """What was found, as JSON takes it."""
    from dataclasses import asdict

    differences = [asdict(difference) for difference in found.differences]
    return {"ok": found.ok, "place": found.place, "dataset": found.dataset} | {
        "tables": [asdict(table) for table in found.tables],
        "differences": differences,
    }


def show(found: Verification) -> None:
    """Print a line for each table, and what differs."""
    from seedbed.cli.show import bytes_text, show_table

    rows = [
        (table.name, f"{table.rows:,}", f"{table.files}", bytes_text(table.size_bytes), table.reason or "values compared")
        for table in found.tables
    ]
    show_table(f"{found.dataset} in {found.place}", ("table", "rows", "files", "size", "contents"), rows, right=("rows", "files", "size"))
    for difference in found.differences:
        place = (
            difference.where
            if difference.where == difference.table or "." in difference.where
            else f"{difference.table}.{difference.where}"
        )
        click.echo(f"differs: {place}: {difference.message}")
    click.echo("all as it was written" if found.ok else f"{len(found.differences)} differences")
