"""A bar with rows a second and the time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.cli.verbs import in_colour

if TYPE_CHECKING:
    from rich.progress import TaskID

    from seedbed.core.events import Event, Subscriber

#: Seconds until a speed is told: the first parts of several threads end together.
_TELLING = 0.5


@contextmanager
def progress() -> Iterator[Subscriber | None]:
    """A subscriber that draws a bar to stderr; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    from seedbed.core.events import ParentsCounted, PartMade, RowsChecked, RunStarted

    class Made(ProgressColumn):
        """Rows made of those wanted."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.completed:,.0f} of {task.total:,.0f}" if task.total else "", "progress.download")

    class Speed(ProgressColumn):
        """Rows a second, once there has been time to tell."""

        def render(self, task: Task) -> Text:
            speed = f"{task.speed:,.0f}" if task.speed is not None and (task.elapsed or 0) > _TELLING else "-"
            return Text(f"{speed} rows/s", "progress.data.speed")

    console = Console(stderr=True, no_color=not in_colour(sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(), Made(), Speed(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing", total=None)
        checking: TaskID | None = None

        def draw(event: Event) -> None:
            nonlocal checking
            if isinstance(event, ParentsCounted):
                bar.update(task, description=f"counting {event.table}", total=event.all_parents, completed=event.parents)
            elif isinstance(event, RunStarted):
                bar.reset(task, description="rows", total=event.total_rows, completed=event.kept_rows)
            elif isinstance(event, PartMade):
                bar.update(task, advance=event.rows)
            elif isinstance(event, RowsChecked):
                checking = bar.add_task("checked", total=bar.tasks[0].total) if checking is None else checking
                bar.update(checking, advance=event.rows)

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
