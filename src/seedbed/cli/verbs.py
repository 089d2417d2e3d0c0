"""The group of all verbs: imports one when it is called, and turns how it ends into an exit code."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from seedbed.core.errors import EdgeError, ModelError, SeedbedError

INTERRUPTED = 130

#: EX_SOFTWARE of sysexits.h.
DEFECT = 70

#: The disk is full, the quota is used up, or the device fails.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class Verbs(click.Group):
    """Verbs by name, each in the module of `seedbed.cli` that bears its name."""

    def __init__(self, *args: Any, verbs: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verbs = dict(verbs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs, in the order of the help."""
        del ctx
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        del ctx
        if cmd_name not in self._verbs:
            return None
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads every package's entry points: 20 ms
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's matrix library starts threads that nothing here uses: 20 ms
        if sys.platform.startswith("linux"):  # Arrow's own allocator touches more memory: up to 0.3 s of a million users' 1.4 CPU s
            os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        command: click.Command = getattr(import_module(f"seedbed.cli.{cmd_name}"), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON is wanted before anything can be wrong."""
        ctx.meta[JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is called; an unknown one gets its nearest named."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from seedbed.core.nearest import did_you_mean

            if args[0].startswith("-"):
                raise
            hint = did_you_mean(args[0], self._verbs) or "`seedbed --help` lists them"
            raise click.UsageError(f"there is no verb `{args[0]}`; {hint}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs and what they do, without importing any."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(self._verbs.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; errors of ours are printed without a traceback."""
        with _interruptible() as heard, _without_collector():
            try:
                result = super().invoke(ctx)
                sys.stdout.flush()
            except SeedbedError as error:
                _print_error(error)
                ctx.exit(error.exit_code)
            except (click.ClickException, click.exceptions.Exit) as error:
                if not (wants_json() and isinstance(error, click.UsageError)):
                    raise
                _print_error(ModelError(error.format_message(), fix=f"`{(error.ctx or ctx).command_path} --help` lists the options"))
                ctx.exit(ModelError.exit_code)
            except BrokenPipeError:
                _end_quietly()
            except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - whatever it is, it is ours, and no verdict on data or request
                if heard or isinstance(error, KeyboardInterrupt | click.Abort):
                    _say_interrupted(ctx)
                    ctx.exit(INTERRUPTED)
                if isinstance(error, OSError) and error.errno in _FULL:
                    _stop_output()
                    click.echo(f"error: the output cannot be written: {error.strerror}", err=True)
                    ctx.exit(EdgeError.exit_code)
                traceback.print_exc()
                click.echo("this is a defect of seedbed: please report it with the lines above", err=True)
                ctx.exit(DEFECT)
            return result


def _say_interrupted(ctx: click.Context) -> None:
    hint = "; what is whole stays, and --resume goes on" if ctx.invoked_subcommand == "generate" else ""
    click.echo(f"interrupted{hint}", err=True)


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Let SIGTERM end a run as Ctrl-C does, so that no half file stays; gives the signals heard, since a library may hide the interrupt."""
    heard: list[int] = []

    def interrupt(number: int, _: object) -> NoReturn:
        heard.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    heeded = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heeded}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Look for no garbage while modules are imported: there is none, and looking takes a tenth of the start. Long verbs turn it on again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _print_error(error: SeedbedError) -> None:
    if wants_json():
        import json

        problems = [{"message": problem.message, "where": problem.where, "fix": problem.fix} for problem in error.problems]
        click.echo(json.dumps({"ok": False, "exit_code": error.exit_code, "problems": problems}, ensure_ascii=False))
        return
    for problem in error.problems:
        click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=in_colour(sys.stderr))
        click.echo(str(problem), err=True)
    if len(error.problems) > 1:
        click.echo(f"{len(error.problems)} problems", err=True)


def wants_json() -> bool:
    """Whether the verb was asked for JSON."""
    return "--json" in sys.argv[1:] if (ctx := click.get_current_context(silent=True)) is None else bool(ctx.find_root().meta.get(JSON))


#: Where a context remembers that JSON was asked for.
JSON = "seedbed.json"


def in_colour(stream: Any) -> bool:
    """Whether to colour: only on a terminal, and not where NO_COLOR is set."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def _end_quietly() -> NoReturn:
    """The reader of our output has had enough: nothing more to say."""
    _stop_output()
    raise SystemExit(0)


def _stop_output() -> None:
    """Send what is still to be written to stdout nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
