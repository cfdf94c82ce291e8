from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from simple_history import register

from history.operations import require_operation
from history.records import TenantHistory, record_history
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import DerivedTextField, TenantForeignKey
from tenants.models import Membership, Tenant, User


class Operation(TenantModel):
    """One act of one person (or of the product): everything it changed carries its id."""

    class Kind(models.TextChoices):
        ADD = "add", "Added"
        EDIT = "edit", "Edited"
        CHECK = "check", "Checked a file"
        IMPORT = "import", "Imported"
        EXPORT = "export", "Exported"
        DISABLE = "disable", "Disabled"
        ENABLE = "enable", "Enabled"
        DELETE = "delete", "Deleted"
        HAND_OVER = "hand_over", "Handed over"
        BULK_EDIT = "bulk_edit", "Edited in bulk"
        KEEP = "keep", "Changed views and templates"
        SETTINGS = "settings", "Changed settings"
        PEOPLE = "people", "Changed people"
        OPEN = "open", "Opened the company"
        UNDO = "undo", "Undone"

    class State(models.TextChoices):
        """How far it is. Most are done at once; long ones wait for a worker (history/long.py)."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=200, blank=True, default="")
    summary = models.TextField(blank=True, default="")
    counts = models.JSONField(default=dict, blank=True)
    undoes = TenantForeignKey(
        "self", on_delete=models.DO_NOTHING, null=True, related_name="undone_by", editable=False
    )
    # Whether it is of what somebody names for themselves: nobody else reads of it, nor of its being undone.
    is_personal = models.BooleanField(default=False, editable=False)
    is_undone = models.BooleanField(
        default=False, editable=False
    )  # by one that stands: see history/standing.py

    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)
    total = models.BigIntegerField(null=True)  # how many rows it goes through, where that is told
    position = models.BigIntegerField(default=0)  # how many it has gone through
    begun_at = models.DateTimeField(null=True)  # of one that a worker does
    ended_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True, default="")  # why it failed, for people
    # Whether what it makes new carries already what rows carry of others: see settings.OPERATION_SETTLERS.
    makes_settled = models.BooleanField(default=False, editable=False)

    UNDOABLE: ClassVar = frozenset(
        {
            Kind.ADD,
            Kind.EDIT,
            Kind.IMPORT,
            Kind.DISABLE,
            Kind.ENABLE,
            Kind.DELETE,
            Kind.HAND_OVER,
            Kind.BULK_EDIT,
            Kind.KEEP,
            Kind.UNDO,
        }
    )

    # What is left of one that was stopped before its end, where that is not what it had done until then.
    LEFT: ClassVar = {Kind.CHECK: "Nothing was imported.", Kind.EXPORT: "There is no file."}

    # What those are called that take a while, until they are over.
    GOING_ON: ClassVar = {
        Kind.CHECK: "Checking a file",
        Kind.IMPORT: "Importing",
        Kind.EXPORT: "Exporting",
        Kind.BULK_EDIT: "Editing in bulk",
        Kind.UNDO: "Undoing",
    }

    kept = False  # whether it is to stay though it changed no row

    @cached_property
    def touched(self) -> set[type[models.Model]]:
        """The models whose rows were written in its name, by this process."""
        return set()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            CompositeForeignKey(field="undoes", to="history.Operation", name="history_operation_undoes_fk"),
        ]
        indexes = [
            models.Index(fields=["tenant", "at", "id"], name="history_operation_at"),
            models.Index(
                fields=["tenant", "undoes"],
                condition=models.Q(undoes__isnull=False),
                name="history_operation_undoes",
            ),
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="history_operation_running",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def called(self) -> str:
        """ "Undone"; and "Undoing" until it is."""
        done = self.get_kind_display()
        return done if self.is_over else self.GOING_ON.get(self.Kind(self.kind), done)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.is_personal = self.kind == self.Kind.KEEP or bool(self.undoes and self.undoes.is_personal)
        super().save(*args, **kwargs)

    def take_back(self, original: Operation) -> None:
        """It is the undo of that one."""
        self.undoes, self.is_personal = original, original.is_personal
        self.save(update_fields=["undoes", "is_personal", "counts"])

    @property
    def is_recent(self) -> bool:
        """Whether it is young enough to be undone."""
        return self.at > timezone.now() - timedelta(days=settings.UNDO_DAYS)

    @property
    def others(self) -> int:
        """Of many rows changed together, how many there are besides one."""
        return max(int(self.counts.get("changed", 0)) - 1, 0)

    @property
    def is_over(self) -> bool:
        return self.state not in {self.State.WAITING, self.State.RUNNING}

    @property
    def is_through(self) -> bool:
        """Whether it has gone through all its rows, and only has to be ended: it can't be stopped before that."""
        return bool(self.total) and self.position >= (self.total or 0)

    @property
    def left(self) -> str:
        """What is left of one that was stopped before its end."""
        return self.LEFT.get(self.Kind(self.kind), "What was done until then stays.")

    @property
    def is_undoable(self) -> bool:
        """By its kind, state and age; it may have been undone already, or that may be going on."""
        return self.kind in self.UNDOABLE and self.is_over and self.is_recent

    @property
    def seconds_left(self) -> float | None:
        """By how long it took so far; None while that tells nothing."""
        if self.is_over or not (self.begun_at and self.total and self.position):
            return None
        spent = (timezone.now() - self.begun_at).total_seconds()
        return spent / self.position * max(self.total - self.position, 0)

    def ask_to_stop(self) -> None:
        """It stops after the batch that is being done."""
        Operation.objects.filter(pk=self.pk).update(stop_asked=True)

    def begin(self) -> None:
        """A worker has taken it up."""
        if self.state == self.State.WAITING:
            self.state, self.begun_at = self.State.RUNNING, timezone.now()

    def end(self, state: str, *, error: str = "") -> None:
        """It is over. What it has changed so far stays, whatever the state."""
        self.state, self.ended_at, self.error = state, timezone.now(), error

    def save_progress(self) -> None:
        fields = ["state", "total", "position", "begun_at", "ended_at", "error", "counts", "summary"]
        self.save(update_fields=fields)

    def keep(self, **counts: Any) -> None:
        """Keep this operation though it changes no row (an export, say), with what it counted."""
        self.kept = True
        self.counts = {**self.counts, **counts}
        self.save(update_fields=["counts", "summary"])


