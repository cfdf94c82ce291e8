"""Filters that are put together of several inputs: text with what to do with it, a period of days.

In an address each is one value ("starts:alder", "last7", "2026-01-01..2026-03-31"); the inputs of the page
("email.is", "email.text") are read as well, so that the page works without scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from lists.filters import LONGEST_SEARCH, Facet, ListFilter, Option
from tenants.fields import ANY_CONTROL, fold

CUSTOM = "custom"  # the value of a filter whose inputs say more
EARLIEST, LATEST = date(1900, 1, 1), date(9999, 12, 30)


class ComposedWidget(forms.Widget):
    """Reads the filter's own value, or else its inputs, as one text."""

    parts: tuple[str, ...] = ()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, dict[str, str]]:
        return data.get(name) or "", {part: data.get(f"{name}.{part}") or "" for part in self.parts}


class ComposedField(forms.Field):
    """What the filter makes of the inputs; what it can't read is kept in `refused` and otherwise ignored."""

    widget = ComposedWidget
    made_by: ComposedFilter

    def clean(self, value: tuple[str, dict[str, str]]) -> str:
        whole, parts = value
        composed = whole in ("", CUSTOM)
        given = self.made_by.joined(parts) if composed else ANY_CONTROL.sub(" ", whole).strip()
        given = given[: LONGEST_SEARCH + 20]
        if not given:
            self.refused: list[str] = []
            return ""
        kept = self.made_by.canonical(given)
        self.refused = [] if kept else [given]
        return kept


class ComposedFilter(ListFilter):
    """A filter with a value that is one text in an address, made of `parts` on the page."""

    field_class = ComposedField

    def __init__(self, field_name: str, label: str, *, shown: bool = False, **kwargs: Any) -> None:
        super().__init__(field_name, label=label, required=False, **kwargs)
        self.shown = shown

    @property
    def field(self) -> Any:
        made = super().field
        made.made_by, made.widget.parts = self, self.parts
        return made

    def joined(self, parts: dict[str, str]) -> str:
        """The inputs as one text; '' for nothing."""
        raise NotImplementedError

    def canonical(self, text: str) -> str:
        """`text` as it stands in an address; '' when it makes no sense."""
        raise NotImplementedError

    def said(self, value: str) -> str:
        """What the pill shows."""
        raise NotImplementedError

    def split(self, value: str) -> dict[str, str]:
        """What the inputs hold."""
        raise NotImplementedError

    def words(self, value: Any) -> str:
        return f"{self.label[0].lower()}{self.label[1:]} {self.said(value)}"

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        return Facet(
            name=name,
            label=self.label,
            options=[(option, option.value == self.preset_of(value or "")) for option in self.presets],
            chosen=[self.said(value)] if is_set else [],
            single=True,
            template=self.facet,
            hidden=hidden,
            parts=self.split(value or ""),
        )

    @property
    def presets(self) -> list[Option]:
        raise NotImplementedError

    def preset_of(self, value: str) -> str:
        """Which of the presets is chosen."""
        raise NotImplementedError


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included; None is open."""

    first: date | None
    last: date | None


def _quarter(day: date) -> date:
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


PRESETS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "today": ("Today", lambda day: Period(day, day)),
    "last7": ("Last 7 days", lambda day: Period(day - timedelta(days=6), day)),
    "last30": ("Last 30 days", lambda day: Period(day - timedelta(days=29), day)),
    "month": ("This month", lambda day: Period(day.replace(day=1), day)),
    "quarter": ("This quarter", lambda day: Period(_quarter(day), day)),
    "year": ("This year", lambda day: Period(day.replace(month=1, day=1), day)),
}


class PeriodFilter(ComposedFilter):
    """Rows whose moment lies in a period of days, in the company's time zone."""

    facet = "lists/facet_period.html"
    parts = ("from", "to")

    @property
    def presets(self) -> list[Option]:
        return [*(Option(value, label) for value, (label, _) in PRESETS.items()), Option(CUSTOM, "Between")]

    def preset_of(self, value: str) -> str:
        return CUSTOM if ".." in value else value

    def joined(self, parts: dict[str, str]) -> str:
        return f"{parts['from']}..{parts['to']}" if any(parts.values()) else ""

    def canonical(self, text: str) -> str:
        if text in PRESETS:
            return text
        period = self.period(text)
        if period is None or (period.first, period.last) == (None, None):
            return ""
        return f"{period.first or ''}..{period.last or ''}"

    def period(self, value: str) -> Period | None:
        """What `value` means today; None for no period."""
        if value in PRESETS:
            return PRESETS[value][1](timezone.localdate())
        first, dots, last = value.partition("..")
        try:
            period = Period(_day(first), _day(last))
        except ValueError:
            return None
        backwards = period.first and period.last and period.first > period.last
        return None if not dots or backwards else period

    def split(self, value: str) -> dict[str, str]:
        first, _, last = value.partition("..") if ".." in value else ("", "", "")
        return {"from": first, "to": last}

    def said(self, value: str) -> str:
        if value in PRESETS:
            return PRESETS[value][0].lower()
        period = self.period(value)
        assert period is not None
        ends = [("from", period.first), ("to", period.last)]
        return " ".join(f"{word} {date_format(day, 'SHORT_DATE_FORMAT')}" for word, day in ends if day)

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        period = self.period(value)
        assert period is not None
        if period.first:
            queryset = queryset.filter(**{f"{self.field_name}__gte": _midnight(period.first)})
        if period.last:
            queryset = queryset.filter(
                **{f"{self.field_name}__lt": _midnight(period.last + timedelta(days=1))}
            )
        return queryset


