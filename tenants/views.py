"""What the product's views share: permission, the row inside the tenant, page or fragment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from tenants.models import Membership, Tenant, User

MOST_DIGITS = 15  # a page of that number still begins at a row whose number the database can hold

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
ViewFunction = Callable[Concatenate[Request, P], HttpResponse]


class TenantRequest(HttpRequest):
    """A request served inside a tenant, as the middleware leaves it."""

    tenant: Tenant
    membership: Membership
    user: User


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. Boosted links and restored history want the whole one."""
    htmx = request.htmx  # type: ignore[attr-defined]  # django-htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str = "content",
    status: int = 200,
) -> TemplateResponse:
    """The page, or for htmx the partial named `fragment` of the same template."""
    name = f"{template}#{fragment}" if wants_fragment(request) else template
    response = TemplateResponse(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def read_number(text: str) -> int | None:
    """The number that a part of an address is: a row's id, a page. None for anything else, and for more digits than
    there are rows."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def check_permission(request: HttpRequest, permission: str) -> None:
    """Raises PermissionDenied (403) for a member whose role does not allow it; strangers never get here."""
    if not request.user.has_perm(permission):
        raise PermissionDenied(permission)


def permission(name: str) -> Callable[[ViewFunction[Request, P]], ViewFunction[Request, P]]:
    """For function views: the Django permission a member needs. Kept on the view for the permission test."""

    def decorate(view: ViewFunction[Request, P]) -> ViewFunction[Request, P]:
        @wraps(view)
        def checked(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            check_permission(request, name)
            return view(request, *args, **kwargs)

        checked.permission = name  # type: ignore[attr-defined]
        return checked

    return decorate


class TenantView(View):
    """A page of the tenant. Declares `permission`."""

    permission: ClassVar[str]
    request: TenantRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_permission(request, self.permission)
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))


class RecordView(TenantView):
    """A page of one row, found inside the tenant or answered with 404."""

    model: ClassVar[type[models.Model]]
    template_name: ClassVar[str]

    def queryset(self) -> models.QuerySet[Any]:
        return self.model._default_manager.all()

    def record(self) -> Any:
        return get_object_or_404(self.queryset(), pk=self.kwargs["pk"])

    def context(self, record: Any) -> dict[str, Any]:
        return {"record": record}

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return page(request, self.template_name, self.context(self.record()))
