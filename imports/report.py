"""What came of an import, for its page: numbers that add up, and the rows that were not written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from history.models import Operation
from history.operation_views import took
from history.standing import parts_of, undo_of
from history.undo import may_undo
from imports.formats import Written, written
from imports.models import ImportRun, PlanRow
from imports.plan_page import BIGGEST_ROW, CARDS, SHOWN, WARNED, Line, labels_for, line
from imports.steps import SUMMED
from tenants.models import User

WORDS = {
    "created": "added",
    "updated": "changed",
    "unchanged": "unchanged",
    "skipped": "skipped",
    "failed": "not imported",
}
Outcome = PlanRow.Outcome
LEFT = (Outcome.MOVED, Outcome.FAILED)


@dataclass(frozen=True)
class Report:
    """Of a run that was carried out, whatever came of it."""

    run: ImportRun
    user: User

    @property
    def operation(self) -> Operation:
        assert self.run.operation is not None
        return self.run.operation

    @property
    def counts(self) -> dict[str, Any]:
        """As the operation counted; before its first batch was done it has counted nothing."""
        planned = self.run.plan["counts"]
        nothing = dict.fromkeys(SUMMED, 0)
        return {"rows": sum(planned.values()), "warnings": 0, **nothing, **self.operation.counts}

    @property
    def parts(self) -> list[tuple[str, str, int]]:
        """Name, word and number of what the rows came to."""
        counts = self.counts
        parts = [(name, WORDS[name], int(counts[name])) for name in SUMMED]
        return [*parts, ("left", "not reached", self.not_reached)] if self.not_reached else parts

    @property
    def missing(self) -> int:
        """How many rows nothing is known of."""
        counts = self.counts
        return int(counts["rows"]) - sum(int(counts[name]) for name in SUMMED)

    @property
    def not_reached(self) -> int:
        """Rows that it didn't come to, as it was stopped before."""
        return 0 if self.operation.state == Operation.State.DONE else max(self.missing, 0)

    @property
    def adds_up(self) -> bool:
        return self.missing == self.not_reached

    @property
    def wrote_nothing(self) -> bool:
        """Whether no row has gone in, though some were to."""
        counts = self.counts
        return not (counts["created"] or counts["updated"]) and counts["failed"] > self.with_errors

    @property
    def with_errors(self) -> int:
        """Rows that were left out as the plan said."""
        return int(self.run.plan["counts"][PlanRow.Action.ERROR])

    def left(self, after: int = 0) -> tuple[Sequence[Line], int | None]:
        """Rows that were planned to be written and were not, a page of them, with where the next page begins."""
        if self.counts["failed"] <= self.with_errors:
            return [], None
        found = list(self._left().filter(number__gt=min(after, BIGGEST_ROW)).order_by("number")[: SHOWN + 1])
        labels = labels_for(self.user, self.run.subject)
        shown = [line(row, labels, self.run) for row in found[:SHOWN]]
        return shown, shown[-1].row.number if len(found) > SHOWN else None

    def _left(self) -> QuerySet[PlanRow]:
        rows: QuerySet[PlanRow] = PlanRow.objects.filter(run=self.run, outcome__in=LEFT).defer("writes")
        return rows

    @property
    def undone(self) -> Operation | None:
        return undo_of(self.operation)

    @property
    def undone_parts(self) -> list[Operation]:
        """What was stopped before it had taken back everything."""
        return parts_of(self.operation)

    @property
    def may_undo(self) -> bool:
        return self.operation.is_undoable and may_undo(self.operation, self.user)

    @property
    def formats(self) -> list[Written]:
        """In which format columns were read, of those that have one."""
        return list(written(self.run, self.user))

    @property
    def took(self) -> str:
        return took(self.operation)


def counts(run: ImportRun) -> Iterator[tuple[str, int]]:
    """What came of its rows, or what would; nothing where that is not known."""
    if run.operation:
        told = [(word, run.operation.counts.get(name, 0)) for name, word in WORDS.items()]
    elif run.stage == ImportRun.Stage.READY:
        planned = {**run.plan["counts"], WARNED: 0}
        told = [(label.lower(), planned[action]) for action, label in CARDS.items() if action]
    else:
        told = []
    return ((word, number) for word, number in told if number)
