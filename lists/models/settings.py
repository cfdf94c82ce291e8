"""What people choose for a list, kept for each of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lists.models.views import SavedView
from lists.paging import SIZE, SIZES
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import TenantForeignKey
from tenants.models import Membership


class ListSettings(TenantModel):
    """How one person wants one list to look. What is None, or no row at all, is as the list declares it.

    No change of anybody's data, and so no operation and no history.
    """

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", "Comfortable"
        COMPACT = "compact", "Compact"

    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    list = models.CharField(max_length=40)
    columns = ArrayField(models.CharField(max_length=80), null=True)  # shown ones, in order
    filters = ArrayField(models.CharField(max_length=80), null=True)  # shown ones
    size = models.PositiveSmallIntegerField(choices=[(size, str(size)) for size in SIZES], default=SIZE)
    density = models.CharField(max_length=12, choices=Density.choices, default=Density.COMFORTABLE)
    view = TenantForeignKey(  # that the list opens with
        SavedView, on_delete=models.SET_NULL, null=True, related_name="default_of"
    )

    objects: ClassVar = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "membership", "list"], name="lists_listsettings_one_a_person"
            ),
            CompositeForeignKey(
                field="membership", to="tenants.Membership", name="lists_listsettings_membership_fk"
            ),
            CompositeForeignKey(field="view", to="lists.SavedView", name="lists_listsettings_view_fk"),
        ]

    def __str__(self) -> str:
        return f"{self.list} of {self.membership_id}"


def settings_of(membership: Membership | None, name: str) -> ListSettings:
    """How the person wants the list named `name`; unsaved and as declared for who has chosen nothing. One query."""
    found = ListSettings.objects.filter(membership=membership, list=name).first() if membership else None
    return found or ListSettings(membership=membership, list=name)
