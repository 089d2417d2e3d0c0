"""The one sink of all streams: rows become messages, a broker's channel takes them, a local file remembers which parts are whole.

A broker is one small file beside this: how to reach it, how to hand messages over, and how to know that it has them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError, SeedbedError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Existing, Ledger, Part, Receipt, TableShape, Turns, Written
from seedbed.write.streams.messages import Messages, keys_of, run_name
from seedbed.write.streams.rate import Rate
from seedbed.write.streams.rows import Rows, open_rows
from seedbed.write.streams.state import StateFile
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    import pyarrow as pa

#: What every stream can follow.
OPTIONS = ("format", "keys", "headers", "rate", "state", "mode")

#: Messages handed over at a time, and so often a second at a low rate.
CHUNK_ROWS, CHUNKS_PER_S = 1_000, 20

#: The longest sleep; between two, a run that is being stopped can leave.
_NAP_S = 0.2


class Channel(Protocol):
    """A connection to a broker, for one part at a time. What a library raises leaves as EdgeError or ModelError."""

    def rows_there(self, messages: Messages) -> int:
        """How many rows of the part of these messages, its first ones, the broker has already, where it can tell; else 0."""
        ...

    def send(self, messages: Messages) -> None:
        """Hand messages over, in order; waits while too many are on their way."""
        ...

    def confirm(self) -> None:
        """Wait until the broker has said of every message sent that it keeps it."""
        ...

    def close(self) -> None:
        """End the connection, whatever is on its way."""
        ...


class Broker(Protocol):
    """How to reach a broker; copies go to the workers by pickle."""

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        ...

    def topic(self, table: str) -> str:
        """Where the rows of a table go there.

        Raises:
            ModelError: it can't be called so.
        """
        ...

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        """Make sure that the broker is there and takes messages for these topics; where a run is new, nothing is known of an earlier one."""
        ...

    def connect(self) -> Channel:
        """A new connection."""
        ...

    def finish(self, topics: Collection[str], run: str) -> None:
        """All rows are there: remove what was only kept to go on with a run."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows are sent: everything that a copy in another process needs.

    `chunk_rows` are handed over at a time, fewer at a low rate where `is_smooth`; `run` is the run's name, known once it began.
    """

    broker: Broker
    rows: Rows
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    rate: Rate | None = None
    chunk_rows: int = CHUNK_ROWS
    schemas: str | None = None
    is_smooth: bool = True
    run: str = ""
    topics: frozenset[str] = frozenset()
    sleep: Callable[[float], None] = time.sleep

    def key_of(self, table: TableShape) -> tuple[str, ...]:
        """The columns of a message's key."""
        return self.keys.get(table.name, table.primary_key)


