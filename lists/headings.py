"""Where the rows of a sheet begin: below titles, and headings of two rows, as people merge cells for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import IO, NamedTuple

from openpyxl.utils import column_index_from_string

from lists.sheets import FileRefused, Row
from lists.widgets import shortened
from tenants.numbers import grouped

TITLES = 3  # rows of titles above a heading
BEGINNING = TITLES + 3  # so many rows tell: those, a heading of two rows and a row below it
TITLED = 3  # cells of a heading below a title that is not merged
PIECE = 64 * 1024
OVERLAP = 400  # bytes, more than the elements have that are looked for
MOST_MERGED = 10_000  # merged cells in the first rows; more are no heading
END_OF_ROWS = re.compile(rb"</(?:\w+:)?sheetData\s*>")
MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']"""
)


class Merged(NamedTuple):
    """Cells that are merged into one: columns are positions, rows are numbers."""

    column: int
    row: int
    last_column: int
    last_row: int

    @property
    def is_across(self) -> bool:
        return self.last_column > self.column and self.last_row == self.row


@dataclass(frozen=True)
class Beginning:
    """`heading` is None where there is no row. It and what stands above it take `rows` of the first rows."""

    heading: Row | None
    rows: int
    remarks: list[str] = field(default_factory=list)


def beginning_of(rows: Sequence[Row], merged: Callable[[], list[Merged]]) -> Beginning:
    """Where the heading is among the first rows of a sheet that hold anything. `merged` is asked only where it may tell
    something. Where it is not sure, the first row is the heading, but for a single text above three and more."""
    if not rows:
        return Beginning(None, 0)
    titles = _titles(rows, merged)
    found = below_titles(rows, titles)
    below = rows[titles:]
    if combined := _combined(below, merged):
        together = f"Rows {below[0].number} and {below[1].number} were read together as the heading."
        return Beginning(Row(below[1].number, combined), titles + 2, [*found.remarks, together])
    return found


def below_titles(rows: Sequence[Row], titles: int) -> Beginning:
    """The heading below so many titles."""
    heading = rows[titles]
    remarks = [
        f"Row {title.number}, “{shortened(''.join(title.cells))}”, was taken for a title: "
        f"the heading is row {heading.number}."
        for title in rows[:titles]
    ]
    return Beginning(heading, titles + 1, remarks)


def from_row(rows: Iterable[Row], chosen: int) -> Iterator[Row]:
    """Without the rows above the one that somebody has chosen as the heading; all where that is 0."""
    return dropwhile(lambda row: row.number < chosen, rows)


def chosen_beginning(rows: Sequence[Row], chosen: int) -> Beginning:
    """The first of these rows is the heading, for somebody has chosen that one. Raises FileRefused for none."""
    if not rows:
        raise FileRefused(
            f"No row holds anything from row {grouped(chosen)} on. Choose another row as the heading."
        )
    number = rows[0].number
    above = " What stands above it was not read." if number > 1 else ""
    return Beginning(rows[0], 1, [f"Row {number} was read as the heading, as you chose.{above}"])


def texts_of(row: Row) -> list[str]:
    return [cell for cell in map(str.strip, row.cells) if cell]


# Titles


def single_texts(rows: Sequence[Row]) -> int:
    """How many of the first rows hold a single text and may be titles: all but the last, and not more than TITLES."""
    single = 0
    while single < min(TITLES, len(rows) - 1) and len(texts_of(rows[single])) == 1:
        single += 1
    return single


def _titles(rows: Sequence[Row], merged: Callable[[], list[Merged]]) -> int:
    """How many rows above the heading are titles: one text each, as people merge cells for it."""
    single = single_texts(rows)
    number = len(texts_of(rows[single]))
    if not single or number < 2:
        return 0
    if single == 1 and number >= TITLED:
        return 1
    cells = merged()
    across = [_is_across(row, cells) for row in rows[:single]]
    if number >= TITLED:
        return single if across[0] else 0
    return single if all(across) and _may_be_headings(rows[single]) else 0


def _is_across(row: Row, merged: Sequence[Merged]) -> bool:
    """Whether the row's only text stands in cells that are merged across columns."""
    at = next(at for at, cell in enumerate(row.cells) if cell.strip())
    return any(one.column == at and one.row == row.number and one.last_column > at for one in merged)


# Headings of two rows


def _combined(rows: Sequence[Row], merged: Callable[[], list[Merged]]) -> list[str]:
    """The heading that two rows make: "Billing address" merged above "Street" and "City". [] where one row is it."""
    if len(rows) < 3 or rows[1].number != rows[0].number + 1 or len(texts_of(rows[0])) < 2:
        return []
    width = max(len(row.cells) for row in rows[:2])
    above, below, values = ([*map(str.strip, row.cells), *[""] * width] for row in rows[:3])
    if not any(below[at] and not above[at] for at in range(width)):
        return []
    cells, first = merged(), rows[0].number
    across = [
        one
        for one in cells
        if one.is_across and one.row == first and one.column < width and above[one.column]
    ]
    if not across or any(one.last_column >= width for one in across):
        return []
    groups = {at: above[one.column] for one in across for at in range(one.column, one.last_column + 1)}
    if not all(below[at] for at in groups):
        return []
    both = any(one.row == first and one.last_row == first + 1 for one in cells)
    if not both and not _may_be_above(above[:width], below, values, groups):
        return []
    return [_joined(groups.get(at, above[at]), below[at]) for at in range(width)]


def _may_be_above(
    above: Sequence[str], below: Sequence[str], values: Sequence[str], groups: dict[int, str]
) -> bool:
    """Whether the second row is one of headings, where no cell is merged over both: it completes the first, and the
    third is of another kind."""
    others = [at for at in range(len(above)) if at not in groups]
    if any(above[at] and below[at] for at in others):
        return False
    said = [(groups.get(at, ""), below[at].casefold()) for at in range(len(above)) if below[at]]
    if len(set(said)) < len(said) or any(map(is_value, below)):
        return False
    return any(above[at] and values[at] for at in others) or any(map(is_value, values))


def _may_be_headings(row: Row) -> bool:
    texts = texts_of(row)
    return len({text.casefold() for text in texts}) == len(texts) and not any(map(is_value, texts))


def is_value(text: str) -> bool:
    """Whether it is rather what stands below a heading: a number, a date, an address."""
    return "@" in text or text[:1].isdigit() or text[:1] in ("+", "-")


def _joined(above: str, below: str) -> str:
    if not above or not below or below.casefold().startswith(above.casefold()):
        return below or above
    return f"{above} {below}"


# Merged cells


def merged_in(part: IO[bytes], last_row: int) -> list[Merged]:
    """Cells that are merged in the first rows of a sheet, up to that one. They stand behind all of its rows, which are
    passed over. None where there are too many."""
    found: list[Merged] = []
    text, are_passed = b"", False
    while piece := part.read(PIECE):
        text += piece
        if not are_passed:
            end = END_OF_ROWS.search(text)
            if end is None:
                text = text[-OVERLAP:]
                continue
            text, are_passed = text[end.end() :], True
        seen = 0
        for match in MERGED.finditer(text):
            column, row, last_column, last = match.groups()
            seen = match.end()
            if int(row) <= last_row:
                found.append(Merged(_position(column), int(row), _position(last_column), int(last)))
        if len(found) > MOST_MERGED:
            return []
        text = text[max(seen, len(text) - OVERLAP) :]
    return found


def _position(letters: bytes) -> int:
    return column_index_from_string(letters.decode()) - 1
