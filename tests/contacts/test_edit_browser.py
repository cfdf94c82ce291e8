"""The page that edits a customer with its contacts and addresses, as a person uses it in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Address, Contact
from customers.models import Customer
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
Inspect = Callable[..., None]
People = dict[str, User]


def edit(page: Page, customer: Customer, query: str = "") -> Page:
    page.goto(f"/acme/customers/{customer.pk}/edit/{query}")
    return page


def entry(page: Page, name: str) -> Locator:
    """Of an entry, what is inside: "Contact 2"."""
    return page.get_by_role("group", name=name, exact=True)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).last.click()


@pytest.fixture
def busy(alder: Customer, people: People, maria: Contact, depot: Address) -> Customer:
    """Alder Bikes with some contacts and addresses."""
    add_contact(alder, people["manager"], name="Jonas Lang", relation="tenant", receives_service_notices=True)
    add_contact(alder, people["manager"], name="Ellen Sørensen", job_title="Accounts payable")
    add_address(alder, people["manager"], label="Workshop", street="1 Market St", city="San Francisco",
                region="CA", postal_code="94105", country="US", is_site=True)  # fmt: skip
    return alder


def test_adding_contacts_and_addresses_with_the_keyboard(
    acme: Tenant, alder: Customer, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = edit(browse_as(people["agent"]), alder)
    inspect(page, "customer-edit-empty")
    page.get_by_role("button", name="Add another contact").press("Enter")
    first = entry(page, "Contact 1")
    expect(first.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Maria Anders")
    first.get_by_role("combobox", name="Language").focus()
    page.keyboard.type("deut")
    expect(page.get_by_role("option", name="German")).to_be_visible()
    page.keyboard.press("Enter")
    expect(first.get_by_role("combobox", name="Language")).to_have_value("German")
    first.get_by_label("Payment reminders").press("Space")
    page.get_by_role("button", name="Add another contact").press("Enter")
    expect(entry(page, "Contact 2").get_by_label("Name")).to_be_focused()
    page.keyboard.type("Max Muster")
    entry(page, "Contact 2").get_by_label("Primary contact").press("Space")
    expect(first.get_by_label("Primary contact")).not_to_be_checked()
    expect(first.get_by_label("Name")).to_have_value("Maria Anders")
    page.get_by_role("button", name="Add another address").press("Enter")
    address = entry(page, "Address 1")
    expect(address.get_by_label("Label")).to_be_focused()
    address.get_by_label("Street address").fill("Obere Str. 57")
    address.get_by_label("Postal code").fill("12209")
    address.get_by_label("City").fill("Berlin")
    inspect(page, "customer-edit-added")
    address.get_by_label("City").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Alder Bikes was saved.")
    with tenant(acme):
        found = {contact.name: contact for contact in Contact.objects.all()}
        assert (found["Maria Anders"].language, found["Maria Anders"].communications) == (
            "de",
            ["Payment reminders"],
        )
        assert found["Max Muster"].is_primary
        assert Address.objects.get().is_billing


def test_another_country_brings_its_fields_while_one_types(
    acme: Tenant, busy: Customer, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = edit(browse_as(people["agent"]), busy)
    page.get_by_text("Depot", exact=True).click()
    address = entry(page, "Address 1")
    inspect(page, "customer-edit")
    address.get_by_label("Label").fill("Typed meanwhile")
    address.get_by_role("combobox", name="Country").fill("usa")
    option = page.get_by_role("option", name="United States", exact=True)
    expect(option).to_be_visible()
    inspect(page, "customer-edit-country", widths=(1440, 390))
    address.get_by_role("combobox", name="Country").press("Enter")
    expect(address.get_by_role("combobox", name="Country")).to_have_value("United States")
    expect(address.get_by_label("ZIP code")).to_have_value("12209")
    expect(address.get_by_label("Label")).to_have_value("Typed meanwhile")
    expect(page.get_by_role("alert")).to_have_count(0)
    state = address.get_by_role("combobox", name="State")
    state.fill("calif")
    expect(page.get_by_role("option", name="California", exact=True)).to_be_visible()
    state.press("Enter")
    expect(state).to_have_value("California")
    address.get_by_label("ZIP code").fill("94105")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Alder Bikes was saved.")
    with tenant(acme):
        changed = Address.objects.get(label="Typed meanwhile")
        assert (changed.country, changed.region, changed.postal_code) == ("US", "CA", "94105")


def test_fields_of_a_country_are_asked_for_once(busy: Customer, people: People, browse_as: Browse) -> None:
    page = edit(browse_as(people["agent"]), busy, "?add=address")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    country = entry(page, "Address 3").get_by_role("combobox", name="Country")
    country.fill("usa")
    country.press("Enter")
    state = entry(page, "Address 3").get_by_role("combobox", name="State")
    state.focus()  # the browser says itself, and once more, that the country is another one
    state.fill("calif")
    expect(page.get_by_role("option", name="California", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert asked.count("POST") == 1


def test_typing_goes_on_in_a_field_that_comes_again(
    busy: Customer, people: People, browse_as: Browse
) -> None:
    page = edit(browse_as(people["agent"]), busy)
    page.get_by_text("Workshop", exact=True).click()
    address = entry(page, "Address 2")
    held: list[Route] = []
    page.route("**/edit/", lambda route: held.append(route))
    with page.expect_request("**/edit/"):
        country = address.get_by_role("combobox", name="Country")
        country.fill("india")
        country.press("Enter")
    address.get_by_role("combobox", name="State").fill("karn")
    held[0].continue_()
    expect(page.get_by_role("option", name="Karnataka", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(address.get_by_role("combobox", name="State")).to_have_value("Karnataka")
    expect(address.get_by_role("combobox", name="State")).to_be_focused()


def test_a_countrys_own_abbreviation_finds_it_before_all_others(
    busy: Customer, people: People, browse_as: Browse
) -> None:
    page = edit(browse_as(people["agent"]), busy, "?add=address")
    country = entry(page, "Address 3").get_by_role("combobox", name="Country")
    found = {"us": "United States", "IE": "Ireland", "gb": "United Kingdom", "UK": "United Kingdom",
             "in": "India", "niger": "Niger", "deutsch": "Germany"}  # fmt: skip
    for typed, name in found.items():
        country.fill(typed)
        expect(page.locator(".combo-list:popover-open [role=option]").first).to_have_text(name)
    country.fill("us")
    country.press("Tab")
    expect(country).to_have_value("United States")


def test_removing_and_keeping(
    acme: Tenant, busy: Customer, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = edit(browse_as(people["agent"]), busy)
    page.get_by_text("Jonas Lang").click()
    contact = page.locator(".entry", has_text="Jonas Lang")
    contact.get_by_role("button", name="Remove this contact").click()
    expect(contact.get_by_text("Will be deleted when you save")).to_be_visible()
    inspect(page, "customer-edit-removed", widths=(1440, 390))
    contact.get_by_role("button", name="Keep this contact").click()
    expect(contact.get_by_text("Will be deleted when you save")).to_be_hidden()
    contact.get_by_role("button", name="Remove this contact").press("Enter")
    page.get_by_role("button", name="Add another contact").click()
    entry(page, "Contact 4").get_by_role("button", name="Remove this contact").click()
    expect(entry(page, "Contact 4")).to_have_count(0)
    expect(page.get_by_role("button", name="Add another contact")).to_be_focused()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Alder Bikes was saved.")
    with tenant(acme):
        assert not Contact.objects.filter(name="Jonas Lang").exists()
        assert Contact.objects.count() == 2


def test_a_mistake_leads_to_its_entry(
    busy: Customer, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = edit(browse_as(people["agent"]), busy)
    page.get_by_text("Ellen Sørensen").click()
    entry(page, "Contact 2").get_by_label("E-mail").fill("ellen@")
    page.get_by_text("Workshop").click()
    entry(page, "Address 2").get_by_label("City").fill("")
    save(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 fields need attention")
    inspect(page, "customer-edit-refused")
    summary.get_by_role("link", name="Contact 2, E-mail").click()
    expect(entry(page, "Contact 2").get_by_label("E-mail")).to_be_focused()
    expect(entry(page, "Contact 2").get_by_label("E-mail")).to_have_value("ellen@")
    summary.get_by_role("link", name="Address 2, City").click()
    expect(entry(page, "Address 2").get_by_label("City")).to_be_focused()


def test_a_new_entry_that_is_removed_takes_its_mistakes_along(
    busy: Customer, people: People, browse_as: Browse
) -> None:
    page = edit(browse_as(people["agent"]), busy, "?add=contact#contacts")
    entry(page, "Contact 4").get_by_label("E-mail").fill("nobody@")
    save(page)
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("fields need attention")
    entry(page, "Contact 4").get_by_role("button", name="Remove this contact").click()
    expect(summary).to_have_count(0)


def test_the_parts_of_the_form_are_a_key_away(
    busy: Customer, maria: Contact, people: People, browse_as: Browse
) -> None:
    page = edit(browse_as(people["agent"]), busy, f"?contact={maria.pk}#contact-{maria.pk}")
    expect(entry(page, "Contact 1").get_by_label("Name")).to_be_focused()
    parts = page.get_by_role("navigation", name="Parts of this form")
    assert [link.inner_text() for link in parts.get_by_role("link").all()] == [
        "Customer information",
        "Marketing",
        "Managers",
        "Contacts",
        "Addresses",
    ]
    parts.get_by_role("link", name="Addresses").press("Enter")
    expect(page.get_by_role("heading", name="Addresses")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("#addresses$"))


# Without scripts


@pytest.fixture
def plain(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> Page:
    """A page of a browser that runs no scripts, with the cookies of the one that does."""
    return new_context(base_url=live_server.url, java_script_enabled=False).new_page()


def test_all_of_it_works_without_scripts(
    acme: Tenant, busy: Customer, people: People, browse_as: Browse, plain: Page
) -> None:
    plain.context.add_cookies(browse_as(people["agent"]).context.cookies())  # type: ignore[arg-type]  # the same shape
    page = edit(plain, busy)
    page.get_by_role("button", name="Add another contact").click()
    contact = entry(page, "Contact 4")
    expect(contact.get_by_label("Name")).to_be_focused()
    contact.get_by_label("Name").fill("Max Muster")
    contact.get_by_label("Primary contact").check()
    page.get_by_text("Jonas Lang").click()
    page.locator(".entry", has_text="Jonas Lang").get_by_label("Remove this contact").check()
    page.get_by_role("button", name="Add another address").click()
    expect(entry(page, "Contact 4").get_by_label("Name")).to_have_value("Max Muster")
    address = entry(page, "Address 3")
    address.get_by_role("combobox", name="Country").fill("UK")
    address.get_by_role("button", name="Use this country's fields").click()
    address = entry(page, "Address 3")
    address.get_by_label("Postcode").fill("wa1 1dp")
    address.get_by_label("Post town").fill("Warrington")
    address.get_by_label("Street address").fill("Friars Gate 1")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Alder Bikes was saved.")
    with tenant(acme):
        names = list(Contact.objects.primary_first().values_list("name", flat=True))
        assert names == ["Max Muster", "Ellen Sørensen", "Maria Anders"]
        assert Address.objects.get(country="GB").postal_code == "WA1 1DP"
