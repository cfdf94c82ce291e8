"""Dates as files have them.

How day, month and year follow each other is one for a whole column and never told cell by cell: 03/04/2025 by itself
says nothing. What says it is the column: one 31/12/2024 in it, and all of it is day first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import get_format

from lists.cells_text import NUL
from lists.formats import Format
from tenants.numbers import grouped

EARLIEST = date(1900, 1, 1)
AHEAD = 19  # years: of two digits those up to then are meant, and else the past
YMD, DMY, MDY, COMPACT = "ymd", "dmy", "mdy", "compact"


FORMATS: Mapping[str, Format] = {
    YMD: Format("year-month-day", "2024-12-31"),
    DMY: Format("day/month/year", "31/12/2024"),
    MDY: Format("month/day/year", "12/31/2024"),
    COMPACT: Format("yearmonthday", "20241231"),
}

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NUMBERS = {word: number for number, name in enumerate(MONTHS, 1) for word in (name, name[:3])} | {"sept": 9}
BEGINNINGS = "|".join(name[:3] for name in MONTHS)

TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
PARTED = "( ?[-/.] ?| )"
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
MONTH = f"((?:{BEGINNINGS})[a-z]*)"
FLAGS = re.ASCII | re.IGNORECASE
YEAR_FIRST = re.compile(rf"(\d{{4}}){PARTED}(\d{{1,2}})\2(\d{{1,2}}){TIME}", FLAGS)
YEAR_LAST = re.compile(rf"(\d{{1,2}}){PARTED}(\d{{1,2}})\2(\d{{4}}|\d{{2}}){TIME}", FLAGS)
DAY_FIRST = re.compile(rf"{DAY}[-/. ]{{1,2}}{MONTH}\.?,?[-/ ](\d{{4}}|\d{{2}}){TIME}", FLAGS)
MONTH_FIRST = re.compile(rf"{MONTH}\.? {DAY},? (\d{{4}}){TIME}", FLAGS)
TOGETHER = re.compile(r"\s*((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\s*", FLAGS)
# Cells behind a NUL that begin as a date does and are as short. Every cell of a file is held against one of these, so
# that what most begin with is told at once; months are not spelled out, which takes longer than to look at the few that
# are none.
_NUMBERED = (
    r"[0-9]{1,4}+(?:[a-z]{2})?+[-/. ]{1,3}+(?:[0-9]{1,2}+(?: ?[-/.]| )|[a-zA-Z]{3,9}+[-/., ]{1,2}+[0-9]{2})"
)
_NAMED = r"[a-zA-Z]{3,9}+\.?+ [0-9]{1,2}+(?:[a-z]{2})?+,?+ [0-9]{4}"
_REST = f"[^{NUL}]{{0,40}}+)(?={NUL})"
LIKE_DATES = re.compile(f"{NUL}(?=[0-9\\sJFMASONDjfmasond])(\\s*+(?:{_NUMBERED}|{_NAMED}){_REST}")
LIKE_NUMBERED = re.compile(f"{NUL}(?=[0-9\\s])(\\s*+{_NUMBERED}{_REST}")


@lru_cache(maxsize=20_000)
def readings(text: str) -> dict[str, date]:
    """What the text means in each of the formats; those are left out in which it is no date.

    A year of four digits that stands first, and a month's name, are read in every format; digits without anything
    between them only in that of such.
    """
    text = " ".join(text.split())
    if found := TOGETHER.fullmatch(text):
        meant = _day(*found.groups())
        return {COMPACT: meant} if meant else {}
    if found := YEAR_FIRST.fullmatch(text):
        year, _, month, day = found.groups()
        return _in_all(_day(year, month, day))
    if found := YEAR_LAST.fullmatch(text):
        one, _, other, year = found.groups()
        both = {DMY: _day(year, other, one), MDY: _day(year, one, other)}
        return {name: day for name, day in both.items() if day}
    if found := DAY_FIRST.fullmatch(text):
        day, name, year = found.groups()
    elif found := MONTH_FIRST.fullmatch(text):
        name, day, year = found.groups()
    else:
        return {}
    number = NUMBERS.get(name.lower())
    return _in_all(_day(year, str(number), day)) if number else {}


def _in_all(day: date | None) -> dict[str, date]:
    return dict.fromkeys(FORMATS, day) if day else {}


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(_year(year), int(month), int(day))
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Of two digits, the one that is at most AHEAD years from now."""
    if len(digits) == 4:
        return int(digits)
    latest = date.today().year + AHEAD
    return latest - (latest - int(digits)) % 100


def told_plainly(day: date) -> str:
    """ "3 Apr 2025": whoever reads it takes it for nothing else."""
    return f"{day.day} {MONTHS[day.month - 1][:3].capitalize()} {day.year}"


