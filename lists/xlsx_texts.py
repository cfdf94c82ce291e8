"""The texts that the cells of an XLSX file share. There may be millions: most lie in a file, and few are held."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from lists.sheets import MAX_CELL, FileRefused
from lists.xlsx_parts import Book, damage_refused
from lists.xml_pieces import DAMAGED, XmlReading, decoded

BLOCK = 256  # texts that are kept and fetched together
HELD = 4 * 1024 * 1024  # bytes of texts that are held at a time


class SharedTexts:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.starts = array("Q", [0])  # where each block begins, and the last one ends
        self.held: dict[int, list[str]] = {}
        self.size = 0  # bytes of those

    def add(self, texts: list[str]) -> None:
        """The next ones: `BLOCK` of them, but for the last time."""
        data = "\0".join(texts).encode()
        self.file.write(data)
        self.starts.append(self.starts[-1] + len(data))

    def __getitem__(self, number: int) -> str:
        block = self.held.get(number // BLOCK)
        if block is None:
            block = self._fetch(number // BLOCK)
        return block[number % BLOCK]

    def _fetch(self, number: int) -> list[str]:
        if not 0 <= number < len(self.starts) - 1:
            raise IndexError(number)
        size = self._size(number)
        while self.held and self.size + size > HELD:
            oldest = next(iter(self.held))
            del self.held[oldest]
            self.size -= self._size(oldest)
        block = os.pread(self.file.fileno(), size, self.starts[number]).decode().split("\0")
        self.held[number] = block
        self.size += size
        return block

    def _size(self, number: int) -> int:
        return self.starts[number + 1] - self.starts[number]


@contextmanager
def shared_texts(book: Book, scratch: Path) -> Iterator[SharedTexts]:
    """Their file is in the folder `scratch` for as long. Raises FileRefused."""
    with tempfile.TemporaryFile(dir=scratch) as file:
        texts = SharedTexts(file)
        if book.texts:
            with damage_refused(), book.package.open(book.texts) as part:
                for found in _TextsReading().texts(part):
                    texts.add(found)
            file.flush()
        yield texts


class _TextsReading(XmlReading):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []  # not handed over yet
        self.item = self.run = self.spoken = ""  # what the elements are called here
        self.text = ""
        self.is_spoken = False

    def texts(self, part: IO[bytes]) -> Iterator[list[str]]:
        """`BLOCK` of them at a time, but for the last time."""
        for _ in self.read(part):
            while len(self.found) >= BLOCK:
                yield self.found[:BLOCK]
                del self.found[:BLOCK]
        yield self.found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.pieces.clear()
        self.depth += 1
        if name == self.item:
            self.text = ""
        elif name == self.spoken:
            self.is_spoken = True
        elif not self.item:
            if not name.endswith("sst"):
                raise FileRefused(DAMAGED)
            prefix = name.removesuffix("sst")
            self.item, self.run, self.spoken = f"{prefix}si", f"{prefix}t", f"{prefix}rPh"

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == self.run:
            if not self.is_spoken and len(self.text) <= MAX_CELL:
                self.text += decoded("".join(self.pieces))
        elif name == self.item:
            self.found.append(self.text[: MAX_CELL + 1])
        elif name == self.spoken:  # how a text is pronounced is no part of it
            self.is_spoken = False
