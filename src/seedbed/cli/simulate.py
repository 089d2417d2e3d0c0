"""`seedbed simulate`: let simulated workers write files, in order or racing each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import json_option

if TYPE_CHECKING:
    from seedbed.run.simulate.audit import Verdict
    from seedbed.run.simulate.simulate import Simulation


class _Span(click.ParamType[tuple[int, int]]):
    """LOW:HIGH, two whole numbers."""

    name = "low:high"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Read the two; one number alone is both."""
        if isinstance(value, tuple):
            return value
        low, _, high = str(value).partition(":")
        if not (low.isdigit() and (high or low).isdigit()):
            self.fail(f"{value!r} is not LOW:HIGH, such as 1:10", param, ctx)
        return int(low), int(high or low)


@click.group()
def simulate() -> None:
    """Let simulated workers write files into a folder, for pipelines that collect them."""


@simulate.command()
@click.option("-o", "--out", required=True, type=click.Path(), metavar="DIR", help="The folder for the files: empty, or missing.")
@click.option("--files", type=click.IntRange(1, 10_000_000), default=100, show_default=True, metavar="N", help="How many files.")
@click.option("--rate", type=float, default=0.33, show_default=True, metavar="R", help="Files a second of simulated time.")
@click.option("--live", is_flag=True, help="Write them at that rate for real, instead of as fast as they can be made.")
@click.option("--max-enrollments", type=int, default=5, show_default=True, metavar="N", help="Classes that a student takes, at most.")
@click.option("--capacity-utilization", type=float, default=0.8, show_default=True, metavar="X", help="The share of seats to be taken.")
@click.option(
    "--order",
    type=click.Choice(["dependency", "race"]),
    default="dependency",
    show_default=True,
    help="Workers share one state, or race: orphans, over-full classes, duplicates.",
)
@click.option("--batch-size-range", type=_Span(), default="1:10", show_default=True, help="New students of a file.")
@click.option("--dependency-batch-size", type=int, default=50, show_default=True, metavar="N", help="Records of each of the first files.")
@click.option("--workers", type=click.IntRange(1, 10_000), default=4, show_default=True, metavar="N", help="Slots of the pool.")
@click.option(
    "--seed", type=click.IntRange(0, (1 << 64) - 1), default=42, show_default=True, metavar="S", help="Another seed, other files."
)
@click.option("--eviction-rate", type=click.FloatRange(0, 0.9), default=0.01, show_default=True, help="The share of attempts evicted.")
@click.option("--failure-rate", type=click.FloatRange(0, 0.9), default=0.01, show_default=True, help="The share of attempts that fail.")
@click.option("--hold-rate", type=click.FloatRange(0, 1), default=0.01, show_default=True, help="The share of jobs held for a while.")
@click.option("--no-validation", is_flag=True, help="Don't count what is wrong with the files, nor compare with the other order.")
@json_option
def school(out: str, as_json: bool, **options: Any) -> None:  # noqa: FBT001
    """A school's records as JSON files, written by worker jobs of a pool.

    What happened is in DIR/.simulation: events.log in the form of HTCondor's job event log, and report.json.
    """
    from seedbed.cli.progress import counting
    from seedbed.run.simulate.clock import JumpingClock, WaitingClock
    from seedbed.run.simulate.pool import EventKind, Faults
    from seedbed.run.simulate.school import SchoolConfig
    from seedbed.run.simulate.simulate import simulate_school

    config = SchoolConfig(
        files=options["files"],
        generation_rate=options["rate"],
        batch_size_range=options["batch_size_range"],
        dependency_batch_size=options["dependency_batch_size"],
        max_enrollments_per_student=options["max_enrollments"],
        class_capacity_utilization=options["capacity_utilization"],
        enforce_referential_integrity=options["order"] == "dependency",
        validation_enabled=not options["no_validation"],
        seed=options["seed"],
    )
    faults = Faults(options["eviction_rate"], options["failure_rate"], options["hold_rate"])
    with counting("files", config.files) as advance:
        made = simulate_school(
            out,
            config,
            workers=options["workers"],
            faults=faults,
            clock=WaitingClock() if options["live"] else JumpingClock(),
            heard=lambda event: advance(1) if event.kind is EventKind.TERMINATED and not event.code else None,
        )
    if as_json:
        from seedbed.cli.show import show_json

        show_json({"ok": made.verdict is None or made.verdict.is_sound, **made.to_dict()})
    else:
        show_simulation(made)


def show_simulation(made: Simulation) -> None:
    """Print what was written, what happened in the pool, and what is wrong in either order."""
    from seedbed.cli.show import bytes_text, show_table

    click.echo(f"{made.files:,} files, {bytes_text(made.size_bytes)}, in {made.out}: {made.files / max(made.seconds, 1e-9):,.0f} a second")
    told = ", ".join(f"{count:,} {kind}" for kind, count in made.events.items() if count)
    click.echo(f"{made.workers} workers, {made.simulated_s:,.0f} s of simulated time: {told}")
    if made.verdict is None:
        return
    here, there = made.config.ordering, "race" if made.config.enforce_referential_integrity else "dependency"
    rows = _compared(made.verdict, made.other)
    show_table("what is wrong with the records", ("", here, f"{there} (not written)"), rows, right=(here, f"{there} (not written)"))


def _compared(mine: Verdict, other: Verdict | None) -> list[tuple[str, str, str]]:
    def figures(verdict: Verdict) -> dict[str, int]:
        return {
            "records": sum(verdict.records.values()),
            **{f"{kind}: ids twice": count for kind, count in verdict.duplicate_ids.items()},
            **{f"{reference}: orphans": count for reference, count in verdict.orphans.items()},
            "pairs of student and class twice": verdict.duplicate_pairs,
            "classes over capacity": verdict.classes_over_capacity,
            "students in too many classes": verdict.students_over_limit,
        }

    others = figures(other) if other is not None else {}
    return [(name, f"{count:,}", f"{others[name]:,}" if others else "") for name, count in figures(mine).items()]
