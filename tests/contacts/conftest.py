from typing import Any

import pytest

from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import agent, alder, manager, short_form, viewer

__all__ = [
    "agent",
    "alder",
    "manager",
    "short_form",
    "viewer",
]  # fixtures of the customers that serve here too


def add_contact(customer: Customer, by: User, **values: Any) -> Contact:
    """A contact of the customer, added as an operation of its own."""
    with tenant(customer.tenant), operation("edit", by=by):
        return Contact.objects.create(customer=customer, **{"name": "Maria Anders", **values})


def add_address(customer: Customer, by: User, **values: Any) -> Address:
    """An address of the customer, added as an operation of its own."""
    given = {
        "street": "Obere Str. 57",
        "postal_code": "12209",
        "city": "Berlin",
        "country": "DE",
        **values,
    }
    with tenant(customer.tenant), operation("edit", by=by):
        return Address.objects.create(customer=customer, **given)


@pytest.fixture
def maria(alder: Customer, people: dict[str, User]) -> Contact:
    """Alder Bikes' primary contact."""
    return add_contact(
        alder,
        people["manager"],
        job_title="Buyer",
        email="maria@alder.example",
        phone="+49301234567",
        is_primary=True,
        receives_invoices=True,
    )


@pytest.fixture
def depot(alder: Customer, people: dict[str, User]) -> Address:
    """Alder Bikes' billing address, with somebody who gives access."""
    return add_address(
        alder,
        people["manager"],
        label="Depot",
        is_billing=True,
        access_name="Karl Key",
        access_phone="+49309876543",
        access_relation="neighbour",
        access_instructions="Ring twice.",
    )


@pytest.fixture
def bobs(globex: Tenant, bob: User) -> Customer:
    """A customer of Globex, with a contact and an address of its own."""
    with tenant(globex), operation("add", by=bob):
        customer = Customer.objects.create(name="Bob's customer")
        Contact.objects.create(customer=customer, name="Stranger Danger")
        Address.objects.create(customer=customer, city="Springfield", country="US", access_name="Secret Sid")
    return customer
