"""`seedbed collect`: files of a folder become tables, each file once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import json_option

if TYPE_CHECKING:
    from seedbed.run.collect.collect import Collected


@click.command()
@click.argument("source", metavar="INPUT")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="DIR", help="The folder for tables and documents.")
@click.option("--watch", is_flag=True, help="Go on listening until Ctrl-C or SIGTERM.")
@click.option("--recursive", is_flag=True, help="Take the files of folders within INPUT too.")
@click.option("--processed-dir", type=click.Path(), metavar="DIR", help="Move files here that are in; left out, they stay.")
@click.option("--quarantine", type=click.Path(), metavar="DIR", help="Move files here that can't be taken, each with its reason.")
@click.option("--format", "form", default="parquet", show_default=True, metavar="F", help="Of the tables: parquet, delta.")
@click.option("--interval", type=float, default=1.0, show_default=True, metavar="S", help="Seconds of a tick: files must rest so long.")
@click.option("--max-retries", type=int, default=3, show_default=True, metavar="N", help="How often a file is tried again.")
@click.option(
    "--contract",
    type=click.Choice(["evolve", "freeze", "discard"]),
    default="evolve",
    show_default=True,
    help="New columns and types: tables evolve, the file is quarantined, or they are left out.",
)
@click.option("--workers", type=int, metavar="N", help="Processes; as many as the files are worth where left out.")
@click.option("--compact", is_flag=True, help="Bring small parts together at the end, however few.")
@click.option("--model", is_flag=True, help="Read a model off the tables at the end, model.yaml, which grows more like them.")
@click.option("--hints", type=click.Path(), metavar="FILE", help="Keys that somebody knows; they go before what is found.")
@click.option("--root", metavar="NAME", help="The name of the table of the records themselves; `records` where left out.")
@click.option("--text-flags", is_flag=True, help="Make booleans of texts that are all `true` or `false`.")
@click.option("--map", "maps", multiple=True, metavar="PATH", help="An object whose keys are data, such as /data/prices. Repeatable.")
@json_option
def collect(source: str, output: str, form: str, as_json: bool, **options: Any) -> None:  # noqa: FBT001
    """Make tables of the files in INPUT: a folder, a file, or s3://bucket/prefix.

    JSON of any shape is taken, also as lines, arrays or compressed, and CSV and Parquet. Each file is taken once, by its content. OUTPUT gets a
    folder a table, and documents on tables, keys and changes.
    """
    from seedbed.cli.progress import collecting
    from seedbed.run.collect.collect import collect as collected

    chosen = _options(options.pop("root"), options.pop("text_flags"), options.pop("maps"))
    with _until_told() as stop, collecting() as events:
        made = collected(source, output, format=form, options=chosen, stop=stop, events=events, **options)
    if as_json:
        from seedbed.cli.show import show_json

        show_json({"ok": not made.quarantined and made.is_complete, **made.to_dict()})
    else:
        show_collected(made)
    if not made.is_complete:
        click.echo("interrupted: what is in is in; the same command goes on", err=True)
        raise click.exceptions.Exit(130)
    if made.quarantined:
        raise click.exceptions.Exit(1)


def _options(root: str | None, text_flags: bool, maps: tuple[str, ...]) -> Any:  # noqa: FBT001
    from seedbed.read.collect.shapes import Options

    if root is None and not text_flags and not maps:
        return None
    return Options(root=root or "records", text_flags=text_flags, maps=maps)


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets: what is begun is brought to its end. The second ends at once."""
    stop = threading.Event()

    def hear(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        del number, frame

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show_collected(made: Collected) -> None:
    """Print what was taken in, what wasn't, and the tables there are now."""
    from seedbed.cli.show import bytes_text, show_table

    took = f"{made.files:,} files, {made.records:,} records, {bytes_text(made.size_bytes)}: {made.files_per_s:,.0f} files a second"
    click.echo(f"{took}{f'; {made.repeats:,} files were in already' if made.repeats else ''}")
    rows = [(name, f"{count:,}") for name, count in made.tables.items()]
    if rows:
        show_table(f"tables in {made.out}, version {made.version}, of {made.total_files:,} files", ("table", "rows"), rows, right=("rows",))
    for one in made.quarantined[:20]:
        place = f" at byte {one.offset:,}" if one.offset is not None else ""
        click.echo(f"not taken  {one.entry.path}: {one.reason}{place}", err=True)
    if len(made.quarantined) > 20:
        click.echo(f"not taken  {len(made.quarantined) - 20:,} more files", err=True)
    for note in made.notes:
        click.echo(note, err=True)