def personal_to_others(user: User) -> models.Q:
    """Operations of which the person does not read: what others name for themselves is theirs."""
    return models.Q(is_personal=True) & ~models.Q(by=user)


class KeptRow(TenantModel):
    """A row that an undo left as it was, as was decided then. It may be gone since."""

    operation = TenantForeignKey(  # the undo
        Operation, on_delete=models.DO_NOTHING, related_name="kept_rows", editable=False
    )
    place = models.BigIntegerField(editable=False)  # among all that it left, from 1
    model = models.CharField(max_length=80, editable=False)  # "customers.customer"
    row = models.BigIntegerField(editable=False)
    touched = TenantForeignKey(  # by which somebody wrote the row meanwhile, if that is why
        Operation, on_delete=models.DO_NOTHING, null=True, related_name="+", editable=False
    )
    reason = models.TextField(editable=False)  # what that did ("edited since"), or what else is in the way

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            CompositeForeignKey(
                field="operation", to="history.Operation", name="history_keptrow_operation_fk"
            ),
            CompositeForeignKey(field="touched", to="history.Operation", name="history_keptrow_touched_fk"),
            models.UniqueConstraint(fields=["tenant", "operation", "place"], name="history_keptrow_place"),
        ]


Row = TypeVar("Row", bound="TrackedModel", covariant=True)


