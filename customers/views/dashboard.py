from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers.dashboard import Overview, recently_changed, recently_changed_of
from history.running import running
from tenants.views import TenantRequest, page, permission, wants_fragment

PAGE = "dashboard.html"


@permission("customers.view_customer")
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The first page of a company. It waits for no count of many customers: what is missing asks for itself."""
    return page(request, PAGE, {**numbers(Overview.at_hand()), **lines(cast(TenantRequest, request))})


@permission("customers.view_customer")
@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    """The same page with numbers of now; for htmx its charts alone."""
    context = numbers(Overview.found())
    if not wants_fragment(request):
        context |= lines(cast(TenantRequest, request))
    return page(request, PAGE, context, fragment="charts")


def numbers(overview: Overview) -> dict[str, object]:
    address = reverse("customers:list")
    return {
        "overview": overview,
        "months": overview.months(address),
        "charts": overview.charts(address),
    }


def lines(request: TenantRequest) -> dict[str, object]:
    """What is a list on the page. Three queries."""
    return {
        "nav": "dashboard",
        "recent": recently_changed(),
        "mine": recently_changed_of(request.membership),
        "running": running(request.user),
    }
