"""`python -m seedbed`: the same as the command `seedbed`."""

from __future__ import annotations

from seedbed.cli.main import run

if __name__ == "__main__":
    run()
