"""The admin pages in a browser: an import begun there, and pages that keep to the content policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.conftest import uploads

__all__ = ["uploads"]

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
Browse = Callable[[User], Page]
Inspect = Callable[..., None]


def test_an_import_begins_in_the_admin_too(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/admin/")
    page.get_by_role("link", name="Customers", exact=True).last.click()
    page.get_by_role("link", name="Import", exact=True).click()
    inspect(page, "admin-import", widths=(1440, 390))
    page.get_by_role("button", name="Import CSV data").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a file.")
    page.get_by_label("CSV or Excel file").set_input_files(
        {"name": "trees.csv", "mimeType": "text/csv", "buffer": b"Name,Reference\nAlder,1\n"}
    )
    page.get_by_role("button", name="Import CSV data").click()
    expect(page.get_by_role("heading", name="trees.csv", level=1)).to_be_visible()
    page.get_by_role("button", name="Check the rows").last.click()
    page.get_by_role("button", name="Import 1 customer").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    with tenant(acme):
        assert Customer.objects.get().reference == "1"


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
