"""How the cells of a list are written: a page has hundreds of them, each a template otherwise.

A cell is HTML. What comes from the row goes through `escape`; a test gives every column what would break out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from django.utils import formats, timezone, translation

from tenants.numbers import grouped
from tenants.phones import display
from tenants.templatetags.ui import hue, initials

read_phone = lru_cache(maxsize=10_000)(display)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one is written of: the column's value, what stands beside it, the row's id and its page's address."""

    value: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
    pk: int = 0
    address: str = ""


Writer = Callable[[Cell], str]


def text(cell: Cell) -> str:
    return "" if cell.value is None else escape(str(cell.value))


def number(cell: Cell) -> str:
    return "" if cell.value is None else escape(grouped(cell.value))


def yes_no(cell: Cell) -> str:
    return "Yes" if cell.value else "No"


def choice(cell: Cell) -> str:
    """As it is kept ("letting_agent"), as it is read."""
    return escape((cell.value or "").replace("_", " ").capitalize())


def email(cell: Cell) -> str:
    if not cell.value:
        return ""
    shown = escape(cell.value)
    return f'<a class="clip" href="mailto:{quote(cell.value, "@")}" title="{shown}">{shown}</a>'


def phone(cell: Cell) -> str:
    number: str = cell.value or ""
    if not number.startswith("+"):
        return escape(number)
    return f'<a href="tel:{escape(number)}">{escape(read_phone(number))}</a>'


def day(cell: Cell) -> str:
    """The day as the tenant writes it; of a moment, in its time zone."""
    value: date | None = cell.value
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _day(value, translation.get_language() or "") if value else ""


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> str:
    return f'<time datetime="{value.isoformat()}">{escape(formats.date_format(value))}</time>'


def who(cell: Cell, *, rounded: bool, more: str = "") -> str:
    """The name that leads to the row's page, behind its tile; `more` is HTML that follows it."""
    avatar = "avatar avatar-round" if rounded else "avatar"
    tile = f'<span class="{avatar}" data-hue="{hue(cell.pk)}" aria-hidden="true">{escape(initials(cell.value))}</span>'
    link = f'<a class="row-link" href="{escape(cell.address)}">{escape(cell.value)}</a>'
    return f'<span class="who">{tile}{link}{more}</span>'


def badge(label: str) -> str:
    return f'<span class="badge">{escape(label)}</span>'
