"""How every page below a customer finds that customer."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from customers.models import Customer

NAMED = ("segment", "status", "channel", "responsible_manager__user", "service_manager__user")


def get_customer(request: HttpRequest, pk: int, *, lock: bool = False) -> Customer:
    """The tenant's customer with what its header names, in one query; anything else is a 404.

    `lock` keeps others from changing it until the request is answered. Permissions are the view's to check.
    """
    customers: QuerySet[Customer] = Customer.objects.select_related(*NAMED)
    if lock:
        customers = customers.select_for_update(of=("self",))
    return get_object_or_404(customers, pk=pk)
