"""Countries as people write them: ISO codes, names in the usual languages and their own, abbreviations.

ISO codes win over names. A name that two countries answer to is nobody's: "Congo" and "Virgin Islands" are not
guessed. "Korea" is South Korea, as in any postal guide; the North is always named as such.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale
from django.utils import translation
from django_countries import countries

from tenants.country_names import LOCAL_NAMES, OTHER_NAMES
from tenants.fields import fold

LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl"]
LONGEST = 100
AMBIGUOUS = {"congo", "kongo", "virgin islands"}
# ISO's names that nobody would look for or write on an envelope.
ENGLISH = {
    "BS": "Bahamas",
    "CG": "Congo (Brazzaville)",
    "CD": "Congo (Kinshasa)",
    "FK": "Falkland Islands",
    "MF": "Saint Martin",
    "NR": "Nauru",
    "SX": "Sint Maarten",
    "US": "United States",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
}
# "Kingdom of", "Islamic Republic of the": what stands before a country's everyday name.
STYLED = re.compile(
    r"^(?:(?:arab|bolivarian|commonwealth|cooperative|democratic|duchy|federal|federated|federative|grand|hashemite|"
    r"independent|islamic|kingdom|oriental|peoples?|plurinational|principality|republic|socialist|state|states|"
    r"sultanate|union|united) )+of (?:the )?"
)


class CountryOption(NamedTuple):
    """A country to choose: its ISO code, its English name, and other words that people look for it by."""

    code: str
    name: str
    words: str


def country_code(text: str) -> str:
    """The ISO code of the country that `text` names, or '' for one that is not known."""
    return _code(text) if len(text) <= LONGEST else ""


def country_name(code: str) -> str:
    """The English name of the country with this ISO code (in capitals), or ''."""
    return _names().get(code, "")


@cache
def country_options() -> tuple[CountryOption, ...]:
    """All countries by name, for a field that is searched while one types."""
    options = (CountryOption(code, name, ", ".join(_words(code, name))) for code, name in _names().items())
    return tuple(sorted(options, key=lambda option: fold(option.name)))


@lru_cache(maxsize=10_000)
def _code(text: str) -> str:
    codes = _codes()
    return next((codes[form] for form in _forms(text) if form in codes), "")


def _forms(text: str) -> list[str]:
    """`text` as it may be listed: whole, turned round ("Korea, Republic of"), without "Republic of"."""
    plain = _plain(text)
    name, _, style = fold(text).replace("(", ",").replace(")", "").partition(",")
    turned = _plain(f"{style} {name}")
    return [form for form in (plain, turned, STYLED.sub("", plain), STYLED.sub("", turned)) if form]


def _plain(text: str) -> str:
    text = re.sub(r"[.'’‘ʻ`]", "", fold(text)).replace("&", " and ")
    words = re.sub(r"[-‐-―,()/_]", " ", text).split()
    words = ["st" if word in ("saint", "sainte", "ste") else word for word in words]
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _words(code: str, name: str) -> list[str]:
    seen = {_plain(name)}
    words = []
    for word in (countries.alpha3(code), *OTHER_NAMES.get(code, ()), *LOCAL_NAMES.get(code, ())):
        if _plain(word) not in seen:
            seen.add(_plain(word))
            words.append(word)
    return words


@cache
def _names() -> dict[str, str]:
    with translation.override("en"):
        return {str(code): ENGLISH.get(str(code), str(name)) for code, name in countries}


@cache
def _codes() -> dict[str, str]:
    """Code by plain name. The sources go from the surest to the rest, and the first to name a country has it."""
    names = _names()
    codes = {_plain(code): code for code in names}
    codes |= {_plain(countries.alpha3(code)): code for code in names}
    with translation.override("en"):
        iso = {str(code): str(name) for code, name in countries}
    for named in (OTHER_NAMES, {code: (name, names[code]) for code, name in iso.items()}):
        for code, others in named.items():
            _add(codes, {_plain(other): code for other in others})
    for language in LANGUAGES:
        territories = Locale(language).territories
        _add(codes, {_plain(name): code for code, name in territories.items() if code in names})
    for code, locals_ in LOCAL_NAMES.items():
        _add(codes, {_plain(name): code for name in locals_})
    return {name: code for name, code in codes.items() if name and name not in AMBIGUOUS}


def _add(codes: dict[str, str], more: dict[str, str]) -> None:
    for name, code in more.items():
        codes.setdefault(name, code)
