"""What looks wrong in an address: shown as warnings, and only what is missing is insisted on in forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from contacts.postal import codes
from contacts.postal.layout import part
from contacts.postal.regions import find, tidy_region
from contacts.postal.rules import Rules, rules_of
from tenants.countries import country_name

LONGEST = 60  # characters of a value that a message repeats
KEPT = 200  # characters of a value that are looked at: more is no region and no postal code
WITH_ARTICLE = {
    "AE", "AX", "BS", "CC", "CD", "CF", "CK", "DO", "FK", "FO", "GB", "GM", "IM", "IO", "KM", "KY", "MH", "MP",
    "MV", "NL", "PH", "SB", "SC", "TC", "UM", "US", "VA", "VG", "VI",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something to look at in `part`; `missing` when the country requires it and it is blank."""

    part: str
    message: str
    missing: bool = False


def problems(parts: Mapping[str, str]) -> list[Problem]:
    """What the address's country would not accept, in its order; [] for a country that is not known."""
    rules = rules_of(parts.get("country", ""))
    if rules is None:
        return []
    blank = tuple(name for name in rules.used if name in rules.required and not parts.get(name, "").strip())
    region, code = (parts.get(name, "").strip()[:KEPT] for name in ("region", "postal_code"))
    found = _missing(blank, rules.country) if blank else ()
    found += _region(region, rules.country) if region else ()
    found += _postal_code(code, region, rules.country) if code else ()
    return sorted(found, key=lambda problem: rules.used.index(problem.part))


@cache
def _missing(blank: tuple[str, ...], country: str) -> tuple[Problem, ...]:
    place = _place(country)
    labels = [(name, part(name, country).label) for name in blank]
    return tuple(
        Problem(name, f"{label} is missing. Addresses in {place} have one: add it.", missing=True)
        for name, label in labels
    )


@lru_cache(maxsize=10_000)
def _region(typed: str, country: str) -> tuple[Problem, ...]:
    rules = _rules(country)
    if not rules.regions or "region" not in rules.used or find(tidy_region(typed, country), country):
        return ()
    label = _lower(part("region", country).label)
    message = f"“{_short(typed)}” is not a known {label} of {_place(country)}. Choose one from the list."
    return (Problem("region", message),)


@lru_cache(maxsize=10_000)
def _postal_code(typed: str, typed_region: str, country: str) -> tuple[Problem, ...]:
    rules = _rules(country)
    if "postal_code" not in rules.used:
        return ()
    code = codes.tidy_postal_code(typed, country)
    region = find(tidy_region(typed_region, country), country)
    label = part("postal_code", country).label
    if not codes.fits(code, rules, region):
        example = "" if region and region.own_zip else codes.example(rules)
        hint = f"Check it: one looks like {example}." if example else "Check it."
        article = "an" if label == "Eircode" else "a"
        message = f"“{_short(typed)}” is not {article} {_lower(label)} of {_place(country)}. {hint}"
    elif region and not codes.belongs(code, region, rules):
        message = f"{label} {_short(typed)} does not belong to {region.name}. Check both."
    else:
        return ()
    return (Problem("postal_code", message),)


def _rules(country: str) -> Rules:
    rules = rules_of(country)
    assert rules is not None, country
    return rules


def _place(country: str) -> str:
    """The country within a sentence: "Italy", "the United States"."""
    name = country_name(country) or country
    return f"the {name}" if country in WITH_ARTICLE else name


def _lower(label: str) -> str:
    """A label within a sentence: "postal code", but "ZIP code" and "Eircode"."""
    return label if label[:2].isupper() or label == "Eircode" else label.lower()


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
