"""Makes src/seedbed/generate/frozen/tables.arrow out of Faker's lists and CLDR's territories.

    python scripts/make_frozen_tables.py [OUTPUT]

Needs Faker, babel and anyascii, which seedbed itself doesn't. The same versions of them give the same bytes. The script
also writes the file's SHA-256 into `frozen/tables.py`. A changed file changes data that users may have pinned: say so
in the changelog.

The file has one record batch per locale and one for what belongs to none, of rows (kind, name, values):
`list` strings to choose from, `format` digits to fill in, `template` parts to join, `text` a single string.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import sys
import unicodedata
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
from anyascii import anyascii
from babel import Locale, languages
from babel.core import get_global
from frozen_recipes import RECIPES, Recipe, Templates

FROZEN = Path(__file__).resolve().parent.parent / "src" / "seedbed" / "generate" / "frozen"
SCHEMA = pa.schema([("kind", pa.string()), ("name", pa.string()), ("values", pa.list_(pa.string()))])
Rows = list[tuple[str, str, list[str]]]

FIRST_CAP, LAST_CAP, LIST_CAP = 700, 1000, 900  # entries kept of a list, so that the file stays small
FOLDED = (*range(0x80, 0x530), *range(0x1E00, 0x1F00))  # Latin, Greek, Cyrillic, Armenian: what an e-mail can spell


# ------------------------------------------------------------------------------------------- Faker's lists


def provider(kind: str, locale: str) -> Any:
    """The provider's class of a locale, or None."""
    try:
        return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
    except ImportError:
        return None


def clean(values: Iterable[object]) -> list[str]:
    """Sorted, without duplicates, empty strings and stray white space, in Unicode's composed form."""
    texts = {unicodedata.normalize("NFC", " ".join(str(value).split())) for value in values}
    return sorted(texts - {""})


def capped(values: list[str], cap: int) -> list[str]:
    """At most `cap` of the values, those of smallest SHA-256: no order of the source matters."""
    chosen = sorted(values, key=lambda value: hashlib.sha256(value.encode()).digest())[:cap]
    return sorted(chosen)


def listed(spec: str | tuple[str, ...], locale: str) -> list[str]:
    """Look up a list: see the head of frozen_recipes.py for the notation."""
    if isinstance(spec, tuple):
        return clean(spec)
    spec, _, suffix = spec.partition("+")
    matched = re.fullmatch(r"(\w+)\.(\w+)(\[(\d)\]|\{\}|!)?(?:@(\w+))?", spec)
    if matched is None:
        raise ValueError(f"{locale}: cannot read {spec!r}")
    kind, attribute, mode, column, other = matched.groups()
    values = getattr(provider(kind, other or locale), attribute)
    if mode == "{}":
        values = [value[0] if isinstance(value, tuple) else value for value in values.values()]
    elif column is not None:
        values = [value[int(column)] for value in values]
    elif mode == "!":
        values = [value[:1].upper() + value[1:] for value in values]
    good = [value for value in clean(values) if not re.search(r"[()\[\]/\d]", value) and len(value) <= 40]
    return capped([value + suffix for value in good], LIST_CAP)


# -------------------------------------------------------------------------------------------- persons


def folded(locale: str, text: str) -> str:
    """The letters and digits of a name as an e-mail spells them."""
    if locale.startswith("de_"):
        text = text.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}))
    return re.sub(r"[^a-z0-9]", "", anyascii(text).lower())


