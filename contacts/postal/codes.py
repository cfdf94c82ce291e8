"""Postal codes: the spelling that a country prints, wherever it can be told from what was typed."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from contacts.postal.rules import Region, Rules, known, rules_of
from tenants.fields import tidy

LONGEST = 32
GAPS = re.compile(r"[\s\-‐-―−]+")
# The letters of the country before a code, as on letters until the nineties: "S-958 22", "B-1180".
SIGNS = {
    "AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN|SF", "FR": "F", "HU": "H", "IT": "I", "LI": "FL",
    "LU": "L", "NO": "N", "PT": "P", "SE": "S",
}  # fmt: skip
BRITISH = ("GG", "IM", "JE")
MORE_EXAMPLES = {"SE": ("114 55",), "GB": ("BFPO 1", "BFPO 123", "BFPO 1234")}


def tidy_postal_code(text: str, country: str) -> str:
    """As the country prints it where its form accepts it ("wa11dp" -> "WA1 1DP"), else as typed.

    Text, never a number: leading zeros stay. Idempotent.
    """
    text = tidy(text)
    if not text or len(text) > LONGEST:
        return text
    return _tidy(text, known(country))


def fits(code: str, rules: Rules, region: Region | None = None) -> bool:
    """Whether the code has the country's form, or that of a region with a form of its own.

    The country's own letters before it ("S-958 22", "SE-958 22") are no mistake. True where there is no form.
    """
    form = (region and region.own_zip) or rules.zip
    if not form:
        return True
    code = code.upper()
    return any(_form(form).fullmatch(candidate) for candidate in (code, without_sign(code, rules)))


def without_sign(code: str, rules: Rules) -> str:
    """The code without the country's letters before it."""
    return _sign(rules.country, rules.prefix).sub("", code, count=1)


def belongs(code: str, region: Region, rules: Rules) -> bool:
    """Whether a code may lie in the region, by how it begins. True where nothing is known about that."""
    return not region.zip or bool(_form(region.zip).match(without_sign(code.upper(), rules)))


def example(rules: Rules) -> str:
    """How a code looks there, or ''."""
    return tidy_postal_code(rules.examples[0], rules.country) if rules.examples else ""


@lru_cache(maxsize=10_000)
def _tidy(text: str, country: str) -> str:
    rules = rules_of(country)
    if rules is None or not rules.zip:
        return text
    typed = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    bare = GAPS.sub("", typed)
    form = _form(rules.zip)
    template = _templates(country).get(_shape(bare))
    candidates = [_fill(template, bare)] if template else []
    return next((code for code in (*candidates, typed, bare) if form.fullmatch(code)), text)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern})", re.ASCII)


@cache
def _sign(country: str, prefix: str) -> re.Pattern[str]:
    letters = [country, *filter(None, [prefix.rstrip("-"), SIGNS.get(country, "")])]
    return re.compile(rf"^(?:{'|'.join(letters)})(?:\s*-\s*|\s+)", re.IGNORECASE)


@cache
def _templates(country: str) -> dict[str, str]:
    """An example of each shape of code, to copy its gaps from."""
    rules = rules_of(country)
    british = rules_of("GB") if country in BRITISH else None
    examples = [*MORE_EXAMPLES.get(country, ()), *(rules.examples if rules else ())]
    examples += british.examples if british else ()
    templates: dict[str, str] = {}
    for code in examples:
        templates.setdefault(_shape(GAPS.sub("", code)), code)
    return templates


def _shape(code: str) -> str:
    """9 for a digit, A for a letter: "WA11DP" -> "AA99AA"."""
    return "".join("9" if char in "0123456789" else "A" if char.isalpha() else char for char in code)


def _fill(template: str, code: str) -> str:
    """The code's characters with the template's gaps."""
    characters = iter(code)
    return "".join(char if GAPS.fullmatch(char) else next(characters) for char in template)
