"""The page of all exports, and their files.

Who may export a list sees what was exported of it, by anybody; the file itself only who may see each of its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse

from history.long import call_off
from history.messages import goes_on
from history.models import Operation
from history.operation_views import may_cancel, time_left
from lists.columns import flatten
from lists.declaration import ListDeclaration, all_lists
from lists.export_files import path_of
from lists.exports import CONTENT_TYPES
from lists.models import Export
from tenants.models import User
from tenants.views import TenantView, page, read_number

SHOWN = 50


class ExportsView(TenantView):
    """What the pages of exports share: those of the lists that the person may export."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.lists = {found.name: found for found in all_lists() if found.may_export(self.request.user)}
        if not self.lists:
            raise PermissionDenied("exports")
        return super().dispatch(request, *args, **kwargs)

    @property
    def permission(self) -> str:  # type: ignore[override]  # not the same for everybody
        return next(iter(self.lists.values())).export_permission

    def exports(self) -> QuerySet[Export]:
        found = Export.objects.select_related("operation__by", "selection").defer("selection__ids")
        return found.filter(list__in=self.lists)

    def export(self) -> Export:
        return get_object_or_404(self.exports(), pk=self.kwargs["pk"])

    def may_see_all_of(self, export: Export) -> bool:
        return may_see_all_of(export, self.lists[export.list], self.request.user)


def may_see_all_of(export: Export, declaration: ListDeclaration, user: User) -> bool:
    return set(export.columns) <= set(declaration.columns(user))


@dataclass(frozen=True)
class Line:
    """An export as the page tells of it."""

    export: Export
    columns: list[str]  # their labels
    may_download: bool
    may_cancel: bool
    time_left: str | None


class ExportList(ExportsView):
    """All of them, the newest first; `before` is the id of the one where the page before ended."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = self.exports().order_by("-pk")
        before = read_number(request.GET.get("before", ""))
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows[: SHOWN + 1])
        shown = found[:SHOWN]
        context = {
            "title": "Exports",
            "nav": "exports",
            "lines": [self.line(export) for export in shown],
            "is_moving": any(not export.operation.is_over for export in shown),
            "older": f"?before={shown[-1].pk}" if len(found) > SHOWN else "",
            "newer": before is not None,
            "first": next(iter(self.lists.values())),
        }
        return page(request, "lists/exports.html", context, fragment="exports")

    def line(self, export: Export) -> Line:
        known = flatten(self.lists[export.list].groups())
        return Line(
            export,
            columns=[known[key].label if key in known else key for key in export.columns],
            may_download=self.may_see_all_of(export),
            may_cancel=may_cancel(export.operation, self.request.user),
            time_left=time_left(export.operation),
        )


class Download(ExportsView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = self.export()
        if not self.may_see_all_of(export):
            raise PermissionDenied("It holds columns that you may not see.")
        path = path_of(str(export.file.name)) if export.is_kept else None
        if path is None or not path.is_file():
            raise Http404("The file is no longer there.")
        # Read while it is sent; what it holds was asked of the database long before.
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=export.name,
            content_type=CONTENT_TYPES[export.format],
            # It is not packed on its way, so that the browser knows how much is to come.
            headers={"Cache-Control": "no-store", "Content-Encoding": "identity"},
        )


class Cancel(ExportsView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = self.export()
        if may_cancel(export.operation, self.request.user):
            self.say(export, call_off(export.operation))
        elif export.operation.is_over:
            self.say(export, export.operation.state)
        else:
            raise PermissionDenied("Only who asked for it may cancel it.")
        return HttpResponseRedirect(reverse("exports:list"))

    def say(self, export: Export, state: str) -> None:
        if state == Operation.State.RUNNING:
            told = f"{export.name} is being cancelled."
            goes_on(self.request, messages.INFO, told, export.going_place)
        elif state == Operation.State.CANCELLED:
            messages.info(self.request, f"{export.name} is cancelled.")
        else:
            messages.info(self.request, f"{export.name} was over already.")
