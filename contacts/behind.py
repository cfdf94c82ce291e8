"""What stands behind one customer, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, QuerySet, Value, Window

from contacts.models import Address, AddressQuerySet, Contact
from customers.models import Customer

Row = TypeVar("Row", Contact, Address)
SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some of the customer's contacts or addresses. `number` counts from 1."""

    rows: list[Row]
    total: int
    number: int = 1

    @property
    def start(self) -> int:
        """The number of the first row, from 1."""
        return (self.number - 1) * SIZE + 1

    @property
    def end(self) -> int:
        return self.start + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.end < self.total else None


def contacts_of(customer: Customer, number: int = 1, size: int = SIZE) -> Page[Contact]:
    """The customer's contacts, the primary one first. One query; two for a page that there isn't."""
    page = read_page(contact_rows(customer), number, size)
    _known(customer)["contacts"] = page.total
    return page


def addresses_of(customer: Customer, number: int = 1, size: int = SIZE) -> Page[Address]:
    """The customer's addresses, the primary one first. One query; two for a page that there isn't."""
    page = read_page(address_rows(customer), number, size)
    _known(customer)["addresses"] = page.total
    return page


def contact_rows(customer: Customer) -> QuerySet[Contact]:
    rows: QuerySet[Contact] = Contact.objects.filter(customer=customer).primary_first()
    return rows


def address_rows(customer: Customer) -> AddressQuerySet:
    rows: AddressQuerySet = Address.objects.filter(customer=customer).billing_first()
    return rows


def is_own_contact(customer: Customer, page: Page[Contact]) -> bool:
    """Whether the customer is an individual without a primary contact, whose own is the individual.

    Said of the first page of contacts.
    """
    is_individual = customer.kind == Customer.Kind.INDIVIDUAL
    return is_individual and page.number == 1 and not any(contact.is_primary for contact in page.rows[:1])


def read_page(rows: QuerySet[Row], number: int, size: int = SIZE) -> Page[Row]:
    """The page of that number, or the first where there is none. One query, or two."""
    start = (number - 1) * size
    found: list[Any] = list(rows.annotate(total=Window(Count("pk")))[start : start + size])
    if not found and number > 1:
        return read_page(rows, 1, size)
    return Page(found, total=found[0].total if found else 0, number=number)


def page_with(rows: QuerySet[Any], pk: int) -> int | None:
    """The number of the page that has that row, None when there is none. One query, of ids."""
    ids = list(rows.values_list("pk", flat=True))
    return ids.index(pk) // SIZE + 1 if pk in ids else None


def count(customer: Customer) -> int:
    """How many contacts and addresses the customer has. One query, or none where both were read already."""
    known = _known(customer)
    if len(known) < 2:
        models: dict[str, Any] = {"contacts": Contact, "addresses": Address}
        contacts, addresses = (
            model.objects.filter(customer=customer)
            .order_by()
            .values("customer_id")
            .annotate(number=Count("pk"))
            .values_list(Value(name), "number")
            for name, model in models.items()
        )
        known |= {"contacts": 0, "addresses": 0} | dict(contacts.union(addresses, all=True))
    return sum(known.values())


def _known(customer: Customer) -> dict[str, int]:
    """Totals that were read for this object of the customer; its tab asks for them again."""
    known: dict[str, int] = customer.__dict__.setdefault("_behind", {})
    return known
