"""`seedbed.collect`: files of a folder become tables, each file once."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from seedbed.core.errors import ModelError
from seedbed.core.events import Subscriber, nobody
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.outside.leases import Holder
from seedbed.read.collect.shapes import Options
from seedbed.run.collect.collector import Setting
from seedbed.run.collect.crew import crew_of
from seedbed.run.collect.inbox import FolderInbox, Inbox, inbox_of
from seedbed.run.collect.ledger import FOLDER, Ledger
from seedbed.run.collect.loop import Counts, Loop, Rules, sweep
from seedbed.run.collect.moving import USUAL, Mover
from seedbed.run.collect.settling import Settler, Wishes, merged
from seedbed.run.collect.values import Contract
from seedbed.run.executors.crew import default_workers
from seedbed.run.memory import keep_memory
from seedbed.run.relations import Hints
from seedbed.write.atomic import edge_errors

if TYPE_CHECKING:
    from seedbed.run.collect.values import Trouble

FORMATS = ("parquet", "delta")

#: What a listener says it lives by, in seconds.
_BEAT_S = 2.0

#: One worker more for so many bytes that wait at the start, up to the number of cores: processes want to be worth their start.
_BYTES_A_WORKER = 256 << 20


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection has done, and what is in the output now.

    `files`, `records` and `size_bytes` are what this run took in; `repeats` are files whose content was in already, `quarantined` those that
    can't be taken. `tables` are the rows of each table, of all runs. `is_complete` is False where it was stopped before all was in.
    """

    out: Path
    files: int
    records: int
    size_bytes: int
    repeats: int
    quarantined: tuple[Trouble, ...]
    batches: int
    version: int
    tables: Mapping[str, int]
    total_files: int
    total_records: int
    seconds: float
    worst_lag_s: float
    is_complete: bool
    notes: tuple[str, ...] = field(default=())

    @property
    def files_per_s(self) -> float:
        """Files a second, of this run."""
        return self.files / max(self.seconds, 1e-9)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON takes it."""
        return {
            "output": str(self.out),
            "files": self.files,
            "records": self.records,
            "size_bytes": self.size_bytes,
            "repeats": self.repeats,
            "quarantined": [
                {"file": one.entry.path, "category": one.category, "reason": one.reason, "byte_offset": one.offset}
                for one in self.quarantined
            ],
            "batches": self.batches,
            "version": self.version,
            "tables": dict(self.tables),
            "total_files": self.total_files,
            "total_records": self.total_records,
            "seconds": round(self.seconds, 3),
            "files_per_s": round(self.files_per_s, 1),
            "worst_lag_s": round(self.worst_lag_s, 3),
            "is_complete": self.is_complete,
            "notes": list(self.notes),
        }


def collect(  # noqa: PLR0913 - an option each
    source: str | Path,
    output: str | Path,
    *,
    watch: bool = False,
    recursive: bool = False,
    processed_dir: str | Path | None = None,
    quarantine: str | Path | None = None,
    format: str = "parquet",  # noqa: A002 - as the option is called
    interval: float = 1.0,
    max_retries: int = 3,
    contract: Contract = "evolve",
    workers: int | None = None,
    compact: bool = False,
    model: bool = False,
    hints: Hints | str | Path | Mapping[str, object] | None = None,
    options: Options | None = None,
    stop: threading.Event | None = None,
    events: Subscriber | None = None,
) -> Collected:
    """Make tables of all files in a folder (a file, a prefix of an object store): JSON of any shape, also in lines, arrays or compressed, CSV, Parquet.

    A file is taken once, by its content, however often this is run, killed, or run several times at once. With `watch` it goes on until `stop`
    is set. Files move to `processed_dir` when they are in, and to `quarantine` where they can't be taken; without these they stay. `contract`
    says what becomes of new tables, columns and types: tables `evolve`, the file is quarantined (`freeze`), or values without a column are left
    out and those of other types rescued as text (`discard`). With `model`, `model.yaml` is read off the tables at the end. Documents about tables, keys and changes lie beside the tables.

    Raises:
        ModelError: what is asked can't be.
        EdgeError: the output can't be written, or the input not be read.
        PluginError: something must be installed first.
    """
    began = time.perf_counter()
    _check(format, contract, interval, max_retries, workers)
    out = Path(output)
    told = hints if isinstance(hints, Hints) else Hints() if hints is None else Hints.read(hints)
    places = [Path(place).resolve() for place in (out, processed_dir, quarantine) if place is not None]
    inbox = inbox_of(source, below=recursive, beside=tuple(places))
    _check_places(inbox, out, processed_dir)
    stop, events = stop or threading.Event(), events or nobody
    _make(out)
    with Ledger.open(out) as ledger, _listening(ledger, out, stop):
        frozen = _frozen(ledger, contract)
        chosen = _options(ledger, options)
        _keep_format(ledger, format)
        if format != "delta":  # its logs may still tell of them: the settler sweeps
            sweep(ledger, out)
        settler = Settler(ledger, out, Wishes(chosen, format, told, compact, model, frozen), events)
        setting = Setting(inbox, out.resolve(), chosen, contract=contract, sketch=merged(ledger.sketches()), frozen=frozen)
        mover = Mover(inbox, out, _path(processed_dir), _path(quarantine))
        rules = Rules(interval, max_retries, watch)
        with _crew(setting, workers or _workers(inbox), stop) as crew, _woken(inbox, stop, watch=watch) as wake, _collecting():
            loop = Loop(
                ledger,
                inbox,
                crew,
                mover,
                rules,
                wake=wake,
                stop=stop,
                settle=settler.settle_now_and_then if watch else lambda: None,
                events=events,
            )
            is_complete = loop.run() or watch
        settler.settle_at_last(threading.Event())
        return _told(out, ledger, loop.counts, settler, time.perf_counter() - began, is_complete=is_complete)


def _check(form: str, contract: str, interval: float, max_retries: int, workers: int | None) -> None:
    for value, known, name in ((form, FORMATS, "format"), (contract, get_args(Contract), "contract")):
        if value not in known:
            raise ModelError(
                f"there is no {name} `{value}`", where=f"--{name}", fix=did_you_mean(value, known) or f"one of {one_of(known)}"
            )
    if not 0.01 <= interval <= 86_400:
        raise ModelError(f"a tick of {interval} seconds can't be", where="--interval", fix="give 0.01 to 86,400")
    if not 0 <= max_retries <= 1_000:
        raise ModelError(f"{max_retries} tries can't be", where="--max-retries", fix="give 0 to 1,000")
    if workers is not None and not 1 <= workers <= 1_000:
        raise ModelError(f"{workers} workers can't be", where="--workers", fix="give 1 to 1,000")
    if form == "delta":
        from seedbed.outside.delta import library

        library()


def _check_places(inbox: Inbox, out: Path, processed: str | Path | None) -> None:
    if isinstance(inbox, FolderInbox):
        if inbox.only is None and out.resolve() == inbox.root:
            raise ModelError("the output can't be the folder that is collected", where=str(out), fix="choose another with -o")
        if processed is not None and Path(processed).resolve() == inbox.root:
            raise ModelError("processed files can't go where they come from", where=str(processed), fix="name another folder")
    elif processed is not None:
        raise ModelError("objects of a store aren't moved", where="--processed-dir", fix="leave it out: what is in is known by its content")


def _make(out: Path) -> None:
    with edge_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        if not (out / FOLDER).exists() and any(one.name != USUAL for one in out.iterdir()):
            raise ModelError("the output folder holds something else", where=str(out), fix="choose another with -o, or empty it")
        (out / FOLDER).mkdir(exist_ok=True)


def _path(place: str | Path | None) -> Path | None:
    return None if place is None else Path(place)


def _frozen(ledger: Ledger, contract: Contract) -> str | None:
    if contract == "evolve":
        return None
    last = ledger.last_decisions()
    if last is None:
        fix = "collect a first time with --contract evolve, look at the tables, then go on with this contract"
        raise ModelError(f"there are no tables yet that `{contract}` could hold to", where="--contract", fix=fix)
    return last[1]


def _keep_format(ledger: Ledger, form: str) -> None:
    with ledger.transaction():
        known = ledger.said("format")
        if known is None:
            ledger.say("format", form)
    if known is not None and known != form:
        raise ModelError(
            f"this output was begun as {known}", where="--format", fix=f"give --format {known}, or collect into another folder"
        )


def _options(ledger: Ledger, wanted: Options | None) -> Options:
    """How tables are made, the same in all runs of an output.

    Raises:
        ModelError: earlier runs were told something else.
    """
    import json
    from dataclasses import asdict

    given = json.dumps(asdict(wanted or Options()), sort_keys=True)
    with ledger.transaction():
        known = ledger.said("options")
        if known is None:
            ledger.say("options", given)
    if known is not None and wanted is not None and known != given:
        raise ModelError("this output was begun with other options", where="options", fix="leave them out, or collect into another folder")
    told = json.loads(known or given)
    return Options(**{**told, "maps": tuple(told["maps"]), "structs": tuple(told["structs"]), "split": tuple(map(tuple, told["split"]))})


def _workers(inbox: Inbox) -> int:
    waiting = sum(entry.size for entry in inbox.scan())
    return max(1, min(default_workers(), waiting // _BYTES_A_WORKER))


@contextmanager
def _crew(setting: Setting, workers: int, stop: threading.Event) -> Iterator[Any]:
    crew = crew_of(setting, workers, stop.is_set)
    try:
        yield crew
    finally:
        crew.close()


@contextmanager
def _collecting() -> Iterator[None]:
    """Memory as many blocks need it; garbage is looked for again, which the command line stops for its start."""
    keep_memory()
    was_on = gc.isenabled()
    gc.enable()
    gc.freeze()
    try:
        yield
    finally:
        if not was_on:
            gc.disable()


@contextmanager
def _listening(ledger: Ledger, out: Path, stop: threading.Event) -> Iterator[None]:
    """Be a listener of the ledger while the block goes; a thread says that it lives."""
    listener = ledger.join(Holder.here())
    ending = threading.Event()
    thread = threading.Thread(target=_beat, args=(out, listener, ending, stop), name="seedbed-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        ledger.leave()


def _beat(out: Path, listener: int, ending: threading.Event, stop: threading.Event) -> None:
    with Ledger.open(out) as ledger:
        while not ending.wait(_BEAT_S):
            if not ledger.beat(listener):  # taken for dead while it was stopped: what it has claimed is others' now
                stop.set()
                return


@contextmanager
def _woken(inbox: Inbox, stop: threading.Event, *, watch: bool) -> Iterator[threading.Event]:
    """An event that is set when files may have come; where watchfiles isn't installed, ticks alone do."""
    wake = threading.Event()
    ending = threading.Event()
    threads = [threading.Thread(target=_wake_to_stop, args=(stop, wake, ending), daemon=True)]
    if watch and isinstance(inbox, FolderInbox):
        threads.append(threading.Thread(target=_watch, args=(inbox, wake, ending), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield wake
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def _wake_to_stop(stop: threading.Event, wake: threading.Event, ending: threading.Event) -> None:
    while not ending.is_set():
        if stop.wait(0.2):
            wake.set()
            return


def _watch(inbox: FolderInbox, wake: threading.Event, ending: threading.Event) -> None:
    try:
        import watchfiles
    except ImportError:
        return
    try:
        for _ in watchfiles.watch(
            inbox.root,
            watch_filter=None,
            debounce=50,
            step=20,
            stop_event=ending,
            rust_timeout=200,
            recursive=inbox.below,
            raise_interrupt=False,
        ):
            wake.set()
    except OSError:  # no more watches, or the folder is gone: ticks go on
        return


def _told(out: Path, ledger: Ledger, counts: Counts, settler: Settler, seconds: float, *, is_complete: bool) -> Collected:
    files, _, records = ledger.totals()
    last = ledger.last_decisions()
    rows: dict[str, int] = {}
    for part, _ in ledger.parts():
        rows[part.table] = rows.get(part.table, 0) + part.rows
    return Collected(
        out,
        counts.files,
        counts.records,
        counts.size_bytes,
        counts.repeats,
        tuple(counts.quarantined),
        counts.batches,
        last[0] if last else 0,
        dict(sorted(rows.items())),
        files,
        records,
        seconds,
        counts.worst_lag_s,
        is_complete,
        settler.notes,
    )
