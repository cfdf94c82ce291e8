"""A customer's pages as a person uses them in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
Inspect = Callable[..., None]


def test_adding_a_customer_with_the_keyboard_alone(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/add/")
    inspect(page, "customer-add")
    expect(page.get_by_label("Customer name")).to_be_focused()
    page.keyboard.type("Birch Foods GmbH")
    page.keyboard.press("Tab")  # Kind
    page.keyboard.press("Tab")
    page.keyboard.type("B-7")
    page.get_by_label("Attracting channel").focus()
    page.keyboard.press("Tab")  # Responsible manager
    page.keyboard.type("mana")
    expect(page.get_by_role("option", name="Manager")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Responsible manager")).to_have_value("Manager")
    page.get_by_label("Phone").focus()
    page.keyboard.press("Enter")  # saves, and is not the button "Advanced edit"
    expect(page.get_by_role("heading", level=1)).to_have_text("Birch Foods GmbH")
    expect(page.get_by_role("status")).to_contain_text("Birch Foods GmbH was added.")
    expect(page).to_have_url(re.compile(r"/acme/customers/\d+/$"))
    with tenant(acme):
        customer = Customer.objects.get()
        assert (customer.reference, str(customer.responsible_manager)) == ("B-7", "Manager")


def test_the_pop_up_list_of_segments(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["owner"])
    page.goto("/acme/customers/add/")
    page.get_by_label("Segment").click()
    inspect(page, "customer-add-segments", widths=(1440,))
    page.get_by_role("option", name="Enterprise").click()
    expect(page.get_by_label("Segment")).to_contain_text("Enterprise")
    page.get_by_role("link", name="Add a segment").click()
    expect(page).to_have_url(re.compile("/acme/settings/segments/$"))


def test_a_reference_that_exists(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/add/")
    page.get_by_label("Customer name").fill("Alder again")
    page.get_by_label("Reference").fill("c-1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("One field needs attention")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Customer name")).to_have_value("Alder again")
    inspect(page, "customer-add-refused")
    page.get_by_role("alert").get_by_role("link", name="Reference").click()
    expect(page.get_by_label("Reference")).to_be_focused()
    page.get_by_role("main").get_by_role("link", name="Alder Bikes").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Bikes")


def test_the_tabs_of_a_profile_and_back(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    customer = add_customer(
        acme,
        people["manager"],
        name="Yarrow Print ApS",
        reference="C-10211",
        email="hello@yarrow.example",
        phone="+493023125000",
        website="https://yarrow.example/",
        language="da",
        timezone="Europe/Copenhagen",
    )
    with tenant(acme), operation("import", by=people["admin"], source="customers.csv"):
        customer.name = "Yarrow Print & Paper ApS"
        customer.receive_promotional_emails = True
        customer.save()
    page = browse_as(people["owner"])
    page.goto(f"/acme/customers/{customer.pk}/")
    inspect(page, "profile-home")
    tabs = page.get_by_role("navigation", name="Parts of this customer")
    tabs.get_by_role("link", name="Marketing").click()
    expect(page.get_by_label("Receive promotional e-mails")).to_be_checked()
    expect(page).to_have_url(re.compile("/marketing/$"))
    expect(page).to_have_title(re.compile("^Marketing · Yarrow"))
    expect(tabs.get_by_role("link", name="Marketing")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Home")).not_to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Marketing")).to_be_focused()
    inspect(page, "profile-marketing")
    tabs.get_by_role("link", name="History").click()
    expect(page.get_by_role("main")).to_contain_text("Imported from customers.csv")
    inspect(page, "profile-history")
    page.go_back()
    expect(page.get_by_label("Receive promotional e-mails")).to_be_checked()
    expect(page.get_by_role("heading", level=1)).to_have_text("Yarrow Print & Paper ApS")
    page.go_back()
    expect(page.get_by_role("heading", name="Key facts")).to_be_visible()


def test_changing_consent_on_the_marketing_tab(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{alder.pk}/")
    page.get_by_role("link", name="Marketing").first.click()
    page.get_by_label("Receive promotional e-mails").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_label("Receive promotional e-mails")).to_be_checked()


def test_two_people_at_one_customer(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{alder.pk}/")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit customer")
    inspect(page, "customer-edit")
    with tenant(acme), operation("edit", by=people["manager"]):
        alder.name, alder.email = "Alder & Sons", "sons@alder.example"
        alder.save()
    page.get_by_label("Customer name").fill("Alder Group")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Manager saved this while you were typing")
    expect(page.get_by_role("row", name="Customer name Alder & Sons Alder Group")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("sons@alder.example")
    inspect(page, "customer-edit-conflict")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Group")


def test_disabling_in_a_dialog_and_enabling(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto(f"/acme/customers/{alder.pk}/")
    page.get_by_role("link", name="Disable").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Disabling is temporary")
    inspect(page, "profile-disable-dialog", widths=(1440, 390))
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).not_to_be_visible()
    page.get_by_role("link", name="Disable").click()
    dialog.get_by_label("Reason").fill("Three invoices unpaid")
    dialog.get_by_role("button", name="Disable customer").click()
    expect(page.get_by_role("main")).to_contain_text("Disabled by Manager")
    inspect(page, "profile-disabled")
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("status")).to_contain_text("Alder Bikes was enabled.")
    expect(page.get_by_role("link", name="Disable")).to_be_visible()


def test_deleting_from_the_menu(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto(f"/acme/customers/{alder.pk}/")
    page.get_by_role("button", name="More actions").click()
    inspect(page, "profile-menu", widths=(1440, 390))
    page.get_by_role("link", name="Delete customer").click()
    expect(page.get_by_role("main")).to_contain_text("Deleting is permanent.")
    inspect(page, "customer-delete")
    page.get_by_role("button", name="Delete customer").click()
    expect(page).to_have_url(re.compile("/acme/customers/$"))
    expect(page.locator("#messages")).to_contain_text("Alder Bikes was deleted.")
    page.goto(f"/acme/customers/{alder.pk}/")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()


def test_without_scripts_everything_is_a_page(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, page: Page
) -> None:
    browse_as(people["manager"])
    browser = page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    opened = plain.new_page()
    server = page.context._impl_obj._options["baseURL"]
    opened.goto(f"{server}/acme/customers/{alder.pk}/")
    opened.get_by_role("link", name="Disable").click()
    expect(opened.get_by_role("heading", level=1)).to_have_text("Disable customer")
    opened.get_by_label("Reason").fill("Unpaid")
    opened.get_by_role("button", name="Disable customer").click()
    expect(opened.get_by_role("main")).to_contain_text("Disabled by Manager")
    plain.close()
