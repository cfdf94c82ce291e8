"""Undoing an operation: what it did is taken back, but for what somebody touched since."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from history.holding import above, hold, key_above
from history.models import Operation
from history.operations import current_operation, operation
from history.reversal import Step, bring_back, change_back, take_out
from history.traces import Kept, Model, Trace, Traces, called, kept_for_others, traces_of, untouched
from tenants.models import User

Kind = Operation.Kind


class NotUndoable(Exception):
    """The operation can't be undone, by nobody; the message says why."""


@dataclass(frozen=True)
class Undone:
    """What came of undoing. `operation` is None when every row had to be kept, and nothing has changed."""

    operation: Operation | None
    kept: list[Kept]


def check(original: Operation, user: User) -> list[Traces]:
    """What undoing would take back. Raises NotUndoable, and PermissionDenied for who may not.

    Whoever did something may take it back while they still may do such things. Anybody else needs the
    permissions to do the opposite: to add what was deleted, to delete what was added. Where a model has a
    permission `restore_…`, as customers have, its deleted rows are brought back only by who has that one.
    """
    _check_kind(original)
    found = traces_of(original)
    if not found:
        raise NotUndoable("There is nothing to undo: no row was changed.")
    own = original.by_id == user.pk
    needed = set().union(*(part.permissions(own=own) for part in found))
    if not user.has_perms(needed):
        raise PermissionDenied(f"Undoing this needs {', '.join(sorted(needed))}.")
    return found


def may_undo(original: Operation, user: User) -> bool:
    try:
        check(original, user)
    except (NotUndoable, PermissionDenied):
        return False
    return True


def _check_kind(original: Operation) -> None:
    if original.kind not in Operation.UNDOABLE:
        raise NotUndoable(f"This can't be undone: {original.get_kind_display().lower()}.")
    if undone := Operation.objects.select_related("by").filter(undoes=original).first():
        raise NotUndoable(f"This was undone already, by {undone.by or 'Clientele'}, {_day(undone)}.")
    if not original.is_recent:
        raise NotUndoable(f"This was {settings.UNDO_DAYS} days ago and more: it can't be undone any longer.")


def undo(original: Operation, *, by: User) -> Undone:
    """Take back what the operation did, as an operation of its own, which can be undone too.

    Rows that others touched since, and what the database refuses, stay as they are and are listed. Raises
    NotUndoable and PermissionDenied. Six queries or so for every thousand rows.
    """
    if current_operation() is not None:
        raise RuntimeError("Undoing is an operation of its own, never part of another one.")
    with operation(Kind.UNDO, by=by, summary=_summary(original)) as running:
        # Held until the end: two people can't undo it at once.
        original = Operation.objects.select_for_update(no_key=True, of=("self",)).get(pk=original.pk)
        found = check(original, by)
        _hold(original, found)
        kept = [*kept_for_others(found), *_take_back(original, found)]
        if running.touched:
            running.undoes = original
            running.save(update_fields=["undoes"])
    return Undone(running if running.touched else None, kept)


def _hold(original: Operation, found: list[Traces]) -> None:
    """Where rows belong to others, hold those first, as whoever edits them does, and in one go."""
    if not any(part.model.told_below for part in found):
        return
    written: dict[Model, list[QuerySet[Any, Any]]] = defaultdict(list)
    for part in found:
        history = part.model.history.model.objects.filter(operation_id=original.pk).order_by()
        written[above(part.model)].append(history.values_list(key_above(part.model)))
    for model, ids in written.items():
        hold(model, reduce(lambda one, other: one.union(other), ids))


def _summary(original: Operation) -> str:
    source = f" from {original.source}" if original.source else ""
    summary = f": {original.summary}" if original.summary else ""
    return f"{original.get_kind_display()}{source}{summary}"


def _take_back(original: Operation, found: list[Traces]) -> list[Kept]:
    """In rounds: what is in the way of one row (a primary contact, a reference) may be gone after the next."""
    tasks: list[tuple[Step, Model, list[Trace]]] = [
        *((bring_back, part.model, untouched(part.deleted)) for part in found),
        *((change_back, part.model, untouched(part.changed)) for part in found),
        *((take_out, part.model, untouched(part.added)) for part in reversed(found)),
    ]
    refused: dict[tuple[Model, int], str] = {}
    while tasks:
        again: dict[tuple[Model, int], str] = {}
        left = []
        for step, model, traces in tasks:
            reasons = step(original, model, traces) if traces else {}
            again |= {(model, key): why for key, why in reasons.items()}
            left.append((step, model, [trace for trace in traces if trace.id in reasons]))
        tasks = left if again and len(again) != len(refused) else []
        refused = again
    names = called(refused)
    return [Kept(model, key, names[model, key], why) for (model, key), why in refused.items()]


def _day(done: Operation) -> str:
    return date_format(timezone.localtime(done.at), "DATE_FORMAT")
