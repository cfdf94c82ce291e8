"""The admin pages in a browser: the flow of an import, and pages that keep to the content policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.customers.test_import import NORTHWIND

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
Browse = Callable[[User], Page]
Inspect = Callable[..., None]


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_role("button", name="Check the file").click()


def test_importing_the_northwind_file(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/admin/")
    page.get_by_role("link", name="Customers", exact=True).last.click()
    page.get_by_role("link", name="Import", exact=True).click()
    inspect(page, "import-upload")
    choose(page, "northwind-customers.csv", NORTHWIND.read_bytes())
    expect(page.get_by_role("heading", name="Import northwind-customers.csv")).to_be_visible()
    inspect(page, "import-preview", widths=(1440, 320))  # long, and the wrong rows' page is looked at whole
    page.get_by_role("button", name="Import 91 customers").click()
    expect(page.get_by_text("Import finished: 91 added, 0 changed.")).to_be_visible()
    with tenant(acme):
        assert Customer.objects.count() == 91

    page.get_by_role("link", name="Import", exact=True).click()
    choose(page, "northwind-customers.csv", NORTHWIND.read_bytes())
    expect(page.get_by_text("Nothing to change: 91 customers are as in the file.")).to_be_visible()
    inspect(page, "import-nothing-to-change", widths=(1440, 390))


def test_a_file_with_wrong_rows(acme: Tenant, people: People, browse_as: Browse, inspect: Inspect) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/admin/customers/customer/import/")
    choose(page, "empty.csv", b" ")
    expect(page.get_by_role("alert")).to_contain_text("The file is empty.")
    inspect(page, "import-refused", widths=(1440, 390))
    choose(
        page, "some.csv", b"Name,Reference,E-mail,Colour\nAlder,1,a@alder.example,red\nBirch,2,birch@,blue\n"
    )
    page.get_by_role("button", name="Import 1 customer").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was imported: one row is wrong.")
    inspect(page, "import-wrong-rows")
    page.get_by_label("Leave the bad rows out").check()
    page.get_by_role("button", name="Import 1 customer").click()
    expect(page.get_by_text("Import finished: 1 added, 0 changed, 1 left out.")).to_be_visible()


def test_the_stock_pages_keep_to_the_content_policy(acme: Tenant, people: People, browse_as: Browse) -> None:
    """The `page` fixture fails on whatever the policy refuses."""
    page = browse_as(people["admin"])
    page.goto("/acme/admin/customers/customer/add/")
    page.get_by_label("Customer name").fill("Alder Bikes")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.locator(".historylink").click()
    expect(page.get_by_role("cell", name="Added")).to_be_visible()
    page.goto("/acme/admin/customers/customer/")
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(page.get_by_text("Successfully deleted 1 customer.")).to_be_visible()
    for path in ("marketing/segment/", "marketing/segment/add/", "history/operation/"):
        page.goto(f"/acme/admin/{path}")
        page.screenshot(path=f"test-results/admin-{path.strip('/').replace('/', '-')}.png")


def test_the_stock_pages_are_accessible(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    """But for change forms, where axe itself writes a style attribute and the policy complains of that."""
    alder = add_customer(acme, people["manager"])
    page = browse_as(people["admin"])
    for name, path in {
        "index": "",
        "customers": "customers/customer/",
        "customer-history": f"customers/customer/{alder.pk}/history/",
        "customer-delete": f"customers/customer/{alder.pk}/delete/",
        "operations": "history/operation/",
        "segments": "marketing/segment/",
    }.items():
        page.goto(f"/acme/admin/{path}")
        inspect(page, f"admin-{name}", widths=(1440,))
