"""The parts of an address as a country's forms have them: which, in what order, under which names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from contacts.postal.rules import PARTS, Rules, known, rules_of
from tenants.fields import fold

LABELS = {
    "street": "Street address",
    "district": "District",
    "city": "City",
    "region": "Region",
    "postal_code": "Postal code",
    "sorting_code": "Sorting code",
}
# The data's word for a part of a country -> ours.
WORDS = {
    "area": "Area", "city": "City", "county": "County", "department": "Department", "district": "District",
    "do_si": "Province or city", "eircode": "Eircode", "emirate": "Emirate", "island": "Island",
    "neighborhood": "Neighbourhood", "oblast": "Oblast", "parish": "Parish", "pin": "PIN code",
    "post_town": "Post town", "postal": "Postal code", "prefecture": "Prefecture", "province": "Province",
    "state": "State", "suburb": "Suburb", "townland": "Townland", "village_township": "Village or township",
    "zip": "ZIP code",
}  # fmt: skip
KINDS = {"district": "sublocality", "city": "locality", "region": "state", "postal_code": "zip"}
POSTCODE = {"AU", "GB", "GG", "IM", "JE", "MY", "NZ"}
COUNTY = {"GB", "GG", "IM", "JE"}  # not in their addresses any more, but still written
NEUTRAL = ("street", "district", "postal_code", "city", "region", "sorting_code")


@dataclass(frozen=True)
class Part:
    """One field of an address; `choices` are (stored value, shown name), () where anything may be typed."""

    name: str
    label: str
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()


def layout(country: str) -> tuple[Part, ...]:
    """The parts that `country` uses in its order; of an unknown country all parts, none required.

    A part that is left out may hold a value all the same: `part` has the field to show it in.
    """
    return _layout(known(country))


def part(name: str, country: str) -> Part:
    """The field of any part, used in the country or not."""
    country = known(country)
    return next((one for one in _layout(country) if one.name == name), None) or Part(
        name, _unused(name, country)
    )


@cache
def _layout(country: str) -> tuple[Part, ...]:
    rules = rules_of(country)
    if rules is None:
        return tuple(Part(name, LABELS[name]) for name in NEUTRAL)
    return tuple(
        Part(name, _label(name, rules), name in rules.required, _choices(rules) if name == "region" else ())
        for name in rules.used
    )


def _label(name: str, rules: Rules) -> str:
    if name == "postal_code" and rules.country in POSTCODE:
        return "Postcode"
    return WORDS[rules.types[KINDS[name]]] if name in KINDS else LABELS[name]


def _unused(name: str, country: str) -> str:
    if name == "region" and country in COUNTY:
        return "County"
    return LABELS[name] if name in PARTS else name


def _choices(rules: Rules) -> tuple[tuple[str, str], ...]:
    choices = [(region.key, region.name) for region in rules.regions]
    return tuple(sorted(choices, key=lambda choice: fold(choice[1])))
