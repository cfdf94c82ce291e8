import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import get_script_prefix, is_valid_path, set_script_prefix
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.context import tenant as tenant_context
from tenants.models import RESERVED_SLUGS, Membership

SLUG = re.compile(r"^/([a-z0-9]+(?:-[a-z0-9]+)*)(/.*)?\Z", re.DOTALL)


class TenantMiddleware:
    """Serves `/<slug>/…` inside that tenant: moves the slug to the script prefix and wraps the view.

    The whole view, its template included, runs in one transaction of the tenant, rolled back when the answer
    is a server error. An unknown slug and a stranger's get the same 404; signed-out people are asked to sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = request.membership = None  # type: ignore[attr-defined]
        match = SLUG.match(request.path_info)
        if match is None or match[1] in RESERVED_SLUGS:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.ask_to_sign_in(request, f"{request.path.removesuffix(match[2] or '')}/")
        memberships = list(Membership.objects.of_person(request.user))
        membership = next((found for found in memberships if found.tenant.slug == match[1]), None)
        if membership is None:
            raise Http404("No such page.")
        if match[2] is None:
            return HttpResponsePermanentRedirect(f"{request.path}/")
        request.memberships = memberships  # type: ignore[attr-defined]  # the page's frame offers to switch
        return self.serve(request, membership, f"/{match[1]}", match[2])

    def ask_to_sign_in(self, request: HttpRequest, home: str) -> HttpResponse:
        """`home` is the company's."""
        address = request.get_full_path()
        if request.method not in ("GET", "HEAD"):
            messages.info(request, "You are no longer signed in. Nothing was done: do it again once you are.")
            address = sent_from(request, home) or address
        return redirect_to_login(address, resolve_url(settings.LOGIN_URL))

    def serve(self, request: HttpRequest, membership: Membership, prefix: str, path: str) -> HttpResponse:
        outer_prefix = get_script_prefix()
        script_name = outer_prefix.rstrip("/") + prefix
        request.META["SCRIPT_NAME"] = script_name
        request.META["PATH_INFO"] = request.path_info = path
        request.path = script_name + path
        request.urlconf = settings.TENANT_URLCONF
        membership.user = request.user  # type: ignore[assignment]
        request.user.remember(membership)  # type: ignore[union-attr]
        request.tenant, request.membership = membership.tenant, membership  # type: ignore[attr-defined]
        set_script_prefix(script_name)
        try:
            with (
                timezone.override(membership.tenant.timezone),
                translation.override(membership.tenant.language),
                tenant_context(membership.tenant),
            ):
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
                if response.status_code == 405:
                    above = f"{script_name}{page_above(request)}"
                    response.content = render_to_string("405.html", {"above": above}, request)
                return response
        finally:
            set_script_prefix(outer_prefix)


def sent_from(request: HttpRequest, home: str) -> str:
    """The page that something was sent from, below `home`; '' where that is not known. To where it was sent may be no
    page at all."""
    address = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, request.get_host(), require_https=request.is_secure()):
        return ""
    page = urlsplit(address)
    return page._replace(scheme="", netloc="").geturl() if page.path.startswith(home) else ""


def page_above(request: HttpRequest) -> str:
    """The address of the nearest page above: what is done with something has an address below that of the thing."""
    path = request.path_info
    while path != "/":
        path = path[: path.rstrip("/").rindex("/") + 1]
        if is_valid_path(path, request.urlconf):
            break
    return path
