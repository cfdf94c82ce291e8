"""What a page of 50 rows and 10 columns costs in Python, on top of its queries.

That is the processor's time of the process, which neither waits for the database nor for other programs.
"""

from __future__ import annotations

from time import process_time

from benchmarks.asking import Visitor
from benchmarks.filling import BIG
from benchmarks.tables import Tell, header, line, middle, ms, p95

REPEATS, WARM_UPS = 60, 5
MOST = 0.025  # seconds, the goal
COLUMNS = ("page", "all ms", "queries ms", "Python ms", "least", "p95", "misses")
PAGES = {
    "customers, 50 rows × 10 columns": "/customers/?size=50&columns=name,status,reference,segment,billing_city,"
    "email,responsible_manager,updated_at,phone,channel",
    "contacts, 50 rows × 9 columns": "/contacts/?size=50&columns=name,customer,job_title,relation,email,phone,"
    "primary,receives,updated_at",
}


def measure_rendering(tell: Tell, *, repeats: int = REPEATS) -> list[float]:
    """Prints a table; the medians of Python's part, in seconds."""
    big = Visitor.of(BIG)
    header(tell, "Rendering", COLUMNS)
    found = []
    for name, path in PAGES.items():
        for _ in range(WARM_UPS):
            big.ask(path)
        measured = [_measure(big, path) for _ in range(repeats)]
        everything, queries, own = (list(times) for times in zip(*measured, strict=True))
        found.append(middle(own))
        times = (middle(everything), middle(queries), middle(own), min(own), p95(own))
        tell(line((name, *map(ms, times), "Python" if middle(own) > MOST else "")))
    return found


def _measure(visitor: Visitor, path: str) -> tuple[float, float, float]:
    """Seconds for all, for the queries, and of Python."""
    before = process_time()
    taken, asked = visitor.watch(path)
    return taken, asked.seconds, process_time() - before
