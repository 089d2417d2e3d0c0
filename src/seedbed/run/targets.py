"""The targets of a run: what each sink is asked, and what becomes of rows that are there already."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Existing, Sink
from seedbed.plan.plan import Plan
from seedbed.write.files import FileSink, open_folder
from seedbed.write.targets import MODES, SINKS, Mode, SinkOptions, local_path, open_sink, scheme_of

#: What makes sinks of files.
_FILES = SINKS["file"]


@dataclass(frozen=True, slots=True)
class Target:
    """One sink, the tables that it is to get (None: all), and what to do with what is there."""

    sink: Sink
    tables: tuple[str, ...] | None
    existing: Existing


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where rows are to go, as it was asked: a folder, paths and URLs, or neither; and for all of them the same.

    `is_elsewhere` where other machines write, which have another working folder: paths are made whole for them.
    """

    out: str | Path | None = None
    to: tuple[str, ...] = ()
    options: SinkOptions = SinkOptions()
    overwrite: bool = False
    resume: bool = False
    is_elsewhere: bool = False

    @property
    def is_said(self) -> bool:
        """Whether a place is asked for, so that the model's own don't count."""
        return self.out is not None or bool(self.to)


def sink_options(*, partition_by: Mapping[str, Sequence[str]] | None = None, **options: Any) -> SinkOptions:
    """Options for sinks by their names; those that are None or empty say nothing.

    Raises:
        ModelError: there is no option of a name, or no such mode.
    """
    known = {each.name for each in fields(SinkOptions)}
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ModelError(f"there is no option `{unknown[0]}`", fix=did_you_mean(unknown[0], known) or f"one of {one_of(sorted(known))}")
    mode = options.get("mode")
    if mode is not None and mode not in MODES:
        raise ModelError(f"there is no mode `{mode}`", where="mode", fix=did_you_mean(str(mode), MODES) or f"one of {one_of(MODES)}")
    folders = {table: (columns,) if isinstance(columns, str) else tuple(columns) for table, columns in (partition_by or {}).items()}
    return SinkOptions(partition_by=folders, **{name: value for name, value in options.items() if value is not None})


def targets_of(plan: Plan, wanted: Wanted, tables: Sequence[str] | None) -> list[Target]:
    """The sinks of a run, in order: the folder, the paths and URLs, or those of the model where none is asked for.

    Raises:
        ModelError: nothing says where to, or a sink can't be or can't follow an option.
        PluginError: a driver must be installed.
    """
    if not wanted.is_said:
        return _of_model(plan, wanted, tables)
    if wanted.out == "" or "" in wanted.to:
        raise ModelError(
            "the place to write to is an empty text", where="out" if wanted.out == "" else "to", fix="name one; `.` is this folder"
        )
    names = None if tables is None else tuple(tables)
    existing = existing_of(wanted.options.mode, overwrite=wanted.overwrite, resume=wanted.resume)
    sinks: list[Sink] = []
    if wanted.out is not None:
        sinks.append(open_folder(_whole(wanted, wanted.out), _laid_out(plan, wanted.options, names)))
    sinks += [_opened(plan, wanted, url, wanted.options, names) for url in wanted.to]
    return [Target(sink, names, existing) for sink in sinks]


def _of_model(plan: Plan, wanted: Wanted, tables: Sequence[str] | None) -> list[Target]:
    outputs = plan.model.outputs
    if not outputs:
        raise ModelError("nothing says where to", fix="give a folder (-o DIR), a path or URL (--to URL), or `outputs` in the model")
    if wanted.options.given:
        fix = "say where to with -o or --to, or change the model's `outputs`"
        raise ModelError(f"the model's `outputs` say how to write, so {one_of(wanted.options.given)} can't be given", fix=fix)
    found = []
    for output in outputs:
        names = tuple(tables) if tables is not None else output.tables
        options = sink_options(
            partition_by=output.partition_by,
            **{
                each.name: getattr(output, "schema_name" if each.name == "schema" else each.name)
                for each in fields(SinkOptions)
                if each.name != "partition_by"
            },
        )
        existing = existing_of(options.mode, overwrite=wanted.overwrite, resume=wanted.resume)
        found.append(Target(_opened(plan, wanted, output.to, options, names), names, existing))
    return found


def _opened(plan: Plan, wanted: Wanted, url: str, options: SinkOptions, tables: Sequence[str] | None) -> Sink:
    url = with_variables(url, os.environ)
    scheme = scheme_of(url)
    if scheme == "file":
        return open_folder(_whole(wanted, local_path(url)), _laid_out(plan, options, tables))
    return open_sink(url, _laid_out(plan, options, tables) if SINKS.get(scheme) == _FILES else options)


def _whole(wanted: Wanted, path: str | Path) -> Path:
    return Path(path).absolute() if wanted.is_elsewhere else Path(path)


def _laid_out(plan: Plan, options: SinkOptions, tables: Sequence[str] | None) -> SinkOptions:
    """The options of files, where tables lie in folders by values if the model says so."""
    _refuse_strange(options.encodings, [table.name for table in plan.tables if tables is None or table.name in tables])
    own = {table.name: table.node.partition_by for table in plan.tables if table.node.partition_by}
    kept = {name: columns for name, columns in own.items() if tables is None or name in tables}
    return replace(options, partition_by={**kept, **options.partition_by}) if kept else options


def _refuse_strange(encodings: Mapping[str, str], tables: Sequence[str]) -> None:
    """Refuse encodings of tables that are not written: the format sees only those that are, one at a time."""
    for ref in encodings:
        name = ref.partition(".")[0]
        if name not in tables:
            fix = did_you_mean(name, tables) or f"one of {one_of(tables)}"
            raise ModelError(f"there is no table `{name}` in this run", where=f"encoding of {ref}", fix=fix)


def existing_of(mode: Mode | None, *, overwrite: bool, resume: bool) -> Existing:
    """What to do where something is there already."""
    if overwrite and resume:
        raise ModelError("overwriting and resuming exclude each other", fix="give one of them")
    if overwrite and mode not in (None, "replace"):
        raise ModelError(f"overwriting and the mode `{mode}` exclude each other", fix="give one of them")
    if resume:
        return "resume"
    return "overwrite" if overwrite or mode == "replace" else cast("Existing", mode or "refuse")


def with_variables(url: str, environment: Mapping[str, str]) -> str:
    """A URL with its variables of the environment filled in, spelt as URLs ask where they are a user or a password; paths have none.

    Raises:
        ModelError: there is no such variable.

    >>> with_variables("postgresql://ann:${PASSWORD}@${HOST}/db", {"PASSWORD": "a@b", "HOST": "there"})
    'postgresql://ann:a%40b@there/db'
    """
    if "${" not in url:
        return url
    from seedbed.model.outputs import VARIABLE

    missing = [name for name in VARIABLE.findall(url) if name not in environment]
    if missing:
        fix = "set it, or write what it stands for"
        raise ModelError(f"the environment has no variable {one_of(missing)}", where="to", fix=fix)
    userinfo = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    end = url.index(userinfo) + len(userinfo) if userinfo else 0
    raw = VARIABLE.sub(lambda found: environment[found[1]], url[end:])
    return VARIABLE.sub(lambda found: quote(environment[found[1]], safe=""), url[:end]) + raw


def folder_of(sink: Sink) -> Path | None:
    """The local folder that a sink writes files to, where it does."""
    return sink.folder if isinstance(sink, FileSink) else None
