"""Every list request at both companies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.asking import Visitor
from benchmarks.comparing import FURTHEST, SLOWEST, Compared, compare
from benchmarks.filling import BIG, SMALL
from benchmarks.requests import Request, requests
from benchmarks.tables import Tell, header, line, ms
from lists.listing import Listing

REPEATS = 21
COLUMNS = (
    "request",
    "rows",
    "few ms",
    "big ms",
    "big p95",
    "ratio",
    "SQL ms",
    "Python ms",
    "queries",
    "misses",
)


@dataclass(frozen=True)
class Figures:
    """Of one request; `rows` are on the page at few and at big."""

    name: str
    path: str
    rows: tuple[int, int]
    compared: Compared

    @property
    def cells(self) -> Sequence[object]:
        rows = str(self.rows[1]) if self.rows[0] == self.rows[1] else f"{self.rows[0]} / {self.rows[1]}"
        return [self.name, rows, *cells_of(self.compared)]


def cells_of(found: Compared) -> list[object]:
    times = [ms(time) for time in (found.few, found.big, found.slow)]
    own = max(found.big - found.sql, 0.0)
    return [*times, f"{found.ratio:.2f}", ms(found.sql), ms(own), found.queries, found.misses]


def measure_lists(
    tell: Tell, *, only: str = "", repeats: int = REPEATS, file: Path | None = None
) -> list[Figures]:
    """Prints a table as it goes."""
    few, big = Visitor.of(SMALL), Visitor.of(BIG)
    pairs = list(zip(requests(few, only), requests(big, only), strict=True))
    header(tell, "List requests", COLUMNS)
    found = []
    for at_few, at_big in pairs:
        compared = compare((few, at_few.path), (big, at_big.path), repeats)
        rows = (rows_of(few, at_few), rows_of(big, at_big))
        found.append(Figures(at_big.name, at_big.path, rows, compared))
        tell(line(found[-1].cells))
    missed = [one for one in found if one.compared.misses]
    goals = f"p95 ≤ {ms(SLOWEST)} ms, ratio ≤ {FURTHEST}"
    tell(f"\n{len(found)} requests, {len(missed)} miss a goal ({goals}).")
    if file:
        file.write_text(json.dumps([as_json(one) for one in found], ensure_ascii=False, indent=1))
    return found


def as_json(figures: Figures) -> dict[str, Any]:
    compared = figures.compared
    told = {"name": figures.name, "path": figures.path, "rows": figures.rows}
    return {**told, **asdict(compared), "ratio": compared.ratio, "misses": compared.misses}


def rows_of(visitor: Visitor, request: Request) -> int:
    """How many rows its page shows."""
    with visitor.inside():
        listing = Listing(*request.declared(visitor))
        return len(listing.matches.page([]).rows)
