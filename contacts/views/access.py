"""Who gives access to a customer's addresses."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from contacts.models import VIEW_ACCESS, Address
from customers.access import get_customer
from customers.profile import crumbs
from tenants.views import TenantRequest, page, permission, wants_fragment


@permission(VIEW_ACCESS)
@require_safe
def access(request: TenantRequest, pk: int) -> HttpResponse:
    """Every address of the customer of which it is known how to get in; for htmx the one in `?address=`."""
    customer = get_customer(request, pk)
    addresses = Address.objects.filter(customer=customer).with_access().billing_first()
    wanted = request.GET.get("address", "")
    in_peek = wants_fragment(request) and wanted != ""
    if in_peek:
        known = wanted.isascii() and wanted.isdigit() and len(wanted) < 19
        addresses = addresses.filter(pk=int(wanted)) if known else addresses.none()
    context = {"customer": customer, "addresses": addresses, "in_peek": in_peek}
    context |= {"crumbs": crumbs(customer), "nav": "customers"}
    return page(request, "contacts/access.html", context)
