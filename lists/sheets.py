"""What a person's file holds, whatever its format: a heading and rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tenants.numbers import grouped

MAX_COLUMNS = 500
MAX_CELL = 32_767  # what a spreadsheet's cell can hold
# What is wrong with a cell that shows what Excel shows in place of a result, and how a text says the same: in English,
# German, French, Spanish and Italian.
FAILED = "The cell shows {}, an error of Excel's. Correct it there."
FAILURES = frozenset(
    (
        *("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#BEZUG!", "#NV", "#WERT!", "#ZAHL!"),
        *("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
        *("#¡REF!", "#N/D", "#¡VALOR!", "#¿NOMBRE?", "#¡DIV/0!", "#¡NUM!", "#¡NULO!"),
        *("#RIF!", "#VALORE!", "#NOME?", "#NULLO!"),
    )
)


class FileRefused(ValueError):
    """The file as a whole can't be read. The message is for the person who chose it."""


@dataclass(slots=True)
class Row:
    """One row of the file. `number` is the spreadsheet's, the first row of the file being 1. `surplus` are the cells
    behind the last column of one that is refused as a whole."""

    number: int
    cells: list[str]
    problems: dict[int | None, str] = field(default_factory=dict)  # by position; None: the row as a whole
    surplus: Sequence[str] = ()


class SheetFile(Protocol):
    """An uploaded file, found out about and open for reading."""

    encoding: str  # of a CSV file, as people call it
    separator: str
    sheets: list[str]  # of an XLSX file: those that are visible and hold anything
    sheet: str
    heading: int  # the number of the row that is the heading, once rows are read

    def rows(self) -> Iterator[Row]:
        """From the heading on, as they stand in the file; empty ones may be left out. Raises FileRefused."""

    def notices(self) -> list[str]:
        """What is to be said of the file, once its rows have been read."""


def is_blank(cells: list[str]) -> bool:
    text = "".join(cells)
    return not text or text.isspace()


def filled_end(cells: list[str]) -> int:
    """How many cells there are without the blank ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return end


def too_many_rows(most: int) -> FileRefused:
    return FileRefused(
        f"The file has more than {grouped(most)} rows, the most that can be imported at once. "
        "Divide it into several files, each with the heading."
    )
