"""What somebody names and keeps for a list, for themselves or for all of the tenant."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from history.models import TrackedModel, TrackedQuerySet
from tenants.base import TenantManager
from tenants.fields import DerivedTextField, PlainTextField, fold
from tenants.models import User


class NamedQuerySet(TrackedQuerySet[Any]):
    def offered_to(self, user: User) -> Self:
        """Their own and the shared ones."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class Named(TrackedModel):
    """One person's, who may share it. Two of one person can't have the same name."""

    list = models.CharField(max_length=40, editable=False)
    name = PlainTextField(max_length=60)
    name_key = DerivedTextField(source="derive_name_key", of=["name"])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    is_shared = models.BooleanField("shared with everybody in the company", default=False)

    personal = True

    objects: ClassVar = TenantManager.from_queryset(NamedQuerySet)()

    class Meta(TrackedModel.Meta):
        abstract = True
        ordering = ["name_key", "id"]
        constraints = [
            *TrackedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "list", "owner", "name_key"],
                name="%(app_label)s_%(class)s_name",
                violation_error_code="name_taken",
                violation_error_message="You have another one with this name. Choose a different name.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="%(app_label)s_%(class)s_named"),
        ]

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, user: User) -> bool:
        """Whoever made it may; a shared one also who looks after those of others."""
        return self.owner_id == user.pk or (self.is_shared and user.has_perm("lists.manage_savedview"))

    def derive_name_key(self) -> str:
        return fold(self.name)
