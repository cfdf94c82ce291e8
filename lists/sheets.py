"""What a person's file holds, whatever its format: a heading and rows of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from tenants.numbers import grouped

MAX_COLUMNS = 500
MAX_CELL = 32_767  # what a spreadsheet's cell can hold


class FileRefused(ValueError):
    """The file as a whole can't be read. The message is for the person who chose it."""


@dataclass
class Row:
    """One row of the file. `number` is the spreadsheet's, the first row of the file being 1."""

    number: int
    cells: list[str]
    problems: dict[int | None, str] = field(default_factory=dict)  # by position; None: the row as a whole


@dataclass
class Sheet:
    headers: list[str]
    rows: list[Row]
    notices: list[str] = field(default_factory=list)


def make_sheet(rows: Iterable[Row], notices: Sequence[str] = ()) -> Sheet:
    """The heading (the first row that holds anything) and the rows below it; empty rows are left out.

    Every row gets as many cells as the heading. Raises FileRefused.
    """
    filled = [row for row in map(_without_trailing_blanks, rows) if row.cells]
    if not filled:
        raise FileRefused("The file is empty.")
    heading, *rest = filled
    if not rest:
        raise FileRefused("The file holds a heading and no rows. Add a row for each customer.")
    headers = [" ".join(cell.split()) for cell in heading.cells]
    width = max(len(headers), *(len(row.cells) for row in rest if None not in row.problems), 0)
    if width > MAX_COLUMNS:
        raise FileRefused(f"The file has {width} columns; {MAX_COLUMNS} can be read.")
    headers += [""] * (width - len(headers))
    for row in rest:
        row.cells = [*row.cells, *[""] * (width - len(row.cells))][:width]
        _name_long_cells(row)
    return Sheet(headers, rest, list(notices))


def limited(rows: Iterable[Row]) -> Iterable[Row]:
    """The rows, as long as they are no more than may be imported at once. Raises FileRefused."""
    most = int(settings.IMPORT_MAX_ROWS)
    count = -1  # the heading is not counted
    for row in rows:
        count += any(cell and not cell.isspace() for cell in row.cells)
        if count > most:
            raise FileRefused(
                f"The file has more than {grouped(most)} rows, the most that can be imported at once. "
                "Divide it into several files, each with the heading."
            )
        yield row


def _without_trailing_blanks(row: Row) -> Row:
    end = len(row.cells)
    while end and not row.cells[end - 1].strip():
        end -= 1
    del row.cells[end:]
    return row


def _name_long_cells(row: Row) -> None:
    for position, cell in enumerate(row.cells):
        if len(cell) > MAX_CELL:
            row.problems[position] = f"The cell holds more than {grouped(MAX_CELL)} characters. Shorten it."
