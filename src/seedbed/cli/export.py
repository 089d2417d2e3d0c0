"""`seedbed export`: models and checks in the words of others."""

from __future__ import annotations

import click

from seedbed.cli.options import profile_option


@click.command()
@click.argument("form", type=click.Choice(["odcs"]), metavar="FORM")
@click.argument("rules", type=click.Path())
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write a file; .json for JSON. Else stdout, in YAML.")
@profile_option
def export(form: str, rules: str, output: str | None, profile: str | None) -> None:
    """Write RULES, a model or a checks document, in another FORM: odcs, a data contract of the Open Data Contract Standard 3.1."""
    from pathlib import Path

    from seedbed.run.contracts import contract_text, export_contract
    from seedbed.write.atomic import write_whole

    del form  # there is one
    text = contract_text(export_contract(rules, profile), "json" if output and output.endswith(".json") else "yaml")
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(Path(output), text.encode())
