"""Admin pages of tracked rows: every change is an Operation, and none is written to django_admin_log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from history.forms import TrackedModelForm
from history.holding import above, hold, hold_above, key_above
from history.models import Operation, TrackedModel, personal_to_others
from history.operations import operation
from tenants.admin import site

SOURCE = "admin"
SHOWN_CHANGES = 100


class ReadOnly:
    """For admin pages that only show."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeclaredFilters(admin.ModelAdmin):  # type: ignore[type-arg]
    """For admin pages whose address filters by what `list_filter` names, and by nothing else."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Any other lookup could ask the database for what it refuses, such as a broken regular expression."""
        names = {name for name in self.list_filter if isinstance(name, str)}
        endings = ("exact", "id__exact", "isnull")
        own = {getattr(declared, "parameter_name", "") for declared in self.list_filter}
        return lookup in own | {f"{name}__{ending}" for name in names for ending in endings}


class TrackedAdmin(DeclaredFilters):
    """Admin of one tracked model of the active tenant."""

    form = TrackedModelForm
    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With what the row's form tells of who saved last, so that nobody's change is overwritten unseen."""
        return (*(self.fields or ()), "seen") if obj else self.fields

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        # Held until the answer is written: two people can't pass the check of the form at once.
        rows = self.get_queryset(request).filter(pk=found.pk)
        hold_above(rows)
        return rows.select_for_update(of=("self",)).first()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.has_changed():
            return
        if not change and obj.told_below:
            hold(above(self.model), [getattr(obj, key_above(self.model))])
        kind = Operation.Kind.EDIT if change else Operation.Kind.ADD
        with operation(kind, by=request.user, source=SOURCE):  # type: ignore[arg-type]
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with operation(Operation.Kind.DELETE, by=request.user, source=SOURCE, summary=str(obj)):  # type: ignore[arg-type]
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        hold_above(queryset)
        names = ", ".join(map(str, queryset.order_by("pk").select_for_update(of=("self",))))
        with operation(Operation.Kind.DELETE, by=request.user, source=SOURCE, summary=names):  # type: ignore[arg-type]
            super().delete_queryset(request, queryset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody was faster with the same name or reference. Checked again, the form sees it and says so.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row's own history; the stock page reads django_admin_log."""
        record: TrackedModel | None = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        changes = record.history.select_related("operation__by").order_by("-history_id")[:SHOWN_CHANGES]
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "opts": self.opts,
            "object": record,
            "changes": changes,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def view_on_site(self, obj: models.Model) -> str | None:
        """Straight to the row's page: the stock redirect finds any object of any company by its type."""
        address = getattr(obj, "get_absolute_url", None)
        return address() if address else None

    # Operations take the place of django_admin_log, which has no tenant.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_deletion(self, request: HttpRequest, obj: Any, object_repr: str) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        return None


@admin.register(Operation, site=site)
class OperationAdmin(ReadOnly, DeclaredFilters):
    list_display = ("at", "kind", "by", "source", "summary")
    list_filter = ("kind",)
    list_select_related = ("by",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-at", "-id")
    fields = ("kind", "by", "at", "source", "summary", "counts")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Operation]:
        return super().get_queryset(request).exclude(personal_to_others(request.user))  # type: ignore[arg-type]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An operation has no history but itself; the stock page reads django_admin_log."""
        return HttpResponseRedirect(reverse("admin:history_operation_change", args=[object_id]))
