"""XLSX, written as it comes: the parts of the package that never change, and one sheet in a zip stream.

openpyxl takes ten times as long (docs/decisions/exports.md). Text stands in the cells themselves and is typed as
text, so that nothing is run and no leading zero is lost.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from types import NoneType
from typing import Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from lists.cells_text import ANY_ESCAPED, NUL, guard, joined, legal

MOST_ROWS = 1_048_575  # of a sheet, beside the heads
LONGEST = 32_767  # characters of a cell
EPOCH = datetime(1899, 12, 30)
FIRST = date(1900, 3, 1)  # sheets count a 29 February 1900, so that earlier days are off by one
WITH_TIME, DAY = 1, 2  # of the styles below
FASTEST = 1

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name=%(title)s sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
SHEET_START = (
    f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"
LIKE_A_CHARACTER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # by number, as Office writes what XML can't hold
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")

EMPTY = "<c/>"
BEFORE, AFTER = '<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"


class _Pieces(io.RawIOBase):
    """What was written since it was last taken. Can't be gone back in, so the zip writes no part twice."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self.held)
        self.held.clear()
        return data


def xlsx_pieces(
    heads: Sequence[str], chunks: Iterable[Sequence[tuple[Any, ...]]], title: str, *, big: bool = False
) -> Iterator[bytes]:
    """A workbook of one sheet. `big` allows for more than 2 GiB of it, which older programs can't read."""
    pieces = _Pieces()
    with ZipFile(pieces, "w", ZIP_DEFLATED, compresslevel=FASTEST) as package:
        name = quoteattr(legal_title(title))
        for part, text in PARTS.items():
            package.writestr(part, HEAD + (text % {"title": name} if "%(title)s" in text else text))
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=big) as sheet:
            sheet.write(SHEET_START.encode())
            for rows in chain([[tuple(heads)]], chunks):
                sheet.write(sheet_rows(rows).encode())
                yield pieces.taken()
            sheet.write(SHEET_END.encode())
    yield pieces.taken()


def legal_title(title: str) -> str:
    return NOT_IN_A_TITLE.sub(" ", title)[:31]


def sheet_rows(rows: Sequence[tuple[Any, ...]]) -> str:
    makers = cell_makers()
    columns = [_cells(values, makers) for values in zip(*rows, strict=True)]
    lines = "</row><row>".join(map("".join, zip(*columns, strict=True)))
    return f"<row>{lines}</row>" if rows else ""


def _cells(values: tuple[Any, ...], makers: dict[type, Callable[[Any], str]]) -> list[str]:
    kinds = set(map(type, values))
    if kinds <= {str, NoneType}:
        return text_cells(values)
    return [makers[type(value)](value) for value in values]


def text_cells(values: Sequence[str | None]) -> list[str]:
    """Those of a column: what has to be looked for is looked for in all of it at once."""
    texts = joined(values)
    if ANY_ESCAPED.search(texts):
        texts = joined(map(guard, texts[1:].split(NUL)))
    if max(map(len, texts.split(NUL))) > LONGEST:
        texts = joined([text[:LONGEST] for text in texts[1:].split(NUL)])
    texts = legal(texts).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    texts = texts.replace("\r", "&#13;")  # as it is, it would be read as a line feed
    if "_x" in texts:
        texts = LIKE_A_CHARACTER.sub("_x005F_", texts)
    return [f"{BEFORE}{text}{AFTER}" if text else EMPTY for text in texts[1:].split(NUL)]


def cell_makers() -> dict[type, Callable[[Any], str]]:
    zone = timezone.get_current_timezone()

    def moment_cell(moment: datetime) -> str:
        # A sheet's times have neither zone nor microseconds.
        passed = moment.astimezone(zone).replace(tzinfo=None, microsecond=0) - EPOCH
        return f'<c s="{WITH_TIME}"><v>{passed.days + passed.seconds / 86_400!r}</v></c>'

    def day_cell(day: date) -> str:
        if day < FIRST:
            return text_cell(day.isoformat())
        return f'<c s="{DAY}"><v>{(day - EPOCH.date()).days}</v></c>'

    return {
        NoneType: lambda nothing: EMPTY,
        str: text_cell,
        bool: {True: text_cell("yes"), False: text_cell("no")}.__getitem__,
        datetime: moment_cell,
        date: day_cell,
        **dict.fromkeys((int, float, Decimal), lambda number: f"<c><v>{number}</v></c>"),
    }


def text_cell(text: str) -> str:
    return text_cells([text])[0]