class TrackedQuerySet(TenantQuerySet[Row]):
    """Changes of many rows, each with history written in one statement."""

    def update(self, **values: Any) -> int:
        operation = require_operation()
        self._refuse_stale_derivation(values)
        with transaction.atomic():
            ids = list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            changed = self._bare(ids).update(
                **{"updated_at": timezone.now(), **values, "last_operation": operation}
            )
            record_history(self.model, ids, "~")
        return changed

    def bulk_create(self, objs: Iterable[Row], batch_size: int | None = None, **options: Any) -> list[Row]:  # type: ignore[override]
        operation = require_operation()
        if options:
            raise TypeError(f"bulk_create with {', '.join(options)} would leave rows without history.")
        rows = list(objs)
        for row in rows:
            row.last_operation = operation
        with transaction.atomic():
            created = super().bulk_create(rows, batch_size=batch_size)
            record_history(self.model, [row.pk for row in created], "+")
        return created

    def bulk_update(self, objs: Iterable[Row], fields: Sequence[str], batch_size: int | None = None) -> int:  # type: ignore[override]
        require_operation()
        rows = list(objs)
        derived = [field for field in _derived_fields(self.model) if set(field.of) & set(fields)]
        for row in rows:
            for field in derived:
                field.pre_save(row, add=False)
        with transaction.atomic():  # a refusal undoes this alone, and the caller may go on
            return super().bulk_update(rows, [*fields, *(field.name for field in derived)], batch_size)

    def delete(self) -> tuple[int, dict[str, int]]:
        require_operation()
        return super().delete()

    def take_out(self) -> int:
        """Delete these rows at once; nothing may refer to them. IntegrityError otherwise, and all stay."""
        require_operation()
        with transaction.atomic():
            ids = list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            record_history(self.model, ids, "-")
            self._bare(ids)._raw_delete(self.db)
        return len(ids)

    def bring_back(self, objs: Iterable[Row]) -> None:
        """Create rows that were there before, with the ids they had and as old as they were."""
        operation = require_operation()
        rows: list[Any] = list(objs)
        ages = {row.pk: row.created_at for row in rows}
        for row in rows:
            row.last_operation = operation
        with transaction.atomic():
            try:
                super().bulk_create(rows)
            finally:
                for row in rows:
                    row.created_at = ages[row.pk]  # creating a row gives it the present moment
            self._bare(ages).bulk_update(rows, ["created_at"])
            record_history(self.model, list(ages), "+")

    def _bare(self, ids: Collection[int]) -> models.QuerySet[Any]:
        """Those rows by Django's own way, which writes no history. Call it inside an operation."""
        rows: models.QuerySet[Any] = models.QuerySet(self.model, using=self.db)
        return rows.filter(tenant_id=require_operation().tenant_id, pk__in=ids)

    def _raw_delete(self, using: str | None) -> int:
        raise TypeError("Rows are deleted through delete(), which keeps their history.")

    def _refuse_stale_derivation(self, values: Collection[str]) -> None:
        for field in _derived_fields(self.model):
            if field.name not in values and set(field.of) & set(values):
                raise TypeError(
                    f"{field.name} is derived from {', '.join(field.of)}: save the rows, or use bulk_update()."
                )


def _derived_fields(model: type[models.Model]) -> list[DerivedTextField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, DerivedTextField)]


class TrackedModel(TenantModel):
    """A tenant's row whose every change is part of an operation and stays in the history."""

    created_at = models.DateTimeField("added", auto_now_add=True)
    updated_at = models.DateTimeField("changed", auto_now=True)
    last_operation = TenantForeignKey(
        Operation, on_delete=models.DO_NOTHING, related_name="+", editable=False
    )

    told_below: ClassVar[str] = ""  # the reference to the row whose timeline tells of this one too, if any
    personal: ClassVar[bool] = False  # whether nobody but who did it takes back what was done to a row

    objects: ClassVar[TenantManager[Self]] = TenantManager.from_queryset(TrackedQuerySet)()
    history = TenantHistory(inherit=True)

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [
            *TenantModel.Meta.constraints,
            CompositeForeignKey(
                field="last_operation", to="history.Operation", name="%(app_label)s_%(class)s_operation_fk"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.last_operation = require_operation()
        if kwargs.get("update_fields") is not None:
            names = {*kwargs["update_fields"], "last_operation", "updated_at"}
            names |= {field.name for field in _derived_fields(type(self)) if set(field.of) & names}
            kwargs["update_fields"] = names
        super().save(*args, **kwargs)


# The tenants' own models are followed from here: their app is imported by this one.
register(Tenant, app="history", records_class=TenantHistory)
register(Membership, app="history", records_class=TenantHistory)
