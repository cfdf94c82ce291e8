"""What the dashboard tells: how many customers of which status and segment, who changed lately, which are mine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from customers.models import Customer
from lists.charts import Bar
from tenants.models import Membership

SHOWN = 8


def bars_by(field: str, list_address: str) -> list[Bar]:
    """Enabled customers by entry, in the tenant's order, those without one last. One query."""
    rows = (
        Customer.objects.active()
        .order_by(f"{field}__position", f"{field}__name")
        .values_list(field, f"{field}__name", f"{field}__colour", f"{field}__position")
        .annotate(number=Count("pk"))
    )
    return [
        Bar(
            label=name or "Not set",
            number=number,
            colour=colour or "grey",
            address=f"{list_address}?{urlencode({field: key or 'none'})}",
        )
        for key, name, colour, _, number in rows
    ]


def recently_changed() -> QuerySet[Any, Any]:
    return _lines(Customer.objects.active())


def recently_changed_of(member: Membership) -> QuerySet[Any, Any]:
    return _lines(Customer.objects.active().filter(responsible_manager=member))


def _lines(customers: QuerySet[Customer]) -> QuerySet[Any, Any]:
    return customers.order_by("-updated_at", "-id").values(
        "pk", "name", "kind", "updated_at", "status__name", "status__colour"
    )[:SHOWN]
