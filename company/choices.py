"""What a company may choose from: countries, currencies, time zones, and how dates and numbers are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.utils import translation
from django.utils.formats import date_format, number_format

from tenants.countries import country_options
from tenants.timezones import known_timezones

Choices = list[tuple[str, str]]
Groups = list[tuple[str, Choices]]

# The product speaks English: these differ in how they write dates and numbers. Another language would mix
# Django's own translations into English pages.
LANGUAGES = {
    "en": "United States",
    "en-gb": "United Kingdom",
    "en-ie": "Ireland",
    "en-au": "Australia",
    "en-ca": "Canada",
}
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def country_choices() -> Choices:
    return [(option.code, option.name) for option in country_options()]


@cache
def currency_choices() -> Choices:
    """ISO 4217 codes of the money in use today, each with its name."""
    codes = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory)
    }
    names = Locale("en").currencies
    return [(code, f"{code} – {names.get(code, code)}") for code in sorted(codes)]


@cache
def timezone_choices() -> list[tuple[str, str | Choices]]:
    """UTC, then the zones that are named for a city, by region."""
    groups: dict[str, Choices] = {region: [] for region in REGIONS}
    for name in sorted(known_timezones()):
        region, _, city = name.partition("/")
        if region in groups and city:
            groups[region].append((name, city.replace("_", " ").replace("/", " – ")))
    return [("UTC", "UTC"), *groups.items()]


def language_choices() -> Choices:
    """Each with a date and a number as it writes them."""
    return [(code, f"{_sample(code)} – {country}") for code, country in LANGUAGES.items()]


def with_current(choices: list[tuple[str, str | Choices]], current: str) -> list[tuple[str, str | Choices]]:
    """The choices, and what is chosen now if it is none of them: saving the page must not change it."""
    known = {value for value, label in choices if isinstance(label, str)}
    known |= {value for _, label in choices if not isinstance(label, str) for value, _ in label}
    return choices if current in known else [*choices, (current, current)]


def _sample(code: str) -> str:
    with translation.override(code):
        day = date(2026, 12, 31)
        return ", ".join(
            [
                date_format(day, "DATE_FORMAT"),
                number_format(Decimal("1234.56"), use_l10n=True, force_grouping=True),
            ]
        )
