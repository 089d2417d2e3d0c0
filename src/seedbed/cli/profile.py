"""`seedbed profile`: what data look like, what is odd in them, and how like they are to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import Names, json_option

if TYPE_CHECKING:
    from seedbed.run.profile import Profile


@click.command()
@click.argument("data")
@click.option("--table", "tables", type=Names(), help="Only these tables.")
@click.option("--compare", metavar="OTHER", help="Data to compare with: real ones for synthetic ones, or those of last month.")
@click.option("--anomalies", is_flag=True, help="Tell rows far from the others, days with odd numbers of rows, and gaps.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(["iqr", "zscore", "mad", "isolation_forest"]),
    help="How far rows are found, with --anomalies; iqr where none is named. Repeatable.",
)
@click.option("--html", type=click.Path(dir_okay=False), metavar="FILE", help="Write the profile as a page that needs no network.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the profile as JSON.")
@click.option("--suggest", type=click.Path(dir_okay=False), metavar="FILE", help="Write a checks document of what holds in the data.")
@json_option
def profile(  # noqa: PLR0913, PLR0917 - an option each
    data: str,
    tables: tuple[str, ...] | None,
    compare: str | None,
    anomalies: bool,  # noqa: FBT001
    methods: tuple[Any, ...],
    html: str | None,
    output: str | None,
    suggest: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Look at DATA: a folder or file of Parquet, CSV, JSON Lines or Arrow, or a database such as sqlite:///shop.db."""
    from seedbed.cli.profile_view import show_profile
    from seedbed.cli.progress import reading
    from seedbed.cli.show import show_json
    from seedbed.core.events import nobody
    from seedbed.run.profile import profile as profiled

    if methods and not anomalies:
        raise click.UsageError("--method goes with --anomalies")
    with reading() as events:
        found = profiled(data, tables=tables, compare=compare, anomalies=methods or anomalies, events=events or nobody)
    _write(found, html, output, suggest)
    if as_json:
        show_json(found.to_dict())
    else:
        show_profile(found)
    if found.problems:  # of some tables; where none can be read, that was raised
        raise click.exceptions.Exit(1)


def _write(found: Profile, html: str | None, output: str | None, suggest: str | None) -> None:
    import json
    from pathlib import Path

    from seedbed.write.atomic import write_whole

    made = {
        html: found.to_html,
        output: lambda: json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n",
        suggest: found.suggest,
    }
    for path, text in made.items():
        if path is not None:
            write_whole(Path(path), text().encode())
            click.echo(f"written: {path}", err=True)
