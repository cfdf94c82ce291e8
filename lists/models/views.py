"""Saved views: a list's filters, columns and order under a name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from lists.declaration import list_named
from lists.models.named import Named
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.colours import Colour
from tenants.constraints import CompositeForeignKey
from tenants.fields import TenantForeignKey
from tenants.models import Membership


class SavedView(Named):
    """A list as it was when somebody saved it. `query` is its whole query string (Listing.link)."""

    query = models.TextField(editable=False)
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.BLUE)

    is_default = False  # whether the list of the person who asks opens with it: lists/saved.py finds out

    class Meta(Named.Meta):
        permissions = [
            ("share_savedview", "Can share saved views with the company"),
            ("manage_savedview", "Can change and delete saved views that others share"),
        ]
        indexes = [
            models.Index(fields=["tenant", "list", "is_shared"], name="lists_savedview_of_list"),
        ]

    def get_absolute_url(self) -> str:
        """The list as it was saved."""
        declaration = list_named(self.list)
        assert declaration is not None, self.list
        return f"{declaration.address}?{self.query}&view={self.pk}"


class ViewUse(TenantModel):
    """That a member opened somebody else's shared view, and on which day last.

    No change of anybody's data, and so no operation and no history.
    """

    view = TenantForeignKey(SavedView, on_delete=models.CASCADE, related_name="uses")
    membership = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    objects: ClassVar = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "view", "membership"], name="lists_viewuse_one_a_person"
            ),
            CompositeForeignKey(field="view", to="lists.SavedView", name="lists_viewuse_view_fk"),
            CompositeForeignKey(
                field="membership", to="tenants.Membership", name="lists_viewuse_membership_fk"
            ),
        ]
