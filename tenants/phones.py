"""Telephone numbers: E.164 where they can be understood, as typed where not."""

import re
from collections.abc import Collection
from functools import cache, lru_cache

import phonenumbers

LONGEST = 100
# Digits and what groups them. With words in it, a number would be understood by dropping them
# ("030 12345 Anna"), so it is kept as typed. Invisible marks come along when copying.
MARKS = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
NUMBER = re.compile(
    rf"(?:tel[.:]*)?[\s({MARKS}]*[+＋]?[\d\s()\[\]./\-‐-―−－．（）{MARKS}]+",
    re.IGNORECASE,
)
PLAIN = re.compile(r"\+[1-9][0-9 ]{6,20}")
KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)
E164 = re.compile(r"\+[0-9]{5,15}")


def parse(number: str, country: str) -> str:
    """`number` in E.164 (+493012345), or '' when it is no valid number of `country` or with a + of any."""
    if PLAIN.fullmatch(number) and (plain := _plain(number)):
        return plain
    if len(number) > LONGEST or not NUMBER.fullmatch(number):
        return ""
    return _parse(number, country)


def _plain(number: str) -> str:
    """`number`, a + with digits behind it, in E.164 where its valid form is these very digits; '' where that takes
    more to find out. An import reads hundreds of thousands, and the library takes ten times as long."""
    digits = re.sub(r"\D", "", number)
    for length in (1, 2, 3):
        if (code := int(digits[:length])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            own = digits[length:]
            return (
                f"+{digits}"
                if any(len(own) in one and kind.fullmatch(own) for kind, one in _kinds(code))
                else ""
            )
    return ""


@cache
def _kinds(code: int) -> list[tuple[re.Pattern[str], Collection[int]]]:
    """Patterns and lengths of the kinds of numbers with that country code, of the main one of the countries that share
    it: the library asks that one first. [] where it looks at how a number begins before."""
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    known = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if known is None or known.leading_digits:
        return []
    dialled_first = known.national_prefix_for_parsing
    begin = f"(?!{dialled_first})" if dialled_first else ""
    general = known.general_desc.national_number_pattern if known.general_desc else "(?!)"
    found = []
    for name in KINDS:
        one = getattr(known, name)
        if one is not None and one.national_number_pattern:
            pattern = f"{begin}(?=(?:{general})$)(?:{one.national_number_pattern})"
            found.append((re.compile(pattern), one.possible_length or range(4, 18)))
    return found


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


def beginnings(typed: str, country: str) -> list[str]:
    """The digits that numbers may begin with which begin as `typed`: in E.164, and as somebody else may have typed
    them.

    With a + or what is dialled to get abroad, `typed` begins with a country's code. Else it is a number of `country`;
    or of any, where the + may be missing because it has no 0 either.
    """
    digits = phonenumbers.normalize_digits_only(typed.replace("(0)", "", 1))
    known = phonenumbers.PhoneMetadata.metadata_for_region(country) if country else None
    abroad = known.international_prefix if known and (known.international_prefix or "").isdigit() else "00"
    if re.match(r"\D*[+＋]", typed):
        found = [digits, f"00{digits}"]
    elif gone := re.match(f"00|{abroad}", digits):
        found = [digits[gone.end() :], f"00{digits[gone.end() :]}", digits]
    elif known and known.national_prefix and digits.startswith(known.national_prefix):
        found = [f"{known.country_code}{digits.removeprefix(known.national_prefix)}", digits]
    else:
        found = [digits, *([f"{known.country_code}{digits}"] if known else [])]
    return list(dict.fromkeys(filter(None, found))) if digits else []


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
