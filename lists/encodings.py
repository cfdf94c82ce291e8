"""Which encoding the text of a file is in. The file is read a piece at a time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lists.sheets import FileRefused

PIECE = 1024 * 1024  # bytes
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SAMPLE = 100_000
FEW = 4  # as many control characters may stray into a text; its rows are refused for them
# Where Windows programs write Central European letters (Windows-1250) instead of Western ones.
CENTRAL_EUROPE = frozenset(["AL", "BA", "CZ", "HR", "HU", "ME", "PL", "RO", "RS", "SI", "SK"])

NO_SHEET = "This is not a CSV or XLSX file. Save the sheet as CSV UTF-8 or XLSX."
# What tells the two from each other: bytes that one of them has not; ten signs of 1252 that are letters in 1250; one
# letter that is a sign there (ÿ); and letters in both that hardly a Western language has.
NOT_WESTERN, NOT_CENTRAL = b"\x81\x8d\x8f\x90\x9d", b"\x81\x83\x88\x90\x98"
LETTER = rb"[A-Za-z\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc0-\xd6\xd8-\xf6\xf8-\xfe]"  # in either
CARONS = "ŠŽšž".encode("cp1250")
LETTERS = [one for one in map(bytes, zip(range(256))) if re.match(LETTER, one)]
DIFFERING = b"".join(one for one in LETTERS if one.decode("cp1250") != one.decode("cp1252"))
# The signs of 1252 where they stand in words, other than in prices, measures and Spanish abbreviations: "£5m", "£bn",
# "UK£", "m³", "1¼in", "3ºB", "MªJosé", "¿Qué?".
WESTERN_SIGNS = re.compile(
    rb"[\xa3\xa5\xaa\xaf\xb3\xb9\xba\xbc\xbe\xbf](?:"
    rb"(?<=L[\xa3\xa5\xaf\xb3\xb9\xbc\xbe\xbf])(?=L)"  # within
    rb"|(?<=L\xba)(?=[a-z])"
    rb"|(?<=LLLL[\xa3\xa5])"  # at the end
    rb"|(?<=[^Mm]\xb3)(?<=L\xb3)"
    rb"|(?<=L[\xaf\xb9\xbc\xbe\xbf])"
    rb"|(?<!L.)(?<![0-9].)(?<![\xba\xbf])(?=LLL)"  # at the beginning
    rb")".replace(b"L", LETTER),
    re.DOTALL,
)
CENTRAL_SIGNS = re.compile(rb"\xff(?:(?=L)|(?<=L\xff))".replace(b"L", LETTER))


@dataclass(frozen=True)
class Encoding:
    codec: str
    name: str  # as people call it
    guessed: bool = False

    @property
    def notices(self) -> list[str]:
        if not self.guessed:
            return []
        return [
            f"The file is not Unicode and was read as {self.name}. "
            "Look at the accented letters before you import."
        ]


UTF_8 = Encoding("utf-8", "UTF-8")
BYTES = Encoding("latin-1", "bytes")  # each of them a character
WESTERN = Encoding("cp1252", "Windows-1252", guessed=True)
CENTRAL = Encoding("cp1250", "Windows-1250", guessed=True)


def find_encoding(source: Path, country: str = "") -> Encoding:
    """`country` (ISO code) decides where a file may be in either Windows encoding. Raises FileRefused for what is no
    text."""
    encoding = _utf_16(source)
    with opened(source, encoding or BYTES) as text:
        sample = text.read(SAMPLE)
    controls = len(CONTROL.findall(sample))
    if controls > FEW and controls * 50 > len(sample):
        raise FileRefused(NO_SHEET)
    return encoding or _utf_8(source) or _windows(source, country)


@contextmanager
def opened(source: Path, encoding: Encoding) -> Iterator[TextIO]:
    """The text behind its byte order mark, line ends as they are. Raises FileRefused where it can't be read."""
    with source.open(encoding=encoding.codec, newline="") as text:
        try:
            if text.read(1) != "\ufeff":
                text.seek(0)
            yield text
        except UnicodeDecodeError as error:
            raise FileRefused(
                "The letters of the file can't be read: it is neither UTF-8 nor UTF-16 nor Windows-1252 nor "
                "Windows-1250. Save it as CSV UTF-8 and upload it again."
            ) from error


def _utf_16(source: Path) -> Encoding | None:
    with source.open("rb") as file:
        start = file.read(2000)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "UTF-16")
    if start[1::2].count(0) > len(start) // 4:
        return Encoding("utf-16-le", "UTF-16")
    if start[0::2].count(0) > len(start) // 4:
        return Encoding("utf-16-be", "UTF-16")
    return None


def _windows(source: Path, country: str) -> Encoding:
    """The one that has all of the file's bytes. Where both have: the one in which fewer signs that are no letters stand
    in words, as in "£ódzka Spó³ka"; or Central European where its commonest letters stand beside others of its own."""
    western = central = carons = differing = 0
    is_western = is_central = True
    for piece in _pieces(source):
        is_western = is_western and not _holds(piece, NOT_WESTERN)
        is_central = is_central and not _holds(piece, NOT_CENTRAL)
        western += len(WESTERN_SIGNS.findall(piece))
        central += len(CENTRAL_SIGNS.findall(piece))
        carons += _holds(piece, CARONS)
        differing += _holds(piece, DIFFERING)
    if is_western != is_central:
        return WESTERN if is_western else CENTRAL
    if western != central:
        return WESTERN if western < central else CENTRAL
    if carons > 1 and carons * 4 > differing:
        return CENTRAL
    return CENTRAL if country in CENTRAL_EUROPE else WESTERN


def _holds(piece: bytes, wanted: bytes) -> int:
    """How many of the wanted bytes there are in the piece."""
    return len(piece) - len(piece.translate(None, wanted))


def _utf_8(source: Path) -> Encoding | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for piece in _pieces(source):
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            _refuse_damaged(source, line + error.object.count(b"\n", 0, error.start))
            return None
        line += piece.count(b"\n")
    return UTF_8


def _refuse_damaged(source: Path, line: int) -> None:
    """A file that is mostly good UTF-8 is a damaged one: guessing another encoding would garble it all."""
    good = broken = 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for piece in _pieces(source):
        text = decoder.decode(piece, final=not piece)
        if not text.isascii():
            replaced = text.count("\ufffd")
            good += len(text) - len(text.encode("ascii", errors="ignore")) - replaced
            broken += replaced
    if good > broken:
        raise FileRefused(
            f"Line {line} holds bytes that are not UTF-8, unlike the rest of the file. "
            "Was the file cut off, or put together from two?"
        )


def _pieces(source: Path) -> Iterator[bytes]:
    """The file, and an empty piece at its end."""
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
    yield b""
