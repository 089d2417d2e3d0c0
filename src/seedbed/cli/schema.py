"""`seedbed schema`: the JSON Schema of models."""

from __future__ import annotations

import click


@click.command()
@click.option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
@click.option("--version", type=click.Choice(["1.0", "2.0"]), default="2.0", show_default=True, help="The version of the documents.")
@click.option(
    "--form",
    type=click.Choice(["authoring", "canonical"]),
    help="authoring: tables and columns in maps by their names, the default for 2.0; canonical: in lists.",
)
def schema(out: str | None, version: str, form: str | None) -> None:
    """Print the JSON Schema (2020-12) of models, for an editor to complete and check documents by.

    It knows the plug-ins that are installed, with their parameters.
    """
    import json
    from pathlib import Path
    from typing import cast

    from seedbed.core.errors import PluginError
    from seedbed.model.schema import Form, Version, json_schema
    from seedbed.read.plugins import Installed
    from seedbed.write.atomic import write_whole

    if version == "1.0" and form == "authoring":
        raise click.UsageError("documents of version 1.0 have the canonical form only")
    chosen = form or ("authoring" if version == "2.0" else "canonical")
    plugins = []
    for found in Installed().all() if version != "1.0" else ():
        if isinstance(found, PluginError):
            click.echo(f"warning: {found}", err=True)
        else:
            plugins.append(found)
    text = json.dumps(json_schema(cast("Version", version), cast("Form", chosen), plugins), indent=2, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        write_whole(Path(out), f"{text}\n".encode())
