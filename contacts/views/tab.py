"""The customer's tab with everyone and every place behind it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from contacts.behind import address_rows, addresses_of, contact_rows, contacts_of, is_own_contact, page_with
from contacts.tabs import CONTACTS
from customers.access import get_customer
from customers.profile import show_tab
from tenants.views import TenantRequest, permission, read_number


@permission(CONTACTS.permission)
@require_safe
def customer_tab(request: TenantRequest, pk: int) -> HttpResponse:
    """Contacts and addresses, fifty of each: `?contacts=` and `?addresses=` are numbers of pages.

    `?contact=` or `?address=` instead shows the page that has the one with that id, and marks it.
    """
    customer = get_customer(request, pk)
    contact = number_in(request, "contact")
    address = number_in(request, "address")
    contacts = contacts_of(customer, page_number(request, "contacts", contact, contact_rows(customer)))
    addresses = addresses_of(customer, page_number(request, "addresses", address, address_rows(customer)))
    context = {
        "contacts": contacts,
        "addresses": addresses,
        "own": is_own_contact(customer, contacts),
        "wanted_contact": contact,
        "wanted_address": address,
    }
    return show_tab(request, customer, CONTACTS, "contacts/tab.html", context)


def page_number(request: TenantRequest, name: str, wanted: int | None, rows: QuerySet[Any]) -> int:
    """The page that has the wanted row, or else the one that the address names."""
    found = page_with(rows, wanted) if wanted else None
    return found or number_in(request, name) or 1


def number_in(request: TenantRequest, name: str) -> int | None:
    return read_number(request.GET.get(name, ""))
