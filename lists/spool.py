"""The rows of an uploaded file, whatever its format, written to a plain file of our own.

An upload is read once, as a stream. What was read lies beside it and can be read again in no time, from any row. Each
record is one row, as the csv module writes it: number, cells (also those behind the last column, if the row is refused
for them), and the problems as JSON ('' for none). Behind the rows stands where some of them begin, in JSON, and in the
last line where that stands.
"""

from __future__ import annotations

import csv
import io
import json
import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from django.conf import settings

from lists.encodings import NO_SHEET
from lists.files import opened
from lists.profiles import Profile, Profiler
from lists.sheets import (
    MAX_CELL,
    MAX_COLUMNS,
    FileRefused,
    Row,
    SheetFile,
    filled_end,
    is_blank,
    too_many_rows,
)
from tenants.fields import ANY_CONTROL
from tenants.numbers import grouped

PART = ".part"  # how the file's name ends while it is written
CHUNK = 2_000  # rows that are written together, if they aren't long
MAX_CHUNK = 2_000_000  # characters
MAX_KEPT = 100_000  # characters of a cell, which the csv module can read again
LAST_LINE = 24  # bytes


@dataclass(frozen=True)
class Spooled:
    """What was found out about a file while it was read."""

    headers: list[str]
    rows: int  # without the heading and empty rows
    notices: list[str]
    profiles: list[Profile]
    sheets: list[str]  # of an XLSX file: the names of the visible sheets that hold anything
    sheet: str  # which one was read
    encoding: str  # of a CSV file, as people call it: "UTF-8", "Windows-1252"
    separator: str  # likewise: "comma", "semicolon"
    heading: int = 1  # the number of its row

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Self:
        """What `dataclasses.asdict` was given."""
        return cls(**{**kept, "profiles": [Profile.from_dict(profile) for profile in kept["profiles"]]})


def spool(
    source: Path,
    target: Path,
    *,
    country: str = "",
    sheet: str = "",
    heading: int = 0,
    progress: Callable[[int], None] = lambda rows: None,
) -> Spooled:
    """Read the upload `source` and write its rows to `target`, which is there whole or not at all.

    `country` (ISO code) helps to guess the letters of an old CSV file; `sheet` chooses one of an XLSX file; `heading`
    is the number of the row that is the heading, 0 where that is to be found out. `progress` is told how many rows
    were read, every few thousand; what it raises ends the reading. Raises FileRefused, whose message says what to
    do.
    """
    part = target.with_name(f"{target.name}{PART}")
    try:
        with (
            opened(source, scratch=target.parent, country=country, sheet=sheet, heading=heading) as file,
            open(part, "wb", opener=_for_us_alone) as out,
        ):
            spooled = _Spooling(out, progress).spool(file)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return spooled


def read_spool(target: Path, start: int = 0) -> Iterator[Row]:
    """The rows after the first `start` ones, each with as many cells as there are headers."""
    with target.open("rb") as file:
        index = _Index.of(file)
        if start >= index.rows:
            return
        chunk = bisect_right(index.firsts, start) - 1
        file.seek(index.offsets[chunk])
        first = index.firsts[chunk]
        records = csv.reader(io.TextIOWrapper(file, "utf-8", newline="\n"))
        for cells in islice(records, start - first, index.rows - first):
            problems = cells.pop()
            number = int(cells.pop(0))
            row = Row(number, cells, dict(json.loads(problems)) if problems else {})
            if len(cells) != index.width:
                row.surplus = cells[index.width :]
                del cells[index.width :]
                cells += [""] * (index.width - len(cells))  # rows of more cells came later
            yield row


class _Index(NamedTuple):
    """What stands behind the rows of a spool."""

    rows: int
    width: int
    firsts: list[int]  # the rows with which a chunk begins
    offsets: list[int]  # and where they stand, in bytes

    @classmethod
    def of(cls, file: BinaryIO) -> Self:
        file.seek(-LAST_LINE, os.SEEK_END)
        file.seek(int(file.read(LAST_LINE)))
        return cls(*json.loads(file.readline()))

    def write(self, file: BinaryIO, offset: int) -> None:
        file.write(f"{json.dumps(self)}\n{offset:{LAST_LINE - 1}}\n".encode())


