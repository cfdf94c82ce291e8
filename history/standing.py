"""Whether what an operation did stands. An undo of it counts for as long as nobody has undone that in turn.

One that was stopped before it was through has taken back a part: the rest stands, and can be undone."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, QuerySet

from history.models import Operation

STOPPED = (Operation.State.CANCELLED, Operation.State.FAILED)


def undo_of(original: Operation) -> Operation | None:
    """The undo by which it does not stand, or which is going on; None for none. One query."""
    return through(_undos(original)).select_related("by").order_by("-pk").first()


def undos_of(originals: Collection[int]) -> dict[int | None, Operation]:
    """By operation, the undo by which it does not stand, or else the last that has taken back a part of it. One
    query."""
    undos = Operation.objects.filter(undoes__in=originals, is_undone=False).order_by("pk")
    stopped = {undo.undoes_id: undo for undo in undos if undo.state in STOPPED}
    return stopped | {undo.undoes_id: undo for undo in undos if undo.state not in STOPPED}


def parts_of(original: Operation) -> list[Operation]:
    """The undos that have taken back a part of it: what they did stands. One query."""
    return list(_undos(original).filter(state__in=STOPPED).select_related("by").order_by("pk"))


def through(undos: QuerySet[Operation]) -> QuerySet[Operation]:
    """Those that went through all rows, or are at it."""
    return undos.exclude(state__in=STOPPED)


def hold(original: Operation) -> Operation:
    """It as it is, held until the end with what it undoes, and what that undoes: two people can't undo it at once.

    One query for each. Call it before any row is held, or two people wait for each other.
    """
    held = above = _held(original.pk)
    while above.undoes_id:
        above = _held(above.undoes_id)
    return held


def settle(running: Operation) -> None:
    """Where it undoes another one: that stands no longer. What that one had undone stands again, and so on."""
    undone = running.undoes
    while undone is not None:
        Operation.objects.filter(pk=undone.pk).update(is_undone=Exists(through(_undos(undone))))
        undone = undone.undoes


def _undos(original: Operation) -> QuerySet[Operation]:
    return Operation.objects.filter(undoes=original, is_undone=False)


def _held(pk: int) -> Operation:
    return Operation.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
