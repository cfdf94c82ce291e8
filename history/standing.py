"""Whether what an operation did stands. An undo of it counts for as long as nobody has undone that in turn."""

from __future__ import annotations

from django.db.models import Exists, QuerySet

from history.models import Operation


def undo_of(original: Operation) -> Operation | None:
    """The undo by which it does not stand, or which is going on; None for none. One query."""
    return _undos(original).select_related("by").order_by("-pk").first()


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
        Operation.objects.filter(pk=undone.pk).update(is_undone=Exists(_undos(undone)))
        undone = undone.undoes


def _undos(original: Operation) -> QuerySet[Operation]:
    return Operation.objects.filter(undoes=original, is_undone=False)


def _held(pk: int) -> Operation:
    return Operation.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
