"""Searchable text: how it is kept on a row, and how the words somebody types are found in it."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import F, Func, GeneratedField, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from tenants.fields import fold
from tenants.models import fold_email

Rows = TypeVar("Rows", bound=QuerySet[Any])
MOST_WORDS = 8
BETWEEN = r"[\s()./‐-―-]*"  # what stands between the digits of a number
NUMBER = re.compile(rf"(?<!\S)[+(]*\d(?:{BETWEEN}\d){{5,}}(?!\S)")
ABROAD = re.compile(
    rf"(?<!\S)\+{BETWEEN}\d(?:{BETWEEN}\d)*(?!\S)"
)  # with a + in front, also while it is short
# What a trigram index finds inside of a text: three letters in a row, or two with an end, or one with a beginning.
INDEXED = re.compile(r"[^\W_]{3}|[^\W_]{2}[\W_]|[\W_][^\W_]")
ANY_LETTER = re.compile(r"[^\W_]")
BEFORE = (" ", "\n", "-")  # what stands before a word
FEWEST_DIGITS = 6  # with fewer it may be any number
TELLING = 16  # letters of a line's beginning: with more, the index is slower and finds hardly fewer rows


def searchable(*texts: str, phone: str = "") -> str:
    """What people look for in a row, one line a value, as it is compared; of a phone number its digits."""
    values = [*(fold(text) for text in texts), re.sub(r"\D", "", phone)]
    return "\n".join(filter(None, values))


def phone_digits() -> GeneratedField:
    """The digits of a row's `phone`, in the order of which an index has what begins alike."""
    return GeneratedField(
        expression=Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace"),
        output_field=TextField(db_collation="C"),
        db_persist=True,
    )


def every_word(rows: Rows, text: str, field: str = "search") -> Rows:
    """The rows in whose searchable text every word of `text` occurs."""
    asked = Q()
    for words in readings(text):
        asked |= Q(*(_holds(word, field) for word in words))
    return rows.filter(asked)


def readings(text: str) -> list[list[str]]:
    """The words that are looked for: all of one list, or all of another. Words beyond the eighth are not, nor are
    those of marks alone ("&") beside others.

    A telephone number is one word as well, however it is written: as on a page, or as it is dialled at home.
    """
    typed = fold(text)
    found = [typed.split()]
    number = NUMBER.search(typed) or ABROAD.search(typed)
    if number and (digits := dialled(number[0]) if number.re is ABROAD else _phone(number)):
        found.append([digits, *f"{typed[: number.start()]} {typed[number.end() :]}".split()])
    said = [[word for word in words if ANY_LETTER.search(word)] or words[:1] for words in found]
    return [words[:MOST_WORDS] for words in said]


def only_begun(text: str) -> list[str]:
    """The words of `text` that are not looked for inside of others, but where one begins."""
    return [word for word in readings(text)[0] if ANY_LETTER.search(word) and not INDEXED.search(word)]


def _holds(word: str, field: str) -> Q:
    """What the index can't look for inside of words is looked for where one begins."""
    if INDEXED.search(word):
        return Q(**{f"{field}__contains": word})
    if not ANY_LETTER.search(word):
        return Q(GreaterThan(StrIndex(field, Value(word)), 0))
    begun = [Q(**{f"{field}__contains": f"{before}{word}"}) for before in BEFORE]
    return Q(*begun, Q(**{f"{field}__startswith": word}), _connector=Q.OR)


def exactly(text: str, *, behind: str = "") -> Q:
    """The rows of which one value that they are found by is `text`: a name, an address, a number as it is written
    anywhere or as it is dialled at home. `behind` names the field with the words of other rows, which have numbers
    too.

    Names and e-mail addresses have an index as they are compared, and marks alone are looked for nowhere else. The
    other values are lines of the searchable text: never its first, which is the name. Its trigram index is asked for
    how a line begins; for one or two letters it needs what parts the lines.
    """
    wanted = fold(text)
    found = Q(sort_name=wanted) | Q(email_key=fold_email(text))
    beginning = wanted[:TELLING]
    if INDEXED.search(beginning):
        lines = Concat("search", Value("\n"), output_field=TextField())
        is_line = GreaterThan(StrIndex(lines, Value(f"\n{wanted}\n")), 0)
        found |= Q(is_line, search__contains=f"\n{beginning}")
    elif ANY_LETTER.search(wanted):
        found |= Q(search__contains=f"\n{wanted}\n") | Q(search__endswith=f"\n{wanted}")
    number = NUMBER.fullmatch(wanted)
    if number and (digits := _phone(number)):
        before = r"\d*" if re.match(r"\W*0(?!0)", number[0]) else ""
        line = rf"(^|\n){before}{digits}(\n|$)"
        same = Q(phone_digits__regex=line)
        found |= Q(same | Q(**{f"{behind}__regex": line}) if behind else same, search__contains=digits)
    return found


def wanted_exactly(text: str) -> str | None:
    """What somebody who types "=" first looks for; None where it is not first."""
    return text[1:].strip() if text.startswith("=") else None


def _phone(number: re.Match[str]) -> str:
    """The digits of a telephone number as they are looked for; '' for fewer than it has."""
    digits = dialled(number[0])
    return digits if len(digits) >= FEWEST_DIGITS else ""


def dialled(number: str) -> str:
    """Its digits without what is dialled before them: 00, the 0 of a trunk, and the (0) in between."""
    digits = re.sub(r"\D", "", number.replace("(0)", "", 1))
    return re.sub("^00?", "", digits)
