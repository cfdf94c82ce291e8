"""Undoing an operation: what it did is taken back, but for what somebody touched since."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list

from history import standing
from history.holding import above, hold, key_above
from history.kept import write_down
from history.long import BATCH, Refused, ask_for
from history.models import Operation
from history.operations import current_operation, operation
from history.reversal import Reasons, Step, bring_back, change_back, take_out
from history.staying import below, keep_what_stays
from history.together import TOGETHER, alone
from history.trace_lists import Trace, TraceList
from history.traces import (
    Kept,
    Left,
    Model,
    Traces,
    called,
    counted,
    forget,
    kept_for_others,
    rows_of,
    traces_of,
)
from tenants.models import User

Kind = Operation.Kind
# What each way back has come to, for one row and for many.
DEEDS: dict[Step, tuple[str, str]] = {
    bring_back: ("was brought back", "were brought back"),
    change_back: ("went back to what it was", "went back to what they were"),
    take_out: ("was deleted", "were deleted"),
}


class NotUndoable(Exception):
    """The operation can't be undone, by nobody; the message says why."""


@dataclass(frozen=True)
class Undone:
    """What came of undoing, `went` in sentences. `operation` is None when every row had to be kept, and nothing has
    changed."""

    operation: Operation | None
    kept: list[Kept]
    went: list[str]


def check(original: Operation, user: User, *, sample: int | None = None) -> list[Traces]:
    """What undoing would take back. Raises NotUndoable, and PermissionDenied for who may not.

    Whoever did something may take it back while they still may do such things. Anybody else needs the
    permissions to do the opposite: to add what was deleted, to delete what was added. Where a model has a
    permission `restore_…`, as customers have, what others deleted is brought back only by who has that one; where it
    has `bulk_edit_…`, several rows are taken back only by who may edit several at once.
    With `sample`, only so many rows of each model are looked at.
    """
    _check_kind(original)
    found = traces_of(original, sample=sample)
    if sample is None:
        forget(found, standing.parts_of(original))
    if not found:
        raise NotUndoable("There is nothing to undo: no row was changed.")
    own = original.by_id == user.pk
    if not own and any(part.model.personal for part in found):
        raise PermissionDenied("What somebody does with what is theirs is taken back by nobody else.")
    needed = set().union(*(part.permissions(own=own) for part in found))
    if not user.has_perms(needed):
        raise PermissionDenied(f"Undoing this needs {', '.join(sorted(needed))}.")
    if sample is None:
        keep_what_stays(original, found)
    return found


def may_undo(original: Operation, user: User) -> bool:
    """By what it did to its first rows, so that asking costs the same however many there are."""
    try:
        check(original, user, sample=BATCH)
    except (NotUndoable, PermissionDenied):
        return False
    return True


def is_long(original: Operation) -> bool:
    """Whether undoing it takes longer than a request should."""
    return rows_of(original, BATCH) > BATCH


def _check_kind(original: Operation) -> None:
    if original.kind not in Operation.UNDOABLE:
        raise NotUndoable(f"This can't be undone: {original.get_kind_display().lower()}.")
    if not original.is_over:
        raise NotUndoable("This is still being done. Wait until it is over, or cancel it first.")
    if undone := standing.undo_of(original):
        done = "was undone already" if undone.is_over else "is being undone already"
        raise NotUndoable(f"This {done}, by {undone.by or 'Clientele'}, {_day(undone)}.")
    if not original.is_recent:
        raise NotUndoable(f"This was {settings.UNDO_DAYS} days ago and more: it can't be undone any longer.")


