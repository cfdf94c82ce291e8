"""The tenant's own lists: segments, statuses and channels."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any, ClassVar, Self, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import Count, Max, OuterRef, ProtectedError, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from history.models import TrackedModel, TrackedQuerySet
from tenants.base import TenantManager
from tenants.colours import Colour
from tenants.fields import DerivedTextField, PlainTextField, fold


class InUse(Exception):
    """An entry can't be deleted while rows refer to it: `users` of them."""

    def __init__(self, users: int) -> None:
        super().__init__(users)
        self.users = users


Row = TypeVar("Row", bound="Entry", covariant=True)


class EntryQuerySet(TrackedQuerySet[Row]):
    def offered(self) -> Self:
        """What one may choose, in the tenant's order."""
        return self.filter(retired_at=None)

    def retired(self) -> Self:
        return self.exclude(retired_at=None)

    def counted(self) -> Self:
        """Each entry with `used`: how many rows refer to it. Still one query."""
        counts = [
            Coalesce(
                Subquery(
                    relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
                    .order_by()
                    .values(relation.field.name)
                    .annotate(rows=Count("pk"))
                    .values("rows")
                ),
                0,
            )
            for relation in self.model._meta.related_objects
        ]
        return self.annotate(used=reduce(add, counts))

    def locked(self) -> list[Row]:
        """The whole list, held until the transaction ends: its order and its default concern all entries."""
        return list(self.select_for_update(no_key=True, of=("self",)).order_by("pk"))


class Entry(TrackedModel):
    """An entry of one of the tenant's lists. A retired one stays where it is used and is offered no more."""

    name = PlainTextField(max_length=80)
    name_key = DerivedTextField(source="derive_name_key", of=["name"])
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.GREY)
    position = models.PositiveIntegerField(default=0)
    is_default = models.BooleanField("default", default=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    used: int  # on rows of counted(): how many rows refer to it

    objects: ClassVar = TenantManager.from_queryset(EntryQuerySet)()

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
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at=None),
                name="%(app_label)s_%(class)s_default_offered",
                violation_error_message="A retired entry can't be the default.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def derive_name_key(self) -> str:
        return fold(self.name)

    @classmethod
    def default(cls) -> Any:
        """The tenant's default entry, or None."""
        return cls.objects.offered().filter(is_default=True).first()

    @classmethod
    def offered(cls) -> EntryQuerySet[Self]:
        """The entries one may choose, in the tenant's order."""
        entries: EntryQuerySet[Any] = cls.objects.offered()
        return entries

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def place_last(self) -> None:
        """Take the place after all others. Not saved."""
        last = type(self).objects.aggregate(last=Max("position"))["last"]
        self.position = 0 if last is None else last + 1

    def move(self, steps: int) -> None:
        """Change places among the offered ones: -1 is one up. At the end of the list nothing happens."""
        entries = list(type(self).objects.offered())
        if self not in entries:  # retired
            return
        here = entries.index(self)
        there = min(max(here + steps, 0), len(entries) - 1)
        entries.insert(there, entries.pop(here))
        moved = []
        for position, entry in enumerate(entries):
            if entry.position != position:
                entry.position = position
                moved.append(entry)
        if moved:
            type(self).objects.bulk_update(moved, ["position"])

    def retire(self) -> None:
        if self.is_retired:
            return
        self.retired_at = timezone.now()
        self.is_default = False
        self.save(update_fields=["retired_at", "is_default"])

    def reinstate(self) -> None:
        if not self.is_retired:
            return
        self.retired_at = None
        self.place_last()
        self.save(update_fields=["retired_at", "position"])

    def make_default(self) -> None:
        """The old default is cleared first: there is at most one at any moment. A retired one is reinstated."""
        if self.is_default:
            return
        type(self).objects.filter(is_default=True).update(is_default=False)
        self.reinstate()
        self.is_default = True
        self.save(update_fields=["is_default"])

    def users(self) -> int:
        """How many rows refer to this entry."""
        return int(type(self).objects.counted().get(pk=self.pk).used)

    def remove(self) -> None:
        """Delete the entry. Raises InUse, also when somebody began to use it this moment."""
        if users := self.users():
            raise InUse(users)
        try:
            with transaction.atomic():
                self.delete()
        except (ProtectedError, IntegrityError):
            raise InUse(self.users()) from None


class Segment(Entry):
    class Meta(Entry.Meta):
        pass


class Status(Entry):
    class Meta(Entry.Meta):
        verbose_name_plural = "statuses"


class Channel(Entry):
    class Meta(Entry.Meta):
        verbose_name = "attracting channel"
