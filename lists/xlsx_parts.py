"""What stands around the sheets of an XLSX file: which there are, and which styles are dates. A file that would unpack
to more than it should is refused, and so is one of another kind."""

from __future__ import annotations

import errno
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from lists.sheets import FileRefused
from lists.xml_pieces import DAMAGED, XmlReading

MEGABYTE = 1024 * 1024
MAX_UNPACKED = (
    2_500 * MEGABYTE
)  # 1,048,576 rows of 20 columns are 1,000 MB, and their texts may be as much again
MAX_PART = 20 * MEGABYTE  # a part larger than this …
MAX_RATIO = 100  # … may not be packed tighter than this: real sheets stay below 50
MAX_PARTS = 5_000
MAX_DIRECTORY = 2 * MEGABYTE  # what the zip's own list of its parts may take
# A format's 0 and what may stand between two of them: a blank, a hyphen, what is escaped or quoted.
PLACE = re.compile(r"""0|[- ]|\\[^0-9]|"[^"0-9]*\"""")
PLACES = re.compile(rf"(?:{PLACE.pattern})+")
# Formats that are dates in East Asian versions of Excel, where they stand for no code.
EAST_ASIAN_DATES = {*range(27, 37), *range(50, 59)}

# What the zip reader, the parser and we raise on files that are damaged or made to harm.
UNREADABLE = (
    ArithmeticError, EOFError, LookupError, NotImplementedError, RuntimeError, ValueError,
    expat.ExpatError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class Part(NamedTuple):
    """What one part says of another: what it is ("worksheet"), and its name in the zip."""

    kind: str
    name: str


@contextmanager
def damage_refused() -> Iterator[None]:
    try:
        yield
    except FileRefused:
        raise
    except UNREADABLE as error:
        raise FileRefused(DAMAGED) from error
    except OSError as error:
        if (
            error.errno != errno.EINVAL
        ):  # a full disk is not the file's fault; places before its beginning are
            raise
        raise FileRefused(DAMAGED) from error


def open_package(source: Path) -> zipfile.ZipFile:
    """The sizes a zip declares bind: Python unpacks no more of a part than its declared size. Raises FileRefused."""
    try:
        directory = _directory_size(source)
        package = zipfile.ZipFile(source) if directory <= MAX_DIRECTORY else None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileRefused("The XLSX file is damaged: it is cut off or not a real one.") from error
    if package is None:
        raise _bomb()
    try:
        _refuse_bomb(package.infolist())
        _refuse_other_documents(package)
    except FileRefused:
        package.close()
        raise
    return package


def _directory_size(source: Path) -> int:
    """Bytes of the list of parts, which Python reads as a whole to make an object of each."""
    with source.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is None:
        raise zipfile.BadZipFile
    return int(end[5])


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise FileRefused(DAMAGED)  # others may ask for much memory, and no program writes them
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused("The file is protected by a password. Save it without one.")
    tight = any(
        part.file_size > MAX_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if tight or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _bomb()


def _bomb() -> FileRefused:
    return FileRefused(
        "The XLSX file unpacks to far more than it should, so it was not opened. "
        "Copy the rows into a new sheet, or save it as CSV."
    )


def _refuse_other_documents(package: zipfile.ZipFile) -> None:
    names = set(package.namelist())
    if "content.xml" in names and "mimetype" in names:
        raise FileRefused("This is an OpenDocument file. Save the sheet as XLSX or CSV and upload that.")
    if "[Content_Types].xml" not in names:
        raise FileRefused("This is a zip archive, not an XLSX file. Unpack it and upload the sheet in it.")
    if "xl/workbook.bin" in names:
        raise FileRefused("This is a binary Excel file (.xlsb). Save it as XLSX or CSV and upload that.")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise FileRefused("This is a text document or presentation. Choose a CSV or XLSX file.")


def _places(code: str) -> list[str]:
    """The places of a format that shows a number's digits as those of a postal code or an article are written, with
    what stands between them: 00000, 000\\-00. [] for every other format."""
    if code.count("0") < 2 or not PLACES.fullmatch(code):
        return []
    return [place[1:] if place[0] == "\\" else place.strip('"') for place in PLACE.findall(code)]


class Book:
    """What stands around the sheets. Raises FileRefused."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.sheets: dict[str, str] = {}  # the parts of the visible ones, by title
        self.from_1904 = False  # whether days are counted from there
        self.dates: set[str] = set()  # styles, as cells name them
        self.durations: set[str] = set()
        self.padded: dict[str, list[str]] = {}  # how wide numbers are: "00000" shows 1067 as 01067
        self.texts = ""  # the part of shared texts, if there is one
        with damage_refused():
            self._read()

    def _read(self) -> None:
        if next(self._elements("[Content_Types].xml"))[0] != "Types":
            raise ValueError
        parts = self._related("")
        workbook = next((part.name for part in parts.values() if part.kind == "officeDocument"), "")
        related = self._related(workbook)
        for name, attributes in self._elements(workbook):
            if name == "workbookPr":
                self.from_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet" and attributes.get("state", "visible") == "visible":
                key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                if related[key].kind == "worksheet":
                    self.sheets[attributes["name"]] = related[key].name
        for part in related.values():
            if part.kind == "sharedStrings":
                self.texts = part.name
            elif part.kind == "styles":
                self._read_styles(part.name)

    def _read_styles(self, part: str) -> None:
        formats: dict[int, str] = dict(BUILTIN_FORMATS)
        position = -1  # of a cell's style; -1: of those before them, which cells don't name
        for name, attributes in self._elements(part):
            if name == "numFmt":
                formats[int(attributes["numFmtId"])] = attributes["formatCode"]
            elif name == "cellXfs":
                position = 0
            elif name == "xf" and position >= 0:
                number = int(attributes.get("numFmtId", 0))
                code = formats.get(number)
                if is_date_format(code) or (code is None and number in EAST_ASIAN_DATES):
                    self.dates.add(str(position))
                if is_timedelta_format(code):
                    self.durations.add(str(position))
                if code and (places := _places(code)):
                    self.padded[str(position)] = places
                position += 1

    def _related(self, part: str) -> dict[str, Part]:
        """The parts that this one names, by its own key for them; those of the package for ''."""
        folder, name = posixpath.split(part)
        found = {}
        for element, attributes in self._elements(posixpath.join(folder, "_rels", f"{name}.rels")):
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
                found[attributes["Id"]] = Part(posixpath.basename(attributes["Type"]), target.lstrip("/"))
        return found

    def _elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Name and attributes of each, in order."""
        if self.package.getinfo(part).file_size > MAX_PART:
            raise _bomb()
        reading = _ElementsReading()
        with self.package.open(part) as file:
            for _ in reading.read(file):
                yield from reading.found
                reading.found.clear()


class _ElementsReading(XmlReading):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []  # not handed over yet

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        self.found.append((name.rpartition(":")[2], attributes))
