"""Timed imports, made and run as the clock and a worker do."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from history.operations import operation
from imports import files, unattended
from imports.choices import Choices
from imports.models import Clock, ImportRun, Schedule
from imports.tasks import carry_through, tell_owner
from imports.timed import set_clock, start_due
from tenants.context import tenant
from tenants.models import Tenant, User

SHEET = "Name,Reference,E-mail\nAlder Bikes,C-1,info@alder.example\nBirch Books,C-2,\n"


def timed(
    company: Tenant, by: User, text: str = SHEET, *, choices: Choices | None = None, **given: Any
) -> Schedule:
    """A timed import of `text`, every night at three."""
    with tenant(company), operation("settings", by=by):
        kept = files.keep(company.pk, [text.encode()])[0]
        made = {"name": "Every night", "file": kept, "file_name": "customers.csv", "time": time(3), **given}
        if made.get("after"):
            made["time"] = None
        schedule = Schedule.objects.create(owner=by, choices=(choices or Choices()).as_json(), **made)
        clock = Clock.objects.create(schedule=schedule)
        set_clock(clock, timezone.now(), ZoneInfo(company.timezone))
    return schedule


def at(company: Tenant, moment: datetime) -> list[ImportRun]:
    """The runs that begin when the clock looks at this moment."""
    with tenant(company):
        return start_due(company, moment)


def at_night(company: Tenant) -> datetime:
    """Three o'clock, one night after tomorrow."""
    day = date.fromordinal(timezone.localdate().toordinal() + 2)
    return datetime.combine(day, time(3), tzinfo=ZoneInfo(company.timezone))


def next_time(company: Tenant) -> datetime:
    """When the company's only timed import is due."""
    with tenant(company):
        found = Clock.objects.get().next_at
    assert found
    return found


def work() -> None:
    """Do all jobs that wait, as a worker does."""
    tasks = {task.name: task for task in (carry_through, tell_owner)}
    while job := ProcrastinateJob.objects.filter(status="todo").order_by("id").first():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
        tasks[job.task_name](**job.args)


def night(company: Tenant) -> list[ImportRun]:
    """What is begun this night, done."""
    begun = at(company, at_night(company))
    work()
    with tenant(company):
        return [unattended.as_it_is(run) for run in begun]
