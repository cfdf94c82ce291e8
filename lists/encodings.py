"""Which encoding the text of a file is in."""

from __future__ import annotations

import codecs
import re

from lists.sheets import FileRefused

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SAMPLE = 100_000
FEW = 4  # as many control characters may stray into a text; its rows are refused for them
# Where Windows programs write Central European letters (Windows-1250) instead of Western ones.
CENTRAL_EUROPE = frozenset(["AL", "BA", "CZ", "HR", "HU", "ME", "PL", "RO", "RS", "SI", "SK"])


def decode(data: bytes, country: str = "") -> tuple[str, list[str]]:
    """The text, and a notice if its encoding had to be guessed. Raises FileRefused for what is no text."""
    encoding = _unicode(data)
    notices = []
    if encoding is None:
        encoding = "cp1250" if country in CENTRAL_EUROPE else "cp1252"
        notices = [
            f"The file is not Unicode and was read as {encoding.replace('cp', 'Windows-')}. "
            "Look at the accented letters before you import."
        ]
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(
            "The letters of the file can't be read: it is neither UTF-8 nor UTF-16 nor in a Windows encoding. "
            "Save it as CSV UTF-8 and upload it again."
        ) from error
    sample = text[:SAMPLE]
    controls = len(CONTROL.findall(sample))
    if controls > FEW and controls * 50 > len(sample):
        raise FileRefused("This is not a CSV or XLSX file. Save the sheet as CSV UTF-8 or XLSX.")
    return text.removeprefix("\ufeff"), notices


def _unicode(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = data[:2000]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[0::2].count(0) > len(start) // 4:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged(data, error)
        return None
    return "utf-8"


def _refuse_damaged(data: bytes, error: UnicodeDecodeError) -> None:
    """A file that is mostly good UTF-8 is a damaged one: guessing another encoding would garble it all."""
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    good = sum(1 for char in lenient if char > "\x7f") - broken
    if good > broken:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"Line {line} holds bytes that are not UTF-8, unlike the rest of the file. "
            "Was the file cut off, or put together from two?"
        )
