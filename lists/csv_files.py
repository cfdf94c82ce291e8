"""Reading CSV as people's programs write it: encoding, separator and line ends are found out."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lists.encodings import decode
from lists.sheets import FileRefused, Row, Sheet, limited, make_sheet
from tenants.numbers import grouped

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE_ROWS = 50
MAX_LINE = 1_000_000  # characters; a longer line is no row of a sheet, and would fill the memory with cells
DECLARED = re.compile(r"sep=(.)\r?\Z", re.IGNORECASE)  # a first line that tells Excel the separator
SHOWN_ROWS = 10


def read_csv(data: bytes, *, country: str = "") -> Sheet:
    """`country` (ISO code) tells which Windows encoding to expect in a file that is not Unicode.

    Raises FileRefused.
    """
    text, notices = decode(data, country)
    first, _, rest = text.partition("\n")
    if declared := DECLARED.match(first):
        separator, text, start = declared[1], rest, 2
    else:
        separator, start = _separator(text), 1
    rows = list(limited(_rows(text, separator, start)))
    return make_sheet(rows, [*notices, *_straighten(rows, separator)])


def _separator(text: str) -> str:
    """The separator that divides most of the first rows into as many cells as the heading has."""

    def fit(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:MAX_LINE], newline=""), delimiter=separator)
        try:
            rows = [row for row in islice(reader, SAMPLE_ROWS) if any(row)]
        except csv.Error:
            return 0, 0
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows), width) if width > 1 else (0, 0)

    return max(SEPARATORS, key=fit)


def _rows(text: str, separator: str, start: int) -> Iterator[Row]:
    reader = csv.reader(_lines(text, start), delimiter=separator, strict=True)
    number = start - 1
    try:
        for number, cells in enumerate(reader, start):
            yield Row(number, cells)
    except csv.Error as error:
        raise FileRefused(_quotes_message(str(error), number + 1)) from error


def _lines(text: str, start: int) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), start):
        if len(line) > MAX_LINE:
            raise FileRefused(f"Line {number} has more than {grouped(MAX_LINE)} characters.")
        yield line


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


def _straighten(rows: list[Row], separator: str) -> list[str]:
    """Name the rows whose number of cells is not the heading's, for their values stand in wrong columns.

    One cause is put right: separators within a text without quotation marks, if they are followed by a blank
    (as in "24, place Kléber") and exactly as many as the row has cells too many. The notice returned says so.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        return []
    heading, *rest = filled
    width, most = len(heading.cells), _usual_width(heading, rest)
    joined = []
    for row in rest:
        if len(row.cells) < width:
            row.problems[None] = (
                f"The row has {len(row.cells)} cell{'s' * (len(row.cells) != 1)}, the heading has {width}. "
                "Was the row broken in two?"
            )
        elif len(row.cells) > most:
            extra = len(row.cells) - width
            spaced = [i for i, cell in enumerate(row.cells) if i and cell.startswith(" ") and cell.strip()]
            if len(spaced) == extra and any(cell.strip() for cell in row.cells[width:]):
                row.cells = _joined(row.cells, set(spaced), separator)
                joined.append(row.number)
            elif len(spaced) == extra or any(cell.strip() for cell in row.cells[width:]):
                row.problems[None] = (
                    f"The row has {len(row.cells)} cells, the heading has {width}. Put the text that holds a "
                    f"{SEPARATORS.get(separator, 'separator')} into quotation marks."
                )
    return [_joined_notice(joined, separator)] if joined else []


def _usual_width(heading: Row, rest: list[Row]) -> int:
    """The heading's width, or that of nine rows in ten where they all end in surplus separators."""
    width = len(heading.cells)
    widths = Counter(len(row.cells) for row in rest if not any(map(str.strip, row.cells[width:])))
    usual, times = widths.most_common(1)[0] if widths else (width, 0)
    return usual if usual > width and times * 10 >= len(rest) * 9 else width


def _joined(cells: list[str], positions: set[int], separator: str) -> list[str]:
    whole: list[str] = []
    for position, cell in enumerate(cells):
        if position in positions:
            whole[-1] += separator + cell
        else:
            whole.append(cell)
    return whole


def _joined_notice(numbers: list[int], separator: str) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN_ROWS]))
    more = f" and {len(numbers) - SHOWN_ROWS} more" if len(numbers) > SHOWN_ROWS else ""
    name = SEPARATORS.get(separator, "separator")
    hold = "One row holds" if len(numbers) == 1 else f"{grouped(len(numbers))} rows hold"
    return (
        f"{hold} a {name} within a text without quotation marks; the text was put together again. "
        f"Look at row{'s' * (len(numbers) > 1)} {shown}{more}."
    )
