"""`seedbed plan`: what would be made, from the model alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import by_table, executor_options, given_to_sink, json_option, model_argument, plan_options, sink_options
from seedbed.cli.show import bytes_text, show_json, show_table

if TYPE_CHECKING:
    from seedbed.plan.plan import Link, Plan, TablePlan
    from seedbed.run.dataset import Dataset
    from seedbed.run.inspection import PlacedFinding
    from seedbed.run.strategy import Strategy


@click.command()
@model_argument
@plan_options
@click.option("--to", metavar="URL", help="Where to: a path or URL; what the model says, else files in a folder, where left out.")
@sink_options
@executor_options
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@json_option
def plan(model: str, *, strict: bool, as_json: bool, rows: Any, **asked: Any) -> None:
    """Show what MODEL would make: tables in order, rows, bytes, links and column order, what is worth knowing, and how a run would be done."""
    from seedbed.cli.lint import refuse_warnings, show_findings
    from seedbed.run.dataset import planned
    from seedbed.run.inspection import inspected

    dataset = planned(model, rows=by_table(rows), **{name: asked[name] for name in ("seed", "scale", "profile")})
    found, findings = inspected(dataset)
    strategy = _strategy(dataset, asked)
    if as_json:
        told = {"not_told": strategy} if isinstance(strategy, str) else strategy.to_dict()
        show_json({**_data(found, findings), "strategy": told})
    else:
        _show(found)
        show_findings(findings)
        _show_strategy(strategy)
    if strict:
        refuse_warnings(findings)


def _strategy(dataset: Dataset, asked: dict[str, Any]) -> Strategy | str:
    """How a run would be done; the reason why that can't be told, where the model's own target can't be opened here."""
    from seedbed.core.errors import ModelError, PluginError
    from seedbed.run.outlook import outlook, sink_for
    from seedbed.run.strategy import Asked
    from seedbed.run.targets import sink_options as options_of

    options = options_of(**given_to_sink(asked))
    try:
        sink = sink_for(dataset.plan, asked["to"], options)
    except (ModelError, PluginError) as error:
        if asked["to"] is not None or options.given:
            raise
        return str(error)
    return outlook(dataset, sink, Asked(asked["executor"], asked["workers"], asked["max_memory"]))


def _show_strategy(found: Strategy | str) -> None:
    if isinstance(found, str):
        click.echo(f"how a run would be done is not told: {found}")
        return
    lines = [
        (
            *(work.name, f"{'' if work.is_exact else '~'}{work.rows:,}", f"{work.parts:,}"),
            *(f"{work.part_rows:,}", f"{work.row_bytes:.0f} B", f"{work.stored_bytes:.0f} B", work.why),
        )
        for work in found.tables
    ]
    head = ("table", "rows", "parts", "rows a part", "a row", "stored", "known from")
    show_table(f"a run into {found.place}", head, lines, right=("rows", "parts", "rows a part", "a row", "stored"))
    click.echo(f"executor  {found.executor}, {found.workers:,} worker{'s' if found.workers > 1 else ''} ({found.workers_why})")
    at_once = f"{found.in_flight:,} part{'s' if found.in_flight > 1 else ''} at a time"
    click.echo(f"at once   {at_once}{' in each process' if found.processes > 1 else ''}, made in blocks of {found.block_rows:,} rows")
    limit = "" if found.limit_bytes is None else f" of {bytes_text(found.limit_bytes)} that it may take"
    click.echo(f"memory    at most about {bytes_text(found.memory_bytes)}{limit}")
    for share in found.shares:
        click.echo(f"  {bytes_text(share.size_bytes):>9}  {share.what}: {share.why}")


def _show(found: Plan) -> None:
    lines = [
        (table.name, table.kind, _rows(table), bytes_text(found.estimated_bytes[table.name]), f"{len(table.columns)}", _links(table))
        for table in found.tables
    ]
    if found.ground_truth is not None:
        lines.append((found.ground_truth, "truth", _truths(found), bytes_text(found.estimated_bytes[found.ground_truth]), "9", ""))
    about = f"{found.model.metadata.name}, seed {found.seed}, plan {found.fingerprint[:12]}"
    show_table(about, ("table", "kind", "rows", "about", "columns", "links"), lines, right=("rows", "about", "columns"))
    rows = found.truth_rows + sum(table.expected_rows if table.rows is None else table.rows for table in found.tables)
    click.echo(f"about {rows:,.0f} rows, {bytes_text(sum(found.estimated_bytes.values()))} in memory")
    click.echo("columns in order, and what each is computed from")
    for ref in found.column_order:
        depends = found.column(ref).depends
        click.echo(f"  {ref} <- {', '.join(depends)}" if depends else f"  {ref}")


def _rows(table: TablePlan) -> str:
    return f"{table.rows:,}" if table.rows is not None else f"~{table.expected_rows:,.0f}"


def _truths(found: Plan) -> str:
    """The rows of the list of faults."""
    return f"{'' if _is_counted(found) else '~'}{found.truth_rows:,.0f}"


def _is_counted(found: Plan) -> bool:
    """Whether the rows of all tables are known, and so the faults."""
    return all(table.rows is not None for table in found.tables)


def _links(table: TablePlan) -> str:
    return ", ".join(f"{link.kind} {link.target}{_on(link)}" for link in table.links)


def _on(link: Link) -> str:
    return f" on {link.local}={link.remote}" if link.local else ""


def _data(found: Plan, findings: tuple[PlacedFinding, ...]) -> dict[str, Any]:
    tables = [
        {
            "name": table.name,
            "kind": table.kind,
            "rows": table.rows,
            "expected_rows": table.expected_rows,
            "estimated_bytes": found.estimated_bytes[table.name],
            "columns": [{"name": column.name, "type": str(column.type), "depends": list(column.depends)} for column in table.columns],
            "links": [{"name": link.name, "kind": link.kind, "to": link.target} for link in table.links],
        }
        for table in found.tables
    ]
    if found.ground_truth is not None:
        rows = int(found.truth_rows) if _is_counted(found) else None
        truth = {"name": found.ground_truth, "kind": "truth", "rows": rows, "expected_rows": found.truth_rows}
        tables.append({**truth, "estimated_bytes": found.estimated_bytes[found.ground_truth], "columns": [], "links": []})
    return {
        "ok": True,
        "dataset": found.model.metadata.name,
        "seed": found.seed,
        "fingerprint": found.fingerprint,
        "tables": tables,
        "column_order": list(found.column_order),
        "findings": [finding.to_dict() for finding in findings],
    }
