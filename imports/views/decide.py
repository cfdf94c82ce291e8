"""What is done with an import once it is checked: approved, discarded, cancelled, done again."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from history.long import Refused
from history.operation_views import may_cancel
from imports import runs
from imports.forms import ApproveForm
from imports.models import ImportRun
from imports.steps import CARRIED_OUT
from imports.subjects import MAY
from imports.views.detail import show
from imports.views.pages import back_to, frame, of_run
from lists.sheets import FileRefused
from tenants.views import TenantRequest, page, permission


@permission(MAY)
@require_POST
@of_run
def approve(request: TenantRequest, run: ImportRun) -> HttpResponse:
    """Carries out the plan that was shown."""
    if run.stage == ImportRun.Stage.READY:
        form = ApproveForm(request.POST, run=run)
        if not form.is_valid():
            return show(request, run, form=form, status=422)
        if not sum(run.plan["counts"][action] for action in CARRIED_OUT):
            messages.info(request, "No row would change anything.")
            return HttpResponseRedirect(run.get_absolute_url())
        try:
            runs.approve(run, by=request.user, plan=form.cleaned_data["plan"])
        except (runs.NotNow, Refused) as refusal:
            messages.error(request, str(refusal))
            return back_to(run)
    else:
        messages.info(request, runs.standing(run, request.user))
    return HttpResponseRedirect(run.get_absolute_url())


@permission(MAY)
@require_POST
@of_run
def cancel(request: TenantRequest, run: ImportRun) -> HttpResponse:
    if run.going is None:
        messages.info(request, "It was over already.")
    elif not may_cancel(run.going, request.user):
        raise PermissionDenied("Only who asked for it may cancel it.")
    else:
        runs.cancel(run)
    return HttpResponseRedirect(run.get_absolute_url())


@permission(MAY)
@of_run
def discard(request: TenantRequest, run: ImportRun) -> HttpResponse:
    """Asks, and then drops the plan and the file."""
    if request.method != "POST":
        return page(request, "imports/discard.html", {**frame(run), "title": "Discard import"})
    try:
        runs.discard(run, by=request.user)
    except runs.NotNow as refusal:
        messages.info(request, str(refusal))
        return back_to(run)
    messages.success(request, f"{run.name} was discarded. Nothing was imported.")
    return HttpResponseRedirect(reverse("imports:list"))


@permission(MAY)
@require_POST
@of_run
def again(request: TenantRequest, run: ImportRun) -> HttpResponse:
    """The same file with the same settings, checked anew: rows that are in already are unchanged."""
    try:
        fresh = runs.again(run, by=request.user)
        if fresh.found and fresh.decided.columns:
            runs.check(fresh, runs.allowed(fresh.decided, request.user), by=request.user)
    except (runs.NotNow, FileRefused) as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(run.get_absolute_url())
    return HttpResponseRedirect(fresh.get_absolute_url())
