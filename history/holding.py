"""Holding rows until the end of the transaction, in an order that everybody keeps: so that nobody waits in a ring.

Rows that others belong to (`told_below`) are held before those, and rows of one kind in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from history.models import TrackedModel


def above(model: type[TrackedModel]) -> type[TrackedModel]:
    """Of what is held first for rows of `model`: what they belong to, or else they themselves."""
    if not model.told_below:
        return model
    owner = model._meta.get_field(model.told_below).related_model
    assert isinstance(owner, type)
    assert issubclass(owner, TrackedModel)
    return owner


def key_above(model: type[TrackedModel]) -> str:
    """The column of `model`, and of its history, with the id of what is held first."""
    return f"{model.told_below}_id" if model.told_below else "id"


def hold(model: type[TrackedModel], ids: Collection[int] | QuerySet[Any, Any]) -> None:
    """Others wait until this transaction is over, before they change or delete those rows. One query."""
    held = model.objects.filter(pk__in=ids).order_by("pk")
    list(held.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def hold_above(rows: QuerySet[Any, Any]) -> None:
    """Hold what the rows belong to. One query, or none where they belong to nothing."""
    if rows.model.told_below:
        hold(above(rows.model), rows.order_by().values(key_above(rows.model)))
