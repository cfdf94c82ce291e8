"""The widgets of columns whose values files write in several ways. Which way it is, a column has as a whole: see
imports/formats.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lists import dates, numbers
from lists.cells_text import unescape
from lists.formats import Format, Told
from lists.widgets import TextWidget, shortened
from tenants.fields import tidy


class FormatWidget(TextWidget):
    """Reads a cell as `format` has it, which is one of `formats`, by key. `objection` says why a value that can be read
    can't be taken all the same."""

    kind = ""  # of values, in one word
    nouns = ""  # what they are called: "dates"
    asked = ""  # the label of the choice
    nothing = ""  # what a value is said to be that can't be read
    formats: Mapping[str, Format] = {}
    format = ""

    def __init__(self, objection: Callable[[Any], str] = lambda value: "") -> None:
        super().__init__()
        self.objection = objection

    @classmethod
    def told(cls, profile: Mapping[str, Any]) -> Told:
        """What the column's profile says of its format."""
        raise NotImplementedError

    @classmethod
    def usual(cls, language: str) -> str:
        """The format in which a company writes that has this language."""
        raise NotImplementedError

    @classmethod
    def meant(cls, text: str, written: str) -> str:
        """What the text would mean in that format, in words; '' for nothing."""
        raise NotImplementedError


class DateWidget(FormatWidget):
    """A day."""

    kind, nouns = "date", "dates"
    asked = "Dates are written as"
    nothing = "no date"
    formats = dates.FORMATS
    format = dates.YMD

    @classmethod
    def told(cls, profile: Mapping[str, Any]) -> dates.Dates:
        return dates.Dates.of(profile)

    @classmethod
    def usual(cls, language: str) -> str:
        return dates.usual_format(language)

    @classmethod
    def meant(cls, text: str, written: str) -> str:
        day = dates.readings(text).get(written)
        return dates.told_plainly(day) if day else ""

    def checked(self, text: str) -> date:
        day = dates.readings(text).get(self.format)
        if day is None:
            written = self.formats[self.format]
            raise ValueError(
                f"“{shortened(text)}” is no date as {written.label}. Write it like {written.example}, or choose "
                "another format for this column."
            )
        if objection := self.objection(day):
            raise ValueError(f"“{shortened(text)}” is {dates.told_plainly(day)}. {objection}")
        return day

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else value.isoformat()

    def is_same(self, cell: str, shown: str) -> bool:
        day = dates.readings(tidy(unescape(cell))).get(self.format)
        return day is not None and day.isoformat() == shown


class NumberWidget(FormatWidget):
    """A number."""

    kind, nouns = "number", "numbers"
    asked = "Numbers are written as"
    nothing = "no number"
    formats = numbers.FORMATS
    format = numbers.POINT
    whole = False

    @classmethod
    def told(cls, profile: Mapping[str, Any]) -> numbers.Numbers:
        return numbers.Numbers.of(profile, whole=cls.whole)

    @classmethod
    def usual(cls, language: str) -> str:
        return numbers.usual_format(language)

    @classmethod
    def meant(cls, text: str, written: str) -> str:
        number = numbers.readings(tidy(unescape(text))).get(written)
        return "" if number is None else numbers.told_plainly(number)

    def checked(self, text: str) -> Decimal:
        number = numbers.readings(text).get(self.format)
        if number is None:
            raise ValueError(f"“{shortened(text)}” {self._refused(text)}")
        if objection := self.objection(number):
            raise ValueError(f"“{shortened(text)}” is {shortened(numbers.told_plainly(number))}. {objection}")
        return number

    def _refused(self, text: str) -> str:
        if numbers.SEVERAL.search(text):
            return "is no single number. Write one, such as 250."
        example = self.formats[self.format].example
        return f"is no number like {example}. Write it so, or choose another format for this column."

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)

    def is_same(self, cell: str, shown: str) -> bool:
        number = numbers.readings(tidy(unescape(cell))).get(self.format)
        return number is not None and number == Decimal(shown or "NaN")


class WholeNumberWidget(NumberWidget):
    """A number without decimals, of a column that has no others."""

    whole = True

    @classmethod
    def meant(cls, text: str, written: str) -> str:
        number = numbers.readings(tidy(unescape(text))).get(written)
        if number is None:
            return ""
        return f"{number:.0f}" if numbers.is_whole(number) else f"{number:f}, no whole number"

    def checked(self, text: str) -> int:  # type: ignore[override]
        number = super().checked(text)
        if not numbers.is_whole(number):
            others = len({*numbers.readings(text).values()}) > 1
            instead = ", or another format for this column" if others else ""
            raise ValueError(f"“{shortened(text)}” is {number:f}. A whole number is needed{instead}.")
        return int(number)
