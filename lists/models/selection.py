"""Rows of a list that somebody selected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from history.models import Operation
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import TenantForeignKey

KEPT = timedelta(days=1)


class SelectionQuerySet(TenantQuerySet["Selection"]):
    def abandoned(self) -> Self:
        """Those with which nothing was done for a day."""
        from lists.models.exports import Export

        exports = Export.objects.filter(selection=OuterRef("pk"))
        old = self.filter(operation=None, at__lt=timezone.now() - KEPT)
        return old.exclude(Exists(exports))


class Selection(TenantModel):
    """The rows as they were selected, for good: what comes later does not belong to it.

    `ids` are in rising order, `number` of them; `words` say what was selected ("1,024 customers: status Lead").
    `query` is the query string of the list at that moment. `operation` is what was done with them, if anything:
    the list's `action` of that key, to which `answer` says what its form was given.
    """

    list = models.CharField(max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    ids = ArrayField(models.BigIntegerField())
    number = models.PositiveIntegerField()
    words = models.TextField(blank=True, default="")
    query = models.TextField(blank=True, default="")
    operation = TenantForeignKey(Operation, on_delete=models.DO_NOTHING, null=True, related_name="+")
    action = models.CharField(max_length=40, blank=True, default="")
    answer = models.JSONField(default=dict, blank=True)

    objects: ClassVar = TenantManager.from_queryset(SelectionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            CompositeForeignKey(
                field="operation", to="history.Operation", name="lists_selection_operation_fk"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "operation"], name="lists_selection_operation")]

    def __str__(self) -> str:
        return self.words

    def part(self, start: int, number: int) -> Sequence[int]:
        """The ids from that place on, at most so many. One query, which reads no others."""
        kept = Selection.objects.filter(pk=self.pk)
        found: Sequence[int] = kept.values_list(f"ids__{start}_{start + number}", flat=True).get()
        return found
