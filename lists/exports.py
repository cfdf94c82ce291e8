"""A list as a file: the declared columns of the rows that match, in the list's order. One query, no objects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from lists.cells_text import escape, guard, legal
from lists.columns import Column
from lists.listing import Listing

CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"


@dataclass(frozen=True)
class Layout:
    """How a file is to look. `bom` marks a CSV file as UTF-8, without which Excel garbles accents."""

    columns: tuple[Column, ...]
    format: str = CSV
    bom: bool = True


def rows_of(listing: Listing, columns: Sequence[Column], most: int) -> list[tuple[Any, ...]]:
    """The values of at most `most` rows."""
    ordered = listing.queryset.order_by(*listing.order.fields())
    return list(ordered.values_list(*(column.expression for column in columns))[:most])


def write(layout: Layout, rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """The file. `title` names the sheet."""
    heads = [column.label for column in layout.columns]
    if layout.format == XLSX:
        return write_xlsx(heads, rows, title)
    return write_csv(heads, rows, bom=layout.bom)


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool) -> bytes:
    """Comma-separated UTF-8, as RFC 4180 has it."""
    file = io.StringIO(newline="")
    if bom:
        file.write(BOM)
    writer = csv.writer(file)
    writer.writerow(heads)
    writer.writerows([_as_text(value) for value in row] for row in rows)
    return file.getvalue().encode()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)  # a negative number is no formula
    return escape(str(value))


def write_xlsx(heads: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """One sheet; text is typed as text, so that nothing is run and no leading zero is lost."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for row in _sheet_rows(sheet, heads, rows):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet_rows(
    sheet: WriteOnlyWorksheet, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[list[Any]]:
    yield [_typed(sheet, head) for head in heads]
    for row in rows:
        yield [_typed(sheet, value) for value in row]


def _typed(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    """A value that openpyxl types by itself, or a cell typed as text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        # A sheet's times have neither zone nor microseconds.
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, date | int | float | Decimal):
        return value
    cell = WriteOnlyCell(sheet, guard(legal(str(value))))
    cell.data_type = "s"
    return cell
