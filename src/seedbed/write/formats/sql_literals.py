"""Values as literals of SQL, whole columns at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.text import join_text, string_array, string_scalar, take_text, text_bytes
from seedbed.write.formats.json_texts import json_texts
from seedbed.write.formats.losses import Cells, is_list, refuse_long_decimals
from seedbed.write.formats.spelling import hex_texts, is_bytes, spelled, with_nulls
from seedbed.write.formats.sql_dialects import KEY_LENGTH, SqlDialect


def literals(array: pa.Array, cells: Cells, dialect: SqlDialect, *, is_key: bool = False, lossy: bool = False) -> pa.StringArray:
    """Each value as a statement says it, `NULL` where it is null; shape (n,).

    Raises:
        DataError: the database has no such value.
    """
    told = _values(array, cells, dialect, is_key=is_key, lossy=lossy)
    return pc.fill_null(told, _NULL) if told.null_count else told


def _values(array: pa.Array, cells: Cells, dialect: SqlDialect, *, is_key: bool, lossy: bool) -> pa.StringArray:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pc.take(_values(array.dictionary, cells, dialect, is_key=is_key, lossy=lossy), array.indices)
    if pa.types.is_boolean(kind):
        numbers = np.asarray(pc.fill_null(array, pa.scalar(False))).astype(np.int32)  # noqa: FBT003 - a value
        return with_nulls(take_text(string_array(dialect.truths), numbers), array)
    if pa.types.is_floating(kind):
        return _floats(array, cells, dialect, lossy=lossy)
    if is_bytes(kind):
        return _between(hex_texts(array), dialect.octets)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        if dialect.name == "sqlite" and pa.types.is_decimal(kind) and not lossy:
            refuse_long_decimals(array, cells, "SQLite")
        return spelled(array, cells)
    if pa.types.is_struct(kind) or is_list(kind):
        return _texts(with_nulls(json_texts(array, cells, lossy=lossy), array), cells, dialect, is_key=False)
    texts = spelled(array, cells)
    if pa.types.is_timestamp(kind) and kind.tz and dialect.name == "mysql":
        texts = pc.replace_substring(texts, pattern="Z", replacement="")
    return _texts(texts, cells, dialect, is_key=is_key) if pa.types.is_string(kind) else _between(texts, dialect.text)


def _between(texts: pa.StringArray, ends: tuple[str, str]) -> pa.StringArray:
    return pc.binary_join_element_wise(string_scalar(ends[0]), texts, string_scalar(ends[1]), _EMPTY)


def _texts(texts: pa.StringArray, cells: Cells, dialect: SqlDialect, *, is_key: bool) -> pa.StringArray:
    data = text_bytes(texts)[1]
    if dialect.name != "mysql" and (data == 0).any():
        fix = "leave the character out, or write another format"
        cells.refuse(pc.match_substring(texts, pattern="\0"), f"scripts for {dialect.called} can't hold the character NUL", fix)
    if is_key and dialect.name in ("mysql", "sqlserver"):
        fix = "keep keys shorter, or choose another dialect"
        lengths = pc.greater(pc.utf8_length(texts), pa.scalar(KEY_LENGTH, pa.int32()))
        cells.refuse(lengths, f"a key of {dialect.called} has at most {KEY_LENGTH} characters here", fix)
    for sign, instead in dialect.escapes:
        if (data == ord(sign[0])).any():
            texts = pc.replace_substring(texts, pattern=sign, replacement=instead)
    return _between(texts, dialect.text)


def _floats(array: pa.Array, cells: Cells, dialect: SqlDialect, *, lossy: bool) -> pa.StringArray:
    texts = spelled(array, cells)
    numbers = np.asarray(array.fill_null(0.0))
    if dialect.float_end:  # without an exponent a number would be a decimal, and rounded twice
        has_none = ~np.asarray(pc.fill_null(pc.match_substring(texts, pattern="e"), pa.scalar(True))) & np.isfinite(numbers)  # noqa: FBT003
        mask = pa.array(has_none)
        texts = pc.replace_with_mask(texts, mask, join_text(texts.filter(mask), string_scalar(dialect.float_end)))
    if np.isfinite(numbers).all():
        return texts
    known = dict(dialect.non_finite)
    for sign, rows in (("nan", np.isnan(numbers)), ("inf", numbers == np.inf), ("-inf", numbers == -np.inf)):
        if not rows.any():
            continue
        if sign not in known and not lossy:
            cells.refuse(rows, f"{dialect.called} has no float that is `{sign}`")
        texts = pc.if_else(pa.array(rows), string_scalar(known.get(sign, "NULL")), texts)
    return texts


_NULL, _EMPTY = string_scalar("NULL"), string_scalar("")
