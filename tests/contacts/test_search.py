"""What customers and contacts carry of each other, so that each list finds both."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer


def found(company: Tenant, text: str) -> list[str]:
    with tenant(company):
        return [customer.name for customer in Customer.objects.search(text)]


def found_contacts(company: Tenant, text: str) -> list[str]:
    with tenant(company):
        return [contact.name for contact in Contact.objects.search(text)]


@pytest.mark.parametrize(
    ("text", "customers", "contacts"),
    [
        ("=Luleå", ["Birch", "Luleå"], []),
        ("=LULEA", ["Birch", "Luleå"], []),
        ("=Lule", [], []),
        ("=Jane Roe", ["Birch"], ["Jane Roe"]),
        ("=Roe", [], []),
        ("=jane@birch.example", ["Birch"], ["Jane Roe"]),
        ("=972 34", ["Birch"], []),
        ("=Kaj 3", ["Birch"], []),
        ("=Birch", ["Birch"], ["Jane Roe", "Ö"]),
        ("=b-%", ["Birch"], ["Jane Roe", "Ö"]),
        ("=b-_", [], []),
        ("=Ö", ["Birch"], ["Ö"]),  # too short for the trigram index but as a whole line
        ("=Å", ["Elm"], []),
        ("=&", ["&"], []),
        ("=+46 8 7654321", ["Birch"], ["Jane Roe"]),
        ("=08 7654321", ["Birch"], ["Jane Roe"]),  # as it is dialled at home
        ("=0046 8 765432", [], []),
        ("=08 765432", [], []),
        ("=0234567", [], []),  # a number, and no reference that ends so
        ("=1234567", ["Elm"], []),
    ],
)
def test_an_exact_search_compares_every_value_that_a_search_finds(
    acme: Tenant, people: dict[str, User], text: str, customers: list[str], contacts: list[str]
) -> None:
    by = people["manager"]
    birch = add_customer(acme, by, name="Birch", reference="B-%", email="", phone="")
    for values in (
        {"name": "Jane Roe", "email": "Jane@birch.example", "phone": "+4687654321"},
        {"name": "Ö"},
    ):
        add_contact(birch, by, **values)
    add_address(birch, by, street="Kaj 3", postal_code="972 34", city="Luleå")
    elm = add_customer(acme, by, name="Elm", reference="1234567", email="", phone="")
    add_address(elm, by, street="", postal_code="", city="Å")
    add_customer(acme, by, name="Luleå", reference="", email="", phone="")
    add_customer(acme, by, name="&", reference="", email="", phone="")
    assert sorted(found(acme, text)) == sorted(customers)
    assert sorted(found_contacts(acme, text)) == sorted(contacts)


@pytest.mark.usefixtures("maria", "depot")
@pytest.mark.parametrize(
    "text", ["anders", "maria@alder", "1234567", "berlin", "obere str", "12209", "bikes anders"]
)
def test_a_customer_is_found_by_its_contacts_and_addresses(acme: Tenant, text: str) -> None:
    assert found(acme, text) == ["Alder Bikes"]


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7618 3815",
        "+44 (0)20 7618-3815",
        "020 7618 3815",
        "02076183815",
        "0044 20/7618.3815",
        "(020) 76183815 anders",
        "maria 7618 3815",
        "7618",
    ],
)
def test_a_telephone_number_is_found_however_it_is_written(
    acme: Tenant, people: dict[str, User], maria: Contact, text: str
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        maria.phone = "+442076183815"
        maria.save()
    assert found(acme, text) == ["Alder Bikes"]
    assert found_contacts(acme, text) == ["Maria Anders"]


@pytest.mark.usefixtures("maria")
@pytest.mark.parametrize(
    "text", ["000000", "00000000", "020 7618 3815 nobody", "+44 20 7618 3816", "gx-001234567"]
)
def test_another_number_is_not_found(acme: Tenant, text: str) -> None:
    assert found(acme, text) == []


@pytest.mark.usefixtures("depot")
@pytest.mark.parametrize("text", ["karl key", "9876543", "ring twice"])
def test_nobody_finds_a_customer_by_who_gives_access(acme: Tenant, text: str) -> None:
    assert found(acme, text) == []


def test_what_is_changed_or_deleted_is_found_as_it_is_now(
    acme: Tenant, people: dict[str, User], maria: Contact, depot: Address
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        maria.name = "Mária Andersson-Öst"
        maria.save()
        depot.delete()
    assert found(acme, "andersson-ost") == ["Alder Bikes"]
    assert found(acme, "berlin") == []
    with tenant(acme), operation("edit", by=people["agent"]):
        Contact.objects.all().delete()
    assert found(acme, "maria") == []


@pytest.mark.parametrize("text", ["alder", "c-1", "anders bikes"])
@pytest.mark.usefixtures("maria")
def test_a_contact_is_found_by_its_customer(acme: Tenant, text: str) -> None:
    assert found_contacts(acme, text) == ["Maria Anders"]


def test_a_renamed_customer_takes_its_contacts_along(
    acme: Tenant, people: dict[str, User], alder: Customer, maria: Contact
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        alder.name, alder.reference = "Willow Bikes", "W-9"
        alder.save()
    assert found_contacts(acme, "willow w-9") == ["Maria Anders"]
    assert found_contacts(acme, "c-1") == []


def test_many_at_once_are_settled_in_three_statements(acme: Tenant, people: dict[str, User]) -> None:
    by = people["manager"]
    customers = [add_customer(acme, by, name=f"Customer {n}", reference=f"N-{n}") for n in range(30)]
    with tenant(acme), CaptureQueriesContext(connection) as queries, operation("edit", by=by):
        Contact.objects.bulk_create([Contact(customer=one, name=f"Person {one.pk}") for one in customers])
        Address.objects.bulk_create([Address(customer=one, city=f"Town {one.pk}") for one in customers])
    settled = [query for query in queries if "WITH changed" in query["sql"]]
    assert len(settled) == 3
    last = customers[-1]
    assert found(acme, f"person {last.pk} town {last.pk}") == [last.name]


def test_what_is_settled_is_no_change_of_the_customer(
    acme: Tenant, people: dict[str, User], alder: Customer
) -> None:
    with tenant(acme):
        before = Customer.objects.get(pk=alder.pk)
    add_contact(alder, people["agent"])
    with tenant(acme):
        after = Customer.objects.get(pk=alder.pk)
        assert (after.updated_at, after.last_operation_id) == (before.updated_at, before.last_operation_id)
        assert after.history.count() == before.history.count()


def test_other_companies_rows_are_left_alone(
    acme: Tenant, globex: Tenant, people: dict[str, User], alder: Customer, bobs: Any
) -> None:
    add_address(alder, people["agent"], city="Springfield")
    assert found(acme, "springfield") == ["Alder Bikes"]
    assert found(globex, "springfield") == ["Bob's customer"]
    assert found(globex, "stranger") == ["Bob's customer"]


def test_what_is_taken_back_is_not_found(acme: Tenant, people: dict[str, User], alder: Customer) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        with transaction.atomic():
            Contact.objects.create(customer=alder, name="Ghost")
            transaction.set_rollback(True)
        Contact.objects.create(customer=alder, name="Body")
    assert found(acme, "body") == ["Alder Bikes"]
    assert found(acme, "ghost") == []
