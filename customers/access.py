"""How every page below a customer finds that customer."""

from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from customers.filters import person_name
from customers.models import Customer

NAMED = ("segment", "status", "channel", "responsible_manager__user", "service_manager__user")


def get_customer(request: HttpRequest, pk: int, *, lock: bool = False) -> Customer:
    """The tenant's customer with what its header names, in one query; anything else is a 404.

    `disabled_by` is the name of who disabled it, None where that is nobody.
    `lock` keeps others from changing it until the request is answered. Permissions are the view's to check.
    """
    customers: QuerySet[Customer] = Customer.objects.select_related(*NAMED).annotate(
        disabled_by=_disabled_by()
    )
    if lock:
        customers = customers.select_for_update(of=("self",))
    return get_object_or_404(customers, pk=pk)


def _disabled_by() -> Case:
    versions = Customer.history.model.objects.filter(id=OuterRef("pk"), disabled_at=OuterRef("disabled_at"))
    who = versions.order_by("history_id").values_list(person_name("operation__by__"))
    return Case(When(disabled_at__isnull=False, then=Subquery(who[:1])))
