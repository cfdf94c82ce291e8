"""Searchable text: how it is kept on a row, and how the words somebody types are found in it."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from tenants.fields import fold

Rows = TypeVar("Rows", bound=QuerySet[Any])
MOST_WORDS = 8
NUMBER = re.compile(r"(?<!\S)[+(]*\d(?:[\s()./‐-―-]*\d){5,}(?!\S)")  # digits, and what stands between them
FEWEST_DIGITS = 6  # with fewer it may be any number


def searchable(*texts: str, phone: str = "") -> str:
    """What people look for in a row, one line a value, as it is compared; of a phone number its digits."""
    values = [*(fold(text) for text in texts), re.sub(r"\D", "", phone)]
    return "\n".join(filter(None, values))


def every_word(rows: Rows, text: str, field: str = "search") -> Rows:
    """The rows in whose searchable text every word of `text` occurs. Words beyond the eighth are not looked for.

    A telephone number is one word as well, however it is written: as on a page, or as it is dialled at home.
    """
    typed = fold(text)
    asked = _all_of(typed.split(), field)
    number = NUMBER.search(typed)
    digits = _dialled(number[0]) if number else ""
    if number and len(digits) >= FEWEST_DIGITS:
        others = f"{typed[: number.start()]} {typed[number.end() :]}".split()
        asked |= _all_of([digits, *others], field)
    return rows.filter(asked)


def _all_of(words: list[str], field: str) -> Q:
    return Q(*(Q(**{f"{field}__contains": word}) for word in words[:MOST_WORDS]))


def _dialled(number: str) -> str:
    """Its digits without what is dialled before them: 00, the 0 of a trunk, and the (0) in between."""
    digits = re.sub(r"\D", "", number.replace("(0)", "", 1))
    return re.sub("^00?", "", digits)
