"""The command `seedbed`. Nothing here loads NumPy, Arrow or pydantic; a verb is imported when it is called."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from seedbed.cli.verbs import Verbs
from seedbed.core.version import __version__

#: Each verb, in the order of the help: the module of that name holds a command of that name.
VERBS = {
    "generate": "Grow a model into files, databases or brokers.",
    "preview": "Show the true first rows of a model's tables.",
    "validate": "Check any data against a model or a checks document.",
    "verify": "Compare what a run left with its manifest.",
    "lint": "Say everything that is wrong with a model.",
    "plan": "Show what would be made: tables, rows, bytes, links.",
    "profile": "Look at data of any origin: figures, plots, anomalies, likeness.",
    "collect": "Make tables of JSON files in a folder, each file once.",
    "infer": "Read a model off data or a database.",
    "simulate": "Let simulated workers write files to be collected.",
    "export": "Write a model or checks as a data contract (ODCS).",
    "fmt": "Lay a model out evenly.",
    "schema": "Print the JSON Schema of models, for editors.",
    "generators": "List what can fill a column, with parameters and examples.",
    "demo": "Grow an example, check it and show what was made.",
    "completion": "Print what makes a shell complete seedbed's words.",
}


@click.group(cls=Verbs, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="seedbed", message="%(prog)s %(version)s")
def main() -> None:
    """Grow realistic, relational data from one document, the model.

    Exit codes: 0 done, 1 rows break a promise, 2 the model or the request is wrong, 3 a disk or network failed, 130 interrupted.
    """


def run() -> NoReturn:
    """Be the program `seedbed`: run the verb and end the process.

    The process ends at once where all is done and said; taking NumPy and Arrow apart module by module would cost 20 ms more.
    """
    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    if code is not None and not isinstance(code, int):
        raise SystemExit(code)
    atexit._run_exitfuncs()  # what the interpreter itself would call next
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code or 0)