def _day(text: str) -> date | None:
    """Raises ValueError."""
    if not text:
        return None
    day = date.fromisoformat(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError(text)
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


HOW = {
    "contains": ("contains", True),
    "starts": ("starts with", True),
    "empty": ("is empty", False),
    "filled": ("is not empty", False),
}


class TextFilter(ComposedFilter):
    """Rows whose text contains or starts with something, or is empty.

    `folded` names the field that holds the text as compared (see tenants.fields.fold), if there is one. What the
    rows are found by, `search`, holds it too and has the index that a text inside another needs.
    """

    facet = "lists/facet_text.html"
    parts = ("is", "text")

    def __init__(self, field_name: str, label: str, *, folded: str = "", **kwargs: Any) -> None:
        super().__init__(field_name, label, **kwargs)
        self.folded = folded

    @property
    def presets(self) -> list[Option]:
        return [Option(value, words) for value, (words, _) in HOW.items()]

    def preset_of(self, value: str) -> str:
        return value.partition(":")[0]

    def joined(self, parts: dict[str, str]) -> str:
        how = parts["is"] or "contains"
        takes_text = HOW.get(how, ("", True))[1]
        return f"{how}:{parts['text']}" if takes_text and parts["text"] else "" if takes_text else how

    def canonical(self, text: str) -> str:
        how, _, wanted = text.partition(":")
        if how not in HOW:
            return ""
        if not HOW[how][1]:
            return how
        wanted = ANY_CONTROL.sub(" ", wanted).strip()[:LONGEST_SEARCH]
        return f"{how}:{wanted}" if fold(wanted) else ""

    def split(self, value: str) -> dict[str, str]:
        how, _, wanted = value.partition(":")
        return {"is": how, "text": wanted}

    def said(self, value: str) -> str:
        parts = self.split(value)
        words = HOW[parts["is"]][0]
        return f"{words} “{parts['text']}”" if parts["text"] else words

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        parts = self.split(value)
        if parts["is"] in ("empty", "filled"):
            empty = Q(**{self.field_name: ""})
            return queryset.filter(empty if parts["is"] == "empty" else ~empty)
        wanted = fold(parts["text"])
        lookup = "startswith" if parts["is"] == "starts" else "contains"
        held = f"{self.folded}__{lookup}" if self.folded else f"{self.field_name}__i{lookup}"
        return queryset.filter(**{"search__contains": wanted, held: wanted})
