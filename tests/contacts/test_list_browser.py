"""The list of contacts, and of customers with their contacts and places, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import member

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
Browse = Callable[[User], Page]
Inspect = Callable[..., None]

FITS = "it => it.scrollWidth <= it.clientWidth"
NAMES = ["Alder Bikes Group", "Alder Ceramics ApS", "Birch Foods SAS", "Cedar Energy AB", "Elm Marine Co-op"]
CITIES = [("Wien", "AT"), ("Oslo", "NO"), ("Milano", "IT"), ("Kraków", "PL"), ("Gent", "BE")]
TITLES = ["Head of purchasing", "Accounts payable", "", "Facility manager", "Owner"]


@pytest.fixture
def customers(acme: Tenant, people: People) -> None:
    """Sixty customers, each with a contact and an address; every fifth with somebody who gives access."""
    manager = member(acme, people["manager"])
    with tenant(acme), operation("add", by=people["agent"]):
        statuses, segments = list(Status.objects.all()), list(Segment.objects.all())
        made = Customer.objects.bulk_create(
            Customer(
                name=f"{NAMES[number % 5]} {number:02}",
                kind="individual" if number % 9 == 0 else "company",
                reference=f"C-10{number:02}",
                email=f"office@customer{number}.example",
                segment=segments[number % len(segments)],
                status=statuses[number % 2],
                responsible_manager=manager,
            )
            for number in range(60)
        )
        Contact.objects.bulk_create(
            Contact(
                customer=customer,
                name=["Maria Anders", "Zoë Zander", "Bert Bell"][number % 3] + f" {number}",
                job_title=TITLES[number % 5],
                email=f"contact{number}@customer{number}.example",
                phone=f"+4930123456{number:02}",
                is_primary=number % 4 > 0,
                receives_invoices=number % 3 == 0,
                receives_payment_reminders=number % 6 == 0,
                receives_promotions=number == 7,
            )
            for number, customer in enumerate(made)
        )
        Address.objects.bulk_create(
            Address(
                customer=customer,
                city=CITIES[number % 5][0],
                country=CITIES[number % 5][1],
                is_billing=True,
                access_name="Karl Key" if number % 5 == 0 else "",
            )
            for number, customer in enumerate(made)
        )


def test_the_list_of_contacts(
    acme: Tenant, people: People, customers: None, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/")
    page.get_by_role("link", name="Contacts", exact=True).click()
    expect(page).to_have_url(re.compile(r"/acme/contacts/$"))
    expect(page.locator("#list-said")).to_contain_text("60 contacts. Sorted by name.")
    assert page.locator(".table-scroll").evaluate(FITS), "the columns fit 1440 pixels"
    inspect(page, "contacts")
    page.get_by_role("button", name="Receives", exact=True).click()
    page.get_by_label("Promotions").check()
    expect(page.locator("#list-said")).to_contain_text("1 contact: receives promotions.")
    inspect(page, "contacts-facet", widths=(1440, 390))
    page.keyboard.press("Escape")
    page.locator(".row-link").click()
    expect(page).to_have_url(re.compile(r"/acme/customers/\d+/contacts/\?contact=(\d+)#contact-\1$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Birch Foods SAS 07")
    page.go_back()
    page.get_by_label("Search contacts").fill("nobody")
    expect(page.get_by_role("heading", name="No contacts match")).to_be_visible()
    page.get_by_role("link", name="Clear filters").last.click()
    expect(page.locator(".row-link")).to_have_count(50)
    page.get_by_role("link", name="Customer", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Customer")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".tablefoot")).to_contain_text("51–60 of 60")


def test_the_list_of_customers(
    acme: Tenant, people: People, customers: None, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/")
    assert page.locator(".table-scroll").evaluate(FITS), "the columns fit 1440 pixels"
    inspect(page, "customers-with-cities")
    first = page.locator("tr", has_text="C-1000")
    first.get_by_role("link", name="Access information: Alder Bikes Group 00").click()
    expect(page.locator("#peek")).to_contain_text("Karl Key")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Contact receives", exact=True).click()
    page.get_by_label("Promotions").check()
    expect(page.locator("#list-said")).to_contain_text("1 customer: contact receives promotions.")
    expect(page.locator(".row-link")).to_have_text(["Birch Foods SAS 07"])
    inspect(page, "customers-receiving", widths=(1440, 390))
    browse_as(people["manager"])
    page.goto("/acme/customers/?select=1")
    assert page.locator(".table-scroll").evaluate(FITS), "with tick boxes too"


def test_without_contacts(acme: Tenant, people: People, browse_as: Browse, inspect: Inspect) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/contacts/")
    inspect(page, "contacts-empty", widths=(1440, 390))
    page.get_by_role("link", name="Choose a customer").click()
    expect(page).to_have_url(re.compile(r"/acme/customers/$"))


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts(acme: Tenant, people: People, customers: None, browse_as: Browse) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/contacts/")
    page.get_by_role("button", name="Primary", exact=True).click()
    page.get_by_label("Others").check()
    page.locator("#facet-primary").get_by_role("button", name="Show").click()
    expect(page.locator("#list-said")).to_contain_text("15 contacts: not primary.")
    page.goto("/acme/customers/")
    page.locator("tr", has_text="C-1000").get_by_role("link", name="Access information").click()
    expect(page).to_have_url(re.compile(r"/access/\?address=\d+#address-\d+$"))
    expect(page.get_by_role("main")).to_contain_text("Karl Key")
