"""The tenant's own lists: segments, statuses and channels."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from history.models import TrackedModel
from tenants.fields import DerivedTextField, PlainTextField, fold


class Colour(models.TextChoices):
    GREY = "grey", "Grey"
    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    INDIGO = "indigo", "Indigo"
    PURPLE = "purple", "Purple"
    PINK = "pink", "Pink"


class Entry(TrackedModel):
    """An entry of one of the tenant's lists. A retired one stays where it is used and is offered no more."""

    name = PlainTextField(max_length=80)
    name_key = DerivedTextField(source="derive_name_key", of=["name"])
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.GREY)
    position = models.PositiveIntegerField(default=0)
    is_default = models.BooleanField("default", default=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(TrackedModel.Meta):
        abstract = True
        ordering = ["position", "name_key", "id"]
        constraints = [
            *TrackedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "name_key"],
                name="%(app_label)s_%(class)s_name",
                violation_error_message="There is one with this name already.",
            ),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(is_default=True),
                name="%(app_label)s_%(class)s_default",
                violation_error_message="Another entry is the default.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def derive_name_key(self) -> str:
        return fold(self.name)

    @classmethod
    def default(cls) -> Any:
        """The tenant's default entry, or None."""
        return cls.objects.filter(is_default=True, retired_at=None).first()

    @classmethod
    def offered(cls) -> models.QuerySet[Any]:
        """The entries one may choose, in the tenant's order."""
        return cls.objects.filter(retired_at=None)

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def retire(self) -> None:
        self.retired_at = timezone.now()
        self.is_default = False
        self.save(update_fields=["retired_at", "is_default"])

    def reinstate(self) -> None:
        self.retired_at = None
        self.save(update_fields=["retired_at"])

    def make_default(self) -> None:
        """The old default is cleared first: there is at most one at any moment."""
        type(self).objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default"])

    def users(self) -> int:
        """How many rows refer to this entry."""
        relations = [relation for relation in self._meta.related_objects if not relation.hidden]
        return sum(
            relation.field.model._default_manager.filter(**{relation.field.name: self}).count()
            for relation in relations
        )


class Segment(Entry):
    class Meta(Entry.Meta):
        pass


class Status(Entry):
    class Meta(Entry.Meta):
        verbose_name_plural = "statuses"


class Channel(Entry):
    class Meta(Entry.Meta):
        verbose_name = "attracting channel"
