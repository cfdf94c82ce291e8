"""Filters from one value to another: periods of days, ranges of numbers.

In an address a range is one value, which either end may be missing from: "2026-01-01..2026-03-31", "2..", "..5".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from lists.composed_filters import CUSTOM, ComposedFilter
from lists.dates import EARLIEST
from lists.filters import Option
from tenants.numbers import grouped

LATEST = date(9999, 12, 30)
DIGITS = re.compile("[0-9]{1,9}")  # of what every column of whole numbers can hold

Kind = TypeVar("Kind", date, int)


@dataclass(frozen=True)
class Range(Generic[Kind]):
    """From `first` to `last`, both included; None is open."""

    first: Kind | None
    last: Kind | None


def read_range(text: str, read: Callable[[str], Kind]) -> Range[Kind]:
    """What "first..last" means, whichever stands first. Raises ValueError."""
    one, dots, other = text.partition("..")
    if not dots or text == "..":
        raise ValueError(text)
    first, last = (read(end.strip()) if end else None for end in (one, other))
    if first is not None and last is not None and first > last:
        return Range(last, first)
    return Range(first, last)


class RangeFilter(ComposedFilter):
    """With an input for either end."""

    parts = ("from", "to")

    def joined(self, parts: dict[str, str]) -> str:
        return f"{parts['from']}..{parts['to']}" if any(parts.values()) else ""

    def sorts(self, values: list[str], field: str) -> bool:
        return bool(self.field_name == field)

    def counts(self, values: list[str]) -> bool:
        return True


Period = Range[date]


def _days(number: int) -> Callable[[date], Period]:
    """That many up to today, which is one of them."""
    return lambda day: Period(day - timedelta(days=number - 1), day)


def _month(day: date) -> date:
    return day.replace(day=1)


def _quarter(day: date) -> date:
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


def _since(start: Callable[[date], date]) -> Callable[[date], Period]:
    return lambda day: Period(start(day), day)


def _before(start: Callable[[date], date]) -> Callable[[date], Period]:
    """The whole one that ended with the last day before `start`."""

    def period(day: date) -> Period:
        last = start(day) - timedelta(days=1)
        return Period(start(last), last)

    return period


PRESETS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "today": ("Today", _days(1)),
    "yesterday": ("Yesterday", _before(lambda day: day)),
    "last7": ("Last 7 days", _days(7)),
    "last30": ("Last 30 days", _days(30)),
    "last90": ("Last 90 days", _days(90)),
    "month": ("This month", _since(_month)),
    "lastmonth": ("Last month", _before(_month)),
    "quarter": ("This quarter", _since(_quarter)),
    "lastquarter": ("Last quarter", _before(_quarter)),
    "year": ("This year", _since(_year)),
    "lastyear": ("Last year", _before(_year)),
}


class PeriodFilter(RangeFilter):
    """Rows whose moment lies in a period of days, in the company's time zone. `said` is the label in the midst of a
    sentence, where it is another one there."""

    facet = "lists/facet_period.html"

    def __init__(
        self, field_name: str, label: str, *, said: str = "", lifts: str = "", **kwargs: Any
    ) -> None:
        super().__init__(field_name, label, **kwargs)
        self.verb = said or label.lower()
        self.lifts = lifts

    @property
    def presets(self) -> list[Option]:
        return [*(Option(value, label) for value, (label, _) in PRESETS.items()), Option(CUSTOM, "Between")]

    def preset_of(self, value: str) -> str:
        return CUSTOM if ".." in value else value

    def canonical(self, text: str) -> str:
        if text in PRESETS:
            return text
        try:
            period = read_range(text, _day)
        except ValueError:
            return ""
        return f"{period.first or ''}..{period.last or ''}"

    def period(self, value: str) -> Period:
        """What `value`, which is canonical, means today."""
        return PRESETS[value][1](timezone.localdate()) if value in PRESETS else read_range(value, _day)

    def split(self, value: str) -> dict[str, str]:
        first, _, last = value.partition("..") if ".." in value else ("", "", "")
        return {"from": first, "to": last}

    def words(self, value: Any) -> str:
        """ "added yesterday", "added in the last 7 days" """
        said = self.said(value)
        return f"{self.verb} {'in the ' if said.endswith(' days') else ''}{said}"

    def said(self, value: str) -> str:
        if value in PRESETS:
            return PRESETS[value][0].lower()
        period = self.period(value)
        if period.first and period.first == period.last:
            return f"on {date_format(period.first, 'SHORT_DATE_FORMAT')}"
        ends = [("from", period.first), ("until", period.last)]
        return " ".join(f"{word} {date_format(day, 'SHORT_DATE_FORMAT')}" for word, day in ends if day)

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        period = self.period(value)
        if period.first:
            queryset = queryset.filter(**{f"{self.field_name}__gte": _midnight(period.first)})
        if period.last:
            queryset = queryset.filter(
                **{f"{self.field_name}__lt": _midnight(period.last + timedelta(days=1))}
            )
        return queryset


class DayFilter(PeriodFilter):
    """Rows whose day, which is no moment and has no time zone, lies in a period."""

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        period = self.period(value)
        if period.first:
            queryset = queryset.filter(**{f"{self.field_name}__gte": period.first})
        if period.last:
            queryset = queryset.filter(**{f"{self.field_name}__lte": period.last})
        return queryset


def _day(text: str) -> date:
    """Raises ValueError."""
    day = date.fromisoformat(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError(text)
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class NumberFilter(RangeFilter):
    """Rows with a whole number, never below 0, in a range ("2..5"), or with just this one ("3"). `offered` are the
    usual ranges, with what they are called."""

    facet = "lists/facet_number.html"
    none = "0"
    ANY = {none: "None", "1..": "1 or more"}

    def __init__(
        self, field_name: str, label: str, *, offered: Mapping[str, str] = ANY, **kwargs: Any
    ) -> None:
        super().__init__(field_name, label, **kwargs)
        self.offered = offered

    @property
    def presets(self) -> list[Option]:
        return [*(Option(value, label) for value, label in self.offered.items()), Option(CUSTOM, "Between")]

    def preset_of(self, value: str) -> str:
        named = any(option.value == value for option in self.presets)
        return value if named else CUSTOM if value else ""

    def canonical(self, text: str) -> str:
        try:
            found = self.range(text)
        except ValueError:
            return ""
        first, last = ("" if end is None else str(end) for end in (found.first, found.last))
        return first if first == last else f"{first}..{last}"

    def range(self, value: str) -> Range[int]:
        """Raises ValueError."""
        return read_range(value if ".." in value else f"{value}..{value}", _number)

    def split(self, value: str) -> dict[str, str]:
        if self.preset_of(value) != CUSTOM:
            return {"from": "", "to": ""}
        first, dots, last = value.partition("..")
        return {"from": first, "to": last if dots else first}

    def words(self, value: Any) -> str:
        return f"no {self.label[0].lower()}{self.label[1:]}" if value == self.none else super().words(value)

    def said(self, value: str) -> str:
        if value == self.none:
            return "none"
        found = self.range(value)
        first, last = ("" if end is None else grouped(end) for end in (found.first, found.last))
        if first == last:
            return f"exactly {first}"
        if first and last:
            return f"{first} to {last}"
        return f"at least {first}" if first else f"at most {last}"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        found = self.range(value)
        if found.first is not None:
            queryset = queryset.filter(**{f"{self.field_name}__gte": found.first})
        if found.last is not None:
            queryset = queryset.filter(**{f"{self.field_name}__lte": found.last})
        return queryset


def _number(text: str) -> int:
    """Raises ValueError."""
    if not DIGITS.fullmatch(text):
        raise ValueError(text)
    return int(text)
