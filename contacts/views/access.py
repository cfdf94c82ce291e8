"""Who gives access to a customer's addresses."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from contacts.behind import address_rows, read_page
from contacts.models import VIEW_ACCESS
from contacts.views.tab import number_in, page_number
from customers.access import get_customer
from customers.profile import crumbs
from tenants.views import TenantRequest, page, permission, wants_fragment


@permission(VIEW_ACCESS)
@require_safe
def access(request: TenantRequest, pk: int) -> HttpResponse:
    """The customer's addresses of which it is known how to get in, fifty on a page.

    `?address=` asks for the page that has the address with that id; for htmx, for that address alone.
    """
    customer = get_customer(request, pk)
    addresses = address_rows(customer).with_access()
    wanted = number_in(request, "address")
    in_peek = wants_fragment(request) and "address" in request.GET
    if in_peek:
        shown = read_page(addresses.filter(pk=wanted or 0), 1)
    else:
        shown = read_page(addresses, page_number(request, "page", wanted, addresses))
    context = {"customer": customer, "addresses": shown, "in_peek": in_peek}
    context |= {"crumbs": crumbs(customer), "nav": "customers"}
    return page(request, "contacts/access.html", context)
