"""`seedbed schema`: the JSON Schema of models."""

from __future__ import annotations

import click


@click.command()
@click.option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
def schema(out: str | None) -> None:
    """Print the JSON Schema (2020-12) of models, for an editor to complete and check documents by."""
    import json
    from pathlib import Path

    from seedbed.model.schema import json_schema
    from seedbed.write.atomic import write_whole

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        write_whole(Path(out), f"{text}\n".encode())
