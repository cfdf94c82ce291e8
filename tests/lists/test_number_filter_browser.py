"""Customers by how many contacts they have, in a browser: from the settings to the pill and back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from customers.models import Customer
from history.operations import operation
from lists.models import ListSettings
from tenants.context import tenant
from tenants.models import Membership, Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
SHOWN = "?columns=name,contact_count,address_count&sort=-contact_count"


@pytest.fixture(autouse=True)
def customers(acme: Tenant, people: dict[str, User]) -> None:
    """Five, with none to four contacts."""
    with tenant(acme), operation("add", by=people["agent"]):
        names = ("Alder Bikes", "Birch Foods", "Cedar Optics", "Dill Herbs", "Elm Marine")
        made = Customer.objects.bulk_create(Customer(name=name) for name in names)
        Contact.objects.bulk_create(
            Contact(customer=customer, name=f"Person {number}")
            for people_of, customer in enumerate(made)
            for number in range(people_of)
        )


def test_typing_into_a_text_filter_means_it(browse_as: Browse, people: dict[str, User]) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?reference=empty")
    expect(page.locator("tbody tr")).to_have_count(5)
    page.locator("#filters").get_by_role("button", name=re.compile("^Reference")).click()
    menu = page.locator("#facet-reference")
    menu.get_by_label("Text to look for").fill("C-")
    expect(menu.get_by_role("radio", name="Contains")).to_be_checked()
    expect(page.locator("#list-said")).to_contain_text("reference contains “C-”")
    menu.get_by_role("radio", name="Starts with").check()
    expect(page.locator("#list-said")).to_contain_text("reference starts with “C-”")
    menu.get_by_role("radio", name="Is empty").check()
    expect(menu.get_by_label("Text to look for")).to_have_value("")
    expect(page.locator("tbody tr")).to_have_count(5)


def test_a_range_is_typed_and_a_usual_one_is_chosen(
    browse_as: Browse, people: dict[str, User], inspect: Callable[..., None]
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/lists/customers/filters/")
    page.get_by_role("checkbox", name="Contacts").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#filters").get_by_role("button", name="Contacts", exact=True)).to_be_visible()
    page.goto(f"/acme/customers/{SHOWN}")
    expect(page.locator("tbody .num").first).to_have_text("4")
    page.locator("#filters").get_by_role("button", name="Contacts", exact=True).click()
    menu = page.locator("#facet-contact_count")
    menu.get_by_label("At least").fill("2")
    expect(menu.get_by_role("radio", name="Between")).to_be_checked()
    menu.get_by_label("At most").fill("3")
    expect(page.locator("#list-said")).to_contain_text("2 customers: contacts 2 to 3.")
    expect(page.locator(".row-link")).to_have_text(["Dill Herbs", "Cedar Optics"])
    expect(page).to_have_url(re.compile(r"\?contact_count=2\.\.3&"))
    inspect(page, "list-numbers")
    menu.get_by_label("At most").fill("")
    expect(page.locator("#facet-contact_count-state")).to_contain_text("at least 2")
    menu.get_by_label("At least").fill("two")
    expect(page.locator("#list-said")).to_contain_text("left out: Contacts = two..")
    menu.get_by_role("radio", name="None").check()
    expect(page.locator("#list-said")).to_contain_text("1 customer: no contacts.")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Remove filter Contacts").click()
    expect(page.locator(".row-link")).to_have_count(5)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts(browse_as: Browse, acme: Tenant, people: dict[str, User]) -> None:
    with tenant(acme):
        membership = Membership.objects.get(user=people["viewer"])
        ListSettings.objects.create(membership=membership, list="customers", filters=["contact_count"])
    page = browse_as(people["viewer"])
    page.goto(f"/acme/customers/{SHOWN}")
    page.get_by_role("button", name="Contacts", exact=True).click()
    menu = page.locator("#facet-contact_count")
    menu.get_by_role("radio", name="Between").check()
    menu.get_by_label("At least").fill("3")
    menu.get_by_role("button", name="Show").click()
    expect(page.locator("#list-said")).to_contain_text("2 customers: contacts at least 3.")
    expect(page.locator(".row-link")).to_have_text(["Elm Marine", "Dill Herbs"])
    page.get_by_role("button", name="Contacts").click()
    expect(menu.get_by_label("At least")).to_have_value("3")
