"""Rows of a CSV file with fewer cells than the heading: empty ones left out at their end, or pieces of a broken row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from lists.sheets import Row, is_blank
from tenants.numbers import grouped

SHOWN = 10
MOST = 10_000  # rows that are looked at together
ADVICE = (
    "If a line break within a text has divided a row here, put the text into quotation marks. If not, add the empty "
    "cells that are missing at the row's end, or leave the row out."
)


@dataclass
class Named:
    """Rows of one kind: how many, and the first of them by number."""

    number: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.number += 1
        if len(self.first) < SHOWN:
            self.first.append(number)

    def __str__(self) -> str:
        left = self.number - len(self.first)
        more = f" and {grouped(left)} more" if left else ""
        return f"Look at row{'s' * (self.number > 1)} {', '.join(map(str, self.first))}{more}."


def told_apart(rows: Iterable[Row], width: int, short: Named) -> Iterator[Row]:
    """All rows, in order. Those that lack cells are noted in `short`, or have a problem.

    A line break within a text without quotation marks makes several rows of one, which together have its cells. A row
    of a single cell is no customer but a remark, or such a piece.
    """
    together: list[Row] = []
    for row in rows:
        lacks = len(row.cells) < width
        if together and (not lacks or len(together) == MOST):
            yield from _settled(together, width, short)
            together = []
        if lacks:
            together.append(row)
        else:
            yield row
    yield from _settled(together, width, short)


def _settled(rows: list[Row], width: int, short: Named) -> Iterator[Row]:
    """Rows that all lack cells, and follow each other."""
    pieces = _pieces([len(row.cells) for row in rows], width)
    for row, is_piece in zip(rows, pieces, strict=True):
        if is_blank(row.cells):
            yield row
            continue
        if is_piece or len(row.cells) == 1:
            row.problems[None] = (
                f"The row has {len(row.cells)} cell{'s' * (len(row.cells) != 1)}, the heading has {width}. {ADVICE}"
            )
        else:
            short.add(row.number)
        yield row


def _pieces(widths: Sequence[int], width: int) -> Iterator[bool]:
    """Whether each row may be a piece: with some of those beside it, it has exactly the cells of a whole one."""
    ends = list(
        accumulate((max(cells - 1, 0) for cells in widths), initial=0)
    )  # a break divides one cell into two
    begins: dict[int, int] = {}  # by the sum before it, the first row that has it
    opened = [0] * len(ends)
    for at, end in enumerate(ends):
        begin = begins.get(end - (width - 1), at)
        if at - begin > 1:
            opened[begin] += 1
            opened[at] -= 1
        begins.setdefault(end, at)
    return (depth > 0 for depth in list(accumulate(opened))[:-1])
