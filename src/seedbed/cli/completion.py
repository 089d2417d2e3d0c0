"""`seedbed completion`: words completed by the shell."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete seedbed's words.

    For example: seedbed completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from seedbed.cli.main import main

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    click.echo(found(main, {}, "seedbed", "_SEEDBED_COMPLETE").source())
