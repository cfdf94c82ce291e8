"""A list as a file, written in pieces: a chunk of rows goes in, bytes come out, and nothing is kept in between.

Rows are turned column by column: a column's values are of one type, which is looked at once for a whole chunk.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

from django.utils import timezone

from lists.cells_text import ANY_RISKY, escape, joined
from lists.columns import Column
from lists.models import Layout
from lists.xlsx_writer import xlsx_pieces

CONTENT_TYPES: dict[str, str] = {
    Layout.Format.CSV: "text/csv; charset=utf-8",
    Layout.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Layout.Format.JSON: "application/json",
}
BOM = "\ufeff"
YES_NO = {True: "yes", False: "no"}

Rows = Sequence[tuple[Any, ...]]
Makers = Mapping[type, Callable[[Any], Any]]


def pieces(layout: Layout, columns: Sequence[Column], chunks: Iterable[Rows], title: str) -> Iterator[bytes]:
    """The file. `title` names the sheet. Times are those of the active time zone."""
    heads = [column.label for column in columns]
    if layout.format == Layout.Format.XLSX:
        return xlsx_pieces(heads, chunks, title)
    if layout.format == Layout.Format.JSON:
        return json_pieces([column.key for column in columns], chunks)
    return csv_pieces(heads, chunks, bom=layout.bom, delimiter=layout.delimiter)


def line_pieces(
    layout: Layout, columns: Sequence[Column], chunks: Iterable[Sequence[bytes]]
) -> Iterator[bytes]:
    """The same file as `pieces` gives, of lines that the database has made (lists.reading.csv_lines)."""
    yield from csv_pieces(
        [column.label for column in columns], [], bom=layout.bom, delimiter=layout.delimiter
    )
    for lines in chunks:
        yield b"\r\n".join([*lines, b""])


def csv_pieces(
    heads: Sequence[str], chunks: Iterable[Rows], *, bom: bool = False, delimiter: str = ","
) -> Iterator[bytes]:
    """Text parted by `delimiter` in UTF-8, as RFC 4180 has it. `bom` marks it for Excel."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    file.write(BOM if bom else "")
    writer.writerow(heads)
    yield _taken(file)
    makers = csv_makers()
    for rows in chunks:
        columns = [_csv_column(values, makers) for values in zip(*rows, strict=True)]
        writer.writerows(zip(*columns, strict=True))
        yield _taken(file)


def _taken(file: io.StringIO) -> bytes:
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text.encode()


def json_pieces(keys: Sequence[str], chunks: Iterable[Rows]) -> Iterator[bytes]:
    """An array of objects by the columns' keys. Times are in ISO 8601, what is not there is null."""
    names = [encode_basestring(key).replace("%", "%%") for key in keys]
    line = f"{{{', '.join(f'{name}: %s' for name in names)}}}"
    before, makers = "[\n", json_makers()
    for rows in chunks:
        columns = [made(values, set(map(type, values)), makers) for values in zip(*rows, strict=True)]
        lines = ",\n".join([line % row for row in zip(*columns, strict=True)])
        yield f"{before}{lines}".encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _csv_column(values: tuple[Any, ...], makers: Makers) -> Sequence[Any]:
    kinds = set(map(type, values))
    if kinds == {str} and not ANY_RISKY.search(joined(values)):
        return values
    return made(values, kinds, makers)


def made(values: Sequence[Any], kinds: set[type], makers: Makers) -> list[Any]:
    """Each value as the maker of its type makes it. Raises KeyError for a type that no column has."""
    if len(kinds) == 1:
        return list(map(makers[kinds.pop()], values))
    return [makers[type(value)](value) for value in values]


def csv_makers() -> Makers:
    zone = timezone.get_current_timezone()
    return {
        NoneType: lambda nothing: "",
        str: escape,
        bool: YES_NO.__getitem__,
        datetime: lambda moment: moment.astimezone(zone).isoformat(" ", "seconds")[:19],
        date: date.isoformat,
        **dict.fromkeys((int, float, Decimal), str),  # a negative number is no formula
    }


def json_makers() -> Makers:
    zone = timezone.get_current_timezone()
    return {
        NoneType: lambda nothing: "null",
        str: encode_basestring,
        bool: {True: "true", False: "false"}.__getitem__,
        datetime: lambda moment: f'"{moment.astimezone(zone).isoformat(timespec="seconds")}"',
        date: lambda day: f'"{day.isoformat()}"',
        **dict.fromkeys((int, float, Decimal), str),
    }
