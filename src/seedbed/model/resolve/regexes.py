"""Regular expressions in the syntax of RE2, which takes linear time whatever they are."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.model.places import Mistake, Path


def regex(text: str, path: Path) -> Iterator[Mistake]:
    """A mistake if RE2 doesn't take the expression."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.nulls(1, pa.string()), pattern=text)
    except pa.ArrowInvalid as error:
        said = str(error).removeprefix("Invalid regular expression: ")
        fix = "look-around and back-references are not known to RE2" if "(?" in said or "escape" in said else "see RE2's syntax"
        yield Mistake(path, f"not a regular expression: {said}", fix)
