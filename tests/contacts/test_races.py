"""Several people at one customer at the same moment: nobody's words are lost, and nobody waits in a ring."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from history.undo import undo
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_contact
from tests.contacts.test_search import found
from tests.customers.test_reference import wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@contextmanager
def meanwhile(company: Tenant, first: Callable[[], object], then: Callable[[], object]) -> Iterator[None]:
    """Another connection has done `first`; `then` it does when somebody waits for it, and commits."""
    ready = threading.Event()

    def work() -> None:
        try:
            with tenant(company):
                first()
                ready.set()
                wait_until_somebody_waits()
                then()
        finally:
            ready.set()
            connection.close()

    with ThreadPoolExecutor() as pool:
        other = pool.submit(work)
        ready.wait(timeout=10)
        yield
        other.result(timeout=20)


@contextmanager
def somebody_edits(company: Tenant, maria: Contact, by: User) -> Iterator[None]:
    """As the edit page does it: the customer is held first, then its contacts."""

    def save() -> None:
        held = Contact.objects.select_for_update().get(pk=maria.pk)
        held.notes = "Saved meanwhile"
        with operation("edit", by=by):
            held.save()

    with meanwhile(company, lambda: Customer.objects.select_for_update().get(pk=maria.customer_id), save):
        yield


def test_two_contacts_added_at_once_are_both_found(acme: Tenant, alder: Customer, people: People) -> None:
    def add() -> None:
        with operation("edit", by=people["manager"]):
            Contact.objects.create(customer=alder, name="Faster Fred")

    with meanwhile(acme, add, lambda: None):
        add_contact(alder, people["agent"], name="Slower Sue")
    assert found(acme, "faster") == found(acme, "slower") == ["Alder Bikes"]


def test_undoing_waits_for_who_edits_the_customer(acme: Tenant, maria: Contact, people: People) -> None:
    with tenant(acme), operation("edit", by=people["agent"]) as renamed:
        maria.name = "Mary Anders"
        maria.save()
    with somebody_edits(acme, maria, people["manager"]), tenant(acme):
        undone = undo(Operation.objects.get(pk=renamed.pk), by=people["agent"])
    assert [kept.name for kept in undone.kept] == ["Mary Anders"]


def test_the_admin_waits_for_who_edits_the_customer(
    acme: Tenant, maria: Contact, people: People, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(people["admin"])
    url = f"/acme/admin/contacts/contact/{maria.pk}/change/"
    with tenant(acme):
        seen = maria.last_operation_id
    sent = {"name": "Mary", "relation": "employee", "is_primary": "on", "seen": str(seen)}
    with somebody_edits(acme, maria, people["manager"]):
        answer = client.post(url, sent)
    assert answer.status_code == 200
    assert "saved this while you were typing" in answer.content.decode()


@pytest.mark.parametrize("model", ["contacts/contact", "customers/customer"])
def test_deleting_many_in_the_admin_waits_too(
    acme: Tenant, maria: Contact, people: People, signed_in: Callable[[User], Client], model: str
) -> None:
    client = signed_in(people["admin"])
    chosen = maria.pk if model.endswith("contact") else maria.customer_id
    sent = {"action": "delete_selected", "_selected_action": [str(chosen)], "post": "yes"}
    with somebody_edits(acme, maria, people["manager"]):
        assert client.post(f"/acme/admin/{model}/", sent).status_code == 302
    with tenant(acme):
        assert not Contact.objects.exists()


def test_who_is_given_a_contact_while_an_import_is_undone_stays_whole(acme: Tenant, people: People) -> None:
    with tenant(acme), operation("import", by=people["manager"]) as added:
        cedar, _ = [Customer.objects.create(name=name) for name in ("Cedar", "Dogwood")]
        for customer in Customer.objects.all():
            Contact.objects.create(customer=customer, name=f"Ada of {customer}")

    def give() -> None:
        with operation("edit", by=people["agent"]):
            Contact.objects.create(customer=cedar, name="Ben")

    with meanwhile(acme, give, lambda: None), tenant(acme):
        undone = undo(added, by=people["manager"])
    with tenant(acme):
        assert Customer.objects.get() == cedar
        assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ada of Cedar", "Ben"]
    assert {kept.name: kept.reason for kept in undone.kept} == {
        "Cedar": "still used by 1 contact",
        "Ada of Cedar": "stays with its customer",
    }
