"""Match columns: what the columns of the file are, and how it is imported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from history.models import Operation
from imports import runs
from imports.fields import fields_for
from imports.forms import ColumnsForm
from imports.matching import remembered
from imports.models import ImportRun
from imports.subjects import MAY
from imports.views.pages import back_to, frame, get_run, steps
from lists.sheets import FileRefused
from tenants.models import Tenant, User
from tenants.views import TenantRequest, page, permission


@permission(MAY)
def columns(request: TenantRequest, pk: int) -> HttpResponse:
    """Posted, the rows are checked."""
    run = get_run(pk)
    if run.stage not in runs.DECIDING:
        return HttpResponseRedirect(run.get_absolute_url())
    data = request.POST if request.method == "POST" else None
    form = ColumnsForm(data, run=run, user=request.user, choices=runs.settings_of(run, request.user))
    if data is None or not form.is_valid():
        return show(request, run, form)
    try:
        runs.check(run, form.choices(), by=request.user)
    except runs.NotNow as refusal:
        messages.info(request, str(refusal))
        return back_to(run)
    return HttpResponseRedirect(run.get_absolute_url())


def show(request: TenantRequest, run: ImportRun, form: ColumnsForm) -> HttpResponse:
    assert run.found is not None
    form.remembered = None if run.decided.columns else remembered(run)
    context = {
        **frame(run),
        "steps": steps(1),
        "form": form,
        "found": run.found,
        "sheets": run.found["sheets"] if len(run.found["sheets"]) > 1 else [],
        "is_remembered": form.remembered is not None,
        "lacking": lacking(form, request.tenant, request.user) if form.is_of_customers else [],
        "failed": failed(run),
        "is_ready": run.stage == ImportRun.Stage.READY,
    }
    return page(request, "imports/columns.html", context, status=422 if form.is_bound else 200)


def lacking(form: ColumnsForm, company: Tenant, user: User) -> list[str]:
    """Labels of what new customers must have, and neither the file nor a default gives."""
    keys = set(form.columns.values())
    return [
        one.column.label
        for one in fields_for(user).values()
        if one.part is None
        and one.name != "name"
        and one.key not in keys
        and one.is_mandatory(company.mandatory_fields)
        and not form.gives(one.name)
    ]


def failed(run: ImportRun) -> Operation | None:
    """The check before, if nothing came of it."""
    return run.checking if run.checking and run.checking.state != Operation.State.DONE else None


@permission(MAY)
@require_POST
def sheet(request: TenantRequest, pk: int) -> HttpResponse:
    """Reads another sheet of the workbook."""
    run = get_run(pk)
    wanted: Any = request.POST.get("sheet", "")
    if run.found and wanted in run.found["sheets"]:
        try:
            runs.choose_sheet(run, wanted, by=request.user)
        except (FileRefused, runs.NotNow) as refusal:
            messages.error(request, str(refusal))
            return back_to(run)
    return HttpResponseRedirect(run.get_absolute_url())
