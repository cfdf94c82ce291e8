"""Match columns: what the columns of the file are, and how it is imported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from history.models import Operation
from imports import runs
from imports.fields import fields_for
from imports.forms import ColumnsForm
from imports.matching import looks_like_a_row, remembered
from imports.models import ImportRun
from imports.subjects import MAY, SUBJECTS
from imports.views.pages import back_to, frame, of_run, steps
from lists.sheets import FileRefused
from lists.xlsx_files import MAX_ROW_NUMBER
from tenants.models import Tenant, User
from tenants.views import TenantRequest, page, permission, read_number


@permission(MAY)
@of_run
def columns(request: TenantRequest, run: ImportRun) -> HttpResponse:
    """Posted, the rows are checked."""
    if run.stage not in runs.DECIDING:
        if request.method == "POST":
            messages.info(request, runs.standing(run, request.user))
        return HttpResponseRedirect(run.get_absolute_url())
    data = request.POST if request.method == "POST" else None
    if data is not None and data.get("read", read_from(run)) != read_from(run):
        messages.info(request, "The file was read again meanwhile. Look at its columns.")
        return HttpResponseRedirect(request.path)
    form = ColumnsForm(data, run=run, user=request.user, choices=runs.settings_of(run, request.user))
    if data is None or not form.is_valid():
        return show(request, run, form)
    try:
        runs.check(run, form.choices(), by=request.user)
    except runs.NotNow as refusal:
        messages.info(request, str(refusal))
        return back_to(run)
    return HttpResponseRedirect(run.get_absolute_url())


def read_from(run: ImportRun) -> str:
    """Of which place in the file the columns are: those that somebody has seen may be another sheet's by now."""
    found = run.found or {}
    return f"{found['sheet']}:{found.get('heading', 1)}"


def show(request: TenantRequest, run: ImportRun, form: ColumnsForm) -> HttpResponse:
    assert run.found is not None
    form.remembered = None if run.decided.columns else remembered(run)
    context = {
        **frame(run),
        "steps": steps(1),
        "form": form,
        "found": run.found,
        "read_from": read_from(run),
        "heading_row": run.found.get("heading", 1),
        "subject": SUBJECTS[run.subject],
        "is_headless": looks_like_a_row(run, request.user),
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
@of_run
def place(request: TenantRequest, run: ImportRun) -> HttpResponse:
    """Reads the file again: another sheet of the workbook, or from another row on."""
    try:
        if run.found:
            sheet, heading = _place(request.POST, run)
            if (sheet, heading) != (run.found["sheet"], run.decided.heading):
                runs.choose_place(run, sheet, heading, by=request.user)
    except (FileRefused, runs.NotNow) as refusal:
        messages.error(request, str(refusal))
        return back_to(run)
    return HttpResponseRedirect(run.get_absolute_url())


def _place(sent: QueryDict, run: ImportRun) -> tuple[str, int]:
    """The sheet, and the row of its heading; 0 where that is to be found out, as in another sheet where the row is
    still that of the sheet before. Raises FileRefused for a row that there can't be."""
    found = run.found or {}
    sheet, before = sent.get("sheet", found["sheet"]), found.get("heading", 1)
    if sheet not in ("", *found["sheets"]):
        raise FileRefused("The file has no such sheet.")
    said = sent.get("heading", "").strip()
    heading = read_number(said) if said else 0
    if heading is None or heading > MAX_ROW_NUMBER:
        raise FileRefused(f"“{said[:20]}” is no row. Say which row is the heading by its number.")
    if heading != before:
        return sheet, heading
    return sheet, run.decided.heading if sheet == found["sheet"] else 0
