"""Contacts and addresses as a person uses them in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import Address, Contact
from customers.models import Customer
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
Inspect = Callable[..., None]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


@pytest.fixture
def yarrow(acme: Tenant, people: dict[str, User]) -> Customer:
    """A customer with people and places of all kinds."""
    by = people["manager"]
    customer = add_customer(
        acme, by, name="Yarrow Print ApS", reference="C-10211", email="hello@yarrow.example"
    )
    add_contact(
        customer,
        by,
        name="Elena Fischer",
        job_title="Purchasing",
        email="elena@yarrow.example",
        phone="+493023125000",
        language="de",
        notes="Wants delivery before 10 o’clock.\nNot on Fridays.",
        is_primary=True,
        receives_invoices=True,
        receives_payment_reminders=True,
        receives_service_notices=True,
    )
    add_contact(customer, by, name="Sven Bauer", job_title="Accounts payable", email="sven@yarrow.example")
    add_contact(customer, by, name="رانيا الخطيب", job_title="المشتريات", relation="tenant", notes="ملاحظة")
    add_contact(customer, by, name=LONG[:200], job_title=LONG, email=f"{'x' * 60}@{'y' * 60}.example")
    add_address(
        customer,
        by,
        label="Head office",
        street="Alte Jakobstraße 77",
        postal_code="10179",
        phone="+493023125001",
        is_billing=True,
        access_name="Karl Key",
        access_phone="+49309876543",
        access_email="karl@key.example",
        access_relation="neighbour",
        access_instructions="Ring twice.\nThe code of the gate is 1234.",
    )
    add_address(customer, by, label="Warehouse", street="Lagerstraße 14", city="Potsdam", is_site=True)
    add_address(customer, by, street="1 High Street", city="London", postal_code="SW1A 1AA", country="GB")
    add_address(customer, by, label=LONG[:100], street=LONG, city=LONG)
    return customer


def test_everyone_and_every_place_at_a_glance(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/")
    inspect(page, "profile-home-contacts")
    tabs = page.get_by_role("navigation", name="Parts of this customer")
    tabs.get_by_role("link", name="Contacts & addresses").click()
    expect(page.get_by_role("heading", name="Elena Fischer")).to_be_visible()
    expect(page).to_have_title(re.compile("^Contacts & addresses · Yarrow"))
    inspect(page, "profile-contacts")


def test_a_name_on_the_home_leads_to_the_entry(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["viewer"])
    page.goto(f"/acme/customers/{yarrow.pk}/")
    page.get_by_role("complementary").get_by_role("link", name="Sven Bauer").click()
    expect(page.locator(".is-wanted")).to_contain_text("Sven Bauer")
    expect(page.locator(".is-wanted")).to_be_in_viewport()
    inspect(page, "profile-contacts-viewer", widths=(1440,))


def test_edit_opens_the_entry_on_the_edit_page(
    people: dict[str, User], yarrow: Customer, browse_as: Browse
) -> None:
    page = browse_as(people["agent"])
    for name in ("Sven Bauer", "Warehouse"):
        page.goto(f"/acme/customers/{yarrow.pk}/contacts/")
        page.get_by_role("link", name=f"Edit {name}").click()
        field = "Name" if name == "Sven Bauer" else "Label"
        shown = page.get_by_role("main").get_by_role("textbox", name=field, exact=True)
        expect(shown).to_have_value(name)


def test_the_timeline_tells_of_contacts_and_addresses(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/history/")
    expect(page.get_by_role("main")).to_contain_text("Address Head office added")
    inspect(page, "profile-history-contacts", widths=(1440, 320))


def test_the_first_time(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{alder.pk}/contacts/")
    expect(page.get_by_role("heading", name="No contacts yet")).to_be_visible()
    inspect(page, "profile-contacts-empty")


def test_the_key_opens_the_access_information_with_the_keyboard(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    for path in ("", "contacts/"):
        page.goto(f"/acme/customers/{yarrow.pk}/{path}")
        key = page.get_by_role("link", name="Access information: Head office")
        key.focus()
        page.keyboard.press("Enter")
        popover = page.get_by_role("dialog", name="Access to Head office")
        expect(popover).to_contain_text("Karl Key Neighbour")
        expect(popover).to_contain_text("The code of the gate is 1234.")
        expect(popover).to_be_focused()
        inspect(page, f"access-popover-{path.strip('/') or 'home'}", widths=(1440, 320))
        page.keyboard.press("Tab")
        expect(popover.get_by_role("link", name="+49 30 9876543")).to_be_focused()
        page.keyboard.press("Escape")
        expect(popover).to_be_hidden()
        expect(key).to_be_focused()
    expect(page).to_have_url(re.compile("/contacts/$"))


def test_a_click_elsewhere_closes_it_and_another_key_takes_its_place(
    people: dict[str, User], yarrow: Customer, browse_as: Browse
) -> None:
    add_address(yarrow, people["manager"], label="Flat", access_name="Fred")
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/contacts/")
    page.get_by_role("link", name="Access information: Head office").click()
    expect(page.get_by_role("dialog", name="Access to Head office")).to_be_visible()
    page.get_by_role("link", name="Access information: Flat").click()
    expect(page.get_by_role("dialog", name="Access to Flat")).to_contain_text("Fred")
    page.get_by_role("heading", name="Contacts").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_page_of_access_information(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    add_address(yarrow, people["manager"], label="Flat", access_name="Fred", access_phone="at the pub")
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/access/")
    expect(page.get_by_role("heading", name="Access to Flat")).to_be_visible()
    inspect(page, "access")


def test_copying_an_address(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["viewer"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/acme/customers/{yarrow.pk}/contacts/")
    page.get_by_role("button", name="Copy address: Head office").click()
    expect(page.get_by_role("status")).to_contain_text("The address was copied.")
    inspect(page, "address-copied", widths=(1440,))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == ["Yarrow Print ApS", "Alte Jakobstraße 77", "10179 BERLIN"]


def test_without_scripts_all_is_there(
    people: dict[str, User],
    yarrow: Customer,
    browse_as: Browse,
    browser: Browser,
    live_server: object,
) -> None:
    signed_in = browse_as(people["agent"])
    base = str(live_server)
    context = browser.new_context(java_script_enabled=False, base_url=base)
    context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type]  # read and written alike
    page = context.new_page()
    page.goto(f"/acme/customers/{yarrow.pk}/")
    page.get_by_role("link", name="Contacts & addresses").click()
    expect(page.get_by_role("heading", name="Elena Fischer")).to_be_visible()
    expect(page.get_by_role("button", name="Copy address: Head office")).to_be_hidden()
    expect(page.get_by_text("Alte Jakobstraße 77")).to_be_visible()
    page.get_by_role("link", name="Access information: Head office").click()
    expect(page).to_have_url(re.compile(r"/access/\?address=\d+#address-\d+$"))
    expect(page.get_by_role("heading", name="Access to Head office")).to_be_visible()
    expect(page.get_by_text("Ring twice.")).to_be_visible()
    page.goto(f"/acme/customers/{yarrow.pk}/contacts/")
    page.get_by_role("button", name="More actions: Warehouse").click()
    page.get_by_role("link", name="Delete address…").click()
    page.get_by_role("button", name="Delete address").click()
    expect(page.get_by_role("status")).to_contain_text("Warehouse was deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone: 1 address was brought back.")
    expect(page.get_by_role("heading", name="Warehouse")).to_be_visible()
    context.close()


def test_deleting_a_contact_in_a_dialog(
    acme: Tenant, people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/contacts/")
    menu = page.get_by_role("button", name="More actions: Sven Bauer")
    menu.click()
    page.get_by_role("link", name="Delete contact…").click()
    question = page.get_by_role("dialog", name="Delete Sven Bauer?")
    expect(question).to_be_visible()
    inspect(page, "contact-delete-dialog")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Delete contact…").click()
    question.get_by_role("link", name="Cancel").click()
    expect(question).to_be_hidden()
    expect(page.get_by_role("heading", name="Sven Bauer")).to_be_visible()
    menu.click()
    page.get_by_role("link", name="Delete contact…").click()
    question.get_by_role("button", name="Delete contact").click()
    expect(page.get_by_role("status")).to_contain_text("Sven Bauer was deleted.")
    expect(page.get_by_role("heading", name="Sven Bauer")).to_be_hidden()
    with tenant(acme):
        assert not Contact.objects.filter(name="Sven Bauer").exists()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone: 1 contact was brought back.")
    expect(page.get_by_role("heading", name="Sven Bauer")).to_be_visible()
    expect(page).to_have_url(re.compile("/contacts/$"))


def test_the_page_that_asks_before_deleting(
    people: dict[str, User], yarrow: Customer, browse_as: Browse, inspect: Inspect
) -> None:
    with tenant(yarrow.tenant):
        address = Address.objects.get(label="Head office")
    page = browse_as(people["agent"])
    page.goto(f"/acme/customers/{yarrow.pk}/addresses/{address.pk}/delete/")
    inspect(page, "address-delete")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator(".is-wanted")).to_contain_text("Head office")
