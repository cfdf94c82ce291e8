"""Text as it stands in a cell of an exported file, and back.

A spreadsheet runs a cell that begins with = + - @, a tab or a line break as a formula. In a CSV file such a
cell gets an apostrophe in front. A cell that looks like that already (apostrophes, then one of those
characters) gets one more, so that `unescape(escape(text)) == text` for every text; 't Hooft is left alone.

A cell of an XLSX file is typed as text and runs nothing, so only the second half of the rule is needed there:
`unescape(guard(text)) == text`. An import calls `unescape` on the cells of either.
"""

import re
from collections.abc import Iterable

RISKY = re.compile(r"'*[=+\-@\t\r\n]")
ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")
# Many texts are looked at together: before each stands a NUL, which no text of the database holds.
NUL = "\x00"
ANY_RISKY = re.compile(f"{NUL}'*[=+\\-@\t\r\n]")
ANY_ESCAPED = re.compile(f"{NUL}'+[=+\\-@\t\r\n]")
# What XML 1.0 can't hold, beside NUL: other control characters, surrogates and the two non-characters.
ILLEGAL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """For a cell of a CSV file."""
    return f"'{text}" if RISKY.match(text) else text


def joined(texts: Iterable[str | None]) -> str:
    """Texts to be looked at together, each behind a NUL. Those that are not there are empty."""
    return NUL + NUL.join([text or "" for text in texts])


def guard(text: str) -> str:
    """For a cell of an XLSX file that is typed as text."""
    return f"'{text}" if ESCAPED.match(text) else text


def unescape(cell: str) -> str:
    """What `escape` or `guard` was given."""
    return cell[1:] if ESCAPED.match(cell) else cell


def legal(text: str) -> str:
    """Without the characters that an XLSX file can't hold; NUL, which `joined` needs, stays."""
    return ILLEGAL.sub("", text)


class Real(str):
    """A cell that is a number to its workbook, and has a part behind the point: it is one of decimals, whatever the
    country."""

    __slots__ = ()
