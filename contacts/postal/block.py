"""An address as text: the block on an envelope, one line for lists, an address to look for on a map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from urllib.parse import quote

from contacts.postal import codes
from contacts.postal.regions import find, region_name
from contacts.postal.rules import ABBREVIATING, NAMES, PARTS, Rules, is_latin, rules_of
from tenants.countries import country_name
from tenants.fields import fold

MAP = "https://www.openstreetmap.org/search?query="
LONGEST_QUERY = 300  # characters; more is no address, and too long for a URL once encoded
LETTERS = {name: letter for letter, name in NAMES.items()} | {"name": "N", "company": "O"}
FROM_ABROAD = {"AX", "CH", "FI", "HR", "LI", "SE", "SI"}  # "SE-958 22", but "958 22" within Sweden
NEUTRAL_FORMAT = "%N%n%O%n%A%n%D%n%Z %C%n%S%n%X"


def block(
    parts: Mapping[str, str], *, home: str, name: str = "", company: str = "", capitals: bool = True
) -> str:
    """The address as `parts["country"]` writes it on an envelope, one line each; '' for an empty one.

    The country's English name ends it, unless that is `home`. It is in `capitals`, and so are the parts for which
    the country asks that; without, for reading on a screen, all is as it was typed.
    """
    country = " ".join(parts.get("country", "").split())
    whole = {**parts, "name": name, "company": company}
    lines = _lines(whole, envelope=True, home=home.strip().upper(), capitals=capitals)
    if lines and country and country.upper() != home.strip().upper():
        last = country_name(country) or country
        known = {line.upper() for line in lines}
        lines += [] if last.upper() in known else [last.upper() if capitals else last]
    return "\n".join(lines)


def one_line(parts: Mapping[str, str]) -> str:
    """The address for a list: "Obere Str. 57, 12209 Berlin, DE"."""
    return ", ".join([*_lines(parts, envelope=False), *_clean([parts.get("country", "").upper()])])


def map_url(parts: Mapping[str, str]) -> str:
    """Where OpenStreetMap looks for the address; '' when there is nothing to look for but a country."""
    country = parts.get("country", "")
    streets = _clean(parts.get("street", "").splitlines())
    code, city = parts.get("postal_code", ""), parts.get("city", "")
    region = region_name(parts.get("region", "").strip(), country)
    region = "" if fold(region) == fold(city) else region
    places = _clean([*streets, parts.get("district", ""), f"{code} {city}", region])
    if not places:
        return ""
    query = ", ".join([*places, *_clean([country_name(country)])])
    return MAP + quote(query[:LONGEST_QUERY], safe="", errors="replace")


def _lines(parts: Mapping[str, str], *, envelope: bool, home: str = "", capitals: bool = False) -> list[str]:
    rules = rules_of(parts.get("country", "").strip())
    latin = is_latin("".join(parts.get(name, "") for name in ("street", "district", "city")))
    values = _values(parts, rules, latin=latin, envelope=envelope, capitals=capitals)
    if not any(values.get(LETTERS[name]) for name in PARTS):
        return _clean([parts.get("company", ""), parts.get("name", "")]) if envelope else []
    extra = tuple(letter for letter in values if _is_extra(letter, values, rules))
    rows = _format(rules.country if rules else "", latin, extra)
    prefix = _prefix(parts, rules, home) if envelope else ""
    return _clean(line for row in rows for line in _row(row, values, prefix, envelope).splitlines())


def _values(
    parts: Mapping[str, str], rules: Rules | None, *, latin: bool, envelope: bool, capitals: bool
) -> dict[str, str]:
    """What stands for each letter of a format; only the street has several lines."""
    values = {letter: " ".join(parts.get(name, "").split()) for name, letter in LETTERS.items()}
    streets = _clean(parts.get("street", "").splitlines())
    values["A"] = "\n".join(streets) if envelope else ", ".join(streets)
    region = find(values["S"], rules.country) if rules else None
    if rules and region and rules.country not in ABBREVIATING:
        values["S"] = region.name if latin else region.local
        if fold(values["S"]) == fold(values["C"]):  # "28023 Madrid Madrid"
            values["S"] = ""
    if rules and capitals:
        values |= {LETTERS[name]: values[LETTERS[name]].upper() for name in rules.upper}
    return {letter: value for letter, value in values.items() if value}


def _is_extra(letter: str, values: dict[str, str], rules: Rules | None) -> bool:
    """Whether the country has no place for this part, and no other part says the same."""
    if rules is None or letter in "NOA" or NAMES[letter] in rules.used:
        return False
    said = [fold(value) for other, value in values.items() if other != letter]
    return fold(values[letter]) not in [*said, fold(country_name(rules.country))]


@cache
def _format(country: str, latin: bool, extra: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The lines of the country's format, with lines for parts that it has no place for.

    Each as what stands before, between and behind its parts, and the parts: ("", "%C", ", ", "%S", "").
    """
    rules = rules_of(country)
    pattern = (rules.latin_format if latin else rules.local_format) if rules else NEUTRAL_FORMAT
    rows = pattern.split("%n")
    for letter in sorted(extra, key="DCSZX".index):
        after = "A" if letter in "DC" else "C" if letter == "S" else ""
        at = next((n for n, row in enumerate(rows) if after and f"%{after}" in row), len(rows) - 1)
        rows.insert(at + 1, f"%{letter}")
    return tuple(tuple(re.split(r"(%[A-Z])", row)) for row in rows)


def _prefix(parts: Mapping[str, str], rules: Rules | None, home: str) -> str:
    """What is written before a postal code, for one that does not have it already."""
    code = parts.get("postal_code", "").strip().upper()
    if rules is None or not code or codes.without_sign(code, rules) != code or not codes.fits(code, rules):
        return ""
    if rules.country == home and home in FROM_ABROAD:
        return ""
    return "〒" if rules.country == "JP" else rules.prefix


def _row(row: tuple[str, ...], values: dict[str, str], prefix: str, envelope: bool) -> str:
    """One line of a format. What stands between two parts is left away where one of them is blank."""
    if len(row) == 1:
        return row[0] if envelope else ""
    text = ""
    for literal, token in zip(row[::2], row[1::2], strict=False):
        value = values.get(token[1], "")
        if not text and literal:
            text = _opening(literal, value, prefix, envelope)
        elif text and value:
            text += literal
        text += value
    return text


def _opening(literal: str, value: str, prefix: str, envelope: bool) -> str:
    """What a line begins with: "SE-" before the code, or a town that is the country ("SINGAPORE ")."""
    if len(literal.strip()) > 4:
        return literal if envelope else literal.title()
    return literal if value and prefix else ""


def _clean(lines: Iterable[str]) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in lines) if line]
