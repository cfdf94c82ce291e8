"""Reading XML a piece at a time, of files that may be made to harm: nothing is expanded, and nothing grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from lists.sheets import FileRefused

PIECE = 64 * 1024
MAX_TOKEN = 1024 * 1024  # bytes of a tag or comment, which the parser holds as a whole
MAX_PIECES = 50  # of one text, of 8 to 64 kB each
MAX_DEPTH = 1_000  # elements in each other, which the parser remembers
# A character that XML can't hold, or an underscore before what looks like one, as Office writes them.
ENCODED = re.compile(r"_x(?!0000|[Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
DAMAGED = "The XLSX file is damaged. Open it in a spreadsheet program, save it again and upload that."


class XmlReading:
    """Takes something from the XML of one part. Subclasses look at the elements as they begin and end.

    What an element holds, `pieces` has when it ends. Where there are millions of elements, subclasses do what `start`
    and `end` do by themselves: to call super() would be a quarter of all the time.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.depth = 0  # how many elements are open

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.pieces.clear()
        self.depth += 1

    def end(self, name: str) -> None:
        self.depth -= 1

    def read(self, file: IO[bytes]) -> Iterator[None]:
        """Reads the part, with a turn for the caller after each piece. Raises FileRefused, ExpatError."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_definitions
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.pieces.append
        given = 0
        while piece := file.read(PIECE):
            parser.Parse(piece, False)
            given += len(piece)
            token = given - parser.CurrentByteIndex
            if token > MAX_TOKEN or len(self.pieces) > MAX_PIECES or self.depth > MAX_DEPTH:
                raise FileRefused(DAMAGED)
            yield
        parser.Parse(b"", True)
        yield


def _refuse_definitions(*declared: Any) -> None:
    """They may be bombs."""
    raise FileRefused(DAMAGED)


def decoded(text: str) -> str:
    """With the characters that stand there by number."""
    return ENCODED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
