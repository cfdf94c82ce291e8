"""Timed imports: where a file comes from, how it is imported, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import formats

from history.models import TrackedModel
from imports.choices import Choices
from imports.models.runs import ImportRun
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import DerivedTextField, PlainTextField, TenantForeignKey, fold
from tenants.models import User

IMPORT = "customers.import_customer"
SET_UP = "tenants.change_tenant"  # to have files fetched from where the installation lets us
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Schedule(TrackedModel):
    """An import that begins by itself, in the name of its owner: who saved it last.

    `columns` has the columns' keys by the file's headings; without any they are told by the headings each time.
    `formats` has those in which the values of columns are written, by heading too; of others the values tell.
    `choices` are those of a run (imports.choices.Choices) without columns. The run waits for somebody's approval where
    more than `most_changed` percent of the customers would change, or more than `most_failed` rows have errors.
    """

    class Source(models.TextChoices):
        FILE = "file", "A file that you upload now"
        FOLDER = "folder", "The newest file in the server folder"
        ADDRESS = "address", "A file at a web address"

    class Rhythm(models.TextChoices):
        ONCE = "once", "Once"
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "Every week"
        AFTER = "after", "After another timed import"

    name = PlainTextField(max_length=80)
    name_key = DerivedTextField(source="derive_name_key", of=["name"])
    subject = models.CharField(
        max_length=10, choices=ImportRun.Subject.choices, default=ImportRun.Subject.CUSTOMERS
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    source = models.CharField("file", max_length=10, choices=Source.choices, default=Source.FILE)
    file = models.CharField(max_length=200, blank=True, default="", editable=False)  # below MEDIA_ROOT
    file_name = models.CharField(max_length=200, blank=True, default="", editable=False)  # as the person's
    pattern = PlainTextField("file name", max_length=200, blank=True, default="")
    address = PlainTextField("web address", max_length=1000, blank=True, default="")
    columns = models.JSONField(default=dict, editable=False)
    formats = models.JSONField(default=dict, editable=False)
    choices = models.JSONField(default=dict, editable=False)
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.DAILY)
    day = models.DateField("date", null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True, choices=list(enumerate(DAYS)))
    time = models.TimeField(null=True, blank=True)
    after = TenantForeignKey("self", on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+")
    most_changed = models.PositiveSmallIntegerField(
        null=True, blank=True, default=10, validators=[MaxValueValidator(100)]
    )
    most_failed = models.PositiveIntegerField(
        null=True, blank=True, default=0, validators=[MinValueValidator(0)]
    )
    is_active = models.BooleanField(default=True, editable=False)

    class Meta(TrackedModel.Meta):
        ordering = ["name_key", "id"]
        constraints = [
            *TrackedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "name_key"],
                name="imports_schedule_name",
                violation_error_message="There is one with this name already. Choose a different name.",
            ),
            models.CheckConstraint(
                condition=Q(rhythm="after", after__isnull=False)
                | (~Q(rhythm="after") & Q(time__isnull=False)),
                name="imports_schedule_when",
            ),
            CompositeForeignKey(field="after", to="imports.Schedule", name="imports_schedule_after_fk"),
        ]

    def __str__(self) -> str:
        return self.name

    def derive_name_key(self) -> str:
        return fold(self.name)

    @property
    def decided(self) -> Choices:
        return Choices.from_json(self.choices)

    # What it says

    @property
    def source_words(self) -> str:
        """Where its file comes from. What an address asks for may be a secret."""
        if self.source == self.Source.FOLDER:
            return f"{self.pattern} in the server folder"
        if self.source == self.Source.ADDRESS:
            parts = urlsplit(self.address)
            return f"{parts.scheme}://{parts.netloc}{parts.path}"
        return self.file_name

    @property
    def when_words(self) -> str:
        if self.rhythm == self.Rhythm.AFTER:
            return f"After “{self.after}”"
        time = formats.time_format(self.time) if self.time else ""
        if self.rhythm == self.Rhythm.ONCE and self.day:
            return f"{formats.date_format(self.day)} at {time}"
        day = (
            f"{DAYS[self.weekday]}s"
            if self.rhythm == self.Rhythm.WEEKLY and self.weekday is not None
            else "Every day"
        )
        return f"{day} at {time}"

    # What it decides

    def may_be_changed_by(self, user: User) -> bool:
        return user.has_perm(IMPORT) and (self.source == self.Source.FILE or user.has_perm(SET_UP))

    def next_time(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When it is due first after `now`; None for never, or for as soon as the one before it is done.

        An hour that the clocks leave out is the one after it; of one that there is twice, it is the first.
        """
        if not self.is_active or self.time is None or self.rhythm == self.Rhythm.AFTER:
            return None
        today = now.astimezone(zone).date()
        if self.rhythm == self.Rhythm.ONCE:
            days = [self.day] if self.day else []
        else:
            days = [today + timedelta(days=number) for number in range(9)]
        if self.rhythm == self.Rhythm.WEEKLY:
            days = [day for day in days if day.weekday() == self.weekday]
        moments = (datetime.combine(day, self.time, tzinfo=zone).astimezone(UTC) for day in days)
        return next((moment for moment in moments if moment > now), None)

    def objection(self, counts: dict[str, int], there: int) -> str:
        """Why somebody has to look at a plan with these numbers first, '' for nothing. `there` are rows of the kind
        that would change."""
        changed, failed = counts["update"], counts["error"]
        if self.most_failed is not None and failed > self.most_failed:
            rows = "1 row has" if failed == 1 else f"{failed:,} rows have"
            return f"{rows} errors, and {self.most_failed:,} may."
        if self.most_changed is not None and changed * 100 > self.most_changed * there:
            rows = f"{changed:,} of {there:,} {self.get_subject_display().lower()}"
            return f"{rows} would change, which is more than the {self.most_changed} % that may."
        return ""


class Clock(TenantModel):
    """When a timed import is due next; moved on in the transaction in which a run begins. `zone` is the company's as it
    was then. No change of anybody's data, and so no operation and no history."""

    schedule = TenantForeignKey(Schedule, on_delete=models.CASCADE, related_name="clocks")
    next_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64, default="UTC")

    objects: ClassVar[Any] = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "schedule"], name="imports_clock_schedule"),
            CompositeForeignKey(field="schedule", to="imports.Schedule", name="imports_clock_schedule_fk"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "next_at"],
                condition=Q(next_at__isnull=False),
                name="imports_clock_next",
            ),
        ]
