"""`seedbed preview`: the true first rows, without making any others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import Names, by_table, clean_option, json_option, model_argument, plan_options
from seedbed.cli.show import plain, show_json, show_table, text_of

if TYPE_CHECKING:
    import pyarrow as pa


@click.command()
@model_argument
@click.option("--table", "tables", type=Names(), help="Only these tables.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=10, show_default=True, metavar="N", help="How many rows of each.")
@plan_options
@clean_option
@json_option
def preview(
    model: str,
    *,
    tables: tuple[str, ...] | None,
    limit: int,
    rows: Any,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show the first rows of MODEL's tables: the very rows that `generate` would write."""
    from seedbed.cli.progress import progress
    from seedbed.core.events import nobody
    from seedbed.run.api import plan
    from seedbed.run.dataset import require_tables
    from seedbed.run.executors import default_workers
    from seedbed.run.judging import is_countable

    dataset = plan(model, rows=by_table(rows), **asked)
    require_tables(dataset.plan, tables or ())
    if not is_countable(dataset.plan):  # it takes a while
        with progress() as events:
            dataset.prepared_by(default_workers(), events or nobody)
    counts = dataset.rows
    blocks = {name: dataset.block(name, 0, min(limit, counts[name])) for name in tables or dataset.tables}
    if as_json:
        show_json({name: {"rows": counts[name], "first": records(block)} for name, block in blocks.items()})
        return
    for name, block in blocks.items():
        show_rows(f"{name}: {len(block):,} of {counts[name]:,} rows", block)


def records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows as JSON takes them."""
    return [{name: plain(value) for name, value in row.items()} for row in batch.to_pylist()]


def show_rows(title: str, batch: pa.RecordBatch) -> None:
    """Print rows as a table."""
    import pyarrow as pa

    is_number = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    numbers = [field.name for field in batch.schema if any(test(field.type) for test in is_number)]
    rows = [[text_of(value) for value in row.values()] for row in batch.to_pylist()]
    show_table(title, batch.schema.names, rows, right=numbers)
