"""What the pages of imports share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from imports import runs
from imports.models import ImportRun
from imports.subjects import SUBJECTS
from tenants.views import TenantRequest, wants_fragment

STEPS = ("File", "Columns", "Check", "Import")
Stage = ImportRun.Stage
# Which of them a run is at.
AT = {
    Stage.READING: 0,
    Stage.UNREADABLE: 0,
    Stage.MATCHING: 1,
    Stage.CHECKING: 2,
    Stage.READY: 2,
    Stage.IMPORTING: 3,
    Stage.DONE: 4,
    Stage.CANCELLED: 3,
    Stage.FAILED: 3,
}


def get_run(pk: int) -> ImportRun:
    """With everything that its stage is told by. Raises Http404."""
    beside = ("by", "reading__by", "checking__by", "operation__by")
    return get_object_or_404(ImportRun.objects.select_related(*beside), pk=pk)


def of_run(view: Callable[[TenantRequest, ImportRun], HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages where something is decided about an import. Whoever sends something to one that is not found is told
    more than that: they have seen it a moment ago."""

    @wraps(view)
    def found(request: TenantRequest, pk: int) -> HttpResponse:
        if request.method == "POST" and not ImportRun.objects.filter(pk=pk).exists():
            return TemplateResponse(request, "imports/gone.html", {"words": runs.GONE}, status=404)
        return view(request, get_run(pk))

    return found


def back_to(run: ImportRun) -> HttpResponse:
    """To its page, or to the list where it is gone."""
    is_there = ImportRun.objects.filter(pk=run.pk).exists()
    return HttpResponseRedirect(run.get_absolute_url() if is_there else reverse("imports:list"))


def lead(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, also where only a part of one was asked for."""
    if wants_fragment(request):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def crumbs() -> list[tuple[str, str]]:
    """The way to what is below the list of imports."""
    return [("Imports", reverse("imports:list"))]


def steps(at: int) -> list[tuple[str, bool, bool]]:
    """Name of each, whether it is done, and whether it is the one at hand."""
    return [(name, place < at, place == at) for place, name in enumerate(STEPS)]


def frame(run: ImportRun) -> dict[str, Any]:
    """What every page of one import has."""
    return {
        "run": run,
        "subject": SUBJECTS[run.subject],
        "steps": steps(AT[Stage(run.stage)]),
        "nav": "imports",
        "title": run.name,
        "crumbs": crumbs(),
    }
