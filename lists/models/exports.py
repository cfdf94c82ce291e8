"""Exports: how somebody wants a file to look, and the files that a worker wrote."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from history.models import Operation
from lists.models.named import Named
from lists.models.selection import Selection
from tenants.base import TenantManager, TenantModel, TenantQuerySet
from tenants.constraints import CompositeForeignKey
from tenants.fields import TenantForeignKey


class Layout(models.Model):
    """Which columns in which order, and in which kind of file. `bom` marks CSV as UTF-8, `delimiter` parts it."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"
        JSON = "json", "JSON"

    class Delimiter(models.TextChoices):
        COMMA = ",", "Comma"
        SEMICOLON = ";", "Semicolon"

    columns = ArrayField(models.CharField(max_length=80))
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.CSV)
    delimiter = models.CharField(max_length=1, choices=Delimiter.choices, default=Delimiter.COMMA)
    bom = models.BooleanField("mark CSV as UTF-8 for Excel", default=True)

    class Meta:
        abstract = True


class ExportTemplate(Named, Layout):
    """A layout under a name."""

    class Meta(Named.Meta):
        pass

    def __str__(self) -> str:
        return self.name


class Export(TenantModel, Layout):
    """A file of a list's rows, written by a worker. Its operation tells who, when, how far and whether it is done.

    The rows are those of the list at `query`, or of `selection`. `rows` were written; the operation's `total` were
    promised. `file` is gone after `expires_at`.
    """

    operation = TenantForeignKey(Operation, on_delete=models.DO_NOTHING, related_name="exports")
    list = models.CharField(max_length=40)
    query = models.TextField(blank=True, default="")
    selection = TenantForeignKey(Selection, on_delete=models.DO_NOTHING, null=True, related_name="+")
    name = models.CharField(max_length=200)  # of the file, as people get it
    file = models.FileField(upload_to="exports/", max_length=200, blank=True, default="")
    size = models.BigIntegerField(null=True)  # bytes
    sha256 = models.CharField(max_length=64, blank=True, default="")
    rows = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar = TenantManager.from_queryset(TenantQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "operation"], name="lists_export_one_an_operation"),
            CompositeForeignKey(field="operation", to="history.Operation", name="lists_export_operation_fk"),
            CompositeForeignKey(field="selection", to="lists.Selection", name="lists_export_selection_fk"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept(self) -> bool:
        """Whether the file is there for people. What has expired is deleted every night."""
        return bool(self.file) and self.expires_at is not None and self.expires_at > timezone.now()

    @property
    def going_place(self) -> str:
        """The id of its line on the page of exports, until it is over."""
        return f"export-{self.pk}-going"
