"""The pages of timed imports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from history.models import Operation
from history.operations import attempt, operation
from history.recent import SHOWN, operations_on
from imports import files
from imports.mails import why
from imports.models import Clock, ImportRun, Schedule
from imports.report import counts
from imports.schedule_forms import ScheduleForm
from imports.subjects import MAY
from imports.timed import set_clock, start_now
from imports.views.pages import crumbs
from lists.paging import BIGGEST_ID
from tenants.views import TenantRequest, page, permission

SETTINGS = Operation.Kind.SETTINGS


@dataclass(frozen=True)
class Line:
    """A timed import as the list tells of it. `depth` is how many others have to be done before."""

    schedule: Schedule
    next_at: datetime | None
    last: ImportRun | None
    depth: int
    may_change: bool

    @property
    def is_going(self) -> bool:
        return self.last is not None and self.last.told_at is None

    @property
    def stage(self) -> str:
        assert self.last is not None
        return self.last.stage_words

    @property
    def why(self) -> str:
        return why(self.last) if self.last else ""

    @property
    def counts(self) -> list[tuple[str, int]]:
        return list(counts(self.last)) if self.last else []


@permission(MAY)
@require_safe
def schedules(request: TenantRequest) -> HttpResponse:
    """All of the company's, each below the one it comes after."""
    lines = list(_lines(request))
    context = {
        "title": "Timed imports",
        "nav": "imports",
        "crumbs": crumbs(),
        "lines": lines,
        "is_moving": any(line.is_going for line in lines),
        "changes": operations_on(Schedule)[:SHOWN],
    }
    return page(request, "imports/schedules.html", context, fragment="schedules")


def _lines(request: TenantRequest) -> Iterator[Line]:
    clocks = Clock.objects.select_related("schedule__owner", "schedule__after").order_by("schedule__name_key")
    known = {clock.schedule.pk: clock for clock in clocks}
    last = _last_runs(list(known))

    def below(pk: int | None, depth: int) -> Iterator[Line]:
        for clock in known.values():
            schedule = clock.schedule
            if schedule.after_id == pk:
                may_change = schedule.may_be_changed_by(request.user)
                yield Line(schedule, clock.next_at, last.get(schedule.pk), depth, may_change)
                yield from below(schedule.pk, depth + 1)

    return below(None, 0)


def _last_runs(schedules: list[int]) -> dict[int | None, ImportRun]:
    """By timed import. One query."""
    rows = ImportRun.objects.filter(schedule__in=schedules).select_related("reading", "checking", "operation")
    latest = rows.order_by("schedule_id", "-pk").distinct("schedule_id").defer("choices")
    return {run.schedule_id: run for run in latest}


@permission(MAY)
def create(request: TenantRequest) -> HttpResponse:
    form = _form(request, Schedule(owner=request.user), like=_example(request))
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, "New timed import")
    if not _save(request, form, f"Added timed import “{form.instance}”"):
        return _show(request, form, "New timed import")
    messages.success(request, f"“{form.instance}” is set: {_when(form.instance)}")
    return HttpResponseRedirect(reverse("timed:list"))


@permission(MAY)
def edit(request: TenantRequest, pk: int) -> HttpResponse:
    schedule = _changeable(request, pk)
    name = str(schedule)
    form = _form(request, schedule)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, name)
    if not form.has_changed():
        messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(reverse("timed:list"))
    if not _save(request, form, f"Changed timed import “{name}”"):
        return _show(request, form, name)
    messages.success(request, f"“{form.instance}” is saved: {_when(form.instance)}")
    return HttpResponseRedirect(reverse("timed:list"))


@permission(MAY)
def delete(request: TenantRequest, pk: int) -> HttpResponse:
    """Asks, and deletes; what it has imported stays."""
    schedule = _changeable(request, pk)
    followers = list(Schedule.objects.filter(after=schedule))
    if request.method != "POST" or followers:
        context = {
            "title": "Delete timed import",
            "nav": "imports",
            "crumbs": _crumbs(),
            "schedule": schedule,
            "followers": followers,
            "question": f"Delete the timed import “{schedule}”?",
        }
        status = 422 if request.method == "POST" else 200
        return page(request, "imports/schedule_delete.html", context, status=status)
    name, file = str(schedule), schedule.file
    with operation(SETTINGS, by=request.user, summary=f"Deleted timed import “{name}”"):
        ImportRun.objects.filter(schedule=schedule).update(schedule=None)
        schedule.delete()
    if file:
        transaction.on_commit(lambda: files.remove_named(file))
    messages.success(request, f"“{name}” is deleted. What it has imported stays.")
    return HttpResponseRedirect(reverse("timed:list"))


