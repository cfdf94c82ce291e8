"""Numbers as files have them.

What comma and point mean is one for a whole column and never told cell by cell: 1,234 and 1.234 by themselves may be
a good thousand or a little more than one. What says it is the column: one 12.345,6 in it, and all its points part
thousands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.formats import get_format

from lists.cells_text import NUL, Real, unescape
from lists.formats import Format
from tenants.numbers import grouped

LONGEST = 40  # characters: more has no number that is meant
MOST_COUNTED = 100_000_000  # of people, say
POINT, COMMA, SPACE, APOSTROPHE = "point", "comma", "space", "apostrophe"

FORMATS: Mapping[str, Format] = {
    POINT: Format("comma-grouped", "1,234.56"),
    COMMA: Format("point-grouped", "1.234,56"),
    SPACE: Format("space-grouped", "1 234,56"),
    APOSTROPHE: Format("apostrophe-grouped", "1'234.56"),
}

# As programs write them, a workbook's large ones as a power of ten.
PLAIN = re.compile(r"[-+]?(?:\d+|\d*\.\d+|\d+(?:\.\d+)?[eE][-+]?\d{1,2})", re.ASCII)
A_POINT = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}", re.ASCII)  # "1.234", which a company may write for 1234
A_COMMA = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}", re.ASCII)
# With thousands parted (in India lakhs too), or a comma before decimals; and what makes a plain number of each. Where
# neither point nor comma parts thousands, either may stand before decimals.
WRITTEN: Mapping[str, tuple[re.Pattern[str], dict[int, str | None]]] = {
    name: (re.compile(f"[-+]?(?:{pattern})", re.ASCII), str.maketrans(plain))  # type: ignore[arg-type]
    for name, pattern, plain in (
        (POINT, r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d+)?", {",": None}),
        (COMMA, r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|\d*,\d+", {".": None, ",": "."}),
        (SPACE, r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?|\d*,\d+", {" ": None, ",": "."}),
        (APOSTROPHE, r"[1-9]\d{0,2}(?:'\d{3})+(?:[.,]\d+)?|\d*,\d+", {"'": None, ",": "."}),
    )
}
TYPESET = str.maketrans({"’": "'", "−": "-"})
SHAPED = str.maketrans("12345678", "99999999")
# Cells behind a NUL that look like a number; of digits alone, of which there may be millions, the group is empty.
LIKE_NUMBERS = re.compile(
    rf"{NUL}(?=[-+−'0-9.,\s])(?:[-+]?+[0-9]{{1,{LONGEST - 1}}}+(?={NUL})"
    r"|(\s*+'?+[-+−]?+(?:[0-9]++(?:(?:[.,'’]|\s++)[0-9]{2,3}+(?![0-9]))*+)?+(?:[.,][0-9]++)?+(?:[eE][-+]?+[0-9]{1,2}+)?+\s*+)"
    rf"(?={NUL}))"
)
SEVERAL = re.compile(
    r"\d\s*(?:[-–—]|to|bis|\.{2,3}|…)\s*\d|\d\s*(?:\+|or more|and more)$|^(?:[<>≤≥~]|over|under|up to)=?\s*\d",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def readings(text: str) -> dict[str, Decimal]:
    """What the text means in each of the formats; those are left out in which it is no number.

    Digits alone, and a point that can't part thousands, are read in every format.
    """
    text = " ".join(text.translate(TYPESET).split())
    if len(text) > LONGEST:
        return {}
    if PLAIN.fullmatch(text):
        found = dict.fromkeys(FORMATS, Decimal(text))
        return {**found, COMMA: Decimal(text.replace(".", ""))} if A_POINT.fullmatch(text) else found
    return {
        name: Decimal(text.translate(plain))
        for name, (pattern, plain) in WRITTEN.items()
        if pattern.fullmatch(text)
    }


def told_plainly(number: Decimal) -> str:
    """ "1234", "12.5", "1.234 (about 1)": whoever reads it takes it for nothing else."""
    text = f"{number:f}"
    return f"{text} (about {number:.0f})" if A_POINT.fullmatch(text) else text


def usual_format(language: str | None = None) -> str:
    """How somebody writes numbers who reads them in that language, or else in the active one."""
    if get_format("DECIMAL_SEPARATOR", lang=language) == ".":
        return POINT
    return COMMA if get_format("THOUSAND_SEPARATOR", lang=language) == "." else SPACE


def whole_number(typed: str) -> int | None:
    """What somebody typed, as the company writes numbers, or as nobody takes it for another one; None for none."""
    found = readings(typed)
    meant = set(found.values())
    number = found.get(usual_format()) if len(meant) > 1 else next(iter(meant), None)
    return int(number) if number is not None and is_whole(number) else None


def is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


@dataclass(frozen=True)
class Numbers:
    """What the cells of a column tell of how its numbers are written.

    `fits` is how many are a number in each format, `only` how many in no other, and `read` how many in any. `points`
    are like 1.234, which with points for thousands is 1234, and `commas` like 1,234. `pointed` have a point that can
    only be one of decimals, in a text or as a workbook has it. `whole` says that there are whole numbers only.
    """

    fits: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(FORMATS, 0))
    only: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(FORMATS, 0))
    read: int = 0
    points: int = 0
    commas: int = 0
    pointed: int = 0
    whole: bool = False

    @classmethod
    def of(cls, profile: Mapping[str, Any], *, whole: bool = False) -> Self:
        """What was kept of a column's profile, as `dataclasses.asdict` gives it, perhaps before it told of numbers."""
        return cls(**{**profile.get("numbers", {}), "whole": whole})

    @property
    def number(self) -> int:
        return max(self.fits.values())

    @property
    def is_asked(self) -> bool:
        """Whether it makes a difference how they are read: of plain numbers nobody is asked."""
        return bool(self.points or self.commas or min(self.fits.values()) < self.read)

    @property
    def likely(self) -> list[str]:
        """The formats in which most are numbers. Thousands with points are none where points stand before decimals,
        and spaces or apostrophes only where there are some."""
        most = [
            name
            for name in FORMATS
            if self.fits[name] == self.number and (name in (POINT, COMMA) or self.only[name])
        ]
        return [POINT] if self.pointed and POINT in most else most

    @property
    def is_sure(self) -> bool:
        """Whether the values say which format it is, or all that it may be read them alike."""
        if not self.number or self.is_mixed:
            return False
        return len(self.likely) == 1 or not (self.either or self.number < self.read)

    @property
    def is_mixed(self) -> bool:
        """Whether points part thousands in most, and beside them stand both 1.234 and points of decimals: as in a
        workbook of which some numbers are texts."""
        return COMMA in self.likely and self.pointed > 0 and self.points > 0

    @property
    def either(self) -> int:
        """How many are one number in one of the likely formats, and another in another."""
        first, *others = self.likely
        return max((self._apart(first, other) for other in others), default=0)

    def _apart(self, one: str, other: str) -> int:
        """How many are another number in the other format."""
        return self.points * ((one == COMMA) != (other == COMMA)) + self.commas * (
            (one == POINT) != (other == POINT)
        )

    @property
    def doubt(self) -> str:
        if self.is_sure or not self.number:
            return ""
        if self.is_mixed:
            return f"In {grouped(self.points)} of {grouped(self.read)} numbers the point may stand before decimals."
        if self.number < self.read:
            return "As many numbers are written in one way as in another."
        if self.either < self.read:
            return f"{grouped(self.either)} of {grouped(self.read)} numbers could be read either way."
        return "Every number could be read either way."

    def best(self, usual: str) -> str:
        """Where the values don't say, `usual`, but where only whole numbers are wanted, one in which most are such."""
        if self.is_sure:
            return self.likely[0]
        whole = {POINT: self.commas, COMMA: self.points} if self.whole else {}
        may_be = {
            *self.likely,
            *(name for name in FORMATS if name == usual and self.fits[name] == self.number),
        }
        return max(
            (name for name in FORMATS if name in may_be),
            key=lambda name: (whole.get(name, 0), name == usual),
        )

    def refutes(self, chosen: str) -> bool:
        fits = self.fits.get(chosen, 0)
        if not fits or not self.is_sure:
            return self.number > 0 and not fits
        return fits < self.number or self._apart(chosen, self.likely[0]) > 0


