"""What of an earlier run holds for this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.sinks import Existing, Ledger, Sink, Written, WrittenFile
from seedbed.run.journal import PartDone, Request, parts_in
from seedbed.run.layout import parts_of
from seedbed.write.manifest import TableEntry, manifest_of


@dataclass(frozen=True, slots=True)
class Kept:
    """`parts` that are whole, by table and number, and `tables` whose every file is whole and whose digests a manifest knows.

    `is_all` where nothing is left to do.
    """

    parts: Mapping[tuple[str, int], PartDone] = field(default_factory=dict)
    tables: Mapping[str, TableEntry] = field(default_factory=dict)
    is_all: bool = False

    @property
    def receipts(self) -> list[str]:
        """The receipts of the parts."""
        return [part.to_line() for part in self.parts.values()]


def kept_of(sink: Sink, request: Request, existing: Existing) -> Kept:
    """Ask a sink what an earlier run left, as far as it has to be known.

    Raises:
        ModelError: the earlier run was another, or was none of this version's, and so can't be gone on with or replaced.
    """
    if existing not in ("resume", "overwrite"):
        return Kept()
    ledger = sink.earlier()
    if ledger is None:
        return Kept()
    earlier = Request.of(ledger)
    if earlier is None:
        fix = "move it away, or choose another place"
        raise ModelError("there is a run here, but what was asked of it can't be read", where=sink.place, fix=fix)
    if existing == "overwrite":
        return Kept()
    differences = request.differences(earlier)
    if differences:
        raise ModelError(
            f"the run here was another: {', '.join(differences)} differ",
            where=sink.place,
            fix="ask for the same, choose another place, or start again with --overwrite",
        )
    return _kept(sink, request, ledger)


def _kept(sink: Sink, request: Request, ledger: Ledger) -> Kept:
    tables = {table.name: table for table in _tables(request, ledger) if _is_whole(sink, table)}
    wanted = {(part.table, part.index) for span in request.spans for part in parts_of(span, sink.part_rows) if span.table not in tables}
    noted = parts_in(ledger)
    parts = {key: part for key, part in noted.items() if key in wanted and sink.holds(part.written, thoroughly=True)}
    is_all = not noted and len(tables) == len(request.spans)
    return Kept(parts, tables, is_all)


def _tables(request: Request, ledger: Ledger) -> tuple[TableEntry, ...]:
    """The tables of a manifest that says that it is complete, and of the same run."""
    manifest = manifest_of(ledger.manifest) if ledger.manifest is not None else None
    if manifest is None or not manifest.complete:
        return ()
    try:
        is_same = not request.differences(Request.from_dict(manifest.request))
    except ValueError:
        return ()
    return manifest.tables if is_same else ()


def _is_whole(sink: Sink, table: TableEntry) -> bool:
    files = tuple(WrittenFile(file.path, file.rows, file.size_bytes, file.sha256) for file in table.files)
    return sink.holds(Written(table.rows, table.size_bytes, files), thoroughly=True)
