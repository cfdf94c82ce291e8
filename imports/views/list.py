"""Every import of the company, whoever began it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from history.operation_views import percent, time_left, took
from imports.files import is_kept
from imports.models import ImportRun
from imports.report import counts
from imports.subjects import MAY
from tenants.views import TenantRequest, page, permission, read_number

SHOWN = 50
Stage = ImportRun.Stage
UNDONE = "undone"  # a stage on this page


@dataclass(frozen=True)
class Line:
    """An import as the page tells of it. `counts` are words and numbers of what it did or would do, and stands."""

    run: ImportRun
    stage: str
    label: str  # of the stage
    counts: list[tuple[str, int]]
    percent: int | None
    time_left: str | None
    took: str
    may_repeat: bool


@permission(MAY)
@require_safe
def imports(request: TenantRequest) -> HttpResponse:
    """The newest first; `before` is the id of the one where the page before ended."""
    rows = ImportRun.objects.select_related("by", "reading", "checking", "operation").order_by("-pk")
    before = read_number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    shown = [line(run) for run in found[:SHOWN]]
    context = {
        "title": "Imports",
        "nav": "imports",
        "lines": shown,
        "is_moving": any(one.run.going for one in shown),
        "older": f"?before={shown[-1].run.pk}" if len(found) > SHOWN else "",
        "newer": before is not None,
    }
    return page(request, "imports/list.html", context, fragment="imports")


def line(run: ImportRun) -> Line:
    going = run.going
    is_undone = run.operation is not None and run.operation.is_undone
    return Line(
        run,
        UNDONE if is_undone else run.stage,
        "Undone" if is_undone else Stage(run.stage).label,
        [] if is_undone else list(counts(run)),
        percent(going) if going else None,
        time_left(going) if going else None,
        took(run.operation) if run.operation else "",
        may_repeat=bool(run.operation) and run.going is None and is_kept(run),
    )
