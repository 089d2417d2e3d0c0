"""From the bytes of a document to its text."""

from __future__ import annotations

import codecs

from seedbed.core.errors import ModelError

#: A hand-written model has some ten thousand characters; nothing honest comes near this.
MOST_BYTES = 4 * 2**20

#: How deep lists and objects may lie in one another; a model needs a dozen.
MOST_LEVELS = 64

_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(source: str | bytes, name: str) -> str:
    r"""The text of a document in UTF-8, with or without a byte order mark.

    Raises:
        ModelError: it is too big, empty, or not UTF-8; the place is that of the first wrong byte.

    >>> decode(b"\xef\xbb\xbf{}", "m.json")
    '{}'
    """
    _refuse_big(len(source), name)
    text = _from_bytes(source, name) if isinstance(source, bytes) else _from_text(source, name)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ModelError("the document is empty", where=name, fix="`seedbed demo` shows a model to start from")
    return text


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    r"""Line and column, from 1, of the character at `offset`.

    >>> line_and_column("ab\ncd", 4)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _refuse_big(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise ModelError(
            f"the document is larger than {MOST_BYTES // 2**20} MiB",
            where=name,
            fix="long lists of values belong into a vocab table or a file, not into the model",
        )


def _from_bytes(source: bytes, name: str) -> str:
    found = next((encoding for bom, encoding in _OTHER_ENCODINGS if source.startswith(bom)), None)
    if found is None and b"\x00" in source[:4]:
        found = "UTF-16 or UTF-32"
    if found is not None:
        raise ModelError(f"the document is {found}, not UTF-8", where=name, fix="save it as UTF-8")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8-sig")
        line, column = line_and_column(before, len(before))
        raise ModelError(
            f"byte 0x{source[error.start]:02x} is not UTF-8", where=f"{name}:{line}:{column}", fix="save the document as UTF-8"
        ) from error


def _from_text(source: str, name: str) -> str:
    try:
        _refuse_big(len(source.encode("utf-8")), name)
    except UnicodeEncodeError as error:
        line, column = line_and_column(source, error.start)
        raise ModelError("half a surrogate pair is no character", where=f"{name}:{line}:{column}", fix="remove it") from error
    return source
