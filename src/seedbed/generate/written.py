"""Values that a row reads, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seedbed.core.block import Column, DecimalType, ValueType
from seedbed.core.decimals import decimal_texts
from seedbed.core.text import join_text, numbers_as_text, string_array, string_scalar
from seedbed.generate.conversion import ARROW_TYPES
from seedbed.generate.frame import Context, Frame, Kernel, coded, integers
from seedbed.model.references import Reference, find_reference, reference_type


def written(engine: Context, table: str, text: str, digits: int = 0) -> Kernel:
    """What a reference reads, as texts (which may be coded): numbers in digits, at least so many, days in ISO 8601."""
    reference = find_reference(engine.plan.model, engine.plan.table(table).node, text)
    assert isinstance(reference, Reference)  # the model has been checked
    kind = reference_type(engine.plan.model, reference)
    assert kind is not None

    def texts(frame: Frame) -> Column:
        found = frame.read(reference)
        return Column(_texts(found.data, kind, digits), found.valid)

    return texts


def _texts(data: Any, kind: ValueType, digits: int) -> pa.Array:
    if not isinstance(data, np.ndarray):
        return data
    if isinstance(kind, DecimalType):
        return decimal_texts(data, kind.scale)
    if data.dtype == np.bool_:
        return coded(data.astype(np.int32), string_array(["false", "true"]))
    if digits:
        return numbers_of_width(data, digits)
    if kind.value == "date":
        data = data.astype(np.int32)
    values = pa.py_buffer(np.ascontiguousarray(data))
    return pc.cast(pa.Array.from_buffers(ARROW_TYPES[kind], len(data), [None, values]), pa.string())


def numbers_of_width(numbers: np.ndarray[Any, Any], digits: int) -> pa.StringArray:
    """Whole numbers with zeros before them, so that they have so many characters at least, shape (n,).

    >>> numbers_of_width(np.array([7, -7, 123456]), 4).to_pylist()
    ['0007', '-007', '123456']
    """
    is_negative = numbers < 0
    plain = numbers_as_text(np.abs(numbers).astype(np.uint64))
    padded = pc.utf8_lpad(plain, digits, "0")
    if not is_negative.any():
        return padded
    signed = join_text(string_scalar("-"), pc.utf8_lpad(plain, digits - 1, "0"))
    both = pa.concat_arrays([padded, signed])
    return both.take(integers(np.arange(len(numbers)) + is_negative * len(numbers)))


Filter = Callable[[pa.StringArray], pa.StringArray]


def filtered(texts: pa.Array, filters: list[Filter]) -> pa.Array:
    """Texts after filters, one after the other; of coded texts only the different ones are filtered."""
    if isinstance(texts, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(texts.indices, filtered(texts.dictionary, filters), safe=False)
    for each in filters:
        texts = each(texts)
    return texts