def usual_format(language: str | None = None) -> str:
    """How somebody writes dates who reads them in that language, or else in the active one: day or month first."""
    shown = get_format("SHORT_DATE_FORMAT", lang=language).lower().replace("n", "m").replace("j", "d")
    month, day, year = (shown.find(letter) for letter in "mdy")
    return MDY if month < day < year else DMY


@dataclass(frozen=True)
class Dates:
    """What the cells of a column tell of how its dates are written.

    `fits` is how many are a date in each format; `either` how many are one day with the day first and another one with
    the month first, `dotted` how many of those have dots; `telling` the first that is a date in only one of these two
    ways.
    """

    fits: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(FORMATS, 0))
    either: int = 0
    telling: str = ""
    dotted: int = 0

    @classmethod
    def of(cls, profile: Mapping[str, Any]) -> Self:
        """What was kept of a column's profile, as `dataclasses.asdict` gives it, perhaps before there were all of these
        formats."""
        kept = profile.get("dates", {})
        return cls(**{**kept, "fits": {**dict.fromkeys(FORMATS, 0), **kept.get("fits", {})}})

    @property
    def number(self) -> int:
        """How many are a date in whichever format has most."""
        return max(self.fits.values())

    @property
    def is_asked(self) -> bool:
        return True

    @property
    def is_sure(self) -> bool:
        """Whether the values say which of day and month stands first, or it doesn't matter."""
        if not self.number:
            return False
        return self.fits[DMY] != self.fits[MDY] or not (self.either or self.telling)

    @property
    def doubt(self) -> str:
        """What the values leave open, '' for nothing."""
        if self.is_sure or not self.number:
            return ""
        if self.telling:
            return "As many dates have the day first as have the month first."
        if self.either < self.number:
            return f"{grouped(self.either)} of {grouped(self.number)} dates could be read either way."
        return "Every date could be read either way."

    def best(self, usual: str) -> str:
        """The format in which most are dates. Where the values don't say, dates with dots have the day first, as nearly
        everywhere; others are `usual`."""
        if self.is_sure:
            return max(FORMATS, key=self.fits.__getitem__)
        return DMY if self.dotted * 2 > self.either else usual

    def refutes(self, chosen: str) -> bool:
        """Whether none is written so, or they say that they are written otherwise."""
        fits = self.fits.get(chosen, 0)
        return self.number > 0 and (not fits or (self.is_sure and fits < self.number))


class DateCounter:
    """Looks for dates among the cells of a column as they pass by: at all of them.

    Different ones are looked at once, or, in a column of very many, once for every MOST of them. Eight digits are a
    date only where all cells are such: they may be any number.
    """

    MOST = 20_000
    NAMED = 10_000  # cells among which a month's name stands first, if it does so in any

    def __init__(self) -> None:
        self.fits = dict.fromkeys(FORMATS, 0)
        self.either = self.dotted = 0
        self.telling = ""
        self.seen = 0
        self.found: Counter[str] = Counter()
        self.are_together = True  # whether all cells are eight digits that may be a date

    def add(self, cells: Sequence[str], joined: str = "") -> None:
        """`joined` are the cells each between NULs, where somebody has that."""
        if self.are_together:
            if all(map(TOGETHER.fullmatch, cells)):
                self._add(cells)
                return
            self._look()
            self.are_together, self.fits[COMPACT] = False, 0
        is_one = bool(self.found) or any(self.fits.values())
        like = LIKE_DATES if is_one or self.seen < self.NAMED else LIKE_NUMBERED
        self.seen += len(cells)
        self._add(like.findall(joined or NUL + NUL.join(cells) + NUL))

    def _add(self, cells: Iterable[str]) -> None:
        self.found.update(cells)
        if len(self.found) > self.MOST:
            self._look()

    def dates(self) -> Dates:
        self._look()
        return Dates(self.fits, self.either, self.telling, self.dotted)

    def _look(self) -> None:
        for text, times in self.found.items():
            days = readings(text)
            for name in days:
                self.fits[name] += times
            if (DMY in days) != (MDY in days):
                self.telling = self.telling or text.strip()
            elif days.get(DMY) != days.get(MDY):
                self.either += times
                self.dotted += times * (
                    "." in text.partition(":")[0]
                )  # behind the colon are parts of a second
        self.found.clear()


def objection_to_past_day(day: date) -> str:
    """Why it can't be a day on which something has been so already, '' if it can."""
    if day > timezone.localdate():
        return "This day is still to come. Give today or an earlier one."
    if day < EARLIEST:
        return "This is before 1900. Give a later day."
    return ""


def refuse_no_past_day(day: date) -> None:
    """The same as a validator."""
    if objection := objection_to_past_day(day):
        raise ValidationError(objection, code="day")
