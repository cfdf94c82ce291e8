"""The tenant's admin pages: Django's admin, inside one company and under its rules.

People are not in it (a person may belong to several companies), nor is anything of Django's that reaches past
the company: its log of changes (every change is an Operation), the redirect to any object's page by content
type, its own sign-in and passwords.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse

from tenants.addresses import public_address

LEFT_OUT = {"password_change", "password_change_done", "autocomplete", "view_on_site"}


class TenantAdminSite(AdminSite):
    """For those whose role makes them staff of the active tenant; everybody else gets 403."""

    site_header = "Admin"
    site_title = "Clientele"
    index_title = "Admin"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request, "tenant", None) is not None and bool(request.user.is_staff)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        checked = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # The stock site would send people to its sign-in page, though they have signed in.
            if not self.has_permission(request):
                raise PermissionDenied
            if any("\0" in value for _, values in request.GET.lists() for value in values):
                messages.warning(
                    request, "The address can't be understood: it holds a NUL character. All is shown."
                )
                return HttpResponseRedirect(request.path)
            return checked(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in LEFT_OUT]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Signed-out people never get here: the middleware sends them to sign in."""
        if not self.has_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """To the product's own page, outside the tenant, that asks and signs out."""
        return HttpResponseRedirect(public_address(request, "account_logout"))


site = TenantAdminSite()
