"""One run at a time at a place in an object store: a small object says who is there, renewed while the run lives."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.records import dataclass
from seedbed.outside.stores import AlreadyThere, Found, NoConditions, Store

if TYPE_CHECKING:
    from seedbed.outside.stores import Version

#: The object, from the place on.
LOCK = ".seedbed/lock"

#: A holder that has been silent so long is taken for dead; one on this machine is known to be dead at once.
SILENT_S = 60.0
_RENEWED_S = 15.0

#: Where a store can't write on a condition: so long after writing its name, a run looks whether the name is still its own.
_SETTLING_S = 1.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is at a place: a run, its machine, its process there, and when that began, by the machine's own count."""

    run: str
    host: str
    process: int
    began: str

    @classmethod
    def here(cls) -> Holder:
        """This process, in a run of its own."""
        return cls(secrets.token_hex(8), socket.gethostname(), os.getpid(), _began(os.getpid()) or "")

    @classmethod
    def read(cls, content: bytes | None) -> Holder | None:
        """The holder that an object tells of; None where it can't be understood."""
        try:
            said = json.loads(content or b"")
            return cls(str(said["run"]), str(said["host"]), int(said["process"]), str(said["began"]))
        except (ValueError, KeyError, TypeError):
            return None

    def to_bytes(self) -> bytes:
        """What the object holds."""
        return json.dumps({"run": self.run, "host": self.host, "process": self.process, "began": self.began}).encode()

    @property
    def is_dead_here(self) -> bool:
        """Whether it was a process of this machine and has ended; False where that can't be told."""
        return self.host == socket.gethostname() and bool(self.began) and _began(self.process) != self.began


def _began(process: int) -> str | None:
    """When a process of this machine began, in ticks since the machine did; None where there is none, or no `/proc`."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


class Lease:
    """A place that this run holds until `release`. A thread renews it; where that fails for good, `check` says so."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._me = Holder.here()
        self._version: Version | None = None
        self._lost = False
        self._ending = threading.Event()
        self._take()
        self._thread = threading.Thread(target=self._renew, name="seedbed-lease", daemon=True)
        self._thread.start()

    def _take(self) -> None:
        for _ in range(3):
            try:
                self._version = self._store.put_new(LOCK, self._me.to_bytes())
            except AlreadyThere:
                if self._is_mine_now() or self._over_a_dead_one():
                    return
            except NoConditions:
                self._take_without_conditions()
                return
            else:
                self._doubt_conditions()
                return
        raise self._refused(None)

    def _is_mine_now(self) -> bool:
        """Whether the object is this run's after all: a request whose answer was lost is sent again, and meets itself."""
        found = self._store.head(LOCK)
        if found is None or Holder.read(self._store.get(LOCK)) != self._me:
            return False
        self._version = found.version
        return True

    def _over_a_dead_one(self) -> bool:
        """Take the place of a holder that is dead; False where it changed meanwhile.

        Raises:
            ModelError: it lives.
        """
        found = self._store.head(LOCK)
        if found is None:
            return False
        self._refuse_living(found)
        try:
            self._version = self._store.put_over(LOCK, self._me.to_bytes(), found.version)
        except AlreadyThere:
            return False
        return True

    def _refuse_living(self, found: Found) -> None:
        holder = Holder.read(self._store.get(LOCK))
        if (holder is not None and holder.is_dead_here) or self._silence(found) > SILENT_S:
            return
        raise self._refused(holder)

    def _silence(self, found: Found) -> float:
        """For how long the holder hasn't renewed, in seconds, by the store's own clock."""
        probe = f".seedbed/clock-{self._me.run}"
        self._store.put(probe, b"")
        now = self._store.head(probe)
        self._store.delete([probe])
        return (now.written - found.written).total_seconds() if now else 0.0

    def _refused(self, holder: Holder | None) -> ModelError:
        who = f" (on {holder.host}, process {holder.process})" if holder else ""
        fix = f"wait for it, or choose another place; after a machine died, its run is forgotten {SILENT_S:.0f} seconds later"
        return ModelError(f"another run is writing here{who}", where=str(self._store.bucket), fix=fix)

    def _doubt_conditions(self) -> None:
        """Some stores take a condition and don't keep it: find out."""
        try:
            self._store.put_new(LOCK, self._me.to_bytes())
        except AlreadyThere:
            return
        self._take_without_conditions()

    def _take_without_conditions(self) -> None:
        """Write one's name, and see a moment later whether it is still there. Of runs that begin in the same second, two might stay."""
        self._version = None
        found = self._store.head(LOCK)
        holder = Holder.read(self._store.get(LOCK)) if found else None
        if found and holder != self._me:
            self._refuse_living(found)
        self._store.put(LOCK, self._me.to_bytes())
        time.sleep(_SETTLING_S)
        now = Holder.read(self._store.get(LOCK))
        if now != self._me:
            raise self._refused(now)

    def _renew(self) -> None:
        while not self._ending.wait(_RENEWED_S):
            try:
                self._lost = not self._renew_once()
            except (EdgeError, NoConditions):  # the next time may do; whoever takes over meanwhile is found out then
                continue
            if self._lost:
                return

    def _renew_once(self) -> bool:
        """Whether the place is still this run's."""
        if self._version is None:
            if Holder.read(self._store.get(LOCK)) != self._me:
                return False
            self._store.put(LOCK, self._me.to_bytes())
            return True
        try:
            self._version = self._store.put_over(LOCK, self._me.to_bytes(), self._version)
        except AlreadyThere:
            return self._is_mine_now()
        return True

    def check(self) -> None:
        """Make sure that the place is still this run's.

        Raises:
            EdgeError: it was taken, after this run had been silent for too long.
        """
        if self._lost:
            where, fix = str(self._store.bucket), "see what the other run does; --resume goes on once it has ended"
            raise EdgeError("another run took this place while this one was stopped or cut off", where=where, fix=fix)

    def release(self) -> None:
        """Let another run have the place."""
        if self._ending.is_set():
            return
        self._ending.set()
        self._thread.join()
        if not self._lost and Holder.read(self._store.get(LOCK)) == self._me:
            self._store.delete([LOCK])
