"""A bar with rows a second and the time left, on a terminal only."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.cli.verbs import in_colour

if TYPE_CHECKING:
    from rich.progress import TaskID

    from seedbed.core.events import Event, RunStarted, Subscriber

#: Seconds until a speed is told: the first parts of several threads end together.
_TELLING = 0.5


class Tally:
    """How far a run is: rows, bytes, parts, and its work, in which a row of a wide table counts for more than one of a narrow one.

    Blocks in the making count where they are told of (threads), else parts that are whole (processes, clusters).
    """

    def __init__(self) -> None:
        self.rows = self.all_rows = self.kept_rows = self.size_bytes = self.parts = self.all_parts = 0
        self.work = self.all_work = 0.0
        self._costs: dict[str, float] = {}
        self._begun: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def take(self, event: Event) -> None:
        """Count an event, from any thread."""
        from seedbed.core.events import BlockMade, PartMade, RunStarted

        with self._lock:
            if isinstance(event, RunStarted):
                self._begin(event)
            elif isinstance(event, BlockMade):
                key = event.table, event.index
                self._begun[key] = self._begun.get(key, 0) + event.rows
                self._add(event.table, event.rows)
            elif isinstance(event, PartMade):
                self._add(event.table, event.rows - self._begun.pop((event.table, event.index), 0))
                self.size_bytes += event.size_bytes
                self.parts += 1

    def _begin(self, event: RunStarted) -> None:
        self._costs, self._begun = dict(event.costs), {}
        self.rows = self.kept_rows = event.kept_rows
        self.all_rows, self.size_bytes, self.parts, self.all_parts = event.total_rows, 0, 0, event.parts
        self.all_work = sum(self._cost(name) * rows for name, rows in event.rows.items())
        self.work = sum(self._cost(name) * rows for name, rows in event.kept.items())

    def _add(self, table: str, rows: int) -> None:
        self.rows += rows
        self.work += self._cost(table) * rows

    def _cost(self, table: str) -> float:
        return self._costs.get(table, 1.0) or 1.0

    def text(self, elapsed_s: float) -> str:
        """Rows, parts and bytes so far, and how fast they come.

        >>> from seedbed.core.events import PartMade, RunStarted
        >>> tally = Tally()
        >>> tally.take(RunStarted({"user": 1000, "event": 8000}, 0, 2, parts=2))
        >>> tally.take(PartMade("event", 0, 8000, 160_000, 1.5))
        >>> tally.text(2.0)
        '8,000 of 9,000 rows, 1 of 2 parts, 160.0 kB, 4,000 rows/s, 80.0 kB/s'
        """
        from seedbed.core.sizes import size_text

        told = [f"{self.rows:,} of {self.all_rows:,} rows"]
        told += [f"{self.parts:,} of {self.all_parts:,} parts"] if self.all_parts > 1 else []
        told += [size_text(self.size_bytes)] if self.size_bytes else []
        if elapsed_s > _TELLING:
            told.append(f"{(self.rows - self.kept_rows) / elapsed_s:,.0f} rows/s")
            told += [f"{size_text(self.size_bytes / elapsed_s)}/s"] if self.size_bytes else []
        return ", ".join(told)


@contextmanager
def progress() -> Iterator[Subscriber | None]:
    """A subscriber that draws a bar to stderr; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    from seedbed.core.events import ParentsCounted, RowsChecked, RunStarted

    tally = Tally()

    class Told(ProgressColumn):
        """What is made of what is wanted."""

        def render(self, task: Task) -> Text:
            if not task.total:
                return Text("")
            is_run = task.description == "making"
            text = tally.text(task.elapsed or 0.0) if is_run else f"{task.completed:,.0f} of {task.total:,.0f}"
            return Text(text, "progress.download")

    console = Console(stderr=True, no_color=not in_colour(sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(20), Told(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing", total=None)
        checking: TaskID | None = None

        def draw(event: Event) -> None:
            nonlocal checking
            tally.take(event)
            if isinstance(event, ParentsCounted):
                bar.update(task, description=f"counting {event.table}", total=event.all_parents, completed=event.parents)
            elif isinstance(event, RunStarted):
                bar.reset(task, description="making", total=tally.all_work, completed=int(tally.work))
            elif isinstance(event, RowsChecked):
                checking = bar.add_task("checked", total=tally.all_rows) if checking is None else checking
                bar.update(checking, advance=event.rows)
            else:
                bar.update(task, completed=tally.work)

        yield draw


@contextmanager
def reading() -> Iterator[Subscriber | None]:
    """A subscriber that tells to stderr how many rows of which table were read; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from seedbed.core.events import RowsRead

    console = Console(stderr=True, no_color=not in_colour(sys.stderr))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[tuple[str, bool], TaskID] = {}

        def draw(event: Event) -> None:
            if isinstance(event, RowsRead):
                key = event.table, event.again
                if key not in tasks:
                    tasks[key] = bar.add_task(f"{'making sure of' if event.again else 'reading'} {event.table}", total=None)
                bar.update(tasks[key], advance=event.rows)

        yield draw


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A function to call with how many more of `what` are done; it draws a bar with speed and time left, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, no_color=not in_colour(sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def collecting() -> Iterator[Subscriber | None]:
    """A subscriber that tells to stderr how many files are in, how many wait, and how far behind that is; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from seedbed.core.events import FileQuarantined, FilesCollected, TablesSettled

    console = Console(stderr=True, no_color=not in_colour(sys.stderr))
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} files, {task.fields[told]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("files", total=None, told="listening")

        def draw(event: Event) -> None:
            if isinstance(event, FilesCollected):
                speed = event.files / max(event.seconds, 1e-9)
                bar.update(task, advance=event.files, told=f"{speed:,.0f} files/s, {event.waiting:,} waiting, {event.lag_s:,.1f} s behind")
            elif isinstance(event, FileQuarantined):
                console.print(f"not taken: {event.path}: {event.reason}", style="yellow", markup=False)
            elif isinstance(event, TablesSettled):
                bar.update(task, told=f"{event.tables} tables, version {event.version}")

        yield draw
