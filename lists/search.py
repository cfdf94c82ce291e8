"""Searchable text: how it is kept on a row, and how the words somebody types are found in it."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import QuerySet

from tenants.fields import fold

Rows = TypeVar("Rows", bound=QuerySet[Any])
MOST_WORDS = 8


def searchable(*texts: str, phone: str = "") -> str:
    """What people look for in a row, one line a value, as it is compared; of a phone number its digits."""
    values = [*(fold(text) for text in texts), re.sub(r"\D", "", phone)]
    return "\n".join(filter(None, values))


def every_word(rows: Rows, text: str, field: str = "search") -> Rows:
    """The rows in whose searchable text every word of `text` occurs. Words beyond the eighth are not looked for."""
    for word in fold(text).split()[:MOST_WORDS]:
        rows = rows.filter(**{f"{field}__contains": word})
    return rows
