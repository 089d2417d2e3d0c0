"""Compare our checks with Great Expectations, case by case, and write docs/semantics.md: `python bench/semantics/run.py`.

Needs seedbed and what `requirements/bench.txt` pins. Without Great Expectations `--ours` renews our own outcomes alone, for a change
that is meant.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.semantics import ours
from bench.semantics.page import KEPT, PAGE, kept, page


def main() -> None:
    """Ask both sides, keep what they say, write the page."""
    if "--ours" in sys.argv:
        found = {**kept(), "ours": ours.outcomes()}
    else:
        from bench.semantics import peer

        found = {"peer": peer.VERSION, "ours": ours.outcomes(), "theirs": peer.outcomes()}
    KEPT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(PAGE.read_text(), found))


if __name__ == "__main__":
    main()
