"""Reading the sheets people upload. The format is told by the content, never by the file's name."""

from __future__ import annotations

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from lists.csv_files import read_csv
from lists.sheets import FileRefused, Sheet
from lists.xlsx_files import read_xlsx

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


def read_sheet(data: bytes, *, country: str = "") -> Sheet:
    """The heading and rows of a CSV or XLSX file. `country` helps to guess the letters of an old CSV file.

    Raises FileRefused, whose message says what to do.
    """
    refuse_too_large(len(data))
    if not data.strip():
        raise FileRefused("The file is empty.")
    if data.startswith(b"PK"):
        return read_xlsx(data)
    _refuse_other_formats(data)
    return read_csv(data, country=country)


def refuse_too_large(size: int) -> None:
    """Raises FileRefused for a file over IMPORT_MAX_BYTES."""
    if size > settings.IMPORT_MAX_BYTES:
        raise FileRefused(
            f"The file has {filesizeformat(size)}; {filesizeformat(settings.IMPORT_MAX_BYTES)} can be imported. "
            "Divide it into several files, each with the heading."
        )


def _refuse_other_formats(data: bytes) -> None:
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise FileRefused("The file is protected by a password. Save it without one.")
        raise FileRefused("This is an old Excel file (.xls). Save it as XLSX or CSV and upload that.")
    for start, what in OTHERS.items():
        if data.startswith(start):
            raise FileRefused(f"This is {what}. Choose a CSV or XLSX file.")
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(WEB_PAGE):
        raise FileRefused("This is a web page or XML, not a sheet. Save the sheet as CSV UTF-8 or XLSX.")
