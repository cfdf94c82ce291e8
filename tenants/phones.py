"""Telephone numbers: E.164 where they can be understood, as typed where not."""

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=10_000)
def parse(number: str, country: str) -> str:
    """`number` in E.164 (+493012345), or '' when it is no valid number of `country` or with a + of any."""
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
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
