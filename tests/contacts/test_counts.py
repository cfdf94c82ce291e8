"""How many contacts and addresses a customer has: kept on the customer, whatever happens to them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from history.undo import undo
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.contacts.test_customer_list import export, heads
from tests.customers.conftest import add_customer
from tests.customers.test_list import names
from tests.imports.loading import import_customers

People = dict[str, User]
LIST = "/acme/customers/"


def counts(customer: Customer) -> tuple[int, int]:
    """Of contacts and of addresses."""
    with tenant(customer.tenant):
        return Customer.objects.values_list("contact_count", "address_count").get(pk=customer.pk)


@pytest.fixture
def edited(acme: Tenant, people: People) -> Callable[[Callable[[], Any]], Operation]:
    """`edited(change)` is the operation that made the change."""

    def edit(change: Callable[[], Any]) -> Operation:
        with tenant(acme), operation("edit", by=people["manager"]) as running:
            change()
        return running

    return edit


def test_what_is_added_and_deleted_is_counted(
    alder: Customer, bobs: Customer, people: People, edited: Callable[[Any], Operation]
) -> None:
    assert counts(alder) == (0, 0)
    add_contact(alder, people["agent"])
    add_contact(alder, people["agent"], name="Zoë Zander")
    add_address(alder, people["agent"])
    assert counts(alder) == (2, 1)
    assert counts(bobs) == (1, 1)
    edited(lambda: Contact.objects.get(name="Zoë Zander").delete())
    edited(lambda: Address.objects.all().delete())
    assert counts(alder) == (1, 0)
    assert counts(bobs) == (1, 1)


def test_what_is_edited_is_counted_once(maria: Contact, depot: Address, people: People) -> None:
    with tenant(maria.tenant), operation("edit", by=people["agent"]):
        maria.name, depot.city = "Mary Anders", "Hamburg"
        maria.save()
        depot.save()
    assert counts(maria.customer) == (1, 1)


def test_undoing_counts_again(
    alder: Customer, maria: Contact, depot: Address, people: People, edited: Callable[[Any], Operation]
) -> None:
    deleted = edited(maria.delete)
    assert counts(alder) == (0, 1)
    with tenant(alder.tenant):
        undo(deleted, by=people["manager"])
    assert counts(alder) == (1, 1)


def test_a_deleted_customer_comes_back_with_its_numbers(
    alder: Customer, maria: Contact, depot: Address, people: People
) -> None:
    add_contact(alder, people["agent"], name="Zoë Zander")
    with tenant(alder.tenant):
        deleted = Customer.objects.get(pk=alder.pk).remove(by=people["manager"])
        undo(deleted, by=people["admin"])
    assert counts(alder) == (2, 1)


def test_an_individual_without_a_contact_of_their_own_has_none(acme: Tenant, people: People) -> None:
    ida = add_customer(acme, people["manager"], name="Ida Individual", kind="individual")
    assert counts(ida) == (0, 0)


def test_an_import_counts_what_it_brings(acme: Tenant, alder: Customer, people: People) -> None:
    text = (
        "Name,Reference,Contact,City,Country\nAlder Bikes,C-1,Jane Roe,Berlin,DE\nBirch Foods,C-2,,Wien,AT\n"
    )
    with tenant(acme):
        import_customers(text.encode(), by=people["manager"], file_name="some.csv")
        birch = Customer.objects.get(reference="C-2")
    assert (counts(alder), counts(birch)) == ((1, 1), (0, 1))


@pytest.fixture
def three(alder: Customer, people: People) -> None:
    """Alder with two contacts and an address, Birch with one contact, Cedar with nothing."""
    by = people["manager"]
    birch = add_customer(alder.tenant, by, name="Birch Foods")
    add_customer(alder.tenant, by, name="Cedar Optics")
    for customer, name in ((alder, "Ada"), (alder, "Bea"), (birch, "Cid")):
        add_contact(customer, by, name=name)
    add_address(alder, by)


@pytest.mark.usefixtures("three")
def test_the_list_shows_them_and_sorts_by_them(agent: Client) -> None:
    page = agent.get(f"{LIST}?columns=name,contact_count,address_count&sort=-contact_count")
    assert heads(page) == ["Customer name", "Contacts", "Addresses"]
    assert names(page) == ["Alder Bikes", "Birch Foods", "Cedar Optics"]
    assert page.content.decode().count('<td class="num">') == 6
    assert names(agent.get(f"{LIST}?sort=address_count")) == ["Birch Foods", "Cedar Optics", "Alder Bikes"]


@pytest.mark.usefixtures("three")
def test_customers_by_how_many_they_have(agent: Client) -> None:
    for query, found in {
        "contact_count=1..": ["Alder Bikes", "Birch Foods"],
        "contact_count=1..&address_count=0": ["Birch Foods"],
        "contact_count=..1&sort=-contact_count": ["Birch Foods", "Cedar Optics"],
        "address_count=2..": [],
    }.items():
        assert names(agent.get(f"{LIST}?{query}")) == found


@pytest.mark.usefixtures("three")
def test_they_are_exported_and_no_import_reads_them(acme: Tenant, people: People, manager: Client) -> None:
    rows = export(manager, "name", "contact_count", "address_count")
    assert rows[:2] == [["Customer name", "Contacts", "Addresses"], ["Alder Bikes", "2", "1"]]
    text = "Reference,Customer name,Contacts,Addresses\nC-1,Alder Bikes,7,7\n"
    with tenant(acme):
        outcome = import_customers(text.encode(), by=people["manager"], file_name="some.csv")
        assert outcome.unchanged == 1
        assert Contact.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_customers_that_were_there_before_know_where_they_are_billed_as_if_they_were_written_now(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, bobs: Customer, people: People
) -> None:
    by = people["manager"]
    add_customer(acme, by, name="Alone", reference="A-1")
    add_address(add_customer(acme, by, name="Blank", reference="B-1"), by, city="", is_billing=True)
    add_address(add_customer(acme, by, name="Site", reference="S-1"), by, city="Lyon")
    add_address(add_customer(acme, by, name="North", reference="N-1"), by, city="Luleå", is_billing=True)
    migration = importlib.import_module("contacts.migrations.0012_where_customers_are_billed")

    def carried() -> list[Any]:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, billing_city, billing_country, traits FROM customers_customer ORDER BY id"
            )
            return list(cursor.fetchall())

    before = carried()
    assert [city for _, city, _, _ in before if city] == ["berlin", "lulea"]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET billing_city = '', billing_country = '',"
            ' traits = traits || \'["country:SE", "lacks:city"]\' WHERE NOT traits @> \'["alone"]\''
        )
        cursor.execute(migration.FILL)
        cursor.execute(migration.FILL)
    assert carried() == before


@pytest.mark.django_db(transaction=True)
def test_customers_that_were_there_before_are_counted(
    alder: Customer, maria: Contact, depot: Address, bobs: Customer
) -> None:
    migration = importlib.import_module("contacts.migrations.0008_counts_of_customers")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET contact_count = 0, address_count = 0")
        cursor.execute(migration.FILL)
    assert counts(alder) == counts(bobs) == (1, 1)
