"""`seedbed infer`: read a model off data, to grow others like them."""

from __future__ import annotations

import click

from seedbed.cli.options import Names, json_option


@click.command()
@click.argument("data")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the model here, not to stdout.")
@click.option("--hints", type=click.Path(dir_okay=False), metavar="FILE", help="Keys and references that you know, in YAML or JSON.")
@click.option("--name", metavar="NAME", help="The model's name; that of the data where left out.")
@click.option("--keep-values", is_flag=True, help="Copy values that look personal or that few rows have, too.")
@click.option("--tables", "--table", "tables", type=Names(), help="Only these tables.")
@json_option
def infer(
    data: str,
    output: str | None,
    hints: str | None,
    name: str | None,
    keep_values: bool,  # noqa: FBT001
    tables: tuple[str, ...] | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Read a model off DATA: a folder or file of Parquet, CSV, JSON Lines or Arrow, or a database such as sqlite:///shop.db."""
    from pathlib import Path

    from seedbed.cli.progress import reading
    from seedbed.cli.show import show_json
    from seedbed.core.events import nobody
    from seedbed.run.infer import infer as inferred
    from seedbed.write.atomic import write_whole

    with reading() as events:
        found = inferred(data, tables=tables, hints=hints, name=name, keep_values=keep_values, events=events or nobody)
    for problem in found.problems:
        click.echo(f"left out: {problem}", err=True)
    if output is not None:
        write_whole(Path(output), found.text.encode())
        click.echo(f"written: {output}", err=True)
    if as_json:
        show_json(found.to_dict())
    elif output is None:
        click.echo(found.text, nl=False)
