"""Names, addresses, companies, phones, jobs and e-mails from tables that ship with the package."""

from seedbed.generate.frozen.tables import LocaleTables, country_codes, locale_of_country, locale_tables, locales

__all__ = ["LocaleTables", "country_codes", "locale_of_country", "locale_tables", "locales"]
