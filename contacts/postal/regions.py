"""Regions as people write them: keys, names in local and in Latin script, usual abbreviations."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from contacts.postal.rules import Region, known, rules_of
from tenants.fields import fold, tidy

LONGEST = 100
# What stands around a name: "County Cork", "Osaka-fu", "State of Texas". "City" is left away in lists only:
# who types "Kansas City" does not mean Kansas.
BEFORE = (
    r"^(?:co|county|state of|province of|provincia de|estado de|departamento del?|region de|region del?) "
)
AFTER = r" (?:province|state|county|prefecture|governorate|oblast|territory|sheng|shi|to|fu|ken|do)$"
AROUND = re.compile(f"{BEFORE}|{AFTER}")
AROUND_LISTED = re.compile(f"{BEFORE}|{AFTER}| city$")
# Spellings that the data does not have, folded, for each country: spelling -> key.
USUAL: dict[str, dict[str, str]] = {
    "AU": {"vic": "VIC", "tas": "TAS", "qld": "QLD"},
    "CA": {
        "alta": "AB", "man": "MB", "newfoundland": "NL", "nf": "NL", "nfld": "NL", "nwt": "NT", "ont": "ON",
        "pei": "PE", "pq": "QC", "que": "QC", "sask": "SK", "yukon territory": "YT",
    },
    "CN": {
        "guangxi": "广西壮族自治区", "inner mongolia": "内蒙古自治区", "neimenggu": "内蒙古自治区",
        "ningxia": "宁夏回族自治区", "tibet": "西藏自治区", "xizang": "西藏自治区",
        "xinjiang": "新疆维吾尔自治区",
    },
    "ES": {
        "a coruna": "C", "alacant": "A", "araba": "VI", "baleares": "PM", "bizkaia": "BI", "gipuzkoa": "SS",
        "girona": "GI", "illes balears": "PM", "lleida": "L", "nafarroa": "NA", "orense": "OR",
        "vizcaya": "BI",
    },
    "IN": {"new delhi": "Delhi", "orissa": "Odisha", "pondicherry": "Puducherry", "tamilnadu": "Tamil Nadu"},
    "IT": {
        "florence": "FI", "genoa": "GE", "mantua": "MN", "milan": "MI", "naples": "NA", "padua": "PD",
        "rome": "RM", "syracuse": "SR", "trent": "TN", "turin": "TO", "venice": "VE",
    },
    "MX": {
        "df": "CDMX", "distrito federal": "CDMX", "mexico df": "CDMX", "mexico city": "CDMX",
        "coahuila": "Coah.", "edomex": "Méx.", "estado de mexico": "Méx.", "michoacan": "Mich.",
        "veracruz": "Ver.",
    },
    "UA": {"kiev": "місто Київ", "kyiv": "місто Київ"},  # the city, not the oblast around it
    "US": {
        "ala": "AL", "ariz": "AZ", "ark": "AR", "calif": "CA", "cal": "CA", "colo": "CO", "conn": "CT",
        "del": "DE", "fla": "FL", "ill": "IL", "ind": "IN", "kan": "KS", "kans": "KS", "mass": "MA",
        "mich": "MI", "minn": "MN", "miss": "MS", "mont": "MT", "neb": "NE", "nebr": "NE", "nev": "NV",
        "okla": "OK", "ore": "OR", "oreg": "OR", "penn": "PA", "penna": "PA", "tenn": "TN", "tex": "TX",
        "wash": "WA", "wis": "WI", "wisc": "WI", "wyo": "WY", "washington dc": "DC",
    },
    "VE": {
        "df": "Distrito Federal", "distrito capital": "Distrito Federal", "capital district": "Distrito Federal",
        "la guaira": "Vargas",
    },
}  # fmt: skip


def tidy_region(text: str, country: str) -> str:
    """The key under which `country` lists the region that `text` names, else the text as typed.

    "California", "calif." -> "CA"; "Tokyo" -> "東京都". Idempotent.
    """
    text = tidy(text)
    if not text or len(text) > LONGEST:
        return text
    return _tidy(text, known(country))


def region_name(value: str, country: str) -> str:
    """The region's name in Latin letters ("California", "Tokyo"); what is in no list as it is."""
    region = find(value, country)
    return region.name if region else value


def find(value: str, country: str) -> Region | None:
    """The region stored as `value`."""
    return _by_key(known(country)).get(value)


@lru_cache(maxsize=10_000)
def _tidy(text: str, country: str) -> str:
    if text in _by_key(country):
        return text
    exact, loose = _spellings(country)
    plain = _plain(text)
    return exact.get(plain) or loose.get(AROUND.sub("", plain)) or text


@cache
def _by_key(country: str) -> dict[str, Region]:
    rules = rules_of(country)
    return {region.key: region for region in rules.regions} if rules else {}


@cache
def _spellings(country: str) -> tuple[dict[str, str], dict[str, str]]:
    """Key by spelling: as listed, and without what people put around a name. One of two regions is neither."""
    exact: dict[str, str] = {}
    loose: dict[str, set[str]] = {}
    regions = _by_key(country).values()
    for spelling, key in [(key, key) for key in _by_key(country)] + [
        (spelling, region.key) for region in regions for spelling in (region.name, *region.others)
    ]:
        plain = _plain(spelling)
        exact.setdefault(plain, key)
        loose.setdefault(AROUND_LISTED.sub("", plain), set()).add(key)
    exact = {**USUAL.get(country, {}), **exact}
    exact.pop("", None)
    only = {spelling: keys.pop() for spelling, keys in loose.items() if spelling and len(keys) == 1}
    return exact, only


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-‐-―_/,]", " ", re.sub(r"[.'’`]", "", fold(text).replace("&", "and"))).split())
