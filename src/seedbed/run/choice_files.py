"""Files that columns choose from: found beside the model and nowhere else, read once, told by their content's hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.block import ColumnType
from seedbed.core.errors import ModelError, SeedbedError
from seedbed.generate.conversion import ARROW_TYPES
from seedbed.generate.pool_key import AnyKey, FileKey, file_keys
from seedbed.generate.prepare import path_of
from seedbed.model.places import Mistake, Places
from seedbed.model.places import Path as Steps
from seedbed.plan.nested import all_inner_columns
from seedbed.plan.plan import ColumnPlan, Plan

#: Types that a file's column can be read as.
_TYPES = frozenset({ColumnType.STRING, ColumnType.INT, ColumnType.FLOAT, ColumnType.BOOL, ColumnType.DATE, ColumnType.DATETIME})


def folder_of(places: Places | None) -> Path | None:
    """The folder of the document that a model was read from; None where it was no file."""
    if places is None or not places.name:
        return None
    try:
        return Path(places.name).parent if Path(places.name).is_file() else None
    except OSError:  # a folder that may not be looked into
        return None


def file_columns(plan: Plan) -> Iterator[tuple[Steps, ColumnPlan]]:
    """The columns that choose from files, those inside other generators by themselves, and where their choice stands."""
    for table in plan.tables:
        for column in table.columns:
            for below, found in [((), column), *all_inner_columns(column)]:
                if found.spec.generator.choice is not None and found.spec.generator.choice.from_file is not None:
                    yield (*path_of(plan, column.table, column.name), "generator", *below, "choice", "from_file"), found


def load_choices(plan: Plan, folder: Path | None, into: dict[AnyKey, pa.Array]) -> list[Mistake]:
    """Read the values and weights of every file that columns choose from; what is wrong with them, each with its place."""
    mistakes = []
    for path, column in file_columns(plan):
        try:
            into.update(_chosen(column, folder))
        except SeedbedError as error:
            mistakes += [
                Mistake(path, f"{problem.message} ({problem.where})" if problem.where else problem.message, problem.fix)
                for problem in error.problems
            ]
    return mistakes


def _chosen(column: ColumnPlan, folder: Path | None) -> dict[AnyKey, pa.Array]:
    """The values of a column's file, and their weights if it has any."""
    from seedbed.read.columns import read_columns  # only models that choose from files need it

    choice = column.spec.generator.choice
    assert choice is not None
    assert choice.from_file is not None
    source = choice.from_file
    if column.type not in _TYPES:
        raise ModelError(f"values of files are not read as {column.type}", fix=f"use one of {', '.join(sorted(_TYPES))}")
    values, weights = file_keys(source, column.type)
    wanted = {key.column: ARROW_TYPES[key.type] for key in (values, weights) if key is not None}
    if weights is not None and weights.column == values.column:
        raise ModelError(f"`{values.column}` cannot be its own weight", fix="name another `weight_column`")
    path = inside(folder, source.file_path)
    found = read_columns(path, wanted, source.sheet)
    _refuse_empty(source.file_path, found)
    made: dict[AnyKey, pa.Array] = {values: found[values.column]}
    if weights is not None:
        _refuse_weights(weights, found[weights.column])
        made[weights] = found[weights.column]
    return made


def inside(folder: Path | None, name: str) -> Path:
    """The file of that name in the model's folder or below.

    Raises:
        ModelError: there is no folder, or the name leads out of it: by `..`, by a root or a drive, or through a link.
    """
    if folder is None:
        raise ModelError(f"`{name}` is looked for beside the model, which was read from no file", fix="give the path of the model's file")
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    if ".." in parts or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor or PureWindowsPath(name).drive:
        raise ModelError(f"`{name}` leads out of the model's folder", fix="put the file beside the model, and write its path from there")
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"`{name}` is a link that leads out of the model's folder", fix="put the file itself beside the model")
    return path


def _refuse_empty(name: str, columns: dict[str, pa.Array]) -> None:
    """Refuse a file without rows, and cells without a value."""
    for header, values in columns.items():
        if not len(values):
            raise ModelError(f"`{name}` has no rows", fix="give it a header and a row for each value")
        if values.null_count:
            row = int(np.flatnonzero(np.asarray(pc.is_null(values)))[0])
            raise ModelError(f"row {row + 1:,} of `{header}` in `{name}` is empty", fix="fill it in, or remove the row")


def _refuse_weights(key: FileKey, weights: pa.Array) -> None:
    numbers = np.asarray(weights)
    if not (np.isfinite(numbers).all() and (numbers >= 0).all() and numbers.any() and np.isfinite(np.cumsum(numbers)[-1])):
        fix = "give numbers from 0 on, not all 0"
        raise ModelError(f"the weights in `{key.column}` of `{key.file_path}` cannot all be weights", fix=fix)
