"""What the columns of a file hold, told by their cells: it helps to say which column is which of ours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from lists.cells_text import NUL, unescape
from lists.dates import TIME, DateCounter, Dates
from lists.numbers import NumberCounter, Numbers
from lists.widgets import YesNoWidget, shortened
from tenants.countries import country_code
from tenants.fields import fold

SAMPLES = 5
SAMPLE_LENGTH = 100
LOOKED_AT = 10_000  # cells of a column
MOST_WORDS = 50  # different ones in a column
# Cells behind a NUL that are short and no number, date or the like: what a company may say counts as empty.
WORDS = re.compile(f"{NUL}([^1-9{NUL}]{{1,20}})(?={NUL})")
LONGEST = 200  # characters of what is looked at: longer texts are none of this

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")
WEBSITE = re.compile(r"https?://\S+|www\.\S+|(?:[\w-]+\.)+[a-z]{2,24}(?:/\S*)?", re.IGNORECASE)
DATE = re.compile(
    rf"(?:\d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([-/.])\d{{1,2}}\2(?:\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}\.?[ -]?[^\W\d_]{{3,10}}\.?[ -]\d{{2,4}}|[^\W\d_]{{3,10}}\.? \d{{1,2}}, \d{{4}}){TIME}",
    re.IGNORECASE,
)
NUMBER = re.compile(r"-?(?:[1-9]\d{0,2}(?:[.,'\u00a0\u202f]\d{3})+|0|[1-9]\d*)(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
# Digits and what groups them, but not a postal code such as 12345-6789.
PHONE = re.compile(r"(?!\d{5}-\d{3,4}\Z)(?=(?:\D*\d){7,15}\D*\Z)\+?[\d\s()./-]+")

# A column is the first of these that it may be.
KINDS: dict[str, Callable[[str], object]] = {
    "email": EMAIL.fullmatch,
    "website": WEBSITE.fullmatch,
    "yes_no": lambda text: fold(text) in YesNoWidget.WORDS,
    "country": country_code,
    "date": DATE.fullmatch,
    "number": NUMBER.fullmatch,
    "phone": PHONE.fullmatch,
}


@dataclass(frozen=True)
class Profile:
    """Of one column of a file."""

    filled: int  # cells that hold something
    samples: list[str]  # the first five different values, shortened to 100 characters
    looks_like: str  # one of KINDS if nine in ten of the filled cells (of the first 10,000) are, or ""
    dates: Dates = field(default_factory=Dates)  # of all cells
    numbers: Numbers = field(default_factory=Numbers)
    words: dict[str, int] = field(
        default_factory=dict
    )  # short cells without digits, where few differ, counted

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """What `dataclasses.asdict` was given."""
        return cls(**{**kept, "dates": Dates.of(kept), "numbers": Numbers.of(kept)})


class Profiler:
    """Looks at the cells of one column as they pass by."""

    def __init__(self) -> None:
        self.filled = 0
        self.samples: list[str] = []
        self.looked_at = 0
        self.misses = dict.fromkeys(KINDS, 0)  # of those that it may still be
        self.dates, self.numbers = DateCounter(), NumberCounter()
        self.words: Counter[str] | None = Counter()  # None where there are too many

    def add(self, cells: Iterable[str]) -> None:
        filled = list(filter(str.strip, cells))
        self.filled += len(filled)
        if len(self.samples) < SAMPLES:
            self._take_samples(filled)
        joined = NUL + NUL.join(filled) + NUL
        self.dates.add(filled, joined)
        self.numbers.add(filled, joined)
        if self.words is not None:
            self._count_words(filled, self.words)
        if self.misses and self.looked_at < LOOKED_AT:
            self._look_at(filled[: LOOKED_AT - self.looked_at])

    def profile(self) -> Profile:
        likely = (kind for kind, misses in self.misses.items() if misses * 10 <= self.looked_at)
        kind = next(likely, "") if self.looked_at else ""
        told = self.dates.dates(), self.numbers.numbers()
        return Profile(self.filled, self.samples, kind, *told, dict(self.words or {}))

    def _count_words(self, filled: Iterable[str], words: Counter[str]) -> None:
        counted = Counter(filled)
        for cell in WORDS.findall(NUL + NUL.join(counted) + NUL):
            words[cell.strip().casefold()] += counted[cell]
        if len(words) > MOST_WORDS:
            self.words = None

    def _take_samples(self, filled: Iterable[str]) -> None:
        for cell in dict.fromkeys(filled):
            sample = shortened(cell.strip(), SAMPLE_LENGTH)
            if sample not in self.samples:
                self.samples.append(sample)
            if len(self.samples) == SAMPLES:
                return

    def _look_at(self, filled: Sequence[str]) -> None:
        self.looked_at += len(filled)
        for cell, times in Counter(filled).items():
            text = unescape(cell.strip())
            for kind in self.misses:
                if len(text) > LONGEST or not KINDS[kind](text):
                    self.misses[kind] += times
        self.misses = {kind: misses for kind, misses in self.misses.items() if misses * 10 <= LOOKED_AT}
