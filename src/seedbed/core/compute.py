"""Arrow's compute functions, without waiting for `pyarrow.compute`.

Loading that module writes a Python function for each of Arrow's, which takes 20 ms of every start. The few that most runs use are
called directly here, with the same options; any other loads the module when it is first used.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyarrow import _compute


def take(values: pa.Array, indices: pa.Array, *, boundscheck: bool = True) -> pa.Array:
    """The values at `indices`, shape (n,); without the check every index must lie among them.

    >>> take(pa.array([10, 20]), pa.array([1, 1, 0])).to_pylist()
    [20, 20, 10]
    """
    return _compute.call_function("take", [values, indices], _compute.TakeOptions(boundscheck=boundscheck))


def cast(values: pa.Array, target: pa.DataType, *, safe: bool = True) -> pa.Array:
    """The values as another type; where `safe`, what does not fit raises ArrowInvalid.

    >>> cast(pa.array([1, 2]), pa.string()).to_pylist()
    ['1', '2']
    """
    options = _compute.CastOptions.safe(target) if safe else _compute.CastOptions.unsafe(target)
    return _compute.call_function("cast", [values], options)


def binary_join_element_wise(*texts: pa.Array | pa.Scalar) -> pa.Array:
    """Texts side by side, row by row; the last one is what stands between them.

    >>> binary_join_element_wise(pa.array(["a"]), pa.array(["b"]), pa.scalar("-")).to_pylist()
    ['a-b']
    """
    return _compute.call_function("binary_join_element_wise", list(texts), _compute.JoinOptions())


def encoded(values: pa.Array) -> pa.DictionaryArray:
    """The values as codes of a dictionary, in the order in which they first appear.

    >>> encoded(pa.array(["b", "a", "b"])).indices.to_pylist()
    [0, 1, 0]
    """
    return _compute.call_function("dictionary_encode", [values], _compute.DictionaryEncodeOptions())


def decoded(values: pa.DictionaryArray) -> pa.Array:
    """Coded values written out.

    >>> decoded(pa.array(["a", "a"]).dictionary_encode()).to_pylist()
    ['a', 'a']
    """
    return take(values.dictionary, values.indices)


def is_in(values: pa.Array, value_set: pa.Array) -> pa.BooleanArray:
    """Which values are among others, shape (n,).

    >>> is_in(pa.array(["a", "b"]), value_set=pa.array(["b"])).to_pylist()
    [False, True]
    """
    return _compute.call_function("is_in", [values], _compute.SetLookupOptions(value_set=value_set, skip_nulls=False))


def match_substring_regex(texts: pa.Array, pattern: str) -> pa.BooleanArray:
    """In which texts a regular expression (RE2) is found, shape (n,); null where the text is.

    >>> match_substring_regex(pa.array(["ab", "b"]), pattern="^a").to_pylist()
    [True, False]
    """
    return _compute.call_function("match_substring_regex", [texts], _compute.MatchSubstringOptions(pattern))


def __getattr__(name: str) -> Any:
    import pyarrow.compute

    return getattr(pyarrow.compute, name)
