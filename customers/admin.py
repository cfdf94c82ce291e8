from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ExportMixin

from customers.filters import ALL
from customers.forms import CustomerForm, starting_values
from customers.models import Customer
from history.admin import TrackedAdmin
from tenants.admin import site
from tenants.models import Membership

LIST_FILTERS = {  # the admin's name of a filter → the customer list's
    "q": "q",
    "kind__exact": "kind",
    "segment__id__exact": "segment",
    "status__id__exact": "status",
    "channel__id__exact": "channel",
    "manager": "responsible_manager",
}


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
class CustomerAdmin(ExportMixin, TrackedAdmin):  # type: ignore[misc]  # untyped library
    form = CustomerForm
    list_display = ("name", "reference", "email", "segment", "status", "responsible_manager", "disabled_at")
    list_filter = ("kind", "segment", "status", "channel", ManagerFilter)
    list_select_related = ("segment", "status", "responsible_manager__user")
    search_fields = ("search",)
    fields = (
        "name", "kind", "reference", "email", "phone", "website", "language", "timezone",
        "customer_since", "employees",
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

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The product's own export, narrowed as the admin's list is: the same columns, and no running formulas."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        chosen = {name: request.GET[given] for given, name in LIST_FILTERS.items() if given in request.GET}
        return HttpResponseRedirect(f"{reverse('customers:export')}?{urlencode({**chosen, 'state': ALL})}")
