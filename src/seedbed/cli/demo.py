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
@click.option("--files", type=click.IntRange(5, 100_000), metavar="N", help="Of `school`: how many files; 200 where left out.")
@click.option("--clean", is_flag=True, help="Of `school`: remove what an earlier demo made there.")
@json_option
def demo(name: str, out: str | None, wants_list: bool, files: int | None, clean: bool, as_json: bool) -> None:  # noqa: FBT001
    """Grow the example NAME (shop where left out) to out/NAME, check its promises and show what was made.

    `school` goes the whole way: simulated workers write files, which are collected meanwhile, validated, and compared with workers that race.
    """
    found = examples()
    if wants_list:
        _list(found, as_json=as_json)
        return
    if name == "school":
        _school(out or "out/demo-school", 200 if files is None else files, clean=clean, as_json=as_json)
        return
    if files is not None or clean:
        raise click.UsageError("--files and --clean go with `school`")
    model = _example(found, name)
    folder = out or str(Path("out") / name)

    from seedbed.cli.generate import run

    run(str(model), folder, as_json=as_json, overwrite=True, verify="files")
    if not as_json:
        _say_next(model, name, folder)


def _school(out: str, files: int, *, clean: bool, as_json: bool) -> None:
    from seedbed.cli.progress import collecting
    from seedbed.run.simulate.demo import REPORT, SUMMARY, demo_school

    with collecting() as events:
        made = demo_school(out, files=files, clean=clean, events=events)
    if as_json:
        from seedbed.cli.show import show_json

        show_json({"ok": made.is_as_meant, **made.to_dict()})
    else:
        click.echo((made.out / SUMMARY).read_text(encoding="utf-8"))
        click.echo(f"Reports: {made.out / REPORT}, {made.out / SUMMARY}")
    if not made.is_as_meant:
        raise click.exceptions.Exit(1)


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
