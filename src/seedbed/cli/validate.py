"""`seedbed validate`: check data against a model or a checks document."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import Names, json_option, profile_option

if TYPE_CHECKING:
    from seedbed.check.results import Report

_FILE = click.Path(dir_okay=False)
_FOLDER = click.Path(file_okay=False)

#: The options that write the report somewhere.
_WRITTEN = ("output", "html", "markdown", "junit", "report_dir", "history")


@click.command()
@click.argument("rules", type=click.Path())
@click.option("-d", "--data", required=True, metavar="DATA", help="A folder, a file, or the address of a database: sqlite:///shop.db.")
@profile_option
@click.option("--table", "tables", type=Names(), help="Only the checks of these tables.")
@click.option("--threshold", type=click.FloatRange(0, 100), default=80.0, show_default=True, help="The least score that is accepted.")
@click.option("--fail-fast", is_flag=True, help="Read table after table, and stop behind the first that breaks a hard promise.")
@click.option("--quarantine", type=_FOLDER, metavar="DIR", help="Write failing rows to DIR/failed, the others to DIR/passed.")
@click.option(
    "--state", type=_FILE, metavar="FILE", help="Add what FILE has gathered of earlier parts of the data, and keep the sum there."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "stream", "sql"]),
    default="auto",
    help="Tables of a database: let it count what SQL can say (sql), read all rows (stream), or the one for servers, the other for files.",
)
@click.option("--low-memory", is_flag=True, help="For tables beyond memory: one thread, small pieces, many keys in a temporary file.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the report as JSON.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write the report as a page that needs no network.")
@click.option("--markdown", type=_FILE, metavar="FILE", help="Write the report as Markdown.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--report-dir", type=_FOLDER, metavar="DIR", help="Write data_quality_report.json and QUALITY_REPORT.md.")
@click.option("--history", type=_FILE, metavar="FILE", help="Add the results to this Parquet file; pages show its trends.")
@click.option("--all", "shows_all", is_flag=True, help="List the checks that hold, too.")
@json_option
def validate(rules: str, data: str, as_json: bool, shows_all: bool, **options: Any) -> None:  # noqa: FBT001
    """Check data against RULES, a model, a checks document or a data contract (ODCS); exit with 0 where hard promises hold and the score is reached."""
    from seedbed.cli.show import show_json
    from seedbed.run.reports import write_reports
    from seedbed.run.validate import validate as check

    asked = {name: options[name] for name in ("profile", "tables", "threshold", "fail_fast", "quarantine", "state", "engine", "low_memory")}
    needs_queries = as_json or any(options[name] for name in _WRITTEN)
    with _progress() as seen:
        report = check(data, rules, **asked, queries=needs_queries, progress=seen)
    write_reports(report, {name: options[name] for name in _WRITTEN})
    if as_json:
        show_json(report.to_dict())
    else:
        show_report(report, shows_all=shows_all)
    if not report.accepted:
        raise click.exceptions.Exit(1)


def show_report(report: Report, *, shows_all: bool) -> None:
    """Print what is broken, how the checks of each table ended, and the score."""
    from seedbed.check.scores import scores_of
    from seedbed.cli.show import show_table

    shown = report.results if shows_all else tuple(result for result in report.results if result.status != "passed")
    if shown:
        head = ("check", "status", "severity", "failing", "observed", "expected")
        show_table("checks", head, [_line(result) for result in shown], right=("failing",))
        _show_reasons(report)
        _show_samples(report)
    scores = scores_of(report.results)
    rows = [
        (name, f"{report.rows.get(name, 0):,}", str(part.count.passed), str(part.count.failed), str(part.count.error), f"{part.score:.1f}")
        for name, part in scores.tables.items()
    ]
    show_table(
        "tables", ("table", "rows", "passed", "failed", "errors", "score"), rows, right=("rows", "passed", "failed", "errors", "score")
    )
    count = report.count
    parts = [f"{count.passed} of {count.total} checks passed"]
    parts += [
        f"{number} {word}" for number, word in ((count.failed, "failed"), (count.error, "errors"), (count.skipped, "skipped")) if number
    ]
    if report.extra:
        click.echo(f"not checked: {', '.join(report.extra)}")
    click.echo(f"{', '.join(parts)}; score {report.score:.1f} of at least {report.threshold:g}, weighted {scores.weighted:.1f}")


def _line(result: Any) -> tuple[str, ...]:
    failing = f"{result.failing:,} of {result.rows:,}" if result.failing else ""
    observed = result.reason or ("" if result.observed is None else _text(result.observed))
    return (result.id, result.status, result.severity, failing, _short(observed), _short(result.expected))


def _text(value: object, most: int = 200) -> str:
    """A value of the data as a terminal may have it: signs that it would take for commands are written out."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    shown = text if len(text) <= most else f"{text[: most - 3]}..."
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in shown)


#: A cell of the table has so many characters.
_ROOM = 60


def _short(text: str, most: int = _ROOM) -> str:
    line = _text(" ".join(text.split()), len(text) + 3)
    return line if len(line) <= most else f"{line[: most - 3]}..."


def _show_reasons(report: Report, most: int = 10) -> None:
    """Print in full the reasons that the table had no room for, each once: which file can't be read, where, and how to mend it."""
    reasons = dict.fromkeys(result.reason for result in report.broken if result.reason and len(" ".join(result.reason.split())) > _ROOM)
    for reason in list(reasons)[:most]:
        for line in (reason or "").splitlines():
            click.echo(_text(line, 500))


def _show_samples(report: Report, most: int = 10) -> None:
    """Print the first failing rows of the first broken checks."""
    for result in [result for result in report.broken if result.samples][:most]:
        click.echo(f"{result.id}:")
        for sample in result.samples[:3]:
            values = ", ".join(f"{name}={_text(value)}" for name, value in sample.values)
            click.echo(f"  {values}" if sample.row is None else f"  row {sample.row:,}: {values}")


class _Bar:
    """A count of rows on a terminal's last line; nothing elsewhere."""

    def __init__(self) -> None:
        self._rows = 0
        self._is_terminal = sys.stderr.isatty()

    def __enter__(self) -> Callable[[str, int], None]:
        return self._count

    def __exit__(self, *_: object) -> None:
        if self._is_terminal and self._rows:
            click.echo("\r\033[K", nl=False, err=True)

    def _count(self, table: str, rows: int) -> None:
        self._rows += rows
        if self._is_terminal and rows:
            click.echo(f"\r\033[K{self._rows:,} rows checked ({table})", nl=False, err=True)


def _progress() -> _Bar:
    return _Bar()
