"""Exporting in a browser: the dialog, the file, templates, and the page of exports, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Customer
from history.operations import operation
from lists.models import Export
from lists.tasks import write_export
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

BrowseAs = Callable[[User], Page]


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def customers(acme: Tenant, people: dict[str, User]) -> Tenant:
    with tenant(acme), operation("import", by=people["manager"]):
        Customer.objects.bulk_create(Customer(name=f"Alder {n}", reference=f"{n:03}") for n in range(4))
    return acme


def read(page: Page, button: Any) -> str:
    """The file that a press of the button brings."""
    with page.expect_download() as started:
        button.click()
    return Path(started.value.path()).read_text(encoding="utf-8-sig")


def test_the_dialog_says_why_nothing_is_exported_and_leads_to_the_list_without_the_filter(
    browse_as: BrowseAs, people: dict[str, User], customers: Tenant, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?status=99999&q=alder")
    page.get_by_role("link", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export customers")
    expect(dialog.get_by_text("Nothing can be exported: Status = 99999 is not understood")).to_be_visible()
    expect(dialog.get_by_role("button")).to_have_count(0)
    inspect(page, "export-refused")
    dialog.get_by_role("link", name="Show the list without it").click()
    expect(page).to_have_url(re.compile(r"/acme/customers/\?q=alder$"))
    page.get_by_role("link", name="Export", exact=True).click()
    expect(dialog.get_by_role("button", name="Export", exact=True)).to_be_visible()


def test_a_list_is_exported_from_its_dialog(
    browse_as: BrowseAs, people: dict[str, User], customers: Tenant, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?q=alder&sort=-name")
    page.get_by_role("link", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export customers")
    expect(
        dialog.get_by_text("4 customers: containing “alder”. Sorted by customer name, descending.")
    ).to_be_visible()
    inspect(page, "export-dialog")
    for name in ("Status", "Segment", "Billing city", "E-mail", "Responsible manager", "Changed"):
        dialog.get_by_role("checkbox", name=name, exact=True).uncheck()
    for _ in range(2):
        dialog.get_by_role("button", name="Move Reference up").click()
    dialog.get_by_label("Semicolon").check()
    dialog.get_by_text("Save as template").click()
    dialog.get_by_label("Name of the template").fill("Numbers")
    dialog.get_by_role("button", name="Save template").click()
    expect(dialog.get_by_text("Template “Numbers” is saved.")).to_be_visible()
    expect(dialog.get_by_role("link", name="Numbers", exact=True)).to_have_attribute("aria-current", "true")
    text = read(page, dialog.get_by_role("button", name="Export", exact=True))
    assert text.splitlines()[:2] == ["Reference;Customer name", "003;Alder 3"]
    expect(dialog).to_be_hidden()
    expect(page).to_have_url("/acme/customers/?q=alder&sort=-name")
    page.get_by_role("link", name="Export", exact=True).click()
    dialog.get_by_role("link", name="Numbers", exact=True).click()
    expect(dialog.get_by_label("Semicolon")).to_be_checked()
    dialog.get_by_label("JSON").check()
    expect(dialog.get_by_label("Semicolon")).to_be_hidden()
    dialog.get_by_role("link", name="Rename or delete Numbers").click()
    expect(page.get_by_role("heading", name="Template", level=1)).to_be_visible()
    inspect(page, "export-template", widths=(1440, 390))


def test_a_long_list_is_written_while_one_watches(
    browse_as: BrowseAs,
    people: dict[str, User],
    customers: Tenant,
    settings: LazySettings,
    inspect: Callable[..., None],
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/exports/")
    expect(page.get_by_text("Nothing was exported yet")).to_be_visible()
    inspect(page, "exports-empty", widths=(1440,))
    settings.EXPORT_AT_ONCE_ROWS = 3
    page.get_by_role("link", name="Open Customers").click()
    page.get_by_role("link", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export customers")
    expect(dialog.get_by_text("More than 3 rows are written in the background")).to_be_visible()
    dialog.get_by_role("button", name="Export", exact=True).click()
    row = page.get_by_role("row", name="acme-customers-")
    expect(row.get_by_text("Waiting")).to_be_visible()
    told = page.get_by_text("is being written. You may leave this page.")
    page.get_by_role("button", name="Dismiss").focus()  # it does not leave by itself meanwhile
    with tenant(customers):
        waiting = Export.objects.select_related("operation").get()
        running = waiting.operation
        running.begin()
        running.position, running.total = 3, 4
        running.save_progress()
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "3")  # without a press
    inspect(page, "exports-running")
    expect(told).to_be_visible()
    write_export(tenant_id=customers.pk, operation_id=waiting.operation_id)
    expect(row.get_by_text("Ready until")).to_be_visible()
    expect(told).to_have_count(0)
    row.get_by_text("SHA-256, columns").click()
    inspect(page, "exports")
    text = read(page, row.get_by_role("link", name="Download"))
    assert len(text.splitlines()) == 5


def test_without_scripts_a_page_asks(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    people: dict[str, User],
    customers: Tenant,
) -> None:
    context = new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/?next=/acme/contacts/export/")
    page.fill("input[type=email]", people["manager"].email)
    page.fill("input[type=password]", PASSWORD)
    page.click("form button.btn-primary")
    page.goto("/acme/customers/export/?q=alder")
    page.get_by_role("link", name="All columns").click()
    page.get_by_role("button", name="Move Reference up").click()
    page.get_by_role("button", name="Move Reference up").click()
    text = read(page, page.get_by_role("button", name="Export", exact=True).last)
    assert text.startswith("Reference,Customer name,")
    assert len(text.splitlines()) == 5
