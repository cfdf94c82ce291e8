"""Which format an uploaded file has. Its content tells, never its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from lists.csv_files import CsvFile
from lists.sheets import FileRefused, SheetFile
from lists.xlsx_files import XlsxFile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and XLSX files with a password
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OTHERS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed file",
    b"7z\xbc\xaf": "a packed file",
    b"Rar!": "a packed file",
    b"{\\rtf": "a text document",
}
WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")
PIECE = 1024 * 1024


@contextmanager
def opened(
    source: Path, *, scratch: Path, country: str = "", sheet: str = "", heading: int = 0
) -> Iterator[SheetFile]:
    """The file, ready to be read. What has to be put aside for that lies in the folder `scratch` meanwhile.

    `country` helps to guess the letters of an old CSV file; `sheet` is the sheet to read of an XLSX file; `heading`
    is the number of the row that is the heading, 0 where that is to be found out. Raises FileRefused, whose message
    says what to do.
    """
    refuse_too_large(source.stat().st_size)
    with source.open("rb") as file:
        start = file.read(200)
    if start.startswith(b"PK"):
        with XlsxFile.opened(source, scratch=scratch, sheet=sheet, heading=heading) as book:
            yield book
    else:
        _refuse_other_formats(source, start)
        yield CsvFile(source, country=country, heading=heading)


def refuse_too_large(size: int) -> None:
    """Raises FileRefused for a file over IMPORT_MAX_BYTES."""
    if size > settings.IMPORT_MAX_BYTES:
        raise FileRefused(
            f"The file has {filesizeformat(size)}; {filesizeformat(settings.IMPORT_MAX_BYTES)} can be imported. "
            "Divide it into several files, each with the heading."
        )


def _refuse_other_formats(source: Path, start: bytes) -> None:
    if start.startswith(OLE):
        if _holds(source, ENCRYPTED):
            raise FileRefused("The file is protected by a password. Save it without one.")
        raise FileRefused("This is an old Excel file (.xls). Save it as XLSX or CSV and upload that.")
    for first, what in OTHERS.items():
        if start.startswith(first):
            raise FileRefused(f"This is {what}. Choose a CSV or XLSX file.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(WEB_PAGE):
        raise FileRefused("This is a web page or XML, not a sheet. Save the sheet as CSV UTF-8 or XLSX.")


def _holds(source: Path, mark: bytes) -> bool:
    end = b""
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            if mark in end + piece:
                return True
            end = piece[-len(mark) :]
    return False