def undo(original: Operation, *, by: User) -> Undone:
    """Take back what the operation did, as an operation of its own, which can be undone too.

    Rows that others touched since, and what the database refuses, stay as they are and are listed. Raises
    NotUndoable and PermissionDenied. Six queries or so for every thousand rows.
    """
    if current_operation() is not None:
        raise RuntimeError("Undoing is an operation of its own, never part of another one.")
    with operation(Kind.UNDO, by=by, summary=summary(original)) as running:
        original = standing.hold(original)
        found = check(original, by)
        taking_back = TakingBack(original, found)
        taking_back.hold()
        while taking_back.step():
            pass
        kept = taking_back.kept()
        if running.touched:
            if kept:
                taking_back.write_down(running)
            running.take_back(original)
    return Undone(running if running.touched else None, kept, list(taking_back.in_words()))


def undo_later(original: Operation, *, by: User) -> Operation:
    """Have a worker undo it, in batches. Answers the operation that does. Raises NotUndoable, PermissionDenied."""
    from history.tasks import take_back

    original = standing.hold(original)
    check(original, by, sample=BATCH)
    asked = ask_for(Kind.UNDO, by=by, total=None, summary=summary(original))
    asked.take_back(original)
    take_back.later(operation_id=asked.pk)
    return asked


class UndoStep:
    """A batch of an undo that a worker does (history/long.py). One object undoes one operation."""

    def __init__(self) -> None:
        self.taking_back: TakingBack | None = None
        self.is_through = False

    def __call__(self, running: Operation) -> bool:
        assert running.undoes is not None
        standing.hold(running.undoes)
        if self.taking_back is None:
            self.taking_back = self._begin(running)
        if self.is_through:
            # A batch of its own: for a million rows it takes a while, and nobody's row is held.
            self.taking_back.write_down(running)
            return False
        self.is_through = not self.taking_back.step(hold=True)
        running.position = self.taking_back.went
        running.total = running.position + self.taking_back.left
        running.counts = {**running.counts, "changed": running.position}
        return True

    def _begin(self, running: Operation) -> TakingBack:
        original, by = running.undoes, running.by
        assert original is not None
        assert by is not None
        found = traces_of(original)
        own = original.by_id == by.pk
        if not all(by.has_perms(part.permissions(own=own)) for part in found):
            raise Refused(f"{by.name} may not undo this any longer.")
        # What an earlier worker has undone before it died is done, as is what an undo has that was stopped.
        forget(found, [running, *standing.parts_of(original)])
        keep_what_stays(original, found)
        return TakingBack(original, found, done=running.position)


