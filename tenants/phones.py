"""Telephone numbers: E.164 where they can be understood, as typed where not."""

import re
from functools import lru_cache

import phonenumbers

LONGEST = 100
# Digits and what groups them. With words in it, a number would be understood by dropping them
# ("030 12345 Anna"), so it is kept as typed. Invisible marks come along when copying.
MARKS = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
NUMBER = re.compile(
    rf"(?:tel[.:]*)?[\s({MARKS}]*[+＋]?[\d\s()\[\]./\-‐-―−－．（）{MARKS}]+",
    re.IGNORECASE,
)
E164 = re.compile(r"\+[0-9]{5,15}")


def parse(number: str, country: str) -> str:
    """`number` in E.164 (+493012345), or '' when it is no valid number of `country` or with a + of any."""
    if len(number) > LONGEST or not NUMBER.fullmatch(number):
        return ""
    return _parse(number, country)


@lru_cache(maxsize=10_000)
def _parse(number: str, country: str) -> str:
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    if parsed.extension:  # E.164 has no extension; dropping it would lose what was typed
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normalise(number: str, country: str) -> str:
    """E.164, or the number as typed, trimmed. Never raises; idempotent."""
    number = " ".join(number.split())
    return parse(number, country) or number


def display(number: str) -> str:
    """Grouped for reading (+49 30 12345); what is not E.164 as it is."""
    return _display(number) if E164.fullmatch(number) else number


@lru_cache(maxsize=10_000)
def _display(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
