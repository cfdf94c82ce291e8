"""Where an import begins: the file. A page, and from the list of customers a dialog."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from imports import runs
from imports.fields import importable_columns
from imports.forms import UploadForm
from imports.models import ImportRun
from imports.samples import is_required
from imports.starts import usual_starts
from imports.subjects import MAY, SUBJECTS
from imports.views.pages import crumbs, lead, steps
from lists.sheets import FileRefused
from tenants.models import User
from tenants.views import TenantRequest, page, permission

Subject = ImportRun.Subject


@permission(MAY)
def create(request: TenantRequest) -> HttpResponse:
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
    else:
        form = UploadForm(initial={"subject": asked_subject(request)})
    address = begin(form, by=request.user) if form.is_bound else ""
    if address:
        return lead(request, address)
    context = {
        **asking(request, form),
        "title": "Import CSV or Excel",
        "nav": "imports",
        "crumbs": crumbs(),
        "steps": steps(0),
    }
    status = 422 if form.is_bound else 200
    return page(request, "imports/create.html", context, fragment="dialog", status=status)


def asked_subject(request: HttpRequest) -> str:
    """What the rows are, as the address says; customers, where it says nothing we know."""
    asked = request.GET.get("subject", "")
    return asked if asked in SUBJECTS else Subject.CUSTOMERS


def begin(form: UploadForm, *, by: User) -> str:
    """Where to go on with the file; '' for one that is refused, and then the form says why."""
    if not form.is_valid():
        return ""
    file = form.cleaned_data["file"]
    try:
        subject = form.cleaned_data["subject"]
        return runs.begin(file.name, file.chunks(), by=by, subject=subject).get_absolute_url()
    except FileRefused as refusal:
        form.add_error("file", str(refusal))
        return ""


def asking(request: TenantRequest, form: UploadForm) -> dict[str, Any]:
    """What the form says beside it."""
    usual = usual_starts(request.user)
    required = [one for one in importable_columns(request.user) if is_required(one, request.tenant)]
    return {
        **limits(),
        "form": form,
        "subjects": [(name, Subject(name).label, one.about) for name, one in SUBJECTS.items()],
        "required": [one.label for one in required if one.attribute not in usual],
        "usual": [one.label for one in required if one.attribute in usual],
    }


def limits() -> dict[str, int]:
    return {"max_rows": settings.IMPORT_MAX_ROWS, "max_bytes": settings.IMPORT_MAX_BYTES}
