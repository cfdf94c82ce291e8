"""Reading CSV as people's programs write it: encoding, separator and line ends are found out."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from lists.encodings import find_encoding, opened
from lists.headings import (
    BEGINNING,
    TITLED,
    below_titles,
    chosen_beginning,
    from_row,
    single_texts,
    texts_of,
)
from lists.sheets import FAILED, FAILURES, FileRefused, Row, is_blank
from lists.short_rows import Named, told_apart
from tenants.numbers import grouped

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE_ROWS = 50
WIDTH_ROWS = 10_000  # so many rows tell how wide they usually are
MAX_LINE = 1_000_000  # characters; a longer line is no row of a sheet, and would fill the memory with cells
DECLARED = re.compile(
    r"sep=([^\r\n\"])[\r\n]*\Z", re.IGNORECASE
)  # a first line that tells Excel the separator


class CsvFile:
    """A CSV file, found out about.

    A row whose number of cells is not the heading's is named, for its values stand in wrong columns. Two causes are
    put right, and a notice says so: separators within a text without quotation marks, if they are followed by a blank
    (as in "24, place Kléber") and exactly as many as the row has cells too many; and empty cells that some programs
    leave out at the end of a row, unless it may be a piece of a row that a line break has broken (lists/short_rows.py).
    """

    def __init__(self, source: Path, *, country: str = "", heading: int = 0) -> None:
        """`country` (ISO code) tells which Windows encoding to expect in a file that is not Unicode; `heading` is the
        number of the row that is the heading, 0 where that is to be found out.

        Raises FileRefused.
        """
        self.source = source
        self.found = find_encoding(source, country)
        self.encoding = self.found.name
        with opened(source, self.found) as text:
            declared = DECLARED.match(text.readline(MAX_LINE))
        self.heading = heading
        self.start = 2 if declared else 1  # the number of the first row
        self.character = declared[1] if declared else self._separator()
        self.separator = SEPARATORS.get(self.character, "separator")
        self.sheets: list[str] = []
        self.sheet = ""
        self.remarks: list[str] = []
        self.joined = Named()
        self.short = Named()

    def rows(self) -> Iterator[Row]:
        rows = from_row((Row(*record) for record in self._records()), self.heading)
        first = list(_until_filled(rows, BEGINNING))
        filled = [row for row in first if not is_blank(row.cells)]
        if self.heading:
            beginning = chosen_beginning(filled, self.heading)
        elif filled:
            beginning = below_titles(filled, _titles(filled))
        else:
            return
        self.remarks += beginning.remarks
        heading = beginning.heading
        assert heading
        yield heading
        self.heading = heading.number
        width = len(heading.cells)
        most = max(width, self._usual_width())
        below = (row for row in first if row.number > self.heading)
        for row in told_apart(chain(below, rows), width, self.short):
            if len(row.cells) > most and not is_blank(row.cells):
                self._straighten(row, width)
            if "#" in "".join(row.cells):
                _name_failures(row)
            yield row

    def notices(self) -> list[str]:
        said = [(self.joined, self._joined_words), (self.short, self._short_words)]
        return [
            *self.found.notices,
            *self.remarks,
            *(f"{words()} {rows}" for rows, words in said if rows.number),
        ]

    def _separator(self) -> str:
        """The separator that divides most of the first rows into as many cells as the heading has."""
        with opened(self.source, self.found) as text:
            sample = text.read(MAX_LINE)

        def fit(separator: str) -> tuple[int, int]:
            reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
            try:
                records = enumerate(islice(reader, SAMPLE_ROWS + self.heading), self.start)
                rows = [Row(number, row) for number, row in records if any(row) and number >= self.heading]
            except csv.Error:
                return 0, 0
            if not self.heading:
                del rows[: _titles(rows)]
            width = len(rows[0].cells) if rows else 0
            return (sum(len(row.cells) == width for row in rows), width) if width > 1 else (0, 0)

        return max(SEPARATORS, key=fit)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row as they stand there, with its number."""
        number = self.start - 1
        with opened(self.source, self.found) as text:
            if self.start == 2:
                text.readline()
            lines = _Lines(text, self.start)
            reader = csv.reader(lines, delimiter=self.character, strict=True)
            try:
                for number, cells in enumerate(reader, self.start):
                    lines.length = 0
                    yield number, cells
            except csv.Error as error:
                raise FileRefused(_quotes_message(str(error), number + 1)) from error

    def _usual_width(self) -> int:
        """That of nine rows in ten where they all end in surplus separators, or 0. Told from the first rows."""
        widths: Counter[int] = Counter()
        count = heading = 0
        for number, cells in islice(self._records(), WIDTH_ROWS):
            if is_blank(cells) or number < self.heading:
                continue
            if not heading:
                heading = len(cells)
                continue
            count += 1
            if len(cells) <= heading or is_blank(cells[heading:]):
                widths[len(cells)] += 1
        usual, times = widths.most_common(1)[0] if widths else (0, 0)
        return usual if times * 10 >= count * 9 else 0

    def _straighten(self, row: Row, width: int) -> None:
        """Of a row with more cells than usual."""
        cells = row.cells
        spaced = [i for i, cell in enumerate(cells) if i and cell.startswith(" ") and cell.strip()]
        fits, has_more = len(spaced) == len(cells) - width, not is_blank(cells[width:])
        if fits and has_more:
            row.cells = _joined(cells, set(spaced), self.character)
            self.joined.add(row.number)
        elif fits or has_more:
            row.problems[None] = (
                f"The row has {len(cells)} cells, the heading has {width}. Put the text that holds a "
                f"{self.separator} into quotation marks."
            )

    def _joined_words(self) -> str:
        many = self.joined.number
        hold = "One row holds" if many == 1 else f"{grouped(many)} rows hold"
        return f"{hold} a {self.separator} within a text without quotation marks; the text was put together again."

    def _short_words(self) -> str:
        many = self.short.number
        end = "One row ends" if many == 1 else f"{grouped(many)} rows end"
        return f"{end} before the last column; the missing cells were read as empty."


