"""The admin pages of contacts and addresses: what they find, what they keep, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import User
from tests.contacts.conftest import add_address, add_contact, bobs, depot, maria
from tests.customers.conftest import add_customer, alder, asked

__all__ = ["alder", "bobs", "depot", "maria"]

People = dict[str, User]
CONTACTS, ADDRESSES = "/acme/admin/contacts/contact/", "/acme/admin/contacts/address/"


@pytest.fixture
def admin(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["admin"])


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_contacts_are_found_by_themselves_and_by_their_customer(
    maria: Contact, bobs: Customer, people: People, admin: Client
) -> None:
    birch = add_customer(maria.tenant, people["manager"], name="Birch Foods")
    add_contact(birch, people["manager"], name="Bert Bell")
    assert "Bert Bell" in text(admin.get(CONTACTS))
    for words in ("maria", "alder", "@alder", "1234567"):
        page = text(admin.get(CONTACTS, {"q": words}))
        assert "Maria Anders" in page, words
        assert "Bert Bell" not in page, words
    assert "Stranger Danger" not in text(admin.get(CONTACTS))


def test_addresses_are_found_by_themselves_and_by_their_customer(
    depot: Address, bobs: Customer, people: People, admin: Client
) -> None:
    birch = add_customer(depot.tenant, people["manager"], name="Birch Foods")
    add_address(birch, people["manager"], street="Rue 1", city="Lyon", postal_code="69001", country="FR")
    for words in ("obere", "12209", "alder bikes"):
        page = text(admin.get(ADDRESSES, {"q": words}))
        assert "Berlin" in page, words
        assert "Lyon" not in page, words
    assert "Springfield" not in text(admin.get(ADDRESSES))


@pytest.mark.parametrize("address", [CONTACTS, ADDRESSES])
def test_more_rows_cost_no_more_queries(
    maria: Contact, depot: Address, people: People, admin: Client, address: str
) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(address).status_code == 200
        return asked(found)

    before = queries()
    for number in range(4):
        customer = add_customer(
            maria.tenant, people["manager"], name=f"Customer {number}", reference=f"{number}"
        )
        add_contact(customer, people["manager"])
        add_address(customer, people["manager"])
    after = queries()
    assert len(after) <= len(before), after


def test_a_contact_is_added_and_changed_as_an_operation(
    alder: Customer, people: People, admin: Client
) -> None:
    sent = {"customer": alder.pk, "name": "Max Mill", "relation": "employee", "phone": "030 1234567"}
    assert admin.post(f"{CONTACTS}add/", sent).status_code == 302
    with tenant(alder.tenant):
        contact = Contact.objects.get()
        assert (contact.customer, contact.phone) == (alder, "+49301234567")
        alder.refresh_from_db()
        assert "max mill" in alder.search
    sent |= {"name": "Max Miller", "seen": contact.last_operation_id, "receives_invoices": "on"}
    assert admin.post(f"{CONTACTS}{contact.pk}/change/", sent).status_code == 302
    with tenant(alder.tenant):
        contact.refresh_from_db()
        assert (contact.name, contact.communications) == ("Max Miller", ["Invoices"])
        done = Operation.objects.filter(source="admin").order_by("id")
        assert [(running.kind, running.by) for running in done] == [
            ("add", people["admin"]), ("edit", people["admin"]),
        ]  # fmt: skip


def test_a_row_stays_with_its_customer(maria: Contact, people: People, admin: Client) -> None:
    birch = add_customer(maria.tenant, people["manager"], name="Birch Foods")
    sent = {"customer": birch.pk, "name": "Maria", "relation": "employee", "seen": maria.last_operation_id}
    assert admin.post(f"{CONTACTS}{maria.pk}/change/", sent).status_code == 302
    with tenant(maria.tenant):
        maria.refresh_from_db()
    assert (maria.name, maria.customer_id) == ("Maria", maria.customer_id)
    assert maria.customer_id != birch.pk


def test_a_customer_of_another_company_is_refused(alder: Customer, bobs: Customer, admin: Client) -> None:
    answer = admin.post(f"{CONTACTS}add/", {"customer": bobs.pk, "name": "Max", "relation": "employee"})
    assert answer.status_code == 200
    assert answer.context["errors"]
    with tenant(alder.tenant):
        assert not Contact.objects.exists()


@pytest.mark.parametrize("page", ["add", "change"])
def test_a_second_primary_contact_is_refused_in_words(
    maria: Contact, people: People, admin: Client, page: str
) -> None:
    customer = maria.customer
    path, seen = f"{CONTACTS}add/", {}
    if page == "change":
        other = add_contact(customer, people["manager"], name="Other")
        path, seen = f"{CONTACTS}{other.pk}/change/", {"seen": other.last_operation_id}
    sent = {"customer": customer.pk, "name": "Second", "relation": "employee", "is_primary": "on", **seen}
    answer = admin.post(path, sent)
    assert answer.status_code == 200
    assert "Another contact is the primary one. Untick that one first." in text(answer)
    with tenant(maria.tenant):
        assert Contact.objects.get(is_primary=True) == maria


def test_a_second_billing_address_is_refused_in_words(depot: Address, people: People, admin: Client) -> None:
    other = add_address(depot.customer, people["manager"], label="Flat")
    sent = {"country": "DE", "city": "Bonn", "is_billing": "on", "seen": other.last_operation_id}
    answer = admin.post(f"{ADDRESSES}{other.pk}/change/", sent)
    assert answer.status_code == 200
    assert "Another address is the billing address. Untick that one first." in text(answer)
    with tenant(depot.tenant):
        other.refresh_from_db()
    assert (other.city, other.is_billing) == ("Berlin", False)


def test_an_address_is_changed_and_deleted(depot: Address, people: People, admin: Client) -> None:
    assert "Karl Key" in text(admin.get(f"{ADDRESSES}{depot.pk}/change/"))
    sent = {"country": "AT", "city": "Wien", "access_phone": "01 234567", "seen": depot.last_operation_id}
    assert admin.post(f"{ADDRESSES}{depot.pk}/change/", sent).status_code == 302
    with tenant(depot.tenant):
        depot.refresh_from_db()
    assert (depot.country, depot.city) == ("AT", "Wien")
    assert admin.post(f"{ADDRESSES}{depot.pk}/delete/", {"post": "yes"}).status_code == 302
    with tenant(depot.tenant):
        assert not Address.objects.exists()
        assert Operation.objects.filter(kind="delete", source="admin").count() == 1


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_admins_get_in(
    maria: Contact, people: People, signed_in: Callable[[User], Client], role: str
) -> None:
    client = signed_in(people[role])
    assert client.get(CONTACTS).status_code == 403
    assert client.get(f"{ADDRESSES}add/").status_code == 403
