"""Other pages whose cost must not grow with the company."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.asking import Visitor
from benchmarks.comparing import Compared, compare
from benchmarks.filling import BIG, SMALL
from benchmarks.lists import REPEATS, cells_of
from benchmarks.tables import Tell, header, line
from benchmarks.words import BROAD, MEDIUM
from customers.models import Customer

COLUMNS = ("page", "few ms", "big ms", "big p95", "ratio", "SQL ms", "Python ms", "queries", "misses")


def customer(path: str) -> Callable[[Visitor], str]:
    """A page of the customer with the same number in both companies."""

    def found(visitor: Visitor) -> str:
        with visitor.inside():
            return path.format(pk=Customer.objects.by_reference("C-000042").get().pk)

    return found


PAGES: dict[str, Callable[[Visitor], str]] = {
    "dashboard": lambda visitor: "/",
    "customer": customer("/customers/{pk}/"),
    "customer, contacts": customer("/customers/{pk}/contacts/"),
    "customer, history": customer("/customers/{pk}/history/"),
    "jump, a medium word": lambda visitor: f"/jump/?q={MEDIUM}",
    "jump, a broad word": lambda visitor: f"/jump/?q={BROAD}",
    "jump, a reference": lambda visitor: "/jump/?q=C-000042",
}


def measure_pages(tell: Tell, *, repeats: int = REPEATS) -> dict[str, Compared]:
    """Prints a table as it goes."""
    few, big = Visitor.of(SMALL), Visitor.of(BIG)
    header(tell, "Other pages", COLUMNS)
    found = {}
    for name, path in PAGES.items():
        found[name] = compare((few, path(few)), (big, path(big)), repeats)
        tell(line([name, *cells_of(found[name])]))
    return found
