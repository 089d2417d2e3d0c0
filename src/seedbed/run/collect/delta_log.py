"""The logs of Delta tables: readers see all parts of a table that count, from one moment to the next."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from seedbed.core.sinks import TableShape as Shape
from seedbed.core.sinks import WrittenFile
from seedbed.read.collect.shapes import TableShape
from seedbed.run.collect.places import folder_of
from seedbed.run.collect.values import PartFile
from seedbed.write.folder import Folder
from seedbed.write.formats.delta import open_format
from seedbed.write.targets import SinkOptions


def show_parts(output: Path, tables: Sequence[TableShape], parts: Sequence[PartFile]) -> None:
    """Let the log of each table tell of just these parts; one that does so already is left alone.

    Raises:
        ModelError: Delta has no such column.
        EdgeError: a log can't be written.
    """
    form, place = open_format(SinkOptions(format="delta")), Folder(output.resolve())
    shapes = {table.name: table for table in tables}
    for name, some in groupby(sorted(parts, key=lambda part: (part.table, part.path)), key=lambda part: part.table):
        files = [WrittenFile(part.path, part.rows, part.size, "") for part in some]
        shape = Shape(folder_of(name), shapes[name].schema(), sum(file.rows for file in files))
        form.check(shape)
        run = sha256("\n".join(file.path for file in files).encode()).hexdigest()[:32]
        form.commit(place, shape, files, run)
