"""How a run of a data set would be done, told beforehand."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.core.sinks import Sink
from seedbed.plan.plan import Plan
from seedbed.run.dataset import Dataset
from seedbed.run.judging import is_countable
from seedbed.run.layout import Span
from seedbed.run.strategy import Asked, Strategy, strategy_of, works_expected, works_of
from seedbed.run.targets import Wanted, targets_of
from seedbed.write.files import FileSink
from seedbed.write.formats.format import open_format
from seedbed.write.nowhere import Nowhere
from seedbed.write.targets import SinkOptions


def sink_for(plan: Plan, to: str | None, options: SinkOptions) -> Sink:
    """What would take the rows: the target of this URL, that of the model where neither it nor an option is given, else files in a folder.

    Raises:
        ModelError: the target can't be, or can't follow an option.
        PluginError: a driver must be installed.
    """
    if to is not None:
        return targets_of(plan, Wanted(to=(to,), options=options), None)[0].sink
    if plan.model.outputs and not options.given:
        return targets_of(plan, Wanted(), None)[0].sink
    return FileSink(Nowhere("a folder"), open_format(options), options.partition_by)


def outlook(dataset: Dataset, sink: Sink, asked: Asked) -> Strategy:
    """What a run would use. Where rows can be counted in a moment, by rows that are made; else by what the plan expects.

    Raises:
        ModelError: it can't stay within the memory that is asked for.
    """
    plan = dataset.plan
    if is_countable(plan):
        spans = [Span(name, 0, rows) for name, rows in dataset.rows.items()]
        return strategy_of(asked, sink, works_of(dataset.prepared, sink, spans), dataset.prepared)
    return strategy_of(asked, sink, works_expected(_expected(plan), plan.estimated_bytes, sink, _exact(plan)), plan)


def _expected(plan: Plan) -> Mapping[str, float]:
    rows = {table.name: float(table.rows if table.rows is not None else table.expected_rows) for table in plan.tables}
    return rows | ({} if plan.ground_truth is None else {plan.ground_truth: float(plan.truth_rows)})


def _exact(plan: Plan) -> Mapping[str, bool]:
    return {table.name: table.rows is not None for table in plan.tables}
