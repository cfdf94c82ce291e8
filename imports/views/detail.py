"""One import, as far as it is: what is going on, what would be done, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from history.models import Operation
from history.operation_views import may_cancel, percent, time_left
from imports.files import is_kept
from imports.forms import ApproveForm
from imports.models import ImportRun
from imports.plan_page import PlanPage
from imports.report import Report
from imports.subjects import MAY
from imports.views.pages import frame, get_run, lead
from tenants.views import TenantRequest, page, permission, read_number

Stage = ImportRun.Stage


@permission(MAY)
@require_safe
def detail(request: TenantRequest, pk: int) -> HttpResponse:
    """The whole page; for htmx, while something goes on, the part that changes."""
    run = get_run(pk)
    if run.stage == Stage.MATCHING:
        return lead(request, reverse("imports:columns", args=[pk]))
    return show(request, run)


def show(
    request: TenantRequest, run: ImportRun, *, form: ApproveForm | None = None, status: int = 200
) -> HttpResponse:
    stage = Stage(run.stage)
    context = {**frame(run), "stage": stage, **SHOWN[stage](request, run)}
    if form is not None:
        context["form"] = form
    return page(request, "imports/detail.html", context, fragment="stage", status=status)


def _going(request: TenantRequest, run: ImportRun) -> dict[str, Any]:
    going = run.going
    return {
        "part": "imports/progress.html",
        "going": going,
        "percent": percent(going) if going else None,
        "time_left": time_left(going) if going else None,
        "speed": speed(going) if going else None,
        "may_cancel": going is not None and may_cancel(going, request.user),
    }


def speed(going: Operation) -> int | None:
    """Rows in a second; None while that tells nothing."""
    if not (going.begun_at and going.position):
        return None
    spent = (timezone.now() - going.begun_at).total_seconds()
    return round(going.position / spent) if spent >= 1 else None


def _unreadable(request: TenantRequest, run: ImportRun) -> dict[str, Any]:
    return {"part": "imports/unreadable.html"}


def _ready(request: TenantRequest, run: ImportRun) -> dict[str, Any]:
    plan = PlanPage(run, request.user, request.GET)
    return {"part": "imports/plan.html", "plan": plan, "rows": plan.page(), "form": ApproveForm(run=run)}


def _over(request: TenantRequest, run: ImportRun) -> dict[str, Any]:
    report = Report(run, request.user)
    lines, more = report.left(read_number(request.GET.get("after", "")) or 0)
    return {
        "part": "imports/report.html",
        "report": report,
        "lines": lines,
        "more": more,
        "is_kept": is_kept(run),
    }


SHOWN: dict[Stage, Callable[[TenantRequest, ImportRun], dict[str, Any]]] = {
    Stage.READING: _going,
    Stage.UNREADABLE: _unreadable,
    Stage.CHECKING: _going,
    Stage.READY: _ready,
    Stage.IMPORTING: _going,
    Stage.DONE: _over,
    Stage.CANCELLED: _over,
    Stage.FAILED: _over,
}
