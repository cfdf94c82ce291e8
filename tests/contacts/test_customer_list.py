"""What contacts and addresses bring to the list of customers."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from contacts.cells import primary
from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from lists.cells import Cell
from lists.models import ListSettings
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer
from tests.customers.test_list import names, said

People = dict[str, User]
LIST = "/acme/customers/"


def heads(response: Any) -> list[str]:
    found = re.findall(r"<th[^>]*>(.*?)</th>", response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", head).strip() for head in found]


def export(client: Client, *columns: str) -> list[list[str]]:
    answer = client.post(
        "/acme/customers/export/", {"chosen": columns, "order": columns, "format": "csv", "delimiter": ","}
    )
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_the_list_shows_who_and_where_a_customer_is(depot: Address, agent: Client) -> None:
    response = agent.get(LIST)
    assert heads(response) == [
        "Customer name", "Status", "Reference", "Segment", "City", "E-mail", "Responsible manager", "Changed",
    ]  # fmt: skip
    assert 'Berlin <span class="muted">DE</span>' in response.content.decode()


def test_a_key_leads_those_who_may_see_it_to_the_access_details(
    depot: Address, people: People, agent: Client, viewer: Client
) -> None:
    add_customer(depot.tenant, people["manager"], name="Without a key")
    page = agent.get(LIST).content.decode()
    assert page.count("is-key") == 1
    assert f'href="/acme/customers/{depot.customer_id}/access/?address={depot.pk}#address-{depot.pk}"' in page
    assert 'aria-label="Access information: Alder Bikes"' in page
    hidden = viewer.get(LIST).content.decode()
    assert "Berlin" in hidden
    assert "is-key" not in hidden
    assert "/access/" not in hidden


def test_the_key_may_be_of_another_address(alder: Customer, people: People, agent: Client) -> None:
    add_address(alder, people["manager"], city="Köln", is_billing=True)
    flat = add_address(alder, people["manager"], city="Bonn", access_instructions="Ring twice.")
    page = agent.get(LIST).content.decode()
    assert "Köln" in page
    assert f"/access/?address={flat.pk}#address-{flat.pk}" in page


def test_customers_with_a_contact_that_receives_one_of_the_communications(
    maria: Contact, people: People, viewer: Client
) -> None:
    acme, by = maria.tenant, people["manager"]
    birch = add_customer(acme, by, name="Birch Foods")
    add_contact(birch, by, name="One", receives_promotions=True, receives_invoices=True)
    add_contact(birch, by, name="Two", receives_promotions=True)
    add_contact(add_customer(acme, by, name="Cedar Cars"), by, name="Three", receives_service_notices=True)
    expected = {
        "receiving=invoices": ["Alder Bikes", "Birch Foods"],
        "receiving=promotions": ["Birch Foods"],
        "receiving=promotions&receiving=service_notices": ["Birch Foods", "Cedar Cars"],
        "receiving=product_news": [],
        "receiving=invoices&q=birch": ["Birch Foods"],
    }
    assert {query: names(viewer.get(f"{LIST}?{query}")) for query in expected} == expected
    assert said(viewer.get(f"{LIST}?receiving=promotions&receiving=service_notices")).startswith(
        "2 customers: contact receives promotions or service notices."
    )
    assert "Contact receives = sms" in viewer.get(f"{LIST}?receiving=sms").content.decode()


def test_an_export_holds_contact_and_address(maria: Contact, depot: Address, manager: Client) -> None:
    columns = [
        "name",
        "contact_name",
        "contact_email",
        "billing_city",
        "billing_country",
        "billing_access_phone",
    ]
    assert export(manager, *columns) == [
        [
            "Customer name",
            "Primary contact",
            "Contact e-mail",
            "Billing city",
            "Billing country",
            "Access phone",
        ],
        ["Alder Bikes", "Maria Anders", "maria@alder.example", "Berlin", "DE", "'+49309876543"],
    ]


def test_an_export_leaves_an_individuals_contact_blank(
    alder: Customer, people: People, manager: Client
) -> None:
    add_customer(alder.tenant, people["manager"], name="Ida Individual", kind="individual")
    assert export(manager, "name", "contact_name")[-1] == ["Ida Individual", ""]


@pytest.mark.parametrize(
    ("kind", "contact", "cell"),
    [
        ("individual", None, '<span class="muted">Ida</span>'),
        ("individual", "Irene", "Irene"),
        ("company", None, ""),
    ],
)
def test_an_individual_is_shown_as_their_own_contact(kind: str, contact: str | None, cell: str) -> None:
    beside = {"kind": kind, "customer": "Ida"}
    assert primary(Cell(contact, beside)) == cell


def test_customers_by_the_country_of_their_billing_address(
    depot: Address, bobs: Customer, people: People, viewer: Client
) -> None:
    acme, by = depot.tenant, people["manager"]
    add_address(depot.customer, by, city="Lyon", country="FR")  # no billing address
    add_address(add_customer(acme, by, name="Birch Foods"), by, city="Wien", country="AT", is_billing=True)
    add_customer(acme, by, name="Cedar Cars")
    page = viewer.get(LIST).content.decode()
    assert re.findall(r'name="country" value="(\w+)"[^>]*>(\w+)', page) == [
        ("AT", "Austria"),
        ("DE", "Germany"),
    ]
    expected = {
        "country=AT": ["Birch Foods"],
        "country=AT&country=DE": ["Alder Bikes", "Birch Foods"],
        "country=DE&q=alder": ["Alder Bikes"],
        "country=FR": ["Alder Bikes", "Birch Foods", "Cedar Cars"],  # not offered
    }
    assert {query: names(viewer.get(f"{LIST}?{query}")) for query in expected} == expected
    assert said(viewer.get(f"{LIST}?country=AT&country=DE")).startswith(
        "2 customers: country Austria or Germany."
    )


def test_where_there_is_no_address_no_country_is_asked_for(alder: Customer, viewer: Client) -> None:
    assert "facet-country" not in viewer.get(LIST).content.decode()


def test_customers_without_a_contact_or_an_address(alder: Customer, people: People, agent: Client) -> None:
    by = people["manager"]
    birch = add_customer(alder.tenant, by, name="Birch Foods")
    cedar = add_customer(alder.tenant, by, name="Cedar Optics")
    add_contact(birch, by)
    add_contact(cedar, by, is_primary=True)
    add_address(cedar, by, is_billing=True)
    add_address(alder, by)
    add_customer(alder.tenant, by, name="Dora Own", kind="individual")
    for missing, found in {
        "contact": ["Alder Bikes"],
        "primary": ["Alder Bikes", "Birch Foods"],
        "address": ["Birch Foods", "Dora Own"],
        "billing": ["Alder Bikes", "Birch Foods", "Dora Own"],
    }.items():
        assert names(agent.get(LIST, {"missing": missing})) == found
    both = agent.get(LIST, {"missing": ["contact", "address"]})
    assert names(both) == ["Alder Bikes", "Birch Foods", "Dora Own"]
    assert "companies without contact or without address" in said(both)


def test_customers_without_a_city(acme: Tenant, alder: Customer, people: People, viewer: Client) -> None:
    """Whatever they have no city of: a billing address, or one that says none."""
    by = people["manager"]
    elsewhere, nowhere, lulea = (
        add_customer(acme, by, name=name, reference=name) for name in ("Elsewhere", "Nowhere", "Luleå")
    )
    add_address(elsewhere, by, city="Lyon", country="FR")
    address = add_address(nowhere, by, city="", is_billing=True)
    add_address(lulea, by, city="Luleå", is_billing=True)
    add_contact(lulea, by)
    without = viewer.get(LIST, {"billing_city": "empty"})
    assert names(without) == ["Alder Bikes", "Elsewhere", "Nowhere"]
    assert said(without).startswith("3 customers: city is empty.")
    assert names(viewer.get(LIST, {"billing_city": "filled"})) == ["Luleå"]
    with tenant(acme), operation("edit", by=by):
        address.city = "Graz"
        address.save()
    assert names(viewer.get(LIST, {"billing_city": "filled"})) == ["Luleå", "Nowhere"]


ACCESS = "billing_access_name,billing_access_phone,billing_access_instructions"


def test_who_gives_access_is_shown_to_no_viewer_who_asks_for_it(
    acme: Tenant, depot: Address, people: People, agent: Client, viewer: Client
) -> None:
    """By the columns in the address, and by those kept from days when one was more than a viewer."""
    asked = f"/acme/customers/?columns=name,{ACCESS}&sort=billing_access_name"
    assert "Karl Key" in agent.get(asked).content.decode()
    with tenant(acme):
        membership = Membership.objects.get(user=people["viewer"])
        ListSettings.objects.create(membership=membership, list="customers", columns=ACCESS.split(","))
    for url in (asked, "/acme/customers/", "/acme/customers/?q=karl"):
        page = viewer.get(url).content.decode()
        assert not [secret for secret in ("Karl Key", "9876543", "Ring twice") if secret in page]
