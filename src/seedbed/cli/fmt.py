"""`seedbed fmt`: one layout for all models."""

from __future__ import annotations

import click


@click.command()
@click.argument("models", nargs=-1, required=True, type=click.Path(), metavar="MODEL...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a layout would change.")
@click.option("--write", is_flag=True, help="Lay the files themselves out.")
@click.option("--to", type=click.Choice(["yaml", "json"]), help="Turn one language into the other, on stdout.")
@click.option("--canonical", "form", flag_value="canonical", help="Put all tables into one list, as programs read them.")
@click.option("--authoring", "form", flag_value="authoring", help="Put tables and columns into maps by their names, as people write them.")
def fmt(models: tuple[str, ...], check: bool, write: bool, to: str | None, form: str | None) -> None:  # noqa: FBT001
    """Print MODEL laid out evenly: comments and meaning stay."""
    from pathlib import Path
    from typing import cast

    from seedbed.model.formatting import Form, Language, format_document
    from seedbed.read.document_bytes import read_bytes
    from seedbed.read.plugins import Installed
    from seedbed.write.atomic import write_whole

    if write and (check or to):
        raise click.UsageError("--write goes with neither --check nor --to")
    changed = []
    for model in models:
        before = read_bytes(model)
        after = format_document(before, model, to=cast("Language | None", to), form=cast("Form | None", form), plugins=Installed()).encode()
        if not check and not write:
            click.echo(after, nl=False)
        elif after != before:
            changed.append(model)
            if write:
                write_whole(Path(model), after)
            click.echo(f"{'laid out' if write else 'would change'}: {model}", err=True)
    if check and changed:
        raise click.exceptions.Exit(1)
