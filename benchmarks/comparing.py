"""One request at the company with few customers and at the one with many, in turns."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from benchmarks.asking import Visitor
from benchmarks.tables import middle, p95

WARM_UPS, FEWEST = 2, 5
PATIENCE = 3.0  # seconds for one request; a slow one is repeated less often
SLOWEST, FURTHEST = 0.100, 1.5  # the goals: p95 in seconds, and big / few


@dataclass(frozen=True)
class Compared:
    """Medians in seconds; `slow` is the 95th percentile at big, `sql` the time of the statements alone there."""

    few: float
    big: float
    slow: float
    sql: float
    queries: int

    @property
    def ratio(self) -> float:
        return self.big / self.few

    @property
    def misses(self) -> str:
        found = ["p95" if self.slow > SLOWEST else "", "ratio" if self.ratio > FURTHEST else ""]
        return ", ".join(filter(None, found))


def compare(few: tuple[Visitor, str], big: tuple[Visitor, str], repeats: int) -> Compared:
    """Each a visitor and the path they ask for."""
    started = perf_counter()
    for _ in range(WARM_UPS):
        few[0].ask(few[1])
        _, asked = big[0].watch(big[1])
    at_few: list[float] = []
    at_big: list[float] = []
    while len(at_big) < repeats and (len(at_big) < FEWEST or perf_counter() - started < PATIENCE):
        at_few.append(few[0].ask(few[1]))
        at_big.append(big[0].ask(big[1]))
    queries = asked.queries
    return Compared(
        few=middle(at_few),
        big=middle(at_big),
        slow=p95(at_big),
        sql=middle([big[0].repeat(queries) for _ in range(max(3, len(at_big) // 3))]),
        queries=len(queries),
    )
