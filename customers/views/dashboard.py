from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers.dashboard import bars_by, recently_changed, recently_changed_of
from tenants.views import TenantRequest, page, permission


@permission("customers.view_customer")
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The first page of a company. Four queries of its own."""
    member = cast(TenantRequest, request).membership
    bars = bars_by(["status", "segment"], reverse("customers:list"))
    return page(
        request,
        "dashboard.html",
        {
            "nav": "dashboard",
            "total": sum(bar.number for bar in bars["status"]),
            "by_status": bars["status"],
            "by_segment": bars["segment"],
            "recent": recently_changed(),
            "mine": recently_changed_of(member),
        },
    )
