"""The page of one customer: /customers/<id>/ and its tabs."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.tabs import Tab
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer, asked

TABS = ["", "marketing/", "history/"]
PAGES = [*TABS, "edit/", "delete/"]


def test_the_profile_shows_who_the_customer_is(acme: Tenant, people: dict[str, User], agent: Client) -> None:
    customer = add_customer(
        acme,
        people["manager"],
        reference="C-1",
        email="hello+shop@alder.example",
        phone="+493023125000",
        website="https://alder.example/",
        language="de",
    )
    page = agent.get(f"/acme/customers/{customer.pk}/").content.decode()
    for expected in [
        "<h1>Alder Bikes</h1>",
        'href="mailto:hello%2Bshop@alder.example"',
        '<a href="tel:+493023125000">+49 30 23125000</a>',
        'href="https://alder.example/"',
        "<dd>German</dd>",
        "Managed by Manager",
        ">Small business<",
        '<span class="badge" data-colour="green">Active</span>',
        f'href="/acme/customers/{customer.pk}/edit/"',
    ]:
        assert expected in page


def test_a_phone_number_kept_as_typed_is_no_link(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    customer = add_customer(acme, people["manager"], phone="ask <reception>")
    page = agent.get(f"/acme/customers/{customer.pk}/").content.decode()
    assert "ask &lt;reception&gt;" in page
    assert "tel:" not in page


def test_the_reference_leads_to_the_tenants_crm(acme: Tenant, people: dict[str, User], agent: Client) -> None:
    customer = add_customer(acme, people["manager"], reference='A/1 "x"')
    page = agent.get(f"/acme/customers/{customer.pk}/").content.decode()
    assert "crm.example" not in page
    with tenant(acme), operation("settings", by=people["owner"]):
        acme.customer_link_template = "https://crm.example/a/{reference}"
        acme.save()
    page = agent.get(f"/acme/customers/{customer.pk}/").content.decode()
    assert 'href="https://crm.example/a/A%2F1%20%22x%22"' in page


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_an_address_of_its_own(alder: Customer, agent: Client, tab: str) -> None:
    answer = agent.get(f"/acme/customers/{alder.pk}/{tab}")
    page = answer.content.decode()
    assert "<h1>Alder Bikes</h1>" in page
    assert page.count('aria-current="page"') == 2  # in the tabs and in the way here
    assert f'href="/acme/customers/{alder.pk}/{tab}" hx-get' in page
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("tab", TABS)
def test_htmx_gets_the_tab_alone_and_the_row_of_tabs(alder: Customer, agent: Client, tab: str) -> None:
    page = agent.get(f"/acme/customers/{alder.pk}/{tab}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "<h1>" not in page
    assert 'id="tab"' in page
    assert 'id="tabs"' in page
    assert 'hx-swap-oob="true"' in page
    assert "<title>" in page


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_links_and_restored_history_get_the_page(alder: Customer, agent: Client, header: str) -> None:
    answer = agent.get(
        f"/acme/customers/{alder.pk}/marketing/", headers={"HX-Request": "true", header: "true"}
    )
    assert "<html" in answer.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_viewers_read_and_are_offered_no_change(alder: Customer, viewer: Client, tab: str) -> None:
    page = viewer.get(f"/acme/customers/{alder.pk}/{tab}").content.decode()
    assert "<h1>Alder Bikes</h1>" in page
    for word in ("/edit/", "/disable/", "/delete/", "Save</button>"):
        assert word not in page


@pytest.mark.parametrize("tab", TABS)
def test_strangers_find_nothing(alder: Customer, bob: User, signed_in: Any, tab: str) -> None:
    stranger = signed_in(bob)
    assert stranger.get(f"/acme/customers/{alder.pk}/{tab}").status_code == 404
    assert stranger.get(f"/globex/customers/{alder.pk}/{tab}").status_code == 404


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "9" * 5000, "-1", "x", "1.5", "١"])
@pytest.mark.parametrize("page", ["", "edit/", "marketing/", "history/", "disable/", "delete/"])
def test_a_number_that_is_no_customers_is_not_found(manager: Client, number: str, page: str) -> None:
    assert manager.get(f"/acme/customers/{number}/{page}").status_code == 404


def test_names_are_escaped_everywhere(acme: Tenant, people: dict[str, User], manager: Client) -> None:
    customer = add_customer(acme, people["manager"], name="<img src=x>", reference="<i>", email="")
    with tenant(acme), operation("edit", by=people["manager"], source="<b>file</b>"):
        customer.website = "https://x.example/<u>"
        customer.save()
        customer.disable(by=people["manager"], reason="<s>why</s>")
    for page in PAGES:
        text = manager.get(f"/acme/customers/{customer.pk}/{page}").content.decode()
        assert not {tag for tag in ("<img", "<i>", "<u>", "<b>file", "<s>") if tag in text}


@pytest.mark.parametrize(
    ("role", "tab"), [*(("viewer", tab) for tab in TABS), *(("owner", page) for page in PAGES)]
)
def test_a_profile_costs_few_queries(
    acme: Tenant, people: dict[str, User], signed_in: Any, tab: str, role: str
) -> None:
    customer = add_customer(acme, people["manager"])
    with tenant(acme):
        customer.disable(by=people["manager"], reason="Unpaid")
    client = signed_in(people[role])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(f"/acme/customers/{customer.pk}/{tab}")
    assert len(asked(queries)) <= 12, "\n".join(asked(queries))


def two(customer: Customer) -> int:
    return 2


EXTRA = Tab("extra", "Extra", "customers:update", permission="customers.delete_customer", count=two)


def test_another_app_adds_a_tab_for_those_who_may_see_it(
    alder: Customer, manager: Client, agent: Client, settings: Any
) -> None:
    settings.CUSTOMER_TABS = [*settings.CUSTOMER_TABS, f"{__name__}.EXTRA"]
    address = f"/acme/customers/{alder.pk}/"
    assert 'Extra<span class="tab-count">2</span></a>' in manager.get(address).content.decode()
    assert "Extra" not in agent.get(address).content.decode()