def _titles(rows: Sequence[Row]) -> int:
    """How many of the rows are titles above the heading. Below it a row must be like it, for the heading of a single
    column stands above texts that may hold separators."""
    titles = single_texts(rows)
    if len(rows) < titles + 2:
        return 0
    heading, below = rows[titles : titles + 2]
    return titles if len(heading.cells) == len(below.cells) and len(texts_of(heading)) >= TITLED else 0


def _until_filled(rows: Iterator[Row], number: int) -> Iterator[Row]:
    """Rows until so many of them hold anything."""
    for row in rows:
        yield row
        number -= not is_blank(row.cells)
        if not number:
            return


def _name_failures(row: Row) -> None:
    for position, cell in enumerate(row.cells):
        if (text := cell.strip()) in FAILURES:
            row.problems[position] = FAILED.format(text)


class _Lines:
    """The lines of a text, as long as those of one row are not too long together. Raises FileRefused."""

    def __init__(self, text: TextIO, number: int) -> None:
        self.text = text
        self.number = number
        self.length = 0  # characters of the row at hand; who takes the rows sets it back

    def __iter__(self) -> Iterator[str]:
        number = self.number
        while line := self.text.readline(MAX_LINE + 1):
            self.length += len(line)
            if self.length > MAX_LINE:
                what = f"Line {number}" if len(line) > MAX_LINE else f"The row that reaches to line {number}"
                raise FileRefused(f"{what} has more than {grouped(MAX_LINE)} characters.")
            yield line
            number += 1


def _quotes_message(error: str, number: int) -> str:
    if "unexpected end" in error or "field larger" in error:
        return (
            f"A quotation mark that opens in row {number} is never closed, so that the rest of the file can't be "
            "told apart. Correct the row and upload the file again."
        )
    return (
        f"Row {number}: more text follows a closing quotation mark. A quotation mark within a text is "
        'written twice (""). Correct the row and upload the file again.'
    )


def _joined(cells: list[str], positions: set[int], separator: str) -> list[str]:
    whole: list[str] = []
    for position, cell in enumerate(cells):
        if position in positions:
            whole[-1] += separator + cell
        else:
            whole.append(cell)
    return whole