@permission(MAY)
@require_POST
def pause(request: TenantRequest, pk: int) -> HttpResponse:
    return _switch(request, _changeable(request, pk), on=False)


@permission(MAY)
@require_POST
def resume(request: TenantRequest, pk: int) -> HttpResponse:
    return _switch(request, _changeable(request, pk), on=True)


@permission(MAY)
@require_POST
def run(request: TenantRequest, pk: int) -> HttpResponse:
    """Begins a run at once; when the next one is due stays as it is."""
    schedule = _changeable(request, pk)
    begun = start_now(schedule)
    if begun is None:
        messages.info(request, f"“{schedule}” is being imported already.")
        return HttpResponseRedirect(reverse("timed:list"))
    messages.success(request, f"“{schedule}” begins. You may leave this page.")
    return HttpResponseRedirect(reverse("timed:list"))


def _changeable(request: TenantRequest, pk: int) -> Schedule:
    """Held, where it is about to be changed. Raises Http404, PermissionDenied."""
    rows = Schedule.objects.select_related("owner", "after", "last_operation__by")
    if request.method == "POST":
        rows = rows.select_for_update(no_key=True, of=("self",))
    schedule = get_object_or_404(rows, pk=pk)
    if not schedule.may_be_changed_by(request.user):
        raise PermissionDenied("An import from a place that an admin has chosen.")
    return schedule


def _example(request: TenantRequest) -> ImportRun | None:
    """The import that a new one is to be like, if the address names one."""
    wanted = request.GET.get("like", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < len(str(BIGGEST_ID))):
        return None
    found: ImportRun | None = ImportRun.objects.filter(pk=int(wanted), checking__isnull=False).first()
    return found


def _form(request: TenantRequest, schedule: Schedule, like: ImportRun | None = None) -> ScheduleForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return ScheduleForm(*sent, instance=schedule, user=request.user, company=request.tenant, like=like)


def _save(request: TenantRequest, form: ScheduleForm, summary: str) -> bool:
    """Whether it is saved. If somebody was faster, the form says so and no operation is kept."""
    saved = attempt(SETTINGS, form.try_save, by=request.user, summary=summary)
    if saved is None:
        return False
    _set(request, saved)
    return True


def _when(schedule: Schedule) -> str:
    """When it runs, at the end of a sentence; a time may have the full stop already: "Every day at 3 a.m." """
    return f"{schedule.when_words.removesuffix('.')}."


def _switch(request: TenantRequest, schedule: Schedule, *, on: bool) -> HttpResponse:
    if schedule.is_active != on:
        summary = f"{'Resumed' if on else 'Paused'} timed import “{schedule}”"
        with operation(SETTINGS, by=request.user, summary=summary):
            schedule.is_active = on
            schedule.save(update_fields=["is_active"])
        _set(request, schedule)
    told = f"runs again: {_when(schedule)}" if on else "is paused. Nothing is imported until you resume it."
    messages.success(request, f"“{schedule}” {told}")
    return HttpResponseRedirect(reverse("timed:list"))


def _set(request: TenantRequest, schedule: Schedule) -> None:
    clock, _ = Clock.objects.get_or_create(schedule=schedule)
    clock.schedule = schedule
    set_clock(clock, timezone.now(), ZoneInfo(request.tenant.timezone))


def _crumbs() -> list[tuple[str, str]]:
    return [*crumbs(), ("Timed imports", reverse("timed:list"))]


def _show(request: TenantRequest, form: ScheduleForm, title: str) -> HttpResponse:
    context: dict[str, Any] = {"title": title, "nav": "imports", "crumbs": _crumbs(), "form": form}
    return page(request, "imports/schedule.html", context, status=422 if form.is_bound else 200)