def romanized(pairs: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Japanese names and their Latin spelling."""
    return {name: latin.lower() for name, _, latin in pairs}


def polish_feminine(name: str) -> str:
    """The feminine form of a Polish surname."""
    return re.sub(r"(s|c|dz)ki$", r"\1ka", name)


def polish_last(person: Any) -> dict[str, list[str]]:
    """Polish surnames: those that bend with the sex, and those that don't."""
    unisex = capped(clean(person.unisex_last_names), LAST_CAP - 200)
    male = clean(person.male_last_names)
    return {"last_female": clean([*map(polish_feminine, male), *unisex]), "last_male": clean([*male, *unisex])}


def last_names(locale: str, person: Any) -> dict[str, list[str]]:
    """The surnames of a locale: one list, or one per sex."""
    if locale == "pl_PL":
        return polish_last(person)
    female, male = getattr(person, "last_names_female", ()), getattr(person, "last_names_male", ())
    if female and male and set(female) != set(male):
        return {"last_female": capped(clean(female), LAST_CAP), "last_male": capped(clean(male), LAST_CAP)}
    return {"last": capped(clean(person.last_names), LAST_CAP)}


def middle_names(locale: str, recipe: Recipe, person: Any, lasts: dict[str, list[str]]) -> dict[str, list[str]]:
    """Patronymics, or the second surname, where a name has one."""
    if "{middle}" not in recipe.name:
        return {}
    if hasattr(person, "middle_names_female"):
        return {"middle_female": clean(person.middle_names_female), "middle_male": clean(person.middle_names_male)}
    if "last" not in lasts:
        raise ValueError(f"{locale}: no middle names")
    return {"middle": lasts["last"]}


def person_lists(locale: str, recipe: Recipe) -> dict[str, list[str]]:
    """First, last and middle names, and the folded forms beside the first two."""
    source = recipe.person or locale
    person = provider("person", source)
    lists = {
        "first_female": capped(clean(person.first_names_female), FIRST_CAP),
        "first_male": capped(clean(person.first_names_male), FIRST_CAP),
    }
    lasts = last_names(source, person)
    latin: dict[str, str] = {}
    if locale == "ja_JP":
        latin = {**romanized(person.first_name_pairs), **romanized(person.last_name_pairs)}
    lists |= lasts
    for name, values in list(lists.items()):
        lists[f"{name}_ascii"] = [latin.get(value) or folded(locale, value) for value in values]
    titles = {name: clean(getattr(person, f"{name[:6]}es{name[6:]}", ())) for name in ("prefix_female", "prefix_male")}
    titles["suffix"] = clean(value for name in ("suffixes", "suffixes_female", "suffixes_male") for value in getattr(person, name, ()))
    lists |= {name: values for name, values in titles.items() if values}
    return lists | middle_names(locale, recipe, person, lasts)


# ----------------------------------------------------------------------------------- formats and templates


def as_tuple(templates: Templates) -> tuple[str, ...]:
    """One template or several, as several."""
    return (templates,) if isinstance(templates, str) else templates


def faker_formats(kind: str, attribute: str, locale: str, fallback: tuple[str, ...]) -> tuple[str, ...]:
    """The formats of a provider that need nothing but digits and capital letters."""
    source = getattr(provider(kind, locale), attribute, ()) or fallback
    return tuple(capped(clean(value for value in source if not re.search(r"[{}!@x]", value)), 24)) or fallback


def without_leading_zero(building: str) -> str:
    """A house number's format whose numbers don't start with 0."""
    return re.sub(r"(?<![#%\d])#", "%", building)


def formats_of(locale: str, recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Formats of phone numbers, house numbers, plates and, mostly, postcodes."""
    building = recipe.building or faker_formats("address", "building_number_formats", locale, ("%", "%#", "%##"))
    formats = {
        **recipe.formats,
        "phone_number": recipe.phone or faker_formats("phone_number", "formats", locale, ("###-###-####",)),
        "building_number": tuple(map(without_leading_zero, building)),
        "license_plate": distinct(recipe.plates or faker_formats("automotive", "license_formats", locale, ("???-####",))),
    }
    if recipe.postcode is None or not any("{" in template for template in as_tuple(recipe.postcode)):
        formats["postcode"] = as_tuple(recipe.postcode or faker_formats("address", "postcode_formats", locale, ("#####",)))
    return formats


CLASSES = {"#": set("0123456789"), "%": set("123456789"), "$": set("23456789"), "?": set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def overlap(one: str, two: str) -> bool:
    """Whether some text has both formats."""
    return len(one) == len(two) and all(CLASSES.get(a, {a}) & CLASSES.get(b, {b}) for a, b in zip(one, two, strict=True))


def distinct(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Formats that share no text, so that plates can be numbered; the roomier of two stays."""
    kept: list[str] = []
    for candidate in sorted(formats, key=lambda text: (-text.count("?"), -text.count("#"), text)):
        if not any(overlap(candidate, other) for other in kept):
            kept.append(candidate)
    return tuple(sorted(kept))


def templates_of(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """The templates of a locale."""
    templates = {
        "name": recipe.name,
        "street_name": recipe.street_name,
        "street_address": recipe.street_address,
        "address": recipe.address,
        "company": recipe.company,
    }
    if recipe.city is not None:
        templates["city"] = recipe.city
    if recipe.postcode is not None and any("{" in template for template in as_tuple(recipe.postcode)):
        templates["postcode"] = recipe.postcode
    return {name: as_tuple(value) for name, value in templates.items()}


def jobs_of(locale: str, recipe: Recipe) -> list[str]:
    """Jobs in the locale's language, in English where Faker has none."""
    for source in (recipe.job or locale, "en_US"):
        found = provider("job", source)
        if found is not None and "jobs" in vars(found):
            return capped(clean(found.jobs), LIST_CAP)
    return capped(clean(importlib.import_module("faker.providers.job").Provider.jobs), LIST_CAP)


def locale_rows(locale: str, recipe: Recipe) -> Rows:
    """Everything of one locale."""
    names = Locale.parse(locale.replace("no_", "nb_")).territories
    lists = person_lists(locale, recipe)
    lists |= {name: listed(spec, locale) for name, spec in recipe.lists.items()}
    lists["job"] = jobs_of(locale, recipe)
    lists["country"] = clean(names[code] for code in territories())
    rows: Rows = [("list", name, values) for name, values in lists.items()]
    rows += [("format", name, list(values)) for name, values in formats_of(locale, recipe).items()]
    rows += [("template", name, list(values)) for name, values in templates_of(recipe).items()]
    code = locale.partition("_")[2]
    rows += [("text", "current_country", [names[code]]), ("text", "current_country_code", [code])]
    return sorted(rows)


# ------------------------------------------------------------------------------------ countries to locales


def territories() -> list[str]:
    """The ISO 3166 alpha-2 codes, as CLDR has them; its own regions (EU, XA, ...) left out."""
    own = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
    codes = {code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code)}
    return sorted(code for code in codes - own if not code.startswith(("X", "Q")))


def official(territory: str) -> list[str]:
    """A territory's official languages, those of most people first."""
    found = languages.get_territory_language_info(territory)
    states = [code for code in found if found[code]["official_status"] in ("official", "de_facto_official")]
    return sorted(states, key=lambda code: (-found[code]["population_percent"], code))


PREFERRED = {
    "en": "en_GB",
    "es": "es_MX",
    "pt": "pt_PT",
    "fr": "fr_FR",
    "de": "de_DE",
    "nl": "nl_NL",
    "zh": "zh_CN",
    "zh_Hant": "zh_TW",
    "nb": "no_NO",
    "nn": "no_NO",
    "no": "no_NO",
}
NEAREST = {
    "lb": "de_DE",
    "gsw": "de_CH",
    "ca": "es_ES",
    "be": "ru_RU",
    "sh": "hr_HR",
    "bs": "hr_HR",
    "fo": "da_DK",
    "kl": "da_DK",
    "mo": "ro_RO",
}


def locale_for_language(language: str, territory: str) -> str | None:
    """The frozen locale of a language, as spoken in a territory."""
    parents = get_global("parent_exceptions")
    parent = parents.get(f"{language}_{territory}")
    if parent in RECIPES:
        return str(parent)
    if language in PREFERRED:
        return PREFERRED[language]
    matching = [locale for locale in RECIPES if locale.split("_")[0] == language]
    return matching[0] if matching else NEAREST.get(language)


def locale_for(territory: str) -> str | None:
    """The frozen locale that fits a territory best; None if none does."""
    likely = str(get_global("likely_subtags").get(f"und_{territory}", "")).split("_")[0]
    home = [locale for locale in RECIPES if locale.endswith(f"_{territory}")]
    order = [likely, *official(territory)]
    for language in order:
        for locale in home:
            if locale.split("_")[0] == language:
                return locale
    if home:
        return home[0]
    return next((found for language in official(territory) if (found := locale_for_language(language, territory))), None)


FORMER = {"BUR", "CTE", "DDR", "FXX", "NTZ", "ROM", "SCG", "SUN", "TMP", "YMD", "YUG", "ZAR"}
ALSO_CALLED = {
    "AE": ("UAE",), "BA": ("Bosnia",), "CD": ("DR Congo",), "CI": ("Ivory Coast",), "CZ": ("Czech Republic",), "GB": ("UK", "Great Britain", "England"),
    "HK": ("Hong Kong",), "KR": ("Korea",), "MK": ("Macedonia",), "MM": ("Myanmar", "Burma"), "MO": ("Macau", "Macao"), "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine",), "RU": ("Russian Federation",), "SZ": ("Swaziland",), "TR": ("Turkey",), "US": ("United States of America",),
    "VA": ("Holy See",), "VN": ("Viet Nam",),
}  # fmt: skip


def alpha3() -> dict[str, str]:
    """Alpha-3 codes by alpha-2 code."""
    aliases = get_global("territory_aliases")
    threes = {alias: codes[0] for alias, codes in aliases.items() if re.fullmatch("[A-Z]{3}", alias) and len(codes) == 1}
    return {code: alias for alias, code in sorted(threes.items()) if alias not in FORMER}


def keys_of(code: str, english: str, three: str) -> list[str]:
    """What a country may be called in data: both codes, its English names with `&` and `and`, curly and straight quotes."""
    straight = english.replace("\u2019", "'")
    keys = (code, three, english, straight, straight.replace("&", "and"), *ALSO_CALLED.get(code, ()))
    return [key for key in keys if key]


def country_rows() -> Rows:
    """Keys (alpha-2, alpha-3, English name) of every country by the locale chosen for it, and the English fallbacks."""
    english, threes = Locale("en").territories, alpha3()
    keys: dict[str, list[str]] = {}
    fallback: list[str] = []
    for code in territories():
        locale = locale_for(code)
        if locale is None:
            locale = "en_US"
            fallback.append(code)
        keys.setdefault(locale, []).extend(keys_of(code, english[code], threes.get(code, "")))
    rows: Rows = [("country", locale, clean(values)) for locale, values in sorted(keys.items())]
    fold = [re.sub(r"[^a-z0-9]", "", anyascii(chr(point)).lower()) for point in FOLDED]
    return [*rows, ("list", "country_code", territories()), ("list", "fallback", fallback), ("list", "fold", fold)]


# ----------------------------------------------------------------------------------------------- the file


def batch(rows: Rows) -> pa.RecordBatch:
    """Rows as one record batch."""
    kinds, names, values = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(kinds, pa.string()), pa.array(names, pa.string()), pa.array(values, SCHEMA.field("values").type)], schema=SCHEMA
    )


def main(output: Path) -> None:
    """Write the file and, in its home, its hash."""
    versions = {name: metadata.version(name) for name in ("Faker", "babel", "anyascii")}
    schema = SCHEMA.with_metadata({"locales": ",".join(sorted(RECIPES)), **versions})
    with pa.OSFile(str(output), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch(country_rows()))
        for locale in sorted(RECIPES):
            writer.write_batch(batch(locale_rows(locale, RECIPES[locale])))
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    code = FROZEN / "tables.py"
    if output.parent == FROZEN and code.exists():
        code.write_text(re.sub(r'(TABLES_SHA256 = )"\w*"', rf'\1"{digest}"', code.read_text()))
    sys.stdout.write(f"{output}: {output.stat().st_size:,} bytes, {len(RECIPES)} locales, sha256 {digest}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FROZEN / "tables.arrow")
