"""Figures as the tables of a Markdown document, a line as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from statistics import median

Tell = Callable[[str], None]


def header(tell: Tell, title: str, columns: Sequence[str]) -> None:
    """All columns but the first and the last are numbers."""
    tell(f"\n### {title}\n")
    tell(line(columns))
    tell(line(["---", *["--:"] * (len(columns) - 2), "---"]))


def line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def ms(seconds: float) -> str:
    """“12.3” for a time in seconds."""
    return f"{seconds * 1000:.1f}"


def p95(times: Sequence[float]) -> float:
    """What 95 of 100 stay below."""
    return sorted(times)[ceil(0.95 * len(times)) - 1]


def middle(times: Sequence[float]) -> float:
    return median(times)
