"""Deleting one contact or one address of a customer, after a question."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from contacts.models import Address, Contact
from contacts.tabs import CONTACTS
from customers.access import get_customer
from customers.profile import crumbs
from history.messages import done
from history.models import Operation
from history.operations import operation
from tenants.views import TenantRequest, page, permission


@permission("contacts.delete_contact")
def delete_contact(request: TenantRequest, pk: int, contact: int) -> HttpResponse:
    return _delete(request, pk, Contact, contact)


@permission("contacts.delete_address")
def delete_address(request: TenantRequest, pk: int, address: int) -> HttpResponse:
    return _delete(request, pk, Address, address)


def _delete(request: TenantRequest, pk: int, model: type[Contact | Address], row: int) -> HttpResponse:
    """The question, and for a POST the deed. The customer is locked first, as whoever edits it does."""
    customer = get_customer(request, pk, lock=request.method == "POST")
    found: Any = get_object_or_404(model, pk=row, customer=customer)
    kind = str(model._meta.verbose_name)
    name = str(found) or f"The {kind}"
    tab = reverse(CONTACTS.url_name, args=[pk])
    if request.method == "POST":
        with operation(Operation.Kind.DELETE, by=request.user, summary=name) as running:
            found.delete()
        done(request, f"{name} was deleted.", running)
        return HttpResponseRedirect(tab)
    context = {
        "customer": customer,
        "kind": kind,
        "name": name,
        "row": found,
        "address": request.path,
        "cancel": f"{tab}?{kind}={row}#{kind}-{row}",
        "crumbs": [*crumbs(customer), (CONTACTS.title, tab)],
        "nav": "customers",
    }
    return page(request, "contacts/delete.html", context)
