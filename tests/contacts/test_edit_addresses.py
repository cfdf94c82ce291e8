"""The addresses of a customer on the page that edits it: /customers/<id>/edit/#addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Address
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address
from tests.contacts.entries import edit_url, sent, shown, text, without
from tests.customers.conftest import add_customer, asked

People = dict[str, User]
BERLIN = {
    "addresses-0-label": "Head office",
    "addresses-0-country": "Germany",
    "addresses-0-street": "Obere Str. 57",
    "addresses-0-postal_code": "12209",
    "addresses-0-city": "Berlin",
}


def addresses(company: Tenant, customer: Customer) -> list[Address]:
    with tenant(company):
        return list(Address.objects.filter(customer=customer).billing_first())


def mistakes(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return [mistake.label for mistake in answer.context["mistakes"]]


def test_adding_the_first_address(acme: Tenant, alder: Customer, agent: Client) -> None:
    data = shown(agent, alder, "?add=address")
    assert data["addresses-0-country"] == "Germany", "the company's country"
    assert data["addresses-0-is_billing"] == "on"
    answer = agent.post(edit_url(alder), {**data, **BERLIN, "addresses-0-phone": "030 23125000"}, follow=True)
    assert "Alder Bikes was saved." in text(answer)
    (address,) = addresses(acme, alder)
    assert address.parts == {
        "street": "Obere Str. 57",
        "district": "",
        "city": "Berlin",
        "region": "",
        "postal_code": "12209",
        "sorting_code": "",
        "country": "DE",
    }
    assert (address.label, address.phone) == ("Head office", "+493023125000")
    assert (address.is_billing, address.is_site) == (True, False)


def test_addresses_may_be_sites(acme: Tenant, alder: Customer, depot: Address, agent: Client) -> None:
    data = shown(agent, alder, "?add=address")
    data |= {name.replace("-0-", "-1-"): value for name, value in BERLIN.items()}
    agent.post(edit_url(alder), {**data, "addresses-0-is_site": "on", "addresses-1-is_site": "on"})
    assert [(found.is_billing, found.is_site) for found in addresses(acme, alder)] == [
        (True, True),
        (False, True),
    ]


def test_each_address_has_who_gives_access(
    acme: Tenant, alder: Customer, depot: Address, agent: Client
) -> None:
    data = shown(agent, alder, "?add=address")
    data |= {name.replace("-0-", "-1-"): value for name, value in BERLIN.items()}
    access = {
        "addresses-1-access_name": "Lena Letting",
        "addresses-1-access_phone": "0171 2345678",
        "addresses-1-access_email": "lena@letting.example",
        "addresses-1-access_relation": "letting_agent",
        "addresses-1-access_instructions": "Key box\nCode 4711",
    }
    agent.post(edit_url(alder), {**data, **access})
    new = addresses(acme, alder)[1]
    assert (new.access_name, new.access_phone, new.access_email) == (
        "Lena Letting",
        "+491712345678",
        "lena@letting.example",
    )
    assert (new.get_access_relation_display(), new.access_instructions) == (
        "Letting agent",
        "Key box\nCode 4711",
    )
    assert addresses(acme, alder)[0].access_name == "Karl Key"


@pytest.mark.parametrize("typed", ["UK", "gb", "Great Britain", "Vereinigtes Königreich", "GBR"])
def test_countries_are_understood_by_their_names_and_abbreviations(
    acme: Tenant, alder: Customer, agent: Client, typed: str
) -> None:
    data = {**shown(agent, alder, "?add=address"), **BERLIN, "addresses-0-country": typed}
    data |= {"addresses-0-postal_code": "wa11dp", "addresses-0-city": "Warrington"}
    assert agent.post(edit_url(alder), data).status_code == 302
    (address,) = addresses(acme, alder)
    assert (address.country, address.postal_code) == ("GB", "WA1 1DP")


@pytest.mark.parametrize("typed", ["Atlantis", "12", "x" * 100])
def test_an_unknown_country_is_refused_and_stays_as_typed(
    acme: Tenant, alder: Customer, agent: Client, typed: str
) -> None:
    data = {**shown(agent, alder, "?add=address"), **BERLIN, "addresses-0-country": typed}
    answer = agent.post(edit_url(alder), data)
    assert mistakes(answer) == ["Address 1, Country"]
    assert sent(answer)["addresses-0-country"] == typed
    assert addresses(acme, alder) == []


def test_what_the_country_requires_is_insisted_on(acme: Tenant, alder: Customer, agent: Client) -> None:
    data = {**shown(agent, alder, "?add=address"), "addresses-0-street": "742 Evergreen Terrace"}
    answer = agent.post(edit_url(alder), {**data, "addresses-0-country": "USA"})
    assert mistakes(answer) == ["Address 1, City", "Address 1, State", "Address 1, ZIP code"]
    assert addresses(acme, alder) == []


@pytest.fixture
def incomplete(alder: Customer, people: People) -> Address:
    """As an import leaves it: without what the country requires."""
    return add_address(
        alder, people["manager"], street="Via Roma 1", city="Torino", country="IT", postal_code="1"
    )


def test_an_incomplete_address_can_be_labelled_without_being_completed(
    acme: Tenant, alder: Customer, incomplete: Address, agent: Client
) -> None:
    data = {**shown(agent, alder), "addresses-0-label": "Works", "addresses-0-phone": "011 5551234"}
    assert agent.post(edit_url(alder), data).status_code == 302
    assert addresses(acme, alder)[0].label == "Works"
    data = {**shown(agent, alder), "addresses-0-street": "Via Roma 2"}
    assert mistakes(agent.post(edit_url(alder), data)) == ["Address 1, Province"]


def test_what_looks_wrong_otherwise_is_saved_with_a_warning(
    acme: Tenant, alder: Customer, depot: Address, agent: Client
) -> None:
    data = {**shown(agent, alder), "addresses-0-postal_code": "SW1A 1AA"}
    answer = agent.post(edit_url(alder), data, follow=True)
    assert "Alder Bikes was saved." in text(answer)
    assert "Depot: “SW1A 1AA”" in text(answer)
    assert addresses(acme, alder)[0].postal_code == "SW1A 1AA"


def test_the_postal_code_is_spelled_as_the_country_prints_it(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    data = {**shown(agent, alder, "?add=address"), **BERLIN, "addresses-0-country": "Canada"}
    data |= {
        "addresses-0-region": "Ontario",
        "addresses-0-postal_code": "k1a0b1",
        "addresses-0-city": "Ottawa",
    }
    agent.post(edit_url(alder), data)
    (address,) = addresses(acme, alder)
    assert (address.region, address.postal_code) == ("ON", "K1A 0B1")


# Another country's fields


def refresh(client: Client, customer: Customer, data: dict[str, str]) -> Any:
    return client.post(edit_url(customer), {**data, "refresh": "addresses-0"})


def test_another_country_brings_its_fields_and_saves_nothing(
    acme: Tenant, alder: Customer, depot: Address, agent: Client
) -> None:
    data = {**shown(agent, alder), "addresses-0-country": "U.S.A.", "name": "", "addresses-0-city": ""}
    answer = refresh(agent, alder, data)
    assert answer.status_code == 200
    page = text(answer)
    assert "needs attention" not in page
    for label in ("State", "ZIP code", "City"):
        assert f"{label} <span class=" in page, f"{label} is marked as required"
    assert '<option value="CA">California</option>' in page
    again = sent(answer)
    assert (again["name"], again["addresses-0-street"], again["addresses-0-postal_code"]) == (
        "",
        "Obere Str. 57",
        "12209",
    )
    assert addresses(acme, alder)[0].country == "DE"


def test_what_was_typed_stays_though_the_country_has_no_field_for_it(
    acme: Tenant, alder: Customer, agent: Client
) -> None:
    data = {**shown(agent, alder, "?add=address"), **BERLIN, "addresses-0-country": "US"}
    data = {**sent(refresh(agent, alder, data)), "addresses-0-region": "CA"}
    again = sent(refresh(agent, alder, {**data, "addresses-0-country": "Germany"}))
    assert again["addresses-0-region"] == "CA"
    assert "addresses-0-region" not in sent(
        refresh(agent, alder, {**data, "addresses-0-country": "Germany", "addresses-0-region": ""})
    )


def test_a_region_that_is_none_of_the_list_stays_to_be_chosen(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    add_address(alder, people["manager"], country="US", region="Old Mexico", city="X", postal_code="1")
    data = shown(agent, alder)
    assert data["addresses-0-region"] == "Old Mexico"
    agent.post(edit_url(alder), {**data, "addresses-0-label": "Ranch"})
    assert addresses(acme, alder)[0].region == "Old Mexico"


def test_fields_are_named_as_the_country_names_them(alder: Customer, depot: Address, agent: Client) -> None:
    data = {**shown(agent, alder), "addresses-0-country": "UK", "addresses-0-city": ""}
    data |= {"addresses-0-postal_code": ""}
    assert mistakes(agent.post(edit_url(alder), data)) == ["Address 1, Post town", "Address 1, Postcode"]


# Whose address it is, and who sees what


def test_an_address_of_another_customer_is_not_reached(
    acme: Tenant,
    alder: Customer,
    depot: Address,
    bobs: Customer,
    globex: Tenant,
    people: People,
    agent: Client,
) -> None:
    birch = add_customer(acme, people["manager"], name="Birch")
    other = add_address(birch, people["manager"], label="Outside", access_name="Olga Outsider")
    with tenant(globex):
        stranger = Address.objects.get(customer=bobs)
    for company, taken in ((acme, other), (globex, stranger)):
        page = text(agent.get(edit_url(alder, f"?address={taken.pk}")))
        assert taken.access_name not in page
        data = {**shown(agent, alder), "addresses-0-id": str(taken.pk), "addresses-0-label": "Mine"}
        answer = agent.post(edit_url(alder), data)
        assert mistakes(answer) == ["Address 1"]
        assert taken.access_name not in text(answer)
        agent.post(edit_url(alder), {**data, "addresses-0-remove": "on"})
        with tenant(company):
            assert Address.objects.get(pk=taken.pk).label == taken.label


def test_removing_an_address(acme: Tenant, alder: Customer, depot: Address, agent: Client) -> None:
    assert agent.post(edit_url(alder), {**shown(agent, alder), "addresses-0-remove": "on"}).status_code == 302
    assert addresses(acme, alder) == []


def test_an_address_without_a_country_can_be_kept_and_gets_one_when_it_changes(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    with tenant(acme), operation("import", by=None):
        Address.objects.create(customer=alder, city="Nowhere")
    data = shown(agent, alder)
    assert data["addresses-0-country"] == ""
    agent.post(edit_url(alder), {**data, "addresses-0-label": "Somewhere"})
    assert addresses(acme, alder)[0].label == "Somewhere"
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "addresses-0-city": "Elsewhere"})
    assert mistakes(answer) == ["Address 1, Country"]


def test_unticking_the_billing_address(acme: Tenant, alder: Customer, depot: Address, agent: Client) -> None:
    agent.post(edit_url(alder), without(shown(agent, alder), "addresses-0-is_billing"))
    assert [found.is_billing for found in addresses(acme, alder)] == [False]


def test_one_more_address_costs_what_writing_it_costs(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    for number in range(12):
        add_address(alder, people["manager"], label=f"Place {number}")
    queries = []
    for number in (2, 12):
        data = shown(agent, alder)
        data |= {f"addresses-{place}-street": f"{number} New Street" for place in range(number)}
        with CaptureQueriesContext(connection) as captured:
            assert agent.post(edit_url(alder), data).status_code == 302
        queries.append(len(asked(captured)))
    assert queries[1] - queries[0] == 10 * 2, "the row and its history"
