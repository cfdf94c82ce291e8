from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin

from customers import uploads
from customers.filters import ALL
from customers.forms import CustomerForm, starting_values
from customers.import_fields import BLANK_WORDS, column_fields
from customers.import_forms import ConfirmForm, UploadForm
from customers.importing import import_customers, plan_import
from customers.models import Customer
from customers.outcome import ImportOutcome
from history.admin import TrackedAdmin
from lists.columns import customer_groups
from lists.sheets import FileRefused
from tenants.admin import site
from tenants.models import Membership, User
from tenants.numbers import grouped

SHOWN = 200  # as many changes and as many warnings as a page has
LIST_FILTERS = {  # the admin's name of a filter → the customer list's
    "q": "q",
    "kind__exact": "kind",
    "segment__id__exact": "segment",
    "status__id__exact": "status",
    "channel__id__exact": "channel",
    "manager": "responsible_manager",
}
GONE = (
    "The uploaded file is no longer here: it was imported already, or more than a day ago. Upload it again."
)


class ManagerFilter(admin.SimpleListFilter):
    """Members of this tenant only; the stock filter offers every company's."""

    title = "responsible manager"
    parameter_name = "manager"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(member.pk), str(member)) for member in Membership.objects.current()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        offered = {str(value) for value, _ in self.lookup_choices}
        return queryset.filter(responsible_manager=self.value()) if self.value() in offered else queryset


@admin.register(Customer, site=site)
class CustomerAdmin(ImportExportMixin, TrackedAdmin):  # type: ignore[misc]  # untyped library
    form = CustomerForm
    list_display = ("name", "reference", "email", "segment", "status", "responsible_manager", "disabled_at")
    list_filter = ("kind", "segment", "status", "channel", ManagerFilter)
    list_select_related = ("segment", "status", "responsible_manager__user")
    search_fields = ("search",)
    fields = (
        "name", "kind", "reference", "email", "phone", "website", "language", "timezone",
        "segment", "status", "channel", "responsible_manager", "service_manager",
        "receive_promotional_emails", "communications_enabled", "auto_charge", "tax_exempt",
    )  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The product's own form, with the company's rules on what is mandatory and who may be chosen."""
        made = super().get_form(request, obj, change, **kwargs)

        class MembersForm(made):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, by=request.membership, **options)  # type: ignore[attr-defined]

        return MembersForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return starting_values(request.membership)  # type: ignore[attr-defined]

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Asks for the file, then shows what importing it would do. Nothing is written."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._upload_page(request, UploadForm())
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._upload_page(request, form, status=422)
        upload, data = uploads.keep(form.cleaned_data["file"], by=_person(request))
        try:
            plan = plan_import(data, by=_person(request), file_name=upload.name)
        except FileRefused as error:
            upload.remove()
            form.add_error("file", str(error))
            return self._upload_page(request, form, status=422)
        return self._preview_page(request, upload, plan)

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Imports the file that was previewed, exactly; refused rows bring the preview back."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ConfirmForm(request.POST)
        leave_out = form.is_valid() and form.cleaned_data["leave_bad_rows_out"]
        try:
            upload = uploads.find(request.POST.get("upload", ""), by=_person(request))
            outcome = import_customers(
                upload.read(), by=_person(request), file_name=upload.name, leave_bad_rows_out=leave_out
            )
        except uploads.UploadGone:
            return self._upload_page(request, UploadForm(), problem=GONE, status=422)
        except FileRefused as error:
            return self._upload_page(request, UploadForm(), problem=str(error), status=422)
        if outcome.failed and not leave_out:
            return self._preview_page(request, upload, outcome, refused=True)
        upload.remove()
        messages.success(request, done_message(outcome))
        return HttpResponseRedirect(reverse("admin:customers_customer_changelist"))

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The product's own export, narrowed as the admin's list is: the same columns, and no running formulas."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        chosen = {name: request.GET[given] for given, name in LIST_FILTERS.items() if given in request.GET}
        return HttpResponseRedirect(f"{reverse('customers:export')}?{urlencode({**chosen, 'state': ALL})}")

    def _upload_page(
        self, request: HttpRequest, form: UploadForm, *, problem: str = "", status: int = 200
    ) -> HttpResponse:
        fields = column_fields(_person(request))
        always = request.tenant.mandatory_fields  # type: ignore[attr-defined]
        context = {
            **self._context(request, "Import customers"),
            "form": form,
            "problem": problem,
            "groups": [
                (group.label, columns)
                for group in customer_groups()
                if (columns := [column for column in group.columns if column.key in fields])
            ],
            "mandatory": {key for key, field in fields.items() if field.is_mandatory(always)},
            "blank_words": BLANK_WORDS,
            "max_rows": settings.IMPORT_MAX_ROWS,
            "max_bytes": settings.IMPORT_MAX_BYTES,
        }
        return TemplateResponse(request, "admin/import_export/import.html", context, status=status)

    def _preview_page(
        self, request: HttpRequest, upload: uploads.Upload, plan: ImportOutcome, *, refused: bool = False
    ) -> HttpResponse:
        context = {
            **self._context(request, f"Import {upload.name}"),
            "upload": upload,
            "plan": plan,
            "shown_changes": plan.changes[:SHOWN],
            "hidden_changes": max(0, len(plan.changes) - SHOWN),
            "shown_warnings": plan.warnings[:SHOWN],
            "hidden_warnings": max(0, len(plan.warnings) - SHOWN),
            "refused": refused,
        }
        return TemplateResponse(
            request, "admin/import_export/preview.html", context, status=422 if refused else 200
        )

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        crumbs = [
            ("Admin", reverse("admin:index")),
            ("Customers", reverse("admin:customers_customer_changelist")),
        ]
        return {**self.admin_site.each_context(request), "title": title, "crumbs": crumbs}


def done_message(outcome: ImportOutcome) -> str:
    """One sentence on what was done."""
    if not outcome.written:
        return f"Nothing to change: {grouped(outcome.unchanged)} customers are as in the file."
    parts = [f"{grouped(outcome.created)} added", f"{grouped(outcome.updated)} changed"]
    if outcome.unchanged:
        parts.append(f"{grouped(outcome.unchanged)} unchanged")
    if outcome.failed:
        parts.append(f"{grouped(outcome.failed)} left out")
    warnings = len(outcome.warnings)
    with_warnings = f" {grouped(warnings)} warning{'s' * (warnings != 1)}." if warnings else ""
    return f"Import finished: {', '.join(parts)}.{with_warnings}"


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
