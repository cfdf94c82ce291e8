"""The list in a browser: typing, filtering, sorting, paging, going back, without scripts, by keyboard."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from customers.models import Customer
from history.operations import operation
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import member

pytestmark = pytest.mark.django_db(transaction=True)

Inspect = Callable[..., None]


@pytest.fixture
def customers(acme: Tenant, people: dict[str, User]) -> list[str]:
    """Sixty customers; every fifth is a lead, three are of a name of their own."""
    manager = member(acme, people["manager"])
    names = [f"Alder Works {number:02}" for number in range(57)] + ["Börsen-Café", "Luleå Energi", "=1+1"]
    with tenant(acme), operation("add", by=people["agent"]):
        statuses: dict[str, Any] = {status.name: status for status in Status.objects.all()}
        segments: list[Any] = list(Segment.objects.all())
        Customer.objects.bulk_create(
            Customer(
                name=name,
                reference=f"00{number}",
                email=f"office@c{number}.example",
                segment=segments[number % 3],
                status=statuses["Lead" if number % 5 == 0 else "Active"],
                responsible_manager=manager if number % 2 else None,
            )
            for number, name in enumerate(names)
        )
    return names


def rows(page: Page) -> list[str]:
    return page.locator(".row-link").all_inner_texts()


def test_searching_as_one_types(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    expect(page.get_by_role("status").filter(has_text="60 customers.")).to_be_visible()
    inspect(page, "list")
    page.keyboard.press("/")
    expect(page.get_by_label("Search customers", exact=True).last).to_be_focused()
    page.keyboard.type("lule", delay=40)
    expect(page.locator(".row-link")).to_have_text(["Luleå Energi"])
    expect(page).to_have_url(re.compile(r"/acme/customers/\?q=lule$"))
    expect(page.locator("#list-said")).to_contain_text("1 customer: containing “lule”")
    expect(page.get_by_role("link", name="Export")).to_have_attribute("href", re.compile(r"\?q=lule$"))
    page.keyboard.type("x", delay=40)
    expect(page.get_by_role("heading", name="No customers match")).to_be_visible()
    inspect(page, "list-no-match", widths=(1440, 390))
    page.get_by_role("link", name="Clear filters").last.click()
    expect(page).to_have_url(re.compile(r"/acme/customers/\??$"))
    expect(page.locator(".row-link")).to_have_count(50)


def test_filtering_sorting_paging_and_going_back(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/")
    page.get_by_role("button", name="Status", exact=True).click()
    page.get_by_label("Lead").check()
    expect(page.locator(".row-link")).to_have_count(12)
    expect(page.locator("#facet-status-state")).to_contain_text("Lead")
    expect(page).to_have_url(re.compile(r"\?status=\d+$"))
    inspect(page, "list-facet", widths=(1440, 390))
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Remove filter Status").click()
    expect(page.locator(".row-link")).to_have_count(50)

    page.get_by_role("link", name="Customer name").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Customer name")
    expect(page.locator(".row-link").first).to_have_text("Luleå Energi")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".tablefoot")).to_contain_text("51–60 of 60")
    shown = rows(page)
    address = page.url
    page.locator(".row-link").first.click()
    expect(page).to_have_url(re.compile(r"/acme/customers/\d+/$"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator(".tablefoot")).to_contain_text("51–60 of 60")
    assert rows(page) == shown
    page.go_back()
    expect(page.locator(".tablefoot")).to_contain_text("1–50 of 60")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Customer name")
    page.go_back()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Customer name")

    page.goto(address)
    assert rows(page) == shown


def test_the_order_and_the_size_of_a_page_on_a_phone(
    acme: Tenant, people: dict[str, User], customers: list[str], browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["viewer"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/acme/customers/")
    page.get_by_role("button", name="View").click()
    page.locator("#list-view").get_by_role("link", name="25").click()
    expect(page.locator(".tablefoot")).to_contain_text("1–25 of 60")
    page.get_by_role("button", name="View").click()
    page.locator("#list-view").get_by_role("link", name="Reference").click()
    expect(page.locator(".row-link").first).to_have_text("Alder Works 00")
    expect(page).to_have_url(re.compile(r"sort=reference&size=25$"))


def test_a_malformed_address_says_so(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?page=x&sort=__class__&segment=9e99&responsible_manager=none&kind=company")
    expect(page.locator("#list-said")).to_contain_text("segment = 9e99; sort = __class__; page = x")
    inspect(page, "list-malformed")


def test_by_keyboard(
    acme: Tenant, people: dict[str, User], customers: list[str], browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/")
    links = page.locator(".row-link")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    name = links.nth(0).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.fixture
def browser_context_args(request: pytest.FixtureRequest) -> dict[str, bool]:
    return {"java_script_enabled": "without_scripts" not in request.node.name}


def test_without_scripts(
    acme: Tenant, people: dict[str, User], customers: list[str], browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?sort=-name")
    page.locator("#list-q").fill("alder")
    page.get_by_role("button", name="Status", exact=True).click()
    page.get_by_label("Lead").check()
    page.locator("#facet-status").get_by_role("button", name="Show").click()
    expect(page.locator(".row-link")).to_have_count(12)
    expect(page).to_have_url(re.compile(r"q=alder.*status=\d+.*sort=-name"))
    expect(page.locator(".row-link").first).to_have_text("Alder Works 55")
    page.goto("/acme/customers/")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".row-link")).to_have_count(10)
    page.get_by_role("link", name="First").click()
    expect(page.locator(".row-link")).to_have_count(50)


def test_exporting(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
    tmp_path: Path,
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?sort=-name")
    page.get_by_role("link", name="Export").click()
    inspect(page, "export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "list.csv")
    with open(tmp_path / "list.csv", encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file)]
    assert cells[:3] == ["Customer name", "Luleå Energi", "Börsen-Café"]
    assert cells[-1] == "'=1+1"
    page.get_by_label("Excel (XLSX)").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx").active
    assert sheet
    assert sheet.max_row == 61
    assert sheet.cell(row=2, column=2).value == "0058"


def test_the_dashboard(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/")
    inspect(page, "dashboard")
    page.get_by_text("Show as table").first.click()
    expect(page.get_by_role("cell", name="48")).to_be_visible()
    page.get_by_role("link", name="Lead: 12").click()
    expect(page.locator("#list-said")).to_contain_text("12 customers: status Lead")


def test_an_empty_company(
    acme: Tenant, people: dict[str, User], browse_as: Callable[[User], Page], inspect: Inspect
) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/")
    inspect(page, "dashboard-empty", widths=(1440, 390))
    page.goto("/acme/customers/")
    inspect(page, "list-empty", widths=(1440, 390))
    expect(page.get_by_role("main").get_by_role("link", name="Add customer").last).to_be_visible()
