"""Reading XLSX: values only (macros and formulas are not run), and nothing that unpacks to more than it should."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import chain, repeat
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from lists.sheets import MAX_COLUMNS, FileRefused, Row, Sheet, limited, make_sheet
from tenants.numbers import grouped

MAX_UNPACKED = 200 * 1024 * 1024
MAX_PART = 20 * 1024 * 1024  # a part larger than this …
MAX_RATIO = 100  # … may not be packed tighter than this: real sheets stay below 50
MAX_PARTS = 5_000
MAX_ROW_NUMBER = 1_048_576  # the last row that Excel knows
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
NO_RESULT = (
    "The cell holds a formula without its result. Open the file in a spreadsheet program and save it again."
)

# What openpyxl and the zip reader raise on files that are damaged or made to harm.
UNREADABLE = (
    ArithmeticError, AttributeError, EOFError, InvalidFileException, KeyError, IndexError, NotImplementedError,
    OSError, RuntimeError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read_xlsx(data: bytes) -> Sheet:
    """The first visible sheet that holds anything. Raises FileRefused."""
    _refuse_bomb(data)
    try:
        return _read(data)
    except FileRefused:
        raise
    except UNREADABLE as error:
        raise FileRefused(
            "The XLSX file is damaged. Open it in a spreadsheet program, save it again and upload that."
        ) from error


def _refuse_bomb(data: bytes) -> None:
    """The sizes a zip declares bind: Python unpacks no more of a part than its declared size."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise FileRefused("The XLSX file is damaged: it is cut off or not a real one.") from error
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused("The file is protected by a password. Save it without one.")
    tight = any(
        part.file_size > MAX_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if tight or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise FileRefused(
            "The XLSX file unpacks to far more than it should, so it was not opened. "
            "Copy the rows into a new sheet, or save it as CSV."
        )
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise FileRefused("This is a zip archive, not an XLSX file. Unpack it and upload the sheet in it.")


def _read(data: bytes) -> Sheet:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for name in names:
            rows = limited(_rows(data, book, name))
            first = next((row for row in rows if any(map(str.strip, row.cells))), None)
            if first is not None:
                return make_sheet(chain([first], rows), _notices(name, names))
    finally:
        book.close()
    raise FileRefused("The file is empty.")


def _notices(name: str, names: list[str]) -> list[str]:
    others = [f"“{other}”" for other in names if other != name]
    return [f"The sheet “{name}” was read, {', '.join(others)} not."] if others else []


def _rows(data: bytes, book: Any, name: str) -> Iterator[Row]:
    sheet = book[name]
    sheet.reset_dimensions()  # what the file says of its size need not be true
    values = enumerate(sheet.iter_rows(values_only=True), 1)
    for (number, cells), formulas in zip(values, _formulas(data, sheet), strict=False):
        if len(cells) > MAX_COLUMNS and any(cell is not None for cell in cells[MAX_COLUMNS:]):
            raise FileRefused(f"The sheet has {len(cells)} columns; {MAX_COLUMNS} can be read.")
        if number > MAX_ROW_NUMBER:  # one forged number would make as many empty rows
            raise FileRefused(
                f"The sheet has more than {grouped(MAX_ROW_NUMBER)} rows. Excel makes none like it."
            )
        row = Row(number, [_text(value) for value in cells[:MAX_COLUMNS]])
        for position, formula in enumerate(formulas[:MAX_COLUMNS]):
            if formula is not None and cells[position] is None:
                row.problems[position] = NO_RESULT
                row.cells[position] = str(formula)
        yield row


def _formulas(data: bytes, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The same rows with formulas in place of their values, if the sheet has any; else empty rows."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        has_formulas = FORMULA.search(parts.read(sheet._worksheet_path))
    if not has_formulas:
        yield from repeat(())
    source = load_workbook(io.BytesIO(data), read_only=True)
    try:
        source[sheet.title].reset_dimensions()
        yield from source[sheet.title].iter_rows(values_only=True)
    finally:
        source.close()


def _text(value: Any) -> str:
    """What the cell holds, as text: 5021 stays 5021 whatever number of zeros its format shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
