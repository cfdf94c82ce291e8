"""Reading XLSX: values only, for macros and formulas are not run. A sheet passes by and is never held."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from lists.cells_text import Real
from lists.headings import BEGINNING, Beginning, Merged, beginning_of, chosen_beginning, from_row, merged_in
from lists.sheets import FAILED, MAX_CELL, MAX_COLUMNS, FileRefused, Row, is_blank
from lists.widgets import shortened
from lists.xlsx_parts import Book, damage_refused, open_package
from lists.xlsx_texts import SharedTexts, shared_texts
from lists.xml_pieces import DAMAGED, XmlReading, decoded
from tenants.numbers import grouped

MAX_ROW_NUMBER = 1_048_576  # the last row that Excel knows
NO_RESULT = (
    "The cell holds a formula without its result. Write the result there, or open the file in a spreadsheet program "
    "and save it again."
)
DIGITS = 15  # of a number, that Excel keeps
TOO_MANY_DIGITS = (
    f"The cell holds a number of more than {DIGITS} digits, of which Excel keeps no more than those. Format the column "
    "as text in the spreadsheet and enter it again."
)


class XlsxFile:
    """An XLSX file, found out about."""

    encoding = separator = ""

    def __init__(self, book: Book, texts: SharedTexts, wanted: str = "", heading: int = 0) -> None:
        """`wanted` is the title of the sheet to read; else it is the first one with rows below its heading. `heading`
        is the number of the row that is the heading, 0 where that is to be found out.

        Raises FileRefused.
        """
        self.book = book
        self.texts = texts
        self.heading = heading
        self.merged: dict[str, list[Merged]] = {}  # in the first rows of those sheets where that was asked
        filled = {title: self._filled(title) for title in book.sheets}
        self.sheets = [title for title in book.sheets if filled[title]]
        if not self.sheets:
            raise FileRefused("The file is empty.")
        if wanted and wanted not in self.sheets:
            raise FileRefused(
                f"The file has no sheet “{shortened(wanted)}” that holds anything. Choose {_listed(self.sheets)}."
            )
        self.sheet = wanted or next((title for title in self.sheets if filled[title] > 1), self.sheets[0])
        self.remarks: list[str] = []
        if not wanted and (others := [title for title in book.sheets if title != self.sheet]):
            self.remarks.append(f"The sheet “{self.sheet}” was read, {_listed(others)} not.")

    @classmethod
    @contextmanager
    def opened(cls, source: Path, *, scratch: Path, sheet: str = "", heading: int = 0) -> Iterator[Self]:
        """The texts that its cells share lie in the folder `scratch` for as long. Raises FileRefused."""
        with closing(open_package(source)) as package:
            book = Book(package)
            with shared_texts(book, scratch) as texts:
                yield cls(book, texts, sheet, heading)

    def rows(self) -> Iterator[Row]:
        with closing(self._filled_rows(self.sheet)) as filled:
            rows = from_row(filled, self.heading)
            first = list(islice(rows, BEGINNING))
            beginning = self._beginning(self.sheet, first, self.heading)
            self.remarks += beginning.remarks
            if beginning.heading:
                self.heading = beginning.heading.number
                yield beginning.heading
            yield from first[beginning.rows :]
            yield from rows

    def notices(self) -> list[str]:
        return self.remarks

    def _filled(self, title: str) -> int:
        """How many rows the sheet holds, its heading being one and a title none: 0, 1, or 2 for more."""
        with closing(self._filled_rows(title)) as rows:
            try:
                first = list(islice(rows, BEGINNING))
                below = len(first) - self._beginning(title, first).rows
            except FileRefused:
                return 2  # reading it will tell
        return min(2, below + 1) if first else 0

    def _beginning(self, title: str, first: list[Row], chosen: int = 0) -> Beginning:
        """Where the heading is among the first rows of a sheet."""
        if chosen:
            return chosen_beginning(first, chosen)
        return beginning_of(first, lambda: self._merged(title, first[-1].number))

    def _merged(self, title: str, last_row: int) -> list[Merged]:
        if title not in self.merged:
            with damage_refused(), self.book.package.open(self.book.sheets[title]) as part:
                self.merged[title] = merged_in(part, last_row)
        return self.merged[title]

    def _filled_rows(self, title: str) -> Generator[Row, None, None]:
        with damage_refused(), self.book.package.open(self.book.sheets[title]) as part:
            for row in _SheetReading(self.book, self.texts).rows(part):
                if not is_blank(row.cells):
                    yield row


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(f"“{title}”" for title in titles)


class _SheetReading(XmlReading):
    """Takes the rows of one sheet."""

    def __init__(self, book: Book, texts: SharedTexts) -> None:
        super().__init__()
        self.texts = texts
        self.dates, self.durations, self.padded = book.dates, book.durations, book.padded
        self.epoch = MAC_EPOCH if book.from_1904 else WINDOWS_EPOCH
        self.columns: dict[str, int] = {}  # position by letters
        self.found: list[Row] = []  # not handed over yet
        self.prefix: str | None = None  # of the elements' names
        self.row = self.cell = self.value_name = self.formula_name = self.run = self.spoken = ""
        self.number = 0
        self.cells: list[str] = []
        self.problems: dict[int | None, str] = {}
        self.position = -1
        self.kind = self.style = self.value = ""
        self.formula: str | None = None
        self.is_spoken = False

    def rows(self, part: IO[bytes]) -> Iterator[Row]:
        for _ in self.read(part):
            yield from self.found
            self.found.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.pieces.clear()
        self.depth += 1
        if name == self.cell:
            reference = attributes.get("r")
            self.position = self._column(reference) if reference else self.position + 1
            self.kind = attributes.get("t", "n")
            self.style = attributes.get("s", "0")
            self.value = ""
            self.formula = None
        elif name == self.value_name:
            return
        elif name == self.row:
            self._start_row(attributes.get("r"))
        elif name == self.spoken:
            self.is_spoken = True
        elif self.prefix is None:
            self._start_sheet(name)

    def _start_sheet(self, root: str) -> None:
        if not root.endswith("worksheet"):
            raise FileRefused(DAMAGED)
        self.prefix = root.removesuffix("worksheet")
        names = ("row", "c", "v", "f", "t", "rPh")
        self.row, self.cell, self.value_name, self.formula_name, self.run, self.spoken = (
            f"{self.prefix}{name}" for name in names
        )

    def _start_row(self, given: str | None) -> None:
        number = int(given) if given else self.number + 1
        if number > MAX_ROW_NUMBER:
            raise FileRefused(
                f"The sheet has more than {grouped(MAX_ROW_NUMBER)} rows. Excel makes none like it."
            )
        if number <= self.number:  # the rows are out of order: which of them are meant?
            raise FileRefused(DAMAGED)
        self.number = number
        self.position = -1
        self.cells = []
        self.problems = {}

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == self.value_name:
            self.value = "".join(self.pieces)
        elif name == self.cell:
            self._end_cell()
        elif name == self.row:
            if self.cells:
                self.found.append(Row(self.number, self.cells, self.problems))
        elif name == self.run:
            if not self.is_spoken and len(self.value) <= MAX_CELL:
                self.value += "".join(self.pieces)
        elif name == self.formula_name:
            self.formula = "".join(self.pieces)
        elif name == self.spoken:
            self.is_spoken = False

    def _end_cell(self) -> None:
        text = self._text()
        position, cells = self.position, self.cells
        if self.formula is not None and not self.value and self.kind != "str":
            text = f"={self.formula}"
            self.problems[position] = NO_RESULT
        if not text:
            return
        if len(text) > MAX_CELL:
            text = text[: MAX_CELL + 1]  # which tells that it is too long
        if position >= MAX_COLUMNS:
            raise FileRefused(f"The sheet has {position + 1} columns; {MAX_COLUMNS} can be read.")
        if position < len(cells):
            if cells[position]:
                raise FileRefused(DAMAGED)
            cells[position] = text
            return
        if missing := position - len(cells):
            cells.extend([""] * missing)
        cells.append(text)

    def _column(self, reference: str) -> int:
        """The position that a reference such as AB7 names."""
        letters = reference.rstrip("0123456789")
        position = self.columns.get(letters)
        if position is None:
            position = self.columns[letters] = column_index_from_string(letters) - 1
        return position

    def _text(self) -> str:
        """What the cell holds, as text; numbers with the zeros in front that their format shows."""
        value, kind = self.value, self.kind
        if not value:
            return ""
        if kind == "s":
            return self.texts[int(value)]
        if kind == "n":
            if self.style in self.dates:
                return _moment(value, self.epoch, self.style in self.durations)
            number = _number(value)
            if len(number) > DIGITS and len(number.lstrip("-").partition(".")[0]) > DIGITS:
                self.problems[self.position] = TOO_MANY_DIGITS
            return _padded(number, self.padded[self.style]) if self.style in self.padded else number
        if kind == "b":
            return "yes" if int(value) else "no"
        if kind == "d":
            return _iso(value)
        if kind == "e":
            self.problems[self.position] = FAILED.format(shortened(value))
        return decoded(value)


def _number(value: str) -> str:
    """The number in digits, all of them that the file has."""
    if value.isdigit() and value.isascii() and value[0] != "0":
        return value
    if value.strip("+-0123456789"):
        number = float(value)
        if number.is_integer():
            return str(int(Decimal(value)))
        text = repr(number)
        return Real(f"{Decimal(text):f}" if "e" in text else text)
    return str(int(value))


def _padded(number: str, places: Sequence[str]) -> str:
    """The digits at their places, from the last to the first; those that have none stand before them."""
    if not number.isdigit():
        return number
    digits, shown = list(number), []
    for place in reversed(places):
        shown.append((digits.pop() if digits else "0") if place == "0" else place)
    return "".join([*digits, *reversed(shown)])


@lru_cache(maxsize=10_000)
def _moment(value: str, epoch: datetime, is_duration: bool) -> str:
    """The date, time or duration that a number stands for; the number, if it is none that there is."""
    try:
        return _readable(from_excel(float(value), epoch, timedelta=is_duration))
    except (OverflowError, ValueError):
        return _number(value)


def _iso(value: str) -> str:
    """What a cell of Excel's strict format holds: a date with or without a time; a time alone is as it should be."""
    try:
        return _readable(datetime.fromisoformat(value.removesuffix("Z")))
    except ValueError:
        return value


def _readable(moment: Any) -> str:
    if isinstance(moment, datetime) and moment.time() == time():
        return moment.date().isoformat()
    if isinstance(moment, datetime | date | time):
        return moment.isoformat()
    return str(moment)
