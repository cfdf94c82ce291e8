"""The latest changes of one kind of row, for the foot of a settings page."""

from __future__ import annotations

from typing import Any

from django.db import models

from history.models import Operation

SHOWN = 10


def operations_on(model: Any) -> models.QuerySet[Operation]:
    """The operations that changed rows of this model, latest first. Not yet cut off."""
    rows = model.history.model.objects.order_by().values("operation_id")
    return latest(Operation.objects.filter(pk__in=rows))


def latest(operations: models.QuerySet[Operation]) -> models.QuerySet[Operation]:
    return operations.select_related("by").order_by("-at", "-id")
