"""Every import of the company, whoever began it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from history import standing
from history.models import Operation
from history.operation_views import percent, time_left, took
from imports.files import is_kept
from imports.models import ImportRun
from imports.report import counts
from imports.subjects import MAY
from tenants.views import TenantRequest, page, permission, read_number

SHOWN = 50
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
    undone = standing.undos_of([run.operation_id for run in found if run.operation_id])
    shown = [line(run, undone.get(run.operation_id)) for run in found[:SHOWN]]
    context = {
        "title": "Imports",
        "nav": "imports",
        "lines": shown,
        "is_moving": any(one.run.going for one in shown),
        "older": f"?before={shown[-1].run.pk}" if len(found) > SHOWN else "",
        "newer": before is not None,
    }
    return page(request, "imports/list.html", context, fragment="imports")


def line(run: ImportRun, undo: Operation | None) -> Line:
    """`undo` is the one by which it does not stand, or not all of it."""
    going = run.going
    return Line(
        run,
        UNDONE if undo else run.stage,
        undo_label(undo) if undo else run.stage_words,
        list(undo_counts(undo) if undo else counts(run)),
        percent(going) if going else None,
        time_left(going) if going else None,
        took(run.operation) if run.operation else "",
        may_repeat=bool(run.operation) and run.going is None and is_kept(run),
    )


def undo_label(undo: Operation) -> str:
    if not undo.is_over:
        return "Being undone"
    return "Undone in part" if undo.state in standing.STOPPED else "Undone"


def undo_counts(undo: Operation) -> Iterator[tuple[str, int]]:
    """How far it came where it was stopped, and how many rows it has kept."""
    if undo.state in standing.STOPPED:
        yield "rows went back", undo.counts.get("changed", 0)
    if kept := undo.counts.get("kept"):
        yield "kept", kept
