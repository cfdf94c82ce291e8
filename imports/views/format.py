"""What a file is to look like: said in words, and shown in a sample."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from imports.choices import BLANK_WORDS, PERSON
from imports.fields import importable_columns
from imports.formats import kinds_for
from imports.matching import NAMES, parts_of_names
from imports.models import ImportRun
from imports.samples import is_required, sample_file
from imports.starts import usual_starts
from imports.subjects import MAY, SUBJECTS
from imports.views.create import asked_subject, limits
from imports.views.pages import crumbs
from lists.exports import CONTENT_TYPES
from tenants.views import TenantRequest, page, permission


@permission(MAY)
@require_safe
def file_format(request: TenantRequest) -> HttpResponse:
    """Importing your data: derived from the declarations of the columns."""
    name = asked_subject(request)
    columns = importable_columns(request.user, name)
    usual = usual_starts(request.user) if name == ImportRun.Subject.CUSTOMERS else {}
    groups = [
        (
            group.label,
            [
                (one, is_required(one, request.tenant, name), usual.get(one.attribute, ""))
                for one in group.columns
                if one in columns
            ],
        )
        for group in SUBJECTS[name].groups()
    ]
    address, parts = reverse("imports:format"), parts_of_names(name)
    context = {
        **limits(),
        "title": "Importing your data",
        "nav": "imports",
        "crumbs": crumbs(),
        "sheet": name,
        "subject": SUBJECTS[name],
        "tabs": [
            (label, f"{address}?subject={value}", value == name) for value, label in ImportRun.Subject.choices
        ],
        "groups": [(label, told) for label, told in groups if told],
        "blank_words": BLANK_WORDS,
        "formats": {
            kind.kind: [str(one) for one in kind.formats.values()]
            for kind in kinds_for(request.user, name).values()
        },
        "person": [(PERSON[key], NAMES[key]) for key in PERSON if key in parts],
    }
    return page(request, "imports/format.html", context)


@permission(MAY)
@require_safe
def sample(request: TenantRequest, kind: str) -> HttpResponse:
    """The columns that the person may import, with one example row."""
    name = asked_subject(request)
    return HttpResponse(
        sample_file(kind, request.user, request.tenant, name),
        content_type=CONTENT_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}-sample.{kind}"',
            "Cache-Control": "no-store",
        },
    )