class TakingBack:
    """The way back through what an operation did, a chunk of rows at a time.

    In rounds: what is in the way of one row (a primary contact, a reference) may be gone after the next. `went` rows
    have gone back, `done` of them before, and `left` are to come; what is kept is none of them.
    """

    def __init__(self, original: Operation, found: list[Traces], *, done: int = 0) -> None:
        self.original = original
        self.found = found
        steps: list[tuple[Step, Model, TraceList]] = [
            *((bring_back, part.model, alone(bring_back, part, found)) for part in found),
            *((change_back, part.model, part.changed.untouched()) for part in found),
            *((take_out, part.model, alone(take_out, part, found)) for part in reversed(found)),
        ]
        # What refers to others first.
        self.parts = {part.model: below(part, found)[::-1] for part in found}
        # Of what goes together with what it belongs to, so many are to come.
        self.waiting = sum(len(rows.untouched()) for part in found for rows in (part.deleted, part.added))
        self.waiting -= sum(len(traces) for step, _, traces in steps if step in TOGETHER)
        self.todo: deque[tuple[Step, Model, Sequence[Trace], int]] = deque(
            (step, model, traces, at) for step, model, traces in steps for at in range(0, len(traces), BATCH)
        )
        self._done = done
        self._went: Counter[tuple[Step, Model]] = Counter()
        self._refused: dict[tuple[Model, int], str] = {}
        self._again: deque[tuple[Step, Model, Sequence[Trace], int]] = deque()
        self._went_before = done  # this round

    @property
    def went(self) -> int:
        return self._done + self._went.total()

    @property
    def left(self) -> int:
        chunks = [*self.todo, *self._again]
        return self.waiting + sum(min(BATCH, len(traces) - at) for _, _, traces, at in chunks)

    def hold(self) -> None:
        """Hold what all of the rows belong to, in one go, as whoever edits them does: before them."""
        if any(part.model.told_below for part in self.found):
            self._hold({part.model: None for part in self.found})

    def _hold(self, rows: dict[Model, list[int] | None]) -> None:
        """Hold what those rows belong to; None stands for all that were written."""
        wrote: dict[Model, list[QuerySet[Any, Any]]] = defaultdict(list)
        for model, ids in rows.items():
            history = model.history.model.objects.filter(operation_id=self.original.pk).order_by()
            if ids is not None:
                history = history.filter(id__in=ids)
            wrote[above(model)].append(history.values_list(key_above(model)))
        for model, keys in wrote.items():
            hold(model, reduce(lambda one, other: one.union(other), keys))

    def step(self, *, hold: bool = False) -> bool:
        """Go through one chunk, and say whether there is more. `hold` holds what its rows belong to first."""
        if not self.todo:
            return False
        step, model, all_traces, at = self.todo.popleft()
        traces = list(all_traces[at : at + BATCH])
        if hold and model.told_below:
            self._hold({model: [trace.id for trace in traces]})
        together = step in TOGETHER and self.parts[model]
        reasons = self._go_together(step, model, traces) if together else step(self.original, model, traces)
        self._refused |= {(model, key): why for key, why in reasons.items()}
        self._try_again(step, model, [trace for trace in traces if trace.id in reasons])
        self._went[step, model] += len(traces) - len(reasons)
        return bool(self.todo) or self._next_round()

    def _go_together(self, step: Step, model: Model, traces: list[Trace]) -> Reasons:
        whole = TOGETHER[step](self.original, model, self.parts[model], traces)
        for part, gone in whole.gone.items():
            self._went[step, part] += gone
            self.waiting -= gone
        for part, later in whole.later.items():
            self._try_again(step, part, later)
            self.waiting -= len(later)
        self._refused |= {(part, key): why for part, stay in whole.parts.items() for key, why in stay.items()}
        return whole.stay

    def _try_again(self, step: Step, model: Model, traces: list[Trace]) -> None:
        self._again.extend((step, model, traces, at) for at in range(0, len(traces), BATCH))

    def _next_round(self) -> bool:
        if not self._again or self.went == self._went_before:
            self._again.clear()
            self.waiting = 0
            return False
        self.todo, self._again, self._went_before = self._again, deque(), self.went
        self._refused = {}
        return True

    def in_words(self) -> Iterator[str]:
        """ "2 customers and 3 contacts were brought back" """
        for step, (one, many) in DEEDS.items():
            went = {part.model: self._went[step, part.model] for part in self.found}
            went = {model: number for model, number in went.items() if number}
            if went:
                rows = get_text_list([counted(model, number) for model, number in went.items()], "and")
                yield f"{rows} {one if sum(went.values()) == 1 else many}"

    def kept(self) -> list[Kept]:
        """The rows that stay as they are: touched since, or refused by the database."""
        names = called(self._refused)
        return [
            *kept_for_others(self.found),
            *(Kept(model, key, names[model, key], why) for (model, key), why in self._refused.items()),
        ]

    def write_down(self, running: Operation) -> None:
        """Keep which rows those are, and how many."""
        running.counts = {**running.counts, "kept": write_down(running, self._left())}

    def _left(self) -> Iterator[Left]:
        for part in self.found:
            yield from part.left()
        for (model, key), why in self._refused.items():
            yield model, key, None, why


def summary(original: Operation) -> str:
    source = f" from {original.source}" if original.source else ""
    summary = f": {original.summary}" if original.summary else ""
    return f"{original.get_kind_display()}{source}{summary}"


def _day(done: Operation) -> str:
    return date_format(timezone.localtime(done.at), "DATE_FORMAT")
