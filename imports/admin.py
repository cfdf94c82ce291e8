"""The admin's list of customers gains Import: the product's own, which begins with the file in the admin's frame, be it
one of customers, contacts or addresses."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from import_export.admin import ImportExportMixin

from customers.admin import CustomerAdmin
from customers.models import Customer
from imports.forms import UploadForm
from imports.views.create import asking, begin
from tenants.admin import site
from tenants.views import TenantRequest

site.unregister(Customer)


@admin.register(Customer, site=site)
class ImportingCustomerAdmin(ImportExportMixin, CustomerAdmin):  # type: ignore[misc]  # untyped library
    def get_urls(self) -> list[URLPattern]:
        """Without import-export's second page: what a file comes to stands on the import's own."""
        found: list[URLPattern] = super().get_urls()
        return [url for url in found if not str(url.name).endswith("_process_import")]

    def import_action(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        asked = cast(TenantRequest, request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        address = begin(form, by=asked.user) if form.is_bound else ""
        if address:
            return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            **asking(asked, form),
            "opts": self.opts,
            "title": "Import CSV or Excel",
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/import_export/import.html", context, status=status)