class _Spooling:
    """Writes the rows of one file."""

    def __init__(self, out: BinaryIO, progress: Callable[[int], None]) -> None:
        self.out = out
        self.progress = progress
        self.rows = self.width = self.offset = 0
        self.index = _Index(0, 0, [], [])
        self.profilers: list[Profiler] = []

    def spool(self, file: SheetFile) -> Spooled:
        rows = file.rows()
        heading = next((row.cells for row in rows if not is_blank(row.cells)), None)
        if heading is None:
            raise FileRefused("The file is empty.")
        headers = [
            ANY_CONTROL.sub("\ufffd", " ".join(cell.split())) for cell in heading[: filled_end(heading)]
        ]
        self._widen(len(headers))
        for chunk in self._chunks(rows):
            self._write(chunk)
            self.progress(self.rows)
        if not self.rows:
            if "\ufffd" in "".join(headers):
                raise FileRefused(NO_SHEET)
            raise FileRefused("The file holds a heading and no rows. Add a row for each customer.")
        self.index._replace(rows=self.rows, width=self.width).write(self.out, self.offset)
        return Spooled(
            headers=headers + [""] * (self.width - len(headers)),
            rows=self.rows,
            notices=file.notices(),
            profiles=[profiler.profile() for profiler in self.profilers],
            sheets=file.sheets,
            sheet=file.sheet,
            encoding=file.encoding,
            separator=file.separator,
            heading=file.heading,
        )

    def _chunks(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """The rows that hold anything. Raises FileRefused for more than may be imported at once."""
        most = int(settings.IMPORT_MAX_ROWS)
        chunk: list[Row] = []
        size = 0
        for row in rows:
            text = "".join(row.cells)
            if not text or text.isspace():
                continue
            if self.rows + len(chunk) == most:
                raise too_many_rows(most)
            self._fit(row, len(text))
            chunk.append(row)
            size += len(text)
            if len(chunk) == CHUNK or size > MAX_CHUNK:
                yield chunk
                chunk = []
                size = 0
        if chunk:
            yield chunk

    def _fit(self, row: Row, length: int) -> None:
        """Give the row as many cells as all rows have; one that is refused keeps those that it has too many.

        `length`: of its cells together.
        """
        cells = row.cells
        if len(cells) > self.width:
            if None not in row.problems:
                self._widen(filled_end(cells))
                del cells[self.width :]
            else:
                del cells[MAX_COLUMNS:]
        elif len(cells) < self.width:
            cells += [""] * (self.width - len(cells))
        if length > MAX_CELL:
            for position, cell in enumerate(cells):
                if len(cell) > MAX_CELL:
                    cells[position] = cell[:MAX_KEPT]
                    row.problems[position] = (
                        f"The cell holds more than {grouped(MAX_CELL)} characters. Shorten it."
                    )

    def _widen(self, width: int) -> None:
        if width > MAX_COLUMNS:
            raise FileRefused(f"The file has {width} columns; {MAX_COLUMNS} can be read.")
        self.width = max(self.width, width)
        self.profilers += [Profiler() for _ in range(self.width - len(self.profilers))]

    def _write(self, chunk: list[Row]) -> None:
        for profiler, cells in zip(
            self.profilers, zip_longest(*[row.cells for row in chunk], fillvalue=""), strict=False
        ):
            profiler.add(cells)
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[row.number, *row.cells, _as_json(row.problems)] for row in chunk])
        data = text.getvalue().encode()
        self.out.write(data)
        self.index.firsts.append(self.rows)
        self.index.offsets.append(self.offset)
        self.rows += len(chunk)
        self.offset += len(data)


def _as_json(problems: dict[int | None, str]) -> str:
    return json.dumps(list(problems.items())) if problems else ""


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
