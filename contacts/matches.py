"""Which contact or address a customer was found by: settings.CUSTOMER_MATCHES."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from contacts.models import Address, Contact
from customers.jump import Reason
from tenants.models import User


def contacts(words: Mapping[int, Sequence[str]], user: User) -> dict[int, Reason]:
    if not user.has_perm("contacts.view_contact"):
        return {}
    found = _holding(Contact.objects.order_by("customer_id", "-is_primary", "sort_name", "id"), words)
    return {customer: Reason("Contact", name) for customer, name in found.values_list("customer", "name")}


def addresses(words: Mapping[int, Sequence[str]], user: User) -> dict[int, Reason]:
    if not user.has_perm("contacts.view_address"):
        return {}
    found = _holding(Address.objects.order_by("customer_id", "-is_billing", "id"), words)
    return {address.customer_id: Reason("Address", _place(address)) for address in found}


def _holding(rows: QuerySet[Any], words: Mapping[int, Sequence[str]]) -> QuerySet[Any]:
    """The first row of each customer that holds one of the customer's words."""
    asked = Q()
    for customer, of_customer in words.items():
        held = Q()
        for word in of_customer:
            held |= Q(own_words__contains=word)
        asked |= Q(customer=customer) & held
    return rows.filter(asked).distinct("customer_id")


def _place(address: Address) -> str:
    """On one line: what an address is searched by."""
    town = " ".join(filter(None, (address.postal_code, address.city)))
    return ", ".join(filter(None, (*address.street.splitlines(), town)))
