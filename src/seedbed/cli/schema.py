"""`seedbed schema`: the JSON Schema of models and of checks documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from seedbed.model.schema import Form, Version


@click.command()
@click.option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
@click.option("--version", type=click.Choice(["1.0", "2.0"]), default="2.0", show_default=True, help="The version of the documents.")
@click.option(
    "--form",
    type=click.Choice(["authoring", "canonical"]),
    help="authoring: tables and columns in maps by their names, the default for 2.0; canonical: in lists.",
)
@click.option("--checks", is_flag=True, help="The schema of checks documents, of which there is one version and form.")
def schema(out: str | None, version: str, form: str | None, checks: bool) -> None:  # noqa: FBT001
    """Print the JSON Schema (2020-12) of models, for an editor to complete and check documents by.

    It knows the plug-ins that are installed, with their parameters.
    """
    import json
    from pathlib import Path
    from typing import cast

    from seedbed.write.atomic import write_whole

    if version == "1.0" and form == "authoring":
        raise click.UsageError("documents of version 1.0 have the canonical form only")
    chosen = form or ("authoring" if version == "2.0" else "canonical")
    found = _of_checks() if checks else _of_models(cast("Version", version), cast("Form", chosen))
    text = json.dumps(found, indent=2, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        write_whole(Path(out), f"{text}\n".encode())


def _of_checks() -> dict[str, Any]:
    from seedbed.model.checks.document import checks_schema

    return checks_schema()


def _of_models(version: Version, form: Form) -> dict[str, Any]:
    from seedbed.core.errors import PluginError
    from seedbed.model.schema import json_schema
    from seedbed.read.plugins import Installed

    plugins = []
    for found in Installed().all() if version != "1.0" else ():
        if isinstance(found, PluginError):
            click.echo(f"warning: {found}", err=True)
        else:
            plugins.append(found)
    return json_schema(version, form, plugins)