class StreamSink:
    """Sends the rows of parts; a part is whole when the broker has confirmed all of it. Fits `Sink`."""

    part_rows: int | None = LEAF_ROWS
    takes_codes = True

    def __init__(self, plan: Plan, state: str | None = None) -> None:
        """Send as `plan` says; notes are kept in the file `state`, or nowhere."""
        self._plan = plan
        self._state = StateFile(Path(state), plan.broker.place) if state else None
        self._free: list[Channel] = []
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[StreamSink], tuple[Plan]]:
        return type(self), (self._plan,)

    @property
    def place(self) -> str:
        """Where it sends to, without a password."""
        return self._plan.broker.place

    @property
    def settings(self) -> dict[str, str]:
        """The format, the keys that were asked for, and where tables go."""
        keys = {f"key.{table}": ",".join(columns) for table, columns in sorted(self._plan.keys.items())}
        return {"format": self._plan.rows.name, "topic": self._plan.broker.topic("{table}"), **keys}

    # -------------------------------------------------------------------------------------- the leading process

    def earlier(self) -> Ledger | None:
        """What the state file knows of an earlier run."""
        return self._state.read() if self._state else None

    def begin(self, tables: Sequence[TableShape], request: str, existing: Existing, kept: Collection[str] = ()) -> None:
        """Look whether all tables can be sent, and begin the notes.

        Raises:
            ModelError: a type, a topic or a key can't be, there are notes already, or what was sent should be taken back.
            EdgeError: the broker can't be reached, or has no place for a topic.
        """
        self._refuse(existing)
        self._check_keys(tables)
        for table in tables:
            self._plan.rows.check(table)
        topics = frozenset(self._plan.broker.topic(table.name) for table in tables)
        self._plan = replace(self._plan, run=run_name(request), topics=topics)
        self._plan.broker.prepare(topics, self._plan.run, is_new=existing != "resume")
        if self._plan.schemas:
            self._plan.rows.write_schemas(tables, Path(self._plan.schemas))
        if self._state:
            self._state.begin(request, kept)
        if self._plan.rate:
            self._plan.rate.share()

    def _refuse(self, existing: Existing) -> None:
        if existing in ("overwrite", "upsert"):
            message = "what was sent to a stream can't be taken back or replaced"
            raise ModelError(message, where=self.place, fix="leave --overwrite and --mode out: a stream only ever gets more")
        if existing == "resume" and self._state is None:
            message = "a stream keeps no notes of what it got, so the run can't go on"
            raise ModelError(
                message, where=self.place, fix="run with --state FILE from the beginning; then --resume --state FILE can go on"
            )
        if existing != "resume" and self._state and self._state.read() is not None:
            fix = "go on with it by --resume, or choose another --state file"
            raise ModelError("an earlier run keeps its notes here", where=str(self._state.path), fix=fix)

    def _check_keys(self, tables: Sequence[TableShape]) -> None:
        by_name = {table.name: table for table in tables}
        for name, columns in self._plan.keys.items():
            if name not in by_name:
                raise ModelError(
                    f"there is no table `{name}`", where="--key", fix=did_you_mean(name, by_name) or f"one of {one_of(by_name)}"
                )
            known = by_name[name].schema.names
            for column in columns:
                if column not in known:
                    fix = did_you_mean(column, known) or f"one of {one_of(known)}"
                    raise ModelError(f"table `{name}` has no column `{column}`", where="--key", fix=fix)

    def note(self, receipt: str) -> None:
        """A part is whole: write it into the state file."""
        if self._state:
            self._state.note(receipt)

    def holds(self, written: Written, *, thoroughly: bool = False) -> bool:
        """True: what was confirmed is the broker's."""
        del written, thoroughly
        return True

    def finish(self, manifest: str) -> None:
        """Keep the manifest in the state file."""
        self._plan.broker.finish(self._plan.topics, self._plan.run)
        if self._state:
            self._state.finish(manifest)

    def pause(self, manifest: str) -> None:
        """The state file has all that another run needs."""
        del manifest

    def discard(self) -> None:
        """Forget the notes; what was sent stays sent."""
        if self._state:
            self._state.remove()

    def close(self) -> None:
        """End all connections, and let another run have the state file."""
        with self._lock:
            channels, self._free = self._free, []
        for channel in channels:
            with suppress(SeedbedError):
                channel.close()
        if self._state:
            self._state.close()
        if self._plan.rate:
            self._plan.rate.close()

    # ------------------------------------------------------------------------------------------- the workers

    def write(
        self,
        part: Part,
        table: TableShape,
        batches: Iterable[pa.RecordBatch],
        receipt: Receipt,
        turns: AbstractContextManager[object],
    ) -> Written:
        """Send a part; it returns once the broker has confirmed every row."""
        del receipt  # the leading process notes it
        size_bytes, there = 0, -1
        with self._channel() as channel:
            for messages in self._messages(part, table, batches, turns):
                if there < 0:
                    there = channel.rows_there(messages)
                for chunk in messages.from_row(part.start + there).chunks(self._chunk_rows()):
                    self._wait(len(chunk), turns)
                    channel.send(chunk)
                size_bytes += messages.size_bytes
            channel.confirm()
        return Written(part.rows, size_bytes)

    def _messages(
        self, part: Part, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> Iterator[Messages]:
        """Each batch as messages, made while a turn is held."""
        plan, first = self._plan, part.start
        topic, key = plan.broker.topic(table.name), plan.key_of(table)
        coming = iter(batches)
        while True:
            with turns:
                batch = next(coming, None)
                if batch is None:
                    return
                values = plan.rows.encode(table, batch, first)
                keys = keys_of(batch, key, table.name, first)
            yield Messages(topic, table.name, plan.run, part.start, first, values, keys, plan.rows.content_type, plan.headers)
            first += len(batch)

    def _chunk_rows(self) -> int:
        """Few enough rows that a rate is kept smoothly."""
        rate = self._plan.rate
        most = self._plan.chunk_rows
        return most if rate is None or not self._plan.is_smooth else max(1, min(most, int(rate.rows_per_s / CHUNKS_PER_S)))

    def _wait(self, rows: int, turns: AbstractContextManager[object]) -> None:
        """Wait until the rate lets rows go; a run that is being stopped leaves meanwhile."""
        left = self._plan.rate.wait_s(rows) if self._plan.rate else 0.0
        while True:
            if isinstance(turns, Turns):
                turns.look()
            if left <= 0:
                return
            self._plan.sleep(min(left, _NAP_S))
            left -= _NAP_S

    @contextmanager
    def _channel(self) -> Iterator[Channel]:
        """A connection that nobody else uses; one that failed is not used again."""
        with self._lock:
            channel = self._free.pop() if self._free else None
        channel = channel or self._plan.broker.connect()
        try:
            yield channel
        except BaseException:
            with suppress(SeedbedError):
                channel.close()
            raise
        with self._lock:
            self._free.append(channel)


def stream_sink(
    broker: Broker, options: SinkOptions, *, schemas: str | None = None, chunk_rows: int = CHUNK_ROWS, is_smooth: bool = True
) -> StreamSink:
    """The sink of a broker, as options ask; the broker's own file has refused those that it can't follow.

    Raises:
        ModelError: the format, the mode or the rate can't be.
        PluginError: the format's library is missing.
    """
    if options.mode not in (None, "append"):
        raise ModelError(f"a stream can't `{options.mode}`", where=broker.place, fix="leave --mode out: a stream only ever gets more")
    rate = None if options.rate is None else Rate(options.rate)
    rows = open_rows(options.format, broker.place)
    if schemas and not rows.has_schemas:
        raise ModelError(f"{rows.name} has no schemas to keep", where=broker.place, fix="leave `schemas` out, or send --format avro")
    return StreamSink(Plan(broker, rows, options.keys, options.headers, rate, chunk_rows, schemas, is_smooth), options.state)
