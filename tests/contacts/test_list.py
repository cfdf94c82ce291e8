"""The list of all contacts: whom it shows, how it is searched, narrowed and sorted, and where a row leads."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from contacts.models import Contact
from customers.models import Customer
from history.operations import operation
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_contact
from tests.customers.conftest import add_customer
from tests.customers.test_list import HTMX, names, said

People = dict[str, User]
LIST = "/acme/contacts/"


@pytest.fixture
def birch(acme: Tenant, people: People) -> Customer:
    """A second customer, with two contacts: Zoë, and Bert who receives promotions."""
    customer = add_customer(acme, people["manager"], name="Birch Foods", reference="B-7")
    add_contact(customer, people["manager"], name="Zoë Zander", email="zoe@birch.example", relation="tenant")
    add_contact(customer, people["manager"], name="Bert Bell", phone="+493055555", receives_promotions=True)
    return customer


def test_everybody_sees_the_contacts_by_name(maria: Contact, birch: Customer, viewer: Client) -> None:
    response = viewer.get(LIST)
    assert names(response) == ["Bert Bell", "Maria Anders", "Zoë Zander"]
    assert said(response) == "3 contacts. Sorted by name."


def test_a_contact_opens_on_its_customer(maria: Contact, viewer: Client) -> None:
    page = viewer.get(LIST).content.decode()
    assert (
        f'href="/acme/customers/{maria.customer_id}/contacts/?contact={maria.pk}#contact-{maria.pk}"' in page
    )
    assert f'href="/acme/customers/{maria.customer_id}/"' in page


def test_a_row_says_who_the_contact_is_and_what_they_receive(maria: Contact, viewer: Client) -> None:
    page = re.sub(r"<[^>]*>", " ", viewer.get(LIST).content.decode())
    for text in (
        "Alder Bikes",
        "Buyer",
        "Employee",
        "maria@alder.example",
        "+49 30 1234567",
        "Primary",
        "Invoices",
    ):
        assert text in page


def test_contacts_of_others_are_never_there(maria: Contact, bobs: Customer, viewer: Client) -> None:
    assert names(viewer.get(LIST)) == ["Maria Anders"]
    assert names(viewer.get(f"{LIST}?q=stranger")) == []
    assert viewer.get("/globex/contacts/").status_code == 404


@pytest.mark.parametrize("text", ["maria", "ANDERS alder", "@alder", "1234567", "alder bikes", "c-1"])
def test_search_looks_at_name_email_phone_and_customer(
    maria: Contact, birch: Customer, viewer: Client, text: str
) -> None:
    assert names(viewer.get(LIST, {"q": text})) == ["Maria Anders"]


@pytest.mark.parametrize(
    "text", ["=MARIA Anders", "=maria@alder.example", "=+49 30 1234567", "=030 123 45 67"]
)
def test_an_exact_search_takes_the_whole_of_it(
    maria: Contact, birch: Customer, viewer: Client, text: str
) -> None:
    assert names(viewer.get(LIST, {"q": text})) == ["Maria Anders"]
    assert names(viewer.get(LIST, {"q": text[:-1]})) == []
    assert len(names(viewer.get(LIST, {"q": "="}))) == 3


def test_filters(maria: Contact, birch: Customer, viewer: Client) -> None:
    with tenant(maria.tenant), operation("edit", by=None):
        segment, status = Segment.objects.all()[1], Status.objects.all()[1]
        birch.segment, birch.status = segment, status
        birch.save()
    expected = {
        "receives=invoices": ["Maria Anders"],
        "receives=invoices&receives=promotions": ["Bert Bell", "Maria Anders"],
        "receives=product_news": [],
        "primary=yes": ["Maria Anders"],
        "primary=no": ["Bert Bell", "Zoë Zander"],
        "relation=tenant": ["Zoë Zander"],
        f"segment={segment.pk}": ["Bert Bell", "Zoë Zander"],
        f"status={status.pk}&relation=employee": ["Bert Bell"],
        "segment=none": [],
    }
    assert {query: names(viewer.get(f"{LIST}?{query}")) for query in expected} == expected
    assert said(viewer.get(f"{LIST}?receives=invoices&primary=yes")).startswith(
        "1 contact: primary contacts; receives invoices. "
    )


def test_contacts_of_disabled_customers_are_shown_on_request(
    maria: Contact, birch: Customer, people: People, viewer: Client
) -> None:
    with tenant(birch.tenant):
        birch.disable(by=people["manager"], reason="gone")
    assert names(viewer.get(LIST)) == ["Maria Anders"]
    assert names(viewer.get(f"{LIST}?state=all")) == ["Bert Bell", "Maria Anders", "Zoë Zander"]
    assert names(viewer.get(f"{LIST}?state=disabled")) == ["Bert Bell", "Zoë Zander"]
    assert said(viewer.get(f"{LIST}?state=disabled")).startswith("2 contacts of disabled customers.")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-name", ["Zoë Zander", "Maria Anders", "Bert Bell"]),
        ("customer", ["Maria Anders", "Zoë Zander", "Bert Bell"]),
        ("email", ["Bert Bell", "Maria Anders", "Zoë Zander"]),
        ("-updated_at", ["Bert Bell", "Zoë Zander", "Maria Anders"]),
    ],
)
def test_sorting(maria: Contact, birch: Customer, viewer: Client, sort: str, expected: list[str]) -> None:
    assert names(viewer.get(f"{LIST}?sort={sort}")) == expected


@pytest.mark.parametrize("sort", ["name", "customer", "email", "-updated_at"])
def test_paging_in_every_order(alder: Customer, people: People, viewer: Client, sort: str) -> None:
    with tenant(alder.tenant), operation("import", by=people["manager"]):
        Contact.objects.bulk_create(Contact(customer=alder, name=f"Person {n:02}") for n in range(60))
    first = viewer.get(f"{LIST}?sort={sort}&size=25")
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', first.content.decode())
    assert following
    second = viewer.get(LIST + following[1].replace("&amp;", "&"))
    shown = [*names(first), *names(second)]
    assert len(set(shown)) == len(shown) == 50


def test_htmx_gets_the_rows_alone(maria: Contact, viewer: Client) -> None:
    page = viewer.get(f"{LIST}?q=maria", headers=HTMX).content.decode()
    assert "Maria Anders" in page
    assert "<html" not in page


def test_malformed_addresses_are_left_out_and_named(maria: Contact, viewer: Client) -> None:
    response = viewer.get(f"{LIST}?receives=sms&sort=phone&primary=perhaps&state=x")
    assert names(response) == ["Maria Anders"]
    assert "Receives = sms" in response.content.decode()


def test_where_there_are_none(alder: Customer, people: People, viewer: Client, agent: Client) -> None:
    assert "Choose a customer" in agent.get(LIST).content.decode()
    page = viewer.get(LIST).content.decode()
    assert "No contacts yet" in page
    assert "Choose a customer" not in page
    add_contact(alder, people["manager"])
    assert "No contacts match" in viewer.get(f"{LIST}?q=nobody").content.decode()
    with tenant(alder.tenant):
        alder.disable(by=people["manager"], reason="gone")
    assert "All contacts are of disabled customers" in viewer.get(LIST).content.decode()


def test_the_menu_leads_here(agent: Client, alder: Customer) -> None:
    assert f'href="{LIST}"' in agent.get("/acme/customers/").content.decode()
