from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers.jump import find
from lists.filters import SearchField
from tenants.views import TenantRequest, page, permission, wants_fragment


@permission("customers.view_customer")
@require_safe
def jump(request: TenantRequest) -> HttpResponse:
    """The customers that are nearest to what was typed, for the box that opens over every page; a page by itself."""
    found = find(SearchField().clean(request.GET.get("q")), request.user)
    context = {
        "title": "Search",
        "found": found,
        "all_address": f"{reverse('customers:list')}{found.address}",
        "box": wants_fragment(request),
    }
    return page(request, "customers/jump.html", context, fragment="hits")
