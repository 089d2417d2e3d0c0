"""`seedbed demo`: an example, grown and checked."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from seedbed.cli.options import json_option


def _beginning(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del ctx, param
    return sorted(name for name in examples() if name.startswith(incomplete))


@click.command()
@click.argument("name", default="shop", shell_complete=_beginning)
@click.option("-o", "--out", type=click.Path(), metavar="DIR", help="The output folder; out/NAME where left out.")
@click.option("--list", "wants_list", is_flag=True, help="Name the examples.")
@json_option
def demo(name: str, out: str | None, wants_list: bool, as_json: bool) -> None:  # noqa: FBT001
    """Grow the example NAME (shop where left out) to out/NAME, check its promises and show what was made."""
    found = examples()
    if wants_list:
        _list(found, as_json=as_json)
        return
    model = _example(found, name)
    folder = out or str(Path("out") / name)

    from seedbed.cli.generate import run

    run(str(model), folder, as_json=as_json, overwrite=True, verify="files")
    if not as_json:
        _say_next(model, name, folder)


def _list(found: dict[str, Path], *, as_json: bool) -> None:
    if as_json:
        from seedbed.cli.show import show_json

        show_json({name: str(found[name]) for name in sorted(found)})
        return
    for name in sorted(found):
        click.echo(name)


def _say_next(model: Path, name: str, folder: str) -> None:
    command = _command()
    click.echo(f"\nThe model is {model}. Next:")
    click.echo(f"  {command} preview {model} --limit 5          its first rows")
    click.echo(f"  {command} generate {model} -o out/{name}-10 --scale 10    ten times as much")
    click.echo(f"  head -30 {folder}/.metadata.json          where the data come from")


def _command() -> str:
    """What to type to run seedbed here: its name where the path finds it, else the file that runs now."""
    here = Path(sys.argv[0])
    found = shutil.which("seedbed")
    if (found and Path(found).resolve() == here.resolve()) or here.name != "seedbed":
        return "seedbed"
    return os.path.relpath(here)


def examples() -> dict[str, Path]:
    """The examples by name: those in the package, or in the clone that this is run from."""
    package = Path(__file__).parents[1]
    for folder in (package / "examples", package.parents[1] / "examples"):
        if folder.is_dir():
            return {path.stem: path for path in folder.iterdir() if path.suffix in (".json", ".yaml")}
    return {}


def _example(found: dict[str, Path], name: str) -> Path:
    if name in found:
        return _shortened(found[name])
    from seedbed.core.errors import ModelError
    from seedbed.core.nearest import did_you_mean, one_of

    hint = did_you_mean(name, found)
    raise ModelError(f"there is no example `{name}`", fix=hint or f"examples: {one_of(sorted(found))}")


def _shortened(path: Path) -> Path:
    """The path from here on, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
