"""What the command line tells of an import, in numbers: to a program, and to a person in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from history.models import Operation
from imports.models import PlanRow
from imports.steps import SUMMED

PLANNED = "planned"
COUNTED = {
    PlanRow.Action.CREATE: "created",
    PlanRow.Action.UPDATE: "updated",
    PlanRow.Action.UNCHANGED: "unchanged",
    PlanRow.Action.SKIP: "skipped",
    PlanRow.Action.ERROR: "failed",
}
WORDS = {  # before and after
    "created": ("to be added", "added"),
    "updated": ("to be changed", "changed"),
    "unchanged": ("unchanged", "unchanged"),
    "skipped": ("left out", "left out"),
    "failed": ("with errors", "not imported"),
}


def rows(number: int) -> str:
    """ "1 row", "91 rows" """
    return f"{number:,} row{'' if number == 1 else 's'}"


@dataclass
class Told:
    """What `--json` prints. The five numbers add up to `rows`; those of a dry run are what would be. `warnings`
    are rows of the plan that have any."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    warnings: int = 0
    state: str = "refused"  # or: planned, not imported, running, done, cancelled, failed
    error: str = ""
    run: int | None = None
    operation: int | None = None

    def plan(self, counts: Mapping[str, int], warnings: int) -> None:
        self.state = PLANNED
        self.rows, self.warnings = sum(counts.values()), warnings
        for action, name in COUNTED.items():
            setattr(self, name, counts[action])

    def leave(self, state: str) -> None:
        """Nothing of the plan is carried out."""
        self.state = state
        self.skipped += self.created + self.updated
        self.created = self.updated = 0

    def lines(self) -> Iterator[str]:
        yield rows(self.rows)
        for name, (before, after) in WORDS.items():
            if number := getattr(self, name):
                yield f"{number:>10,} {before if self.state == PLANNED else after}"
        if self.warnings:
            yield f"{self.warnings:>10,} with warnings"

    def came_to(self, operation: Operation) -> None:
        """Rows that it did not reach are left out."""
        self.state, self.error, self.operation = operation.state, operation.error, operation.pk
        for name in SUMMED:
            setattr(self, name, operation.counts.get(name, 0))
        self.skipped += self.rows - sum(getattr(self, name) for name in SUMMED)
