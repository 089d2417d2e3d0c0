"""The loop: see what is there, claim it, let it be done, let it count; again and again, or until all is in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from seedbed.core.errors import EdgeError
from seedbed.core.events import FileQuarantined, FilesCollected, Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.run.collect.crew import Crew, Failed
from seedbed.run.collect.files import batches_of, is_alone
from seedbed.run.collect.ledger import Conflict, Ledger, Refused
from seedbed.run.collect.places import parts_on_disk
from seedbed.run.collect.values import Entry, Taken, Task, Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from seedbed.run.collect.inbox import Inbox
    from seedbed.run.collect.moving import Mover

#: A file that ends too early is young for so many ticks after it was last written to.
_YOUNG_TICKS = 5

#: The longest pause between two tries of a file, in seconds.
_LONGEST_PAUSE_S = 60.0

#: How many files are in a batch with one that a worker died over, after so many deaths; then one alone.
_CAREFUL = (256, 32, 4)


@dataclass(frozen=True, slots=True)
class Rules:
    """How the loop goes: seconds of a tick, how often a file is tried again, whether it ends when all is in."""

    interval_s: float = 1.0
    max_retries: int = 3
    watch: bool = False


@dataclass(slots=True)
class Counts:
    """What one run has done."""

    files: int = 0
    records: int = 0
    size_bytes: int = 0
    repeats: int = 0
    quarantined: list[Trouble] = field(default_factory=list)
    batches: int = 0
    worst_lag_s: float = 0.0


class Loop:
    """One listener. `settle` is called when there is nothing to do, and says whether it had anything to do itself."""

    def __init__(  # noqa: PLR0913 - what it is put together of
        self,
        ledger: Ledger,
        inbox: Inbox,
        crew: Crew,
        mover: Mover,
        rules: Rules,
        *,
        wake: threading.Event,
        stop: threading.Event,
        settle: Callable[[], None],
        events: Subscriber = nobody,
    ) -> None:
        self._ledger, self._inbox, self._crew, self._mover, self._rules = ledger, inbox, crew, mover, rules
        self._wake, self._stop, self._settle, self._events = wake, stop, settle, events
        self.counts = Counts()
        self._settled: dict[str, tuple[int, int]] = {}
        self._seen: dict[str, tuple[int, int, float]] = {}
        self._later: dict[str, float] = {}
        self._careful: dict[str, int] = {}
        self._going: set[str] = set()
        self._waiting = 0

    def run(self) -> bool:
        """Go until all is in, or `stop`; whether all is in."""
        while not self._stop.is_set():
            began = time.monotonic()
            entries = self._scanned()
            ready = self._ready(entries)
            for batch in self._batches(ready):
                if not self._send(batch):
                    break
            self._await(until=began + self._rules.interval_s)
            if self._crew.busy or ready:
                continue
            if not self._rules.watch and self._is_all_in(entries):
                break
            self._settle()
            self._pause(began + self._rules.interval_s - time.monotonic())
        self._finish()
        return not self._stop.is_set()

    # ---------------------------------------------------------------------------------- what is there

    def _scanned(self) -> list[Entry]:
        try:
            return self._inbox.scan()
        except EdgeError:
            if not self._rules.watch:
                raise
            return []  # a mount that has gone may come back

    def _ready(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those that are nobody's yet as far as is known, and aren't being written."""
        self._learn([entry for entry in entries if self._settled.get(entry.path) is None and entry.path not in self._seen])
        now, wall = time.monotonic(), time.time_ns()
        open_ones = [entry for entry in entries if self._settled.get(entry.path) != (entry.size, entry.modified)]
        found = [entry for entry in open_ones if self._is_still(entry, now, wall) and self._is_free(entry.path, now)]
        self._seen = {entry.path: self._seen[entry.path] for entry in open_ones}
        self._later = {entry.path: self._later[entry.path] for entry in open_ones if entry.path in self._later}
        self._waiting = len(open_ones)
        return found

    def _learn(self, entries: Sequence[Entry]) -> None:
        """Ask the ledger of files that are new to this listener; what a killed one left undone with them is done."""
        known = self._ledger.known([entry.path for entry in entries])
        refused = (
            {one.entry.path: one for one in self._ledger.refused()} if any(one.state == "quarantined" for one in known.values()) else {}
        )
        for entry in entries:
            found = known.get(entry.path)
            if found is None or (found.size, found.modified) != (entry.size, entry.modified):
                continue
            self._settled[entry.path] = (entry.size, entry.modified)
            if found.state == "done":
                self._mover.processed_file(entry)
            elif entry.path in refused:
                self._mover.quarantined_file(refused[entry.path])

    def _is_still(self, entry: Entry, now: float, wall: int) -> bool:
        """Whether size and time of change have been the same for a tick."""
        seen = self._seen.get(entry.path)
        if seen is None or seen[:2] != (entry.size, entry.modified):
            self._seen[entry.path] = seen = (entry.size, entry.modified, now)
        tick = self._rules.interval_s
        return not self._inbox.is_local or now - seen[2] >= tick or wall - entry.modified >= tick * 1e9

    def _is_free(self, path: str, now: float) -> bool:
        return path not in self._going and self._later.get(path, 0.0) <= now

    def _is_all_in(self, entries: Sequence[Entry]) -> bool:
        return all(self._settled.get(entry.path) == (entry.size, entry.modified) for entry in entries)

    def _batches(self, ready: list[Entry]) -> list[list[Entry]]:
        """The files in batches; those that workers died over in smaller ones."""
        if not self._careful:
            return batches_of(ready)
        found = batches_of([entry for entry in ready if entry.path not in self._careful])
        for deaths in sorted(set(self._careful.values())):
            size = _CAREFUL[deaths - 1] if deaths <= len(_CAREFUL) else 1
            some = [entry for entry in ready if self._careful.get(entry.path) == deaths]
            for batch in batches_of(some):
                found += [batch[start : start + size] for start in range(0, len(batch), size)]
        return found

    # ---------------------------------------------------------------------------------- doing

    def _send(self, entries: list[Entry]) -> bool:
        """Claim files and let them be done, as soon as there is room; False where the end has come."""
        while self._crew.room <= 0 and not self._stop.is_set():
            self._take(self._crew.done(self._rules.interval_s))
        if self._stop.is_set():
            return False
        batch, mine = self._ledger.claim(entries)
        if len(mine) < len(entries):
            self._leave([entry for entry in entries if entry not in set(mine)])
        if mine:
            self._going.update(entry.path for entry in mine)
            self._crew.send(Task(batch, tuple(mine), is_alone(mine[0])))
            self._take(self._crew.done(0))
        return True

    def _leave(self, entries: Sequence[Entry]) -> None:
        """Others have these, or they wait: settled or to be looked at again."""
        self._learn(entries)
        later = time.monotonic() + self._rules.interval_s
        for entry in entries:
            if entry.path not in self._settled:
                self._later[entry.path] = later

    def _await(self, until: float) -> None:
        """Take what is done; wait for more until then, or until something new has come."""
        while self._crew.busy and not self._stop.is_set():
            left = until - time.monotonic()
            self._take(self._crew.done(max(0.0, min(left, 0.2))))
            if left <= 0 or self._wake.is_set():
                break

    def _pause(self, seconds: float) -> None:
        """Wait for the next tick, or for news."""
        if seconds > 0 and not self._stop.is_set():
            self._wake.wait(seconds)
        self._wake.clear()

    def _finish(self) -> None:
        while self._crew.busy:
            self._take(self._crew.done(0.5))

    # ---------------------------------------------------------------------------------- what came of it

    def _take(self, results: Sequence[Taken | Failed]) -> None:
        for result in results:
            self._going.difference_update(entry.path for entry in result.task.entries)
            if isinstance(result, Failed):
                self._failed(result)
            else:
                self._committed(result)

    def _committed(self, taken: Taken) -> None:
        try:
            self._ledger.commit(taken)
        except Conflict:
            self._drop(taken)
            return
        for entry in (*(one.entry for one in taken.contents), *(entry for entry, _ in taken.repeats)):
            self._settled[entry.path] = (entry.size, entry.modified)
            self._careful.pop(entry.path, None)
            self._mover.processed_file(entry)
        for trouble in taken.troubles:
            self._trouble(trouble)
        self._tell(taken)

    def _tell(self, taken: Taken) -> None:
        counts = self.counts
        counts.files += len(taken.contents)
        counts.records += taken.records
        counts.size_bytes += taken.size
        counts.repeats += len(taken.repeats)
        counts.batches += 1
        self._waiting = max(0, self._waiting - len(taken.task.entries))
        oldest = min((entry.modified for entry in taken.task.entries if entry.modified), default=0)
        lag = max(0.0, (time.time_ns() - oldest) / 1e9) if oldest else 0.0
        counts.worst_lag_s = max(counts.worst_lag_s, lag)
        self._events(FilesCollected(len(taken.contents), taken.records, taken.size, self._waiting, lag, taken.seconds))

    def _drop(self, taken: Taken) -> None:
        """Another listener was quicker: what was written is nobody's."""
        remove_parts(self._mover.output, [part.path for part in taken.parts])
        self._ledger.release(taken.task.batch)

    def _failed(self, failed: Failed) -> None:
        """A task came to nothing: the fault of one of its files, or nobody's."""
        entries = failed.task.entries
        if not failed.is_stop:
            for entry in entries:
                self._careful[entry.path] = deaths = self._careful.get(entry.path, 0) + 1
                if len(entries) == 1 and deaths > self._rules.max_retries:
                    self._refuse(Trouble(entry, "crash", failed.reason))
        self._ledger.release(failed.task.batch)
        self._sweep_batch(failed.task.batch)

    def _sweep_batch(self, batch: int) -> None:
        remove_parts(self._mover.output, [path for path, number in parts_on_disk(self._mover.output) if number == batch])

    def _trouble(self, trouble: Trouble) -> None:
        """A file can't be taken: it waits, is tried again, or goes to quarantine."""
        if trouble.category == "truncated" and self._is_young(trouble.entry):
            self._put_off(trouble, self._rules.interval_s, is_try=False)
        elif trouble.category == "unreadable" and (tries := self._ledger.tries(trouble.entry.path)) < self._rules.max_retries:
            self._put_off(trouble, min(_LONGEST_PAUSE_S, self._rules.interval_s * 2**tries), is_try=True)
        else:
            self._refuse(trouble)

    def _is_young(self, entry: Entry) -> bool:
        age = (time.time_ns() - entry.modified) / 1e9
        return self._inbox.is_local and age < _YOUNG_TICKS * self._rules.interval_s

    def _put_off(self, trouble: Trouble, seconds: float, *, is_try: bool) -> None:
        self._ledger.postpone(trouble, wait_s=seconds, is_try=is_try)
        self._later[trouble.entry.path] = time.monotonic() + seconds

    def _refuse(self, trouble: Trouble) -> None:
        if self._ledger.refuse(trouble):
            entry = trouble.entry
            self._settled[entry.path] = (entry.size, entry.modified)
            tries = self._ledger.tries(entry.path)
            self._mover.quarantined_file(Refused(entry, trouble.category, trouble.reason, trouble.offset, tries, trouble.digest))
            self.counts.quarantined.append(trouble)
            self._events(FileQuarantined(entry.path, trouble.category, trouble.reason, trouble.offset))


def remove_parts(output: Path, paths: Sequence[str]) -> None:
    """Remove parts that don't count."""
    for path in paths:
        (output / path).unlink(missing_ok=True)


def sweep(ledger: Ledger, output: Path) -> int:
    """Remove the parts that killed listeners left: those of batches that nobody is at, and that the ledger doesn't know."""
    on_disk = list(parts_on_disk(output))  # first: whatever begins later isn't among them
    going = ledger.open_batches()
    known = ledger.part_paths()
    lost = [path for path, batch in on_disk if batch not in going and path not in known]
    remove_parts(output, lost)
    return len(lost)
