"""Texts: listed where few and common, of a form, of a meaning; nothing that somebody could be known by is copied."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.stats.column import ColumnSummary
from seedbed.stats.inference.made import Made, Spec, shares, shortened
from seedbed.stats.inference.patterns import Form, forms, widened
from seedbed.stats.inference.semantics import PUBLIC, SHARED, Meaning

#: A value is common, and nobody's own, where so many rows have it; in tables below a hundred rows fewer do.
COMMON, _COMMON_OF_FEW, _FEW = 5, 3, 100

#: Listed are at most so many values, which together are that share of the texts, each that often on the average.
MOST_LISTED, _LEAST_LISTED, _LEAST_REPEATS, _LEAST_OF_FEW = 400, 0.9, 8, 2

#: With all values wanted, so many of them.
_MOST_KEPT = 1_000

#: Texts that are looked at for their form.
_LOOKED = 5_000

#: Letters of an English word with the space behind it.
_WORD = 6.0

#: Generators of what a text means, where it stands alone.
_ALONE: dict[str, Spec] = {
    "email": {"faker": {"method": "email"}},
    "phone": {"faker": {"method": "phone_number"}},
    "first_name": {"faker": {"method": "first_name"}},
    "last_name": {"faker": {"method": "last_name"}},
    "full_name": {"faker": {"method": "name"}},
    "user_name": {"faker": {"method": "user_name"}},
    "company": {"faker": {"method": "company"}},
    "card": {"faker": {"method": "credit_card_number"}},
    "plate": {"faker": {"method": "license_plate"}},
    "iban": {"faker": {"method": "iban"}},
    "street_address": {"faker": {"method": "street_address"}},
    "house_number": {"faker": {"method": "building_number"}},
    "postcode": {"faker": {"method": "postcode"}},
    "city": {"faker": {"method": "city"}},
    "region": {"faker": {"method": "state"}},
    "country": {"faker": {"method": "country"}},
    "address": {"faker": {"method": "address"}},
    "job": {"faker": {"method": "job"}},
    "url": {"pattern": {"regex": "https://www\\.example\\.(com|net|org)/[a-z0-9]{8}"}},
    "ipv4": {"faker": {"method": "ipv4"}},
    "ipv6": {"faker": {"method": "ipv6"}},
    "mac": {"pattern": {"regex": "([0-9a-f]{2}:){5}[0-9a-f]{2}"}},
    "password": {"pattern": {"regex": "[A-Za-z0-9]{16}"}},
    "national_id": {"pattern": {"regex": "[0-9]{9}"}},
    "user_agent": {"faker": {"method": "user_agent"}},
}

#: Meanings whose texts have a form of their own in most data.
_FORMED = frozenset(["plate", "national_id", "password", "house_number"])

#: Methods that take no locale.
_NO_LOCALE = frozenset(["ipv4", "ipv6", "user_agent", "credit_card_number", "user_name", "email"])


@dataclass(frozen=True, slots=True)
class TextAim:
    """What is asked of a column of texts: whether its values may be copied, whether no value may come twice, whose locale it has."""

    keeps_values: bool = False
    is_unique: bool = False
    locale: Spec | None = None


def text_made(column: ColumnSummary, sample: pa.Array, meaning: Meaning | None, aim: TextAim) -> Made:
    """What fills a column of texts."""
    kind: Spec = {"type": "string"}
    values = _plain(sample)
    if column.rows == column.nulls or not len(values):
        return Made({**kind, "constant": {"value": None}}, "nothing but nulls")
    if meaning is not None and meaning.kind == "uuid":
        return Made({"type": "uuid", "uuid": {"version": _version(values)}}, "UUIDs")
    if aim.is_unique:
        return _unique(column, values, meaning, kind, aim)
    is_personal = meaning is not None and meaning.is_personal and meaning.kind not in SHARED and not aim.keeps_values
    listed = None if is_personal else _listed(column, aim, is_public=meaning is not None and meaning.kind in PUBLIC)
    if listed is not None:
        return Made({**kind, **listed[0]}, listed[1], withheld=listed[2])
    if meaning is not None and meaning.kind in _ALONE:
        found = forms(values[:_LOOKED].to_pylist()) if meaning.kind in _FORMED else []
        return _of_forms(found, kind) if len(found) == 1 else _of_meaning(meaning, kind, aim)
    return _of_form(column, values, kind)


def _plain(sample: pa.Array) -> pa.StringArray:
    valid = sample.drop_null()
    if pa.types.is_dictionary(valid.type):
        valid = pc.decoded(valid)
    return valid if pa.types.is_string(valid.type) else valid.cast(pa.string())


def _version(values: pa.StringArray) -> int:
    return 7 if set(pc.utf8_slice_codeunits(values, 14, 15).unique().to_pylist()) == {"7"} else 4


def _unique(column: ColumnSummary, values: pa.StringArray, meaning: Meaning | None, kind: Spec, aim: TextAim) -> Made:
    """Texts of which none comes twice: of a form with texts enough, or numbered."""
    if meaning is not None and meaning.kind == "mac":
        made = _of_meaning(meaning, kind, aim)
        return Made({**made.spec, "unique": True}, f"{made.why}; none comes twice", withheld=made.withheld)
    found = forms(values[:_LOOKED].to_pylist())
    if len(found) == 1 and (form := widened(found[0], 4.0 * column.rows)) is not None:
        return Made({**kind, "pattern": {"regex": form.regex}, "unique": True}, "the form that all have; none comes twice")
    stem = (meaning.kind if meaning is not None else column.name).replace("_", "-")
    return Made(
        {**kind, "pattern": {"template": f"{stem}-{{row}}"}, "unique": True}, "none comes twice, no common form", withheld="the values"
    )


def _listed(column: ColumnSummary, aim: TextAim, *, is_public: bool) -> tuple[Spec, str, str | None] | None:
    """The common values and their weights, why, and what was left out; None where too few are common."""
    counts = column.texts
    total = max(counts.total, 1)
    keeps = aim.keeps_values or is_public
    least = 1 if keeps else COMMON if total >= _FEW else _COMMON_OF_FEW
    top = counts.top(_MOST_KEPT if aim.keeps_values else MOST_LISTED)
    common = {str(value.value): value.count for value in top if value.count >= least}
    share = sum(common.values()) / total
    repeats = _LEAST_REPEATS if total >= _FEW else _LEAST_OF_FEW
    if not common or share < (0.0 if aim.keeps_values else _LEAST_LISTED) or (total < repeats * len(common) and not keeps):
        return None
    rare = counts.distinct - len(common)
    withheld = f"{rare} values that fewer than {least} rows have" if rare > 0 and not keeps else None
    why = f"{len(common)} values, by how often they come"
    if len(common) == 1 and share > 0.999:
        return {"constant": {"value": next(iter(common))}}, "one value in all rows", withheld
    return {"choice": {"choices": list(common), "weights": shares(common)}}, why, withheld


def _of_meaning(meaning: Meaning, kind: Spec, aim: TextAim) -> Made:
    spec = {name: dict(args) for name, args in _ALONE[meaning.kind].items()}
    if "faker" in spec and aim.locale and spec["faker"]["method"] not in _NO_LOCALE:
        spec["faker"] |= aim.locale
    return Made({**kind, **spec}, f"looks like {meaning.kind.replace('_', ' ')}", withheld="the values" if meaning.is_personal else None)


def _of_form(column: ColumnSummary, values: pa.StringArray, kind: Spec) -> Made:
    found = forms(values[:_LOOKED].to_pylist())
    if found:
        return _of_forms(found, kind)
    lengths = column.shapes.lengths
    mean = float((lengths.values * lengths.counts).sum() / max(int(lengths.counts.sum()), 1))
    if mean <= 3 * _WORD:
        spread = max(2, round(mean))
        return Made(
            {**kind, "pattern": {"regex": f"[A-Z][a-z]{{{max(1, spread // 2)},{spread + spread // 2}}}"}},
            "short texts of no common form",
            withheld="the values",
        )
    count = max(3, round(mean / _WORD))
    return Made(
        {**kind, "faker": {"method": "sentence", "nb_words": count}},
        f"free text of {mean:.0f} characters in the mean",
        withheld="the values",
    )


def _of_forms(found: list[Form], kind: Spec) -> Made:
    if len(found) == 1:
        return Made({**kind, "pattern": {"regex": found[0].regex}}, "the form that all have", withheld="the values")
    variants = [{"weight": shortened(form.share, 3), "then": {"pattern": {"regex": form.regex}}} for form in found]
    return Made({**kind, "mixture": {"variants": variants}}, f"the {len(found)} forms that they have", withheld="the values")


def flags_made(column: ColumnSummary) -> Made:
    """What fills a column of true and false."""
    exact = column.quantiles.exact
    counts = {bool(value): int(count) for value, count in zip(np.asarray(exact.values).tolist(), exact.counts.tolist(), strict=True)}
    if len(counts) < 2:
        return Made({"type": "bool", "constant": {"value": next(iter(counts), None)}}, "one value in all rows")
    told = dict(sorted(counts.items(), reverse=True))
    return Made({"type": "bool", "choice": {"choices": list(told), "weights": shares(told)}}, "by how often each comes")
