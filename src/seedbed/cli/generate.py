"""`seedbed generate`: grow a model into a folder."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import (
    Names,
    Pair,
    SliceOf,
    by_table,
    clean_option,
    executor_options,
    given_to_sink,
    json_option,
    model_argument,
    plan_options,
    sink_options,
)

if TYPE_CHECKING:
    from seedbed.run.generate import GenerateResult

#: More warnings than these are for `seedbed lint`.
_MOST_WARNINGS = 5


class _Generate(click.Command):
    """Lets `--verify` stand alone before any other word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--verify` as `--verify=files` where neither `files` nor `blocks` follows."""
        words = iter(enumerate(args))
        read: list[str] = []
        for at, word in words:
            if word != "--verify":
                read.append(word)
            elif args[at + 1 : at + 2] in (["files"], ["blocks"]):
                read.append(f"--verify={next(words)[1]}")
            else:
                read.append("--verify=files")
        return super().parse_args(ctx, read)


@click.command(cls=_Generate)
@model_argument
@click.option("-o", "--out", type=click.Path(), metavar="DIR", help="The output folder: empty, or missing.")
@click.option("--to", multiple=True, metavar="URL", help="A path or URL: s3://, postgresql://, sqlite:///, kafka://, ... Repeatable.")
@plan_options
@clean_option
@sink_options
@click.option("--tables", type=Names(), help="Write only these tables.")
@click.option("--slice", "slices", type=SliceOf(), multiple=True, help="Write only these rows, the last not included. Repeatable.")
@executor_options
@click.option("--master", metavar="URL", help="Where Spark is: sc://host:port of a Connect server.")
@click.option(
    "--pool-option", "pool_options", type=Pair(), multiple=True, help="A setting of the executor, such as partition=short. Repeatable."
)
@click.option(
    "--dry-run", is_flag=True, help="Tell rows, bytes by format, files and seconds, by pieces that are made in memory; write nothing."
)
@click.option(
    "--dry-run-sample", type=click.IntRange(1, 1_000_000), metavar="N", help="Also make, check and show N rows a table, in memory."
)
@click.option("--overwrite", is_flag=True, help="Replace what an earlier run wrote there.")
@click.option("--resume", is_flag=True, help="Make what is missing of an earlier run.")
@click.option(
    "--verify",
    type=click.Choice(["files", "blocks"]),
    help="Check every promise: on the files (--verify), or on the blocks as they are made.",
)
@json_option
def generate(model: str, out: str | None, dry_run: bool, dry_run_sample: int | None, as_json: bool, **options: Any) -> None:  # noqa: FBT001
    """Grow MODEL, a YAML or JSON document, into files, a database or a broker, with a manifest.

    Without -o and --to, the model's `outputs` say where to.
    """
    if dry_run or dry_run_sample:
        from seedbed.cli.rehearsal import rehearse

        rehearse(
            model,
            sample=dry_run_sample or 0,
            as_json=as_json,
            to=options["to"],
            workers=options["workers"],
            asked=given_to_sink(options),
            **_kept(options, "seed", "rows", "scale", "profile", "clean", "tables", "slices"),
        )
        return
    asked = given_to_sink(options)
    names = ("seed", "rows", "scale", "profile", "clean", "tables", "slices", "workers", "executor", "master", "pool_options", "max_memory")
    run(model, out, as_json=as_json, **_kept(options, *names, "to", "overwrite", "resume", "verify"), **asked)


def _kept(options: dict[str, Any], *names: str) -> dict[str, Any]:
    found = {name: options[name] for name in names}
    return {name: by_table(value) if name in {"rows", "slices", "pool_options"} else value for name, value in found.items()}


def run(model: str, out: str | None, *, as_json: bool, **options: Any) -> GenerateResult:
    """Grow a model with a bar on the terminal, and print what was made."""
    from seedbed.cli.progress import progress
    from seedbed.run.generate import generate as grow
    from seedbed.run.memory import keep_memory
    from seedbed.run.sparing import spare_memory

    gc.freeze()
    gc.enable()
    if options.get("max_memory") is None:
        keep_memory()
    else:
        spare_memory()
    with progress() as events:
        result = grow(model, out, events=events, **options)
    if as_json:
        from seedbed.cli.show import show_json

        show_json(result_data(result))
    else:
        for each in (result, *result.further):
            show_result(each)
        _show_warnings(model, result.warnings)
    return result


def _show_warnings(model: str, warnings: Sequence[str]) -> None:
    """Say on stderr what the plan doubts: without --verify nothing else would."""
    for message in warnings[:_MOST_WARNINGS]:
        click.echo(f"warning: {message}", err=True)
    if warnings:
        more = f"{len(warnings) - _MOST_WARNINGS} more; " if len(warnings) > _MOST_WARNINGS else ""
        click.echo(f"    {more}`seedbed lint {model}` says where and how to mend it", err=True)


def result_data(result: GenerateResult) -> dict[str, Any]:
    """What a run made, as JSON takes it."""
    tables = [
        {"name": table.name, "kind": table.kind, "rows": table.rows, "start": table.start, "size_bytes": table.size_bytes}
        | {"digest": table.digest, "files": [file.path for file in table.files]}
        for table in result.tables
    ]
    data = {"ok": True, "dataset": result.dataset, "out": result.place, "seed": result.seed, "fingerprint": result.fingerprint}
    data |= {"rows": result.rows, "kept_rows": result.kept_rows, "size_bytes": result.size_bytes, "seconds": round(result.seconds, 3)}
    data |= {
        "figures": result.figures.to_dict(),
        "tables": tables,
        "warnings": list(result.warnings),
        "checks": result.report.to_dict() if result.report else None,
    }
    return data | ({"further": [result_data(each) for each in result.further]} if result.further else {})


def show_result(result: GenerateResult) -> None:
    """Print the table of what was made, and what the checks said."""
    from seedbed.cli.checks import show_checks
    from seedbed.cli.show import bytes_text, show_table

    rows = [
        (table.name, table.kind, f"{table.rows:,}", bytes_text(table.size_bytes), f"{len(table.files)}", table.digest[:12])
        for table in result.tables
    ]
    total = ("total", "", f"{result.rows:,}", bytes_text(result.size_bytes), f"{sum(len(table.files) for table in result.tables)}", "")
    head = ("table", "kind", "rows", "size", "files", "digest")
    show_table(f"{result.dataset}, seed {result.seed}, in {result.place}", head, [*rows, total], right=("rows", "size", "files"))
    kept = f", {result.kept_rows:,} of them kept from before" if result.kept_rows else ""
    click.echo(f"{result.rows:,} rows in {result.seconds:.2f} s{kept}")
    figures = result.figures
    if figures.rows:
        memory = f", at most {bytes_text(figures.peak_memory_bytes)} of memory" if figures.peak_memory_bytes else ""
        click.echo(f"{figures.rows_per_second:,.0f} rows/s, {figures.mb_per_second:,.1f} MB/s{memory}")
    if result.report is not None:
        show_checks(result.report)
