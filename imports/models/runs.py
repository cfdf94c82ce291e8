"""Imports: a file, what was decided about it, the plan that was made of it row by row, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from history.models import Operation
from imports.choices import Choices
from imports.reasons import reasons_at
from lists.mapping import plain
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import TenantForeignKey


class ImportRun(TenantModel):
    """One import of one file.

    It is read (`reading`), its columns are matched (`choices`), its rows are checked (`checking`), which makes the
    plan (`rows`), and once somebody approves, the plan is carried out (`operation`). The three operations tell who,
    when, how far, and what went wrong; each is None until it is asked for. `found` is what was read of the file
    (lists.spool.Spooled); `plan` the numbers of the plan and what it needs besides its rows.

    Of one that a timed import began, `held` says why it waits for somebody, and `told_at` when its owner was told what
    had come of it: nothing happens to it by itself from then on.
    """

    class Subject(models.TextChoices):
        CUSTOMERS = "customers", "Customers"
        CONTACTS = "contacts", "Contacts"
        ADDRESSES = "addresses", "Addresses"

    class Stage(models.TextChoices):
        READING = "reading", "Reading the file"
        UNREADABLE = "unreadable", "File refused"
        MATCHING = "matching", "Columns to be matched"
        CHECKING = "checking", "Checking rows"
        READY = "ready", "Waiting for approval"
        IMPORTING = "importing", "Importing"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    subject = models.CharField(max_length=10, choices=Subject.choices, default=Subject.CUSTOMERS)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)  # of the file, as the person's is called
    file = models.CharField(max_length=200, blank=True, default="")  # below MEDIA_ROOT; '' once it is deleted
    size = models.BigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    found = models.JSONField(null=True)
    choices = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    carried = models.IntegerField(default=0)  # the number of the last row that the import has dealt with
    reading = TenantForeignKey(Operation, on_delete=models.DO_NOTHING, null=True, related_name="+")
    checking = TenantForeignKey(Operation, on_delete=models.DO_NOTHING, null=True, related_name="+")
    operation = TenantForeignKey(
        Operation, on_delete=models.DO_NOTHING, null=True, related_name="import_runs"
    )
    schedule = TenantForeignKey(
        "imports.Schedule", on_delete=models.DO_NOTHING, null=True, related_name="runs"
    )
    held = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True)

    objects: ClassVar = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            *(
                CompositeForeignKey(field=field, to="history.Operation", name=f"imports_importrun_{field}_fk")
                for field in ("reading", "checking", "operation")
            ),
            CompositeForeignKey(
                field="schedule", to="imports.Schedule", name="imports_importrun_schedule_fk"
            ),
        ]
        indexes = [
            *(
                models.Index(fields=["tenant", field], name=f"imports_run_{field}"[:30])
                for field in ("reading", "checking", "operation")
            ),
            models.Index(
                fields=["tenant", "schedule", "-id"],
                condition=models.Q(schedule__isnull=False),
                name="imports_run_schedule",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("imports:detail", args=[self.pk])

    @property
    def expires_at(self) -> datetime:
        """Until then the uploaded file is kept."""
        return self.at + timedelta(days=settings.IMPORT_DAYS)

    @property
    def decided(self) -> Choices:
        return Choices.from_json(self.choices)

    @property
    def stage(self) -> str:
        """How far it is, as its operations tell."""
        if self.operation:
            return self._of(self.operation, self.Stage.IMPORTING, self.Stage.DONE)
        if self.checking and not (self.checking.is_over and self.checking.state != Operation.State.DONE):
            return self._of(self.checking, self.Stage.CHECKING, self.Stage.READY)
        if self.found is not None:
            return self.Stage.MATCHING
        if self.reading and self.reading.is_over:
            return self.Stage.UNREADABLE
        return self.Stage.READING

    @property
    def stage_words(self) -> str:
        if self.stage == self.Stage.UNREADABLE and not self.sha256:
            return "File not fetched"  # there is nothing that could be refused
        return self.Stage(self.stage).label

    def _of(self, operation: Operation, going: str, done: str) -> str:
        if not operation.is_over:
            return going
        return done if operation.state == Operation.State.DONE else str(operation.state)

    @property
    def going(self) -> Operation | None:
        """The operation that somebody waits for, if any."""
        asked = (self.operation, self.checking, self.reading)
        return next((one for one in asked if one and not one.is_over), None)

    @property
    def headings(self) -> list[str]:
        return list(self.found["headers"]) if self.found else []


def headings_key(headings: Sequence[str]) -> str:
    """What two files share whose headings are the same, in the same order. Rows with errors, which come back with one
    more, are a file like the one they come from; cells behind that one have no heading."""
    kept = list(map(plain, headings))
    end = reasons_at(headings)
    if not any(kept[end + 1 :]):
        del kept[end:]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


class Matching(TenantModel):
    """What was decided last about files with these headings. No change of anybody's data, and so no history."""

    subject = models.CharField(max_length=10, choices=ImportRun.Subject.choices)
    headings_key = models.CharField(max_length=64)
    choices = models.JSONField()

    objects: ClassVar = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "subject", "headings_key"], name="imports_matching_headings"
            ),
        ]


class PlanRow(TenantModel):
    """What one row of the file comes to.

    `diff` is for people: [column key, before, after] as text. `writes` is what will be written, by the model's label
    (and under `displaced` of it, what another row loses by that): the columns' values, with "id", "new", and "seen",
    the last operation of the row as it was when the plan was made.
    `problems` and `warnings` are [column key, cell, message]; '' as the key means the row as a whole. `outcome` says
    why it was not carried out, '' of what was or will be: see ImportRun.carried.
    """

    class Action(models.TextChoices):
        CREATE = "create", "Add"
        UPDATE = "update", "Change"
        UNCHANGED = "unchanged", "Unchanged"
        SKIP = "skip", "Skip"
        ERROR = "error", "Error"

    class Outcome(models.TextChoices):
        MOVED = "moved", "Changed meanwhile"
        FAILED = "failed", "Refused"

    run = TenantForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.IntegerField()  # the file's, its heading being row 1
    action = models.CharField(max_length=10, choices=Action.choices)
    name = models.TextField(blank=True, default="")
    customer_id = models.BigIntegerField(null=True)  # the one that is there, or the one that will be
    seen = models.BigIntegerField(
        null=True
    )  # the customer's last operation, of a row that is one who is there
    key = models.TextField(blank=True, default="")  # what tells what the row is, as compared
    diff = models.JSONField(default=list)
    writes = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    reason = models.TextField(blank=True, default="")  # why it was not done, for people

    objects: ClassVar[Any] = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["number"]
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "run", "number"], name="imports_planrow_number"),
            CompositeForeignKey(field="run", to="imports.ImportRun", name="imports_planrow_run_fk"),
        ]
        indexes = [
            models.Index(fields=["tenant", "run", "action", "number"], name="imports_planrow_action"),
            # What is to be looked at: few rows, which are found at once among a million.
            models.Index(
                fields=["tenant", "run", "number"],
                condition=~models.Q(warnings=[]),
                name="imports_planrow_warned",
            ),
            models.Index(
                fields=["tenant", "run", "number"],
                condition=models.Q(outcome__in=["moved", "failed"]),
                name="imports_planrow_left",
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.number}"
