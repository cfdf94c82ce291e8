"""A file imported in one go, as a person does who looks at nothing: and what they would have seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from history.models import Operation
from imports import runs
from imports.drafting import Draft
from imports.fields import fields_for
from imports.files import spool_path
from imports.matching import proposed
from imports.models import ImportRun, PlanRow
from imports.planning import Planner
from imports.steps import CARRIED_OUT
from lists.mapping import rivals
from lists.spool import read_spool
from tenants.models import User

Subject = ImportRun.Subject


@dataclass(frozen=True)
class Remark:
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"Row {self.row}, {self.column}: {self.message}"


@dataclass(frozen=True)
class Change:
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    row: int
    name: str
    is_new: bool
    changes: tuple[Change, ...]
    pk: int | None


@dataclass
class Outcome:
    run: ImportRun
    operation: Operation | None
    by: User

    def rows_that(self, *actions: str) -> int:
        return PlanRow.objects.filter(run=self.run, action__in=actions).count()

    @property
    def rows(self) -> int:
        return PlanRow.objects.filter(run=self.run).count()

    @property
    def written(self) -> bool:
        return self.operation is not None

    @property
    def created(self) -> int:
        return int(self.operation.counts["created"]) if self.operation else self.rows_that("create")

    @property
    def updated(self) -> int:
        return int(self.operation.counts["updated"]) if self.operation else self.rows_that("update")

    @property
    def unchanged(self) -> int:
        return self.rows_that("unchanged")

    @property
    def failed(self) -> int:
        return int(self.operation.counts["failed"]) if self.operation else self.rows_that("error")

    @property
    def labels(self) -> dict[str, str]:
        return {key: one.column.label for key, one in fields_for(self.by, self.run.subject).items()}

    def _remarks(self, name: str) -> list[Remark]:
        labels = self.labels
        return [
            Remark(row.number, labels.get(key, ""), cell, message)
            for row in PlanRow.objects.filter(run=self.run)
            for key, cell, message in getattr(row, name)
        ]

    @property
    def errors(self) -> list[Remark]:
        return self._remarks("problems")

    @property
    def warnings(self) -> list[Remark]:
        return self._remarks("warnings")

    @property
    def changes(self) -> list[RowChange]:
        labels = self.labels
        return [
            RowChange(
                row.number,
                row.name,
                row.action == "create",
                tuple(Change(labels[key], old, new) for key, old, new in row.diff),
                row.customer_id,
            )
            for row in PlanRow.objects.filter(run=self.run, action__in=CARRIED_OUT)
        ]

    @property
    def columns(self) -> list[tuple[str, str]]:
        labels, headings = self.labels, self.run.headings
        return [(headings[at], labels[key]) for at, key in sorted(self.run.decided.columns.items())]

    @property
    def ignored_columns(self) -> list[str]:
        return [heading for at, heading in enumerate(self.run.headings) if at not in self.run.decided.columns]

    @property
    def notices(self) -> list[str]:
        assert self.run.found is not None
        columns = [one.column for one in fields_for(self.by).values()]
        return [*self.run.found["notices"], *rivals(self.run.headings, columns, self.run.decided.columns)]


def drafts_of(data: bytes, by: User) -> list[Draft]:
    """What the rows would come to for somebody who needn't be allowed to import."""
    run = runs.begin("some.csv", [data], by=by)
    assert by.membership is not None
    return Planner(proposed(run, by), by=by.membership).plan(list(read_spool(spool_path(run))))


def plan_import(
    data: bytes, *, by: User, file_name: str, subject: str = Subject.CUSTOMERS, **decided: object
) -> Outcome:
    run = runs.begin(file_name, [data], by=by, subject=subject)
    choices = proposed(run, by)
    runs.check(run, type(choices)(**{**choices.as_json(), "columns": choices.columns, **decided}), by=by)
    run = ImportRun.objects.select_related("reading", "checking", "operation").get(pk=run.pk)
    assert run.checking is not None
    assert run.stage == ImportRun.Stage.READY, run.checking.error
    return Outcome(run, None, by)


def import_customers(
    data: bytes, *, by: User, file_name: str, leave_bad_rows_out: bool = False, **decided: Any
) -> Outcome:
    """Nothing is imported of a file with bad rows, unless they may be left out."""
    planned = plan_import(data, by=by, file_name=file_name, **decided)
    if planned.failed and not leave_bad_rows_out:
        return planned
    if not planned.rows_that(*CARRIED_OUT):
        return planned
    return Outcome(planned.run, runs.approve(planned.run, by=by), by)
