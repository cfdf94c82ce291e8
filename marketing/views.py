"""The settings pages of segments, statuses and channels: one set of views for the three lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from history.models import Operation
from history.operations import attempt, operation
from history.recent import SHOWN, operations_on
from marketing.forms import EntryForm, entry_form
from marketing.lists import EntryList
from marketing.models import Entry, InUse
from tenants.views import TenantRequest, page


@require_safe
def entries(request: TenantRequest, entry_list: EntryList) -> HttpResponse:
    return _show_list(request, entry_list, entry_form(entry_list.model)())


def add(request: TenantRequest, entry_list: EntryList) -> HttpResponse:
    form = entry_form(entry_list.model)(request.POST or None)
    if request.method != "POST":
        return _show_list(request, entry_list, form)
    if not (form.is_valid() and _save(request, form, f"Added {entry_list.name} “{form.instance}”")):
        return _show_list(request, entry_list, form, status=422)
    messages.success(request, f"{form.instance} is added.")
    return HttpResponseRedirect(entry_list.url)


def edit(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = get_object_or_404(entry_list.model, pk=pk)
    form = entry_form(entry_list.model)(request.POST or None, instance=entry)
    context = {
        "list": entry_list,
        "nav": entry_list.slug,
        "form": form,
        "name": str(entry),
        "crumbs": [(entry_list.title, entry_list.url)],
    }
    if request.method != "POST":
        return page(request, "marketing/entry.html", context)
    if not form.is_valid():
        return page(request, "marketing/entry.html", context, status=422)
    if not form.has_changed():
        messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(entry_list.url)
    if not _save(request, form, _told(form, entry_list, str(context["name"]))):
        return page(request, "marketing/entry.html", context, status=422)
    messages.success(request, f"{form.instance} is saved.")
    return HttpResponseRedirect(entry_list.url)


def delete(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = get_object_or_404(entry_list.model.objects.counted(), pk=pk)
    if request.method != "POST":
        return _show_delete(request, entry_list, entry, entry.used)
    name = str(entry)
    try:
        with _operation(request, f"Deleted {entry_list.name} “{name}”"):
            entry.remove()
    except InUse as refusal:
        return _show_delete(request, entry_list, entry, refusal.users, status=422)
    messages.success(request, f"{name} is deleted.")
    return HttpResponseRedirect(entry_list.url)


@require_POST
def up(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = _change(request, entry_list, pk, lambda entry: entry.move(-1), "Moved {} up")
    return HttpResponseRedirect(f"{entry_list.url}?up={entry.pk}")


@require_POST
def down(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = _change(request, entry_list, pk, lambda entry: entry.move(1), "Moved {} down")
    return HttpResponseRedirect(f"{entry_list.url}?down={entry.pk}")


@require_POST
def make_default(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = _change(request, entry_list, pk, Entry.make_default, "Made {} the default")
    messages.success(request, f"New customers start with {entry}.")
    return HttpResponseRedirect(entry_list.url)


@require_POST
def retire(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = _change(request, entry_list, pk, Entry.retire, "Retired {}")
    messages.success(request, f"{entry} is retired. Customers who have it keep it; it is offered no more.")
    return HttpResponseRedirect(entry_list.url)


@require_POST
def reinstate(request: TenantRequest, entry_list: EntryList, pk: int) -> HttpResponse:
    entry = _change(request, entry_list, pk, Entry.reinstate, "Reinstated {}")
    messages.success(request, f"{entry} is offered again.")
    return HttpResponseRedirect(entry_list.url)


def _operation(request: TenantRequest, summary: str) -> Any:
    return operation(Operation.Kind.SETTINGS, by=request.user, summary=summary)


def _change(
    request: TenantRequest, entry_list: EntryList, pk: int, verb: Callable[[Entry], None], summary: str
) -> Entry:
    """Do `verb` to the entry while nobody else changes the list. `summary` has a place for its name."""
    found = {entry.pk: entry for entry in entry_list.model.objects.locked()}
    if pk not in found:
        raise Http404("No such entry.")
    with _operation(request, summary.format(f"{entry_list.name} “{found[pk]}”")):
        verb(found[pk])
    return found[pk]


def _save(request: TenantRequest, form: EntryForm, summary: str) -> bool:
    """Whether the entry is saved. If somebody was faster, the form says so and no operation is kept."""
    form.instance.__class__.objects.locked()
    saved = attempt(Operation.Kind.SETTINGS, form.try_save, by=request.user, summary=summary)
    return saved is not None


def _told(form: EntryForm, entry_list: EntryList, name: str) -> str:
    """What a valid form changes: "Changed segment “Shops”: now “Retail”, purple"."""
    now = [f"“{form.cleaned_data['name']}”"] if "name" in form.changed_data else []
    now += [form.cleaned_data["colour"]] if "colour" in form.changed_data else []
    return f"Changed {entry_list.name} “{name}”: now {', '.join(now)}"


def _show_list(
    request: TenantRequest, entry_list: EntryList, form: EntryForm, status: int = 200
) -> HttpResponse:
    found = list(entry_list.model.objects.counted())
    for entry in found:
        entry.users_url = entry_list.users_url(entry)  # type: ignore[attr-defined]  # for the page
    context = {
        "list": entry_list,
        "nav": entry_list.slug,
        "offered": [entry for entry in found if not entry.is_retired],
        "retired": [entry for entry in found if entry.is_retired],
        "has_default": any(entry.is_default for entry in found),
        "form": form,
        "changes": operations_on(entry_list.model)[:SHOWN],
        "moved_up": request.GET.get("up"),
        "moved_down": request.GET.get("down"),
    }
    return page(request, "marketing/entries.html", context, status=status)


def _show_delete(
    request: TenantRequest, entry_list: EntryList, entry: Entry, users: int, status: int = 200
) -> HttpResponse:
    context = {
        "list": entry_list,
        "nav": entry_list.slug,
        "crumbs": [(entry_list.title, entry_list.url)],
        "entry": entry,
        "users": users,
        "users_url": entry_list.users_url(entry),
        "question": f"Delete {entry_list.name} “{entry}”?",
    }
    return page(request, "marketing/entry_delete.html", context, status=status)
