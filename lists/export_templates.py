"""Templates of exports: layouts that people save under a name, rename, share and delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect

from history.messages import done
from history.models import Operation
from history.operations import attempt, operation
from lists.declaration import ListDeclaration, list_named
from lists.models import ExportTemplate, Layout
from lists.named import NamedForm, taken, to_change
from tenants.fields import fold
from tenants.models import User
from tenants.views import TenantRequest, page, permission

NAME_TAKES = 60  # characters


class TemplateForm(NamedForm[ExportTemplate]):
    """Name and sharing."""

    what = "template"
    refusals = {"lists_exporttemplate_name": ("name", taken)}

    class Meta:
        model = ExportTemplate
        fields = ("name", "is_shared")
        labels = {"name": "Name of the template", "is_shared": "Everybody in the company may use it"}


@dataclass(frozen=True)
class Saved:
    template: ExportTemplate
    operation: Operation


def save_template(form: TemplateForm, layout: Layout, *, by: User) -> Saved | None:
    """The layout under the form's name, in place of what the person had under it. None, with errors on the form,
    when there is no name."""
    new = form.instance
    before = ExportTemplate.objects.filter(list=new.list, owner=by, name_key=fold(form.data.get("name", "")))
    if known := before.first():
        form.instance = known
    if not form.is_valid():
        return None
    for name in ("columns", "format", "delimiter", "bom"):
        setattr(form.instance, name, getattr(layout, name))
    with operation(Operation.Kind.KEEP, by=by, summary=f"Saved template “{form.instance}”") as running:
        saved = form.try_save()
    return Saved(saved, running) if saved else None


@permission("lists.change_exporttemplate")
def template(request: TenantRequest, pk: int) -> HttpResponse:
    """Rename it, share it or keep it to oneself."""
    found = _to_change(request, pk)
    form = TemplateForm(request.POST or None, instance=found, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return _show(request, found, form)
    if not form.has_changed():
        messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(_back(request, found))
    told = f"Changed template “{found}”"
    saved = attempt(Operation.Kind.KEEP, form.try_save, by=request.user, summary=told)
    if saved is None:
        return _show(request, found, form)
    done(request, f"Template “{saved}” is saved.", saved.last_operation)
    return HttpResponseRedirect(_back(request, found))


def _to_change(request: TenantRequest, pk: int) -> ExportTemplate:
    found: ExportTemplate = to_change(request, ExportTemplate.objects.offered_to(request.user), pk)
    return found


def _show(request: TenantRequest, found: ExportTemplate, form: TemplateForm) -> HttpResponse:
    kept = ExportTemplate.objects.get(pk=found.pk)  # as it is, whatever was typed
    context = {**_around(request, kept), "form": form, "title": "Template"}
    return page(request, "lists/export_template.html", context, status=422 if form.errors else 200)


@permission("lists.delete_exporttemplate")
def delete_template(request: TenantRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    if request.method != "POST":
        whose = (
            "Everybody in the company may use it now." if found.is_shared else "Nobody but its owner uses it."
        )
        context = {
            **_around(request, found),
            "title": "Delete template",
            "question": f"Delete the template “{found}”?",
            "text": whose,
            "action": "Delete template",
            "danger": True,
        }
        return page(request, "lists/export_template_delete.html", context)
    back, name = _back(request, found), str(found)
    with operation(Operation.Kind.KEEP, by=request.user, summary=f"Deleted template “{name}”") as running:
        found.delete()
    done(request, f"Template “{name}” is deleted.", running, back=back)
    return HttpResponseRedirect(back)


def _around(request: TenantRequest, found: ExportTemplate) -> dict[str, Any]:
    declaration, back = _list(found), _back(request, found)
    crumbs = [(declaration.title, declaration.address), ("Export", back)]
    return {"template": found, "nav": declaration.name, "crumbs": crumbs, "cancel": back}


def _back(request: TenantRequest, found: ExportTemplate) -> str:
    """Where templates are chosen; the list for who may not export it."""
    declaration = _list(found)
    return declaration.export_address if declaration.may_export(request.user) else declaration.address


def _list(found: ExportTemplate) -> ListDeclaration:
    """Raises Http404 for one of a list that is no more."""
    declaration = list_named(found.list)
    if declaration is None:
        raise Http404
    return declaration
