"""What belongs to rows, and goes when they go."""

from __future__ import annotations

from typing import Any

from history.holding import above, key_above
from history.models import TrackedModel, TrackedQuerySet
from history.traces import parents_first
from tenants.queries import AmongMany


def belonging(model: type[TrackedModel]) -> list[type[TrackedModel]]:
    """The models whose rows belong to rows of `model` (`told_below`), after those that refer to them."""
    return [part for part in reversed(parents_first()) if part is not model and above(part) is model]


def take_out_whole(rows: TrackedQuerySet[Any]) -> int:
    """Delete these rows at once with what belongs to them; the rows are held first, as whoever edits them does.

    Returns how many there were. IntegrityError where anything else refers to them, and all stay.
    """
    model = rows.model
    ids = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    for part in belonging(model):
        _of(part).filter(AmongMany(key_above(part), ids)).take_out()
    return _of(model).filter(AmongMany("pk", ids)).take_out()


def _of(model: type[TrackedModel]) -> TrackedQuerySet[Any]:
    rows = model.objects.order_by()
    assert isinstance(rows, TrackedQuerySet)
    return rows