def shapes(texts: Iterable[str]) -> list[str]:
    """The texts with one digit in place of all but 0: what formats read them, and whether alike, is the same."""
    return NUL.join(texts).translate(SHAPED).split(NUL)


class NumberCounter:
    """Looks for numbers among the cells of a column as they pass by: at all of them.

    Those of digits alone are only counted. Of the others each shape is looked at once, or, in a column of very many,
    once for every MOST of them.
    """

    MOST = 20_000

    def __init__(self) -> None:
        self.fits, self.only = Counter[str](), Counter[str]()
        self.read = self.plain = self.points = self.commas = self.pointed = 0
        self.found: Counter[str] = Counter()

    def add(self, cells: Sequence[str], joined: str = "") -> None:
        """`joined` are the cells each between NULs, where somebody has that."""
        found = LIKE_NUMBERS.findall(joined or NUL + NUL.join(cells) + NUL)
        plain = found.count("")
        self.plain += plain
        if plain == len(found):
            return
        self.found.update(shapes(filter(None, found)))
        if reals := [cell for cell in cells if type(cell) is Real and PLAIN.fullmatch(cell)]:
            self._add_reals(reals)
        if len(self.found) > self.MOST:
            self._look()

    def _add_reals(self, reals: Sequence[Real]) -> None:
        """Of a workbook's own numbers one with three digits behind its point tells that it is one of decimals; the
        others nothing, for any format may be that of texts beside them."""
        like = sum(map(bool, map(A_POINT.fullmatch, reals)))
        self.plain += len(reals)
        self.points += like
        self.pointed += like
        self.found.subtract(shapes(reals))

    def numbers(self) -> Numbers:
        self._look()
        fits = {name: self.fits[name] + self.plain for name in FORMATS}
        only = {name: self.only[name] for name in FORMATS}
        read = self.read + self.plain
        return Numbers(fits, only, read, self.points, self.commas, self.pointed)

    def _look(self) -> None:
        for shape, times in self.found.items():
            text = unescape(shape.strip())
            values = readings(text)
            for name in values:
                self.fits[name] += times
            self.read += times * bool(values)
            if len(values) == 1:
                self.only[next(iter(values))] += times
            elif A_POINT.fullmatch(text):
                self.points += times
            elif A_COMMA.fullmatch(text):
                self.commas += times
            elif values and "." in text:
                self.pointed += times
        self.found.clear()


def objection_to_count(number: Decimal | int) -> str:
    """Why so many can't be counted, '' if they can."""
    if number < 0:
        return "Give 0 or more."
    if number > MOST_COUNTED:
        return f"Give {grouped(MOST_COUNTED)} or less."
    return ""


def refuse_no_count(number: int) -> None:
    """The same as a validator."""
    if objection := objection_to_count(number):
        raise ValidationError(objection, code="count")
