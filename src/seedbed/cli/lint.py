"""`seedbed lint`: everything that is wrong with a model, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import json_option, model_argument, profile_option
from seedbed.cli.show import show_json

if TYPE_CHECKING:
    from seedbed.run.inspection import PlacedFinding


@click.command()
@model_argument
@profile_option
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--fix", is_flag=True, help="Correct what has one safe correction, and show the change; the rest is told as ever.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@json_option
def lint(model: str, profile: str | None, strict: bool, fix: bool, diff: bool, as_json: bool) -> None:  # noqa: FBT001
    """Say everything that is wrong with MODEL, with line and column, and what is worth knowing about it."""
    from seedbed.run.inspection import inspect_model

    if fix or diff:
        _correct(model, profile, is_shown_only=not fix, is_quiet=as_json)
    plan, findings = inspect_model(model, profile=profile)
    if as_json:
        show_json({"ok": not (strict and _warnings(findings)), "findings": [finding.to_dict() for finding in findings]})
    else:
        show_findings(findings)
        columns = sum(len(table.columns) for table in plan.tables)
        parts = (
            _counted(len(plan.tables), "table"),
            _counted(columns, "column"),
            "no errors",
            _counted(len(_warnings(findings)), "warning"),
        )
        click.echo(f"{model}: {', '.join(parts)}")
    if strict:
        refuse_warnings(findings, is_told=as_json)


def _correct(model: str, profile: str | None, *, is_shown_only: bool, is_quiet: bool) -> None:
    """Correct a document, and show the change on stderr."""
    from pathlib import Path

    from seedbed.run.corrections import corrections_of
    from seedbed.write.atomic import write_whole

    found = corrections_of(model, profile=profile)
    if not is_quiet:
        click.echo(found.diff or f"{model}: nothing to correct", err=True, nl=not found.diff)
        for reason in found.reasons:
            click.echo(f"{'would correct' if is_shown_only else 'corrected'}: {reason}", err=True)
    if found.diff and not is_shown_only:
        write_whole(Path(model), found.after.encode())


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def show_findings(findings: Sequence[PlacedFinding]) -> None:
    """Print findings, the warnings first."""
    for finding in sorted(findings, key=lambda finding: finding.level != "warning"):
        fix = f"\n    fix: {finding.fix}" if finding.fix else ""
        click.echo(f"{finding.level}: {finding.where}: {finding.message}{fix}")


def refuse_warnings(findings: Sequence[PlacedFinding], *, is_told: bool = False) -> None:
    """Raise ModelError where there is a warning."""
    from seedbed.core.errors import ModelError, Problem

    warnings = _warnings(findings)
    if warnings and is_told:
        raise click.exceptions.Exit(ModelError.exit_code)
    if warnings:
        raise ModelError.of(Problem(finding.message, finding.where, finding.fix) for finding in warnings)


def _warnings(findings: Sequence[PlacedFinding]) -> list[PlacedFinding]:
    return [finding for finding in findings if finding.level == "warning"]
