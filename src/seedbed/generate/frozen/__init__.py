"""Names, addresses, companies, phones, jobs and e-mails from tables that ship with the package.

`frozen_text(method, locale_tables(locale), bits, n)` makes n strings of any of the `frozen_methods`. An e-mail of a
row's own name is made of the same parts: `email_of_parts(tables, NAME_METHODS["name"](tables, bits_of_the_name, n), bits)`.
"""

from seedbed.generate.frozen.draws import Bits
from seedbed.generate.frozen.emails import email_of_parts, email_of_text, local_part
from seedbed.generate.frozen.methods import CONCEPTS, DERIVED_METHODS, NAME_METHODS, frozen_methods, frozen_text, is_frozen
from seedbed.generate.frozen.names import NameParts, Sex, name_parts, name_text
from seedbed.generate.frozen.tables import LocaleTables, country_codes, locale_of_country, locale_tables, locales

__all__ = [
    "CONCEPTS",
    "DERIVED_METHODS",
    "NAME_METHODS",
    "Bits",
    "LocaleTables",
    "NameParts",
    "Sex",
    "country_codes",
    "email_of_parts",
    "email_of_text",
    "frozen_methods",
    "frozen_text",
    "is_frozen",
    "local_part",
    "locale_of_country",
    "locale_tables",
    "locales",
    "name_parts",
    "name_text",
]
