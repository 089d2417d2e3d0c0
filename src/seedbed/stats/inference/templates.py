"""Texts that are put together of the row's other columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: So many rows show how a text is put together.
_LEAST = 10

#: Marks of columns while a text is looked at: characters of the private use area, which no text has.
_MARK = 0xE000


def template_of(texts: Sequence[str], others: Mapping[str, Sequence[object]]) -> str | None:
    """The template of texts by what else stands in their rows; None where there is none.

    >>> template_of([f"A-{n:03d}" for n in range(20)], {"n": list(range(20))})
    'A-{n:03d}'
    """
    if len(texts) < _LEAST:
        return None
    parts = {name: _spelt(values, texts) for name, values in others.items()}
    ranked = sorted((name for name, spelt in parts.items() if spelt is not None), key=lambda name: -_length(parts[name]))
    found = list(texts)
    used: dict[str, str] = {}
    for at, name in enumerate(ranked):
        spelt = parts[name]
        assert spelt is not None
        told, width = spelt
        mark = chr(_MARK + at)
        replaced = [text.replace(part, mark, 1) if part in text else "" for text, part in zip(found, told, strict=True)]
        skeletons = {text.count(mark) for text in replaced}
        if all(replaced) and skeletons == {1} and _is_placed(replaced, mark):
            found = replaced
            used[mark] = f"{{{name}:0{width}d}}" if width > 1 else f"{{{name}}}"
    if not used or len(set(found)) != 1:
        return None
    plain = found[0].replace("{", "{{").replace("}", "}}")
    for mark, part in used.items():
        plain = plain.replace(mark, part)
    return plain


def _spelt(values: Sequence[object], texts: Sequence[str]) -> tuple[list[str], int] | None:
    """The values as texts, and the width to which numbers are filled with zeros; None where they don't stand in the texts."""
    if any(value is None for value in values) or len(set(map(str, values))) < 2:
        return None
    plain = list(map(str, values))
    if all(isinstance(value, int) and value >= 0 for value in values):
        for width in range(12, 1, -1):
            padded = [part.zfill(width) for part in plain]
            if all(part in text for part, text in zip(padded, texts, strict=True)):
                return padded, width
    return (plain, 1) if all(part in text for part, text in zip(plain, texts, strict=True)) else None


def _length(spelt: tuple[list[str], int] | None) -> float:
    return sum(map(len, spelt[0])) / len(spelt[0]) if spelt else 0.0


def _is_placed(texts: Sequence[str], mark: str) -> bool:
    """Whether the mark stands behind or before the same characters everywhere."""
    around = {(text[max(0, text.index(mark) - 1) : text.index(mark)], text[text.index(mark) + 1 : text.index(mark) + 2]) for text in texts}
    return len({before for before, _ in around}) == 1 or len({after for _, after in around}) == 1
