"""The page of one operation: who did what and when, how far it is, which rows it wrote; to cancel it and to undo it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from history.models import Operation, personal_to_others
from history.operation_rows import first_rows, kept_rows, kind_of, rows_with_changes
from history.standing import parts_of, undo_of
from history.undo import may_undo
from history.views import page_to_return_to
from tenants.models import User
from tenants.views import TenantRequest, page, permission, read_number

SHOWN = 50  # operations on a page
Kind = Operation.Kind

# What takes more than to see operations.
GUARDED = {
    Kind.PEOPLE: "tenants.view_membership",
    Kind.SETTINGS: "tenants.change_tenant",
    Kind.OPEN: "tenants.change_tenant",
    Kind.EXPORT: "customers.export_customer",
}
COUNTS = {
    "rows": "Rows",
    "created": "Added",
    "updated": "Changed",
    "changed": "Changed",
    "unchanged": "Unchanged",
    "gone": "No longer there",
    "skipped": "Skipped",
    "failed": "Failed",
    "kept": "Kept as they are",
}


def get_operation(request: TenantRequest, pk: int) -> Operation:
    """The operation, for who may read of it. Raises Http404, PermissionDenied."""
    operations = Operation.objects.exclude(personal_to_others(request.user))
    found = get_object_or_404(operations.select_related("by", "undoes", "undoes__by"), pk=pk)
    guard = GUARDED.get(Kind(found.kind))
    if guard and not request.user.has_perm(guard):
        raise PermissionDenied(guard)
    return found


def operations_for(user: User) -> QuerySet[Operation]:
    """Those the person may read of, the latest first."""
    hidden = [kind for kind, guard in GUARDED.items() if not user.has_perm(guard)]
    found = Operation.objects.exclude(kind__in=hidden).exclude(personal_to_others(user))
    return found.select_related("by").order_by("-pk")


@permission("history.view_operation")
@require_safe
def activity(request: TenantRequest) -> HttpResponse:
    """What everybody did, a page at a time; `before` in the address is where the page begins."""
    before = read_number(request.GET.get("before", ""))
    found = operations_for(request.user)
    if before is not None:
        found = found.filter(pk__lt=before)
    shown = list(found[: SHOWN + 1])
    older = shown[SHOWN - 1].pk if len(shown) > SHOWN else None
    context = {"title": "Activity", "nav": "activity", "operations": shown[:SHOWN], "older": older}
    return page(request, "history/activity.html", context)


@permission("history.view_operation")
@require_safe
def show(request: TenantRequest, pk: int) -> HttpResponse:
    """The whole page; for htmx, while it goes on, the part that changes."""
    operation = get_operation(request, pk)
    undone = undo_of(operation)
    kept = kept_rows(operation, {}) if operation.kind == Kind.UNDO else None
    context: dict[str, Any] = {
        "nav": "activity",
        "operation": operation,
        "undone": undone,
        "parts": [] if undone else parts_of(operation),
        "may_cancel": may_cancel(operation, request.user),
        "may_undo": operation.is_undoable and not undone and may_undo(operation, request.user),
        "percent": percent(operation),
        "seconds_left": time_left(operation),
        "took": took(operation),
        "counts": list(counts(operation)),
        "kept": kept,
        "more_kept": max(operation.counts.get("kept", 0) - len(kept.shown), 0) if kept else 0,
        "rows": list(first_rows(operation)) if operation.is_over else [],
    }
    return page(request, "history/operation.html", context, fragment="going")


@permission("history.view_operation")
@require_safe
def rows(request: TenantRequest, pk: int) -> HttpResponse:
    """All rows of one kind that it wrote, a part at a time, with what it changed. `kind` in the address is the model,
    by default the first."""
    operation = get_operation(request, pk)
    model = kind_of(operation, request.GET.dict())
    if model is None:
        raise Http404("It wrote no such rows.")
    written = rows_with_changes(operation, model, request.user, request.GET.dict())
    context = {"title": written.words, "rows": written, "crumbs": crumbs(operation), "nav": "activity"}
    return page(request, "history/rows.html", context)


@permission("history.view_operation")
@require_safe
def kept(request: TenantRequest, pk: int) -> HttpResponse:
    """All rows that an undo left as they were, a part at a time, with the reasons."""
    operation = get_operation(request, pk)
    found = kept_rows(operation, request.GET.dict())
    if not found.part.keys:
        raise Http404("It has kept no rows.")
    context = {"title": "Kept as they are", "kept": found, "crumbs": crumbs(operation), "nav": "activity"}
    return page(request, "history/kept.html", context)


def crumbs(operation: Operation) -> list[tuple[str, str]]:
    """The way to a page below that of the operation."""
    address = reverse("history:operation", args=[operation.pk])
    return [("Activity", reverse("history:activity")), (operation.called, address)]


@permission("history.view_operation")
@require_POST
def cancel(request: TenantRequest, pk: int) -> HttpResponse:
    operation = get_operation(request, pk)
    if not may_cancel(operation, request.user):
        if not operation.is_over:
            raise PermissionDenied("Only who asked for it may cancel it.")
        messages.info(request, "It was over already.")
    else:
        operation.ask_to_stop()
        messages.info(request, "It stops after the rows that are being worked on.")
    return HttpResponseRedirect(page_to_return_to(request))


def may_cancel(operation: Operation, user: User) -> bool:
    """Who asked for it may; and admins, who answer for all."""
    return not operation.is_over and (
        operation.by_id == user.pk or user.has_perm("tenants.change_membership")
    )


def percent(operation: Operation) -> int | None:
    """How far it is, from 0 to 100; None where that is not known."""
    if not operation.total:
        return None
    return min(100, 100 * operation.position // operation.total)


def time_left(operation: Operation) -> str | None:
    left = operation.seconds_left
    return None if left is None else f"{duration(left)} left"


def took(operation: Operation) -> str:
    if not (operation.begun_at and operation.ended_at):
        return ""
    return duration((operation.ended_at - operation.begun_at).total_seconds())


def duration(seconds: float) -> str:
    """ "less than a second", "12 seconds", "3 minutes"."""
    if seconds < 1:
        return "less than a second"
    unit, number = ("second", round(seconds)) if seconds < 90 else ("minute", round(seconds / 60))
    return f"{number} {unit}{'' if number == 1 else 's'}"


def counts(operation: Operation) -> Iterator[tuple[str, int]]:
    """What it counted, in words."""
    for name, words in COUNTS.items():
        number = operation.counts.get(name)
        if isinstance(number, int):
            yield "Went back" if (operation.kind, name) == (Kind.UNDO, "changed") else words, number
