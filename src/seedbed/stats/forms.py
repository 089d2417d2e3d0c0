"""Well-known forms of texts: e-mail addresses, UUIDs, days written out. Expressions run on RE2, in linear time."""

from __future__ import annotations

import pyarrow as pa

from seedbed.core import compute as pc

#: Each form and the expression of a whole text of it; of several that match, the first is told.
FORMS = {
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "email": r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
    "url": r"^[a-zA-Z][a-zA-Z0-9+.-]*://\S+$",
    "ipv4": r"^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$",
    "timestamp": r"^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$",
    "date": r"^[0-9]{4}-[01][0-9]-[0-3][0-9]$",
    "integer": r"^[+-]?[0-9]+$",
    "number": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$",
    "phone": r"^\+?[0-9][0-9 ()./-]{5,18}[0-9]$",
}

#: A form is told where so many of a sample's texts have it.
_LEAST = 0.9


def form_of(texts: pa.StringArray) -> tuple[str | None, float]:
    """The form that most of the texts have, and the share of them that do; None where none is common.

    >>> from seedbed.core.text import string_array
    >>> form_of(string_array(["a@b.org", "c@d.com"]))
    ('email', 1.0)
    """
    if not len(texts):
        return None, 0.0
    best: tuple[str | None, float] = (None, 0.0)
    for form, regex in FORMS.items():
        matches = pc.match_substring_regex(texts, pattern=regex)
        share = int(pc.sum(pc.cast(matches, pa.int64())).as_py() or 0) / len(texts)
        if share >= _LEAST and share > best[1]:
            best = (form, share)
    return best
