"""Spreadsheet files for tests."""

import io
from typing import Any

from openpyxl import Workbook


def xlsx(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    """A workbook whose first sheet holds `rows`, with further sheets by title."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
