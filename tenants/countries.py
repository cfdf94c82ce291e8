"""Countries as people write them: ISO codes, names in the usual languages, common abbreviations."""

from functools import lru_cache

from babel import Locale
from django_countries import countries

from tenants.fields import fold

LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl"]
ABBREVIATIONS = {
    "UK": "GB",
    "Great Britain": "GB",
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "U.S.": "US",
    "U.S.A.": "US",
    "United States of America": "US",
    "Holland": "NL",
    "Czech Republic": "CZ",
    "Russian Federation": "RU",
    "South Korea": "KR",
    "UAE": "AE",
}


def country_code(text: str) -> str:
    """The ISO code of the country that `text` names, or '' for one that is not known."""
    return _codes().get(_plain(text), "")


def _plain(text: str) -> str:
    return fold(text).replace(".", "")


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    iso = {str(code) for code, _ in countries}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in iso:
                codes.setdefault(_plain(name), code)
    for code in iso:
        codes[_plain(code)] = code
        codes[_plain(countries.alpha3(code))] = code
    codes |= {_plain(name): code for name, code in ABBREVIATIONS.items()}
    codes.pop("", None)
    return codes
