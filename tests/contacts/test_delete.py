"""Deleting one contact or address of a customer, and all of them along with the customer."""

from typing import Any

import pytest
from django.test import Client
from lxml import html

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.undo import undo
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact


def delete_url(row: Contact | Address) -> str:
    part = "contacts" if isinstance(row, Contact) else "addresses"
    return f"/acme/customers/{row.customer_id}/{part}/{row.pk}/delete/"


def left(company: Tenant) -> int:
    with tenant(company):
        return int(Contact.objects.count() + Address.objects.count())


def test_a_contact_is_deleted_after_one_question(
    acme: Tenant, alder: Customer, maria: Contact, people: dict[str, User], agent: Client
) -> None:
    page = agent.get(delete_url(maria)).content.decode()
    assert "Delete <bdi>Maria Anders</bdi>?" in page
    assert "It is the primary contact" in page
    assert f'href="/acme/customers/{alder.pk}/contacts/?contact={maria.pk}#contact-{maria.pk}"' in page
    assert left(acme) == 1
    answer = agent.post(delete_url(maria))
    assert answer["Location"] == f"/acme/customers/{alder.pk}/contacts/"
    assert left(acme) == 0
    assert "Maria Anders was deleted." in agent.get(answer["Location"]).content.decode()
    with tenant(acme):
        last = Operation.objects.latest("pk")
        assert (last.kind, last.summary, last.by) == ("delete", "Maria Anders", people["agent"])
        kept = Contact.history.get(operation=last)
        assert (kept.history_type, kept.email) == ("-", "maria@alder.example")


def test_an_address_is_deleted_after_one_question(
    acme: Tenant, alder: Customer, depot: Address, agent: Client
) -> None:
    page = agent.get(delete_url(depot)).content.decode()
    assert "Delete <bdi>Depot</bdi>?" in page
    assert "It is the billing address" in page
    answer = agent.post(delete_url(depot))
    assert answer["Location"] == f"/acme/customers/{alder.pk}/contacts/"
    assert left(acme) == 0
    assert "Depot was deleted." in agent.get(answer["Location"]).content.decode()


def test_a_dialog_gets_the_question_alone(maria: Contact, agent: Client) -> None:
    page = agent.get(delete_url(maria), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert f'action="{delete_url(maria)}"' in page
    assert 'id="question"' in page


def test_the_customer_is_found_by_it_no_longer(alder: Customer, maria: Contact, agent: Client) -> None:
    listed = "/acme/customers/?q=anders"
    assert "Alder Bikes" in agent.get(listed).content.decode()
    agent.post(delete_url(maria))
    assert "Alder Bikes" not in agent.get(listed).content.decode()


def test_one_that_is_gone_or_another_customers_is_not_found(
    acme: Tenant, maria: Contact, depot: Address, bobs: Customer, agent: Client
) -> None:
    for address in (
        f"/acme/customers/{maria.customer_id}/contacts/{maria.pk + 9}/delete/",
        f"/acme/customers/{bobs.pk}/contacts/{maria.pk}/delete/",
        f"/acme/customers/{maria.customer_id + 9}/addresses/{depot.pk}/delete/",
    ):
        assert agent.get(address).status_code == 404
        assert agent.post(address).status_code == 404
    agent.post(delete_url(maria))
    assert agent.post(delete_url(maria)).status_code == 404
    assert left(acme) == 1


def test_viewers_may_not(acme: Tenant, maria: Contact, depot: Address, viewer: Client) -> None:
    for row in (maria, depot):
        assert viewer.get(delete_url(row)).status_code == 403
        assert viewer.post(delete_url(row)).status_code == 403
    assert left(acme) == 2


def test_strangers_find_nothing(acme: Tenant, maria: Contact, bob: User, signed_in: Any) -> None:
    stranger = signed_in(bob)
    assert stranger.post(delete_url(maria)).status_code == 404
    assert stranger.post(delete_url(maria).replace("/acme/", "/globex/")).status_code == 404
    assert left(acme) == 1


def test_the_menu_of_an_entry_leads_there(
    alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    page = agent.get(f"/acme/customers/{alder.pk}/contacts/").content.decode()
    for row in (maria, depot):
        assert f'href="{delete_url(row)}" hx-get="{delete_url(row)}" hx-target="#ask"' in page


@pytest.mark.parametrize("role", ["manager", "owner"])
def test_deleting_the_customer_says_and_deletes_all_with_history(
    acme: Tenant,
    alder: Customer,
    maria: Contact,
    depot: Address,
    people: dict[str, User],
    signed_in: Any,
    role: str,
) -> None:
    client = signed_in(people[role])
    page = client.get(f"/acme/customers/{alder.pk}/delete/").content.decode()
    assert "<li>1 contact</li><li>1 address</li>" in page
    client.post(f"/acme/customers/{alder.pk}/delete/")
    assert left(acme) == 0
    with tenant(acme):
        last = Operation.objects.latest("pk")
        assert Contact.history.get(operation=last).history_type == "-"
        assert Address.history.get(operation=last).access_name == "Karl Key"


def undo_url(page: str) -> str:
    """Where the message's Undo button leads."""
    found = html.fromstring(page).xpath("//*[@id='messages']//form/@action")
    assert len(found) == 1
    return str(found[0])


def test_undo_brings_it_back_as_it_was(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    tab = f"/acme/customers/{alder.pk}/contacts/"
    for row in (maria, depot):
        page = agent.post(delete_url(row), follow=True).content.decode()
        answer = agent.post(undo_url(page), headers={"Referer": f"http://testserver{tab}"})
        assert answer["Location"] == tab
        kind = row._meta.verbose_name
        assert f"Undone: 1 {kind} was brought back." in agent.get(tab).content.decode()
    with tenant(acme):
        contact, address = Contact.objects.get(), Address.objects.get()
        assert (contact.pk, contact.name, contact.is_primary) == (maria.pk, "Maria Anders", True)
        assert (address.pk, address.access_name, address.is_billing) == (depot.pk, "Karl Key", True)
        assert Customer.objects.search("anders obere").get() == alder


def test_undo_says_when_somebody_else_is_primary_by_now(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, people: dict[str, User], agent: Client
) -> None:
    tab = f"/acme/customers/{alder.pk}/contacts/"
    ways = [undo_url(agent.post(delete_url(row), follow=True).content.decode()) for row in (maria, depot)]
    add_contact(alder, people["manager"], name="Zoe", is_primary=True)
    add_address(alder, people["manager"], label="Shop", is_billing=True)
    for way, why in zip(
        ways,
        [
            "Nothing was undone: Maria Anders (another contact is the primary one).",
            "Nothing was undone: Depot (another address is the billing address).",
        ],
        strict=True,
    ):
        page = agent.post(way, headers={"Referer": f"http://testserver{tab}"}, follow=True).content.decode()
        assert why in page
    assert left(acme) == 2


def test_a_deleted_customer_comes_back_with_all_of_it(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, people: dict[str, User], signed_in: Any
) -> None:
    signed_in(people["owner"]).post(f"/acme/customers/{alder.pk}/delete/")
    assert left(acme) == 0
    with tenant(acme):
        assert undo(Operation.objects.latest("pk"), by=people["owner"]).kept == []
        assert Contact.objects.get().customer == Address.objects.get().customer == alder
