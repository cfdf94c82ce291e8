"""What the command line tells of an import, in numbers: to a program, and to a person in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from history.models import Operation
from imports.models import PlanRow
from imports.steps import SUMMED

PLANNED = "planned"
LAST, HEADINGS = "as last", "by headings"
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
    are rows of the plan that have any. `columns` has the key of our column by each heading of the file, null for one
    that is not read; `matched` says whether that was told by the headings or is as somebody has matched them last."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    warnings: int = 0
    columns: dict[str, str | None] = field(default_factory=dict)
    matched: str = ""  # LAST or HEADINGS
    state: str = "refused"  # or: planned, not imported, running, done, cancelled, failed
    error: str = ""
    run: int | None = None
    operation: int | None = None

    def match(self, headings: Sequence[str], columns: Mapping[int, str], *, remembered: bool) -> None:
        """Of headings that are the same, the one that is read counts."""
        self.matched = LAST if remembered else HEADINGS
        for at, heading in enumerate(headings):
            name = heading or f"Column {at + 1}"
            self.columns[name] = columns.get(at) or self.columns.get(name)

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

    def interrupt(self) -> str:
        """Somebody has pressed Ctrl-C. Answers what is in."""
        if self.operation is None:
            self.leave(Operation.State.CANCELLED)
            return "Nothing was imported."
        if self.state == Operation.State.DONE:
            return "The import was done before."
        return "What was imported until then stays."

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
