"""The list in a browser: typing, filtering, sorting, paging, going back, without scripts, by keyboard."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, Route, expect

from customers.models import Customer
from history.long import ask_for
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
    expect(page.get_by_role("link", name="Export", exact=True)).to_have_attribute(
        "href", re.compile(r"\?q=lule$")
    )
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
    page.locator("#list-view").get_by_role("button", name="25").click()
    expect(page.locator(".tablefoot")).to_contain_text("1–25 of 60")
    page.get_by_role("button", name="View").click()
    page.locator("#list-view").get_by_role("link", name="Reference").click()
    expect(page.locator(".row-link").first).to_have_text("Alder Works 00")
    expect(page).to_have_url(re.compile(r"\?sort=reference$"))
    page.goto("/acme/customers/")
    expect(page.locator(".tablefoot")).to_contain_text("1–25 of 60")


def test_paging_by_keyboard_keeps_the_focus(
    acme: Tenant, people: dict[str, User], customers: list[str], browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?size=25")
    following = page.get_by_role("link", name="Next")
    following.press("Enter")
    expect(page.locator(".tablefoot")).to_contain_text("26–50 of 60")
    expect(following).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".tablefoot")).to_contain_text("51–60 of 60")
    expect(page.locator("#results")).to_be_focused()  # there is no next page


def test_a_malformed_address_says_so(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?page=x&sort=__class__&segment=9e99&responsible_manager=none&kind=company")
    expect(page.locator("#list-said")).to_contain_text("Segment = 9e99; sort = __class__; page = x")
    inspect(page, "list-malformed")


def test_a_filter_that_is_taken_away_by_keyboard_leaves_the_focus_at_its_pill(
    acme: Tenant, people: dict[str, User], customers: list[str], browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?status=none&kind=company")
    page.get_by_role("link", name="Remove filter Status").press("Enter")
    expect(page).to_have_url(re.compile(r"\?kind=company$"))
    expect(page.get_by_role("button", name="Status", exact=True)).to_be_focused()
    page.get_by_role("link", name="Remove filter Kind").press("Enter")  # shown while it is set only
    expect(page.locator(".row-link")).to_have_count(50)
    expect(page.locator("#main")).to_be_focused()


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


@pytest.mark.browser_context_args(java_script_enabled=False)
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
    page.get_by_role("link", name="Export", exact=True).click()
    inspect(page, "export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "list.csv")
    with open(tmp_path / "list.csv", encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file)]
    assert cells[:3] == ["Customer name", "Luleå Energi", "Börsen-Café"]
    assert cells[-1] == "'=1+1"
    page.goto("/acme/customers/export/?sort=-name")  # the dialog is closed by now; the same as a page
    page.get_by_label("Excel (XLSX)").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx").active
    assert sheet
    assert sheet.max_row == 61
    assert sheet.cell(row=2, column=3).value == "0058"


def test_the_dashboard(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    inspect: Inspect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("customers.dashboard.COUNTED", 10)
    with tenant(acme):
        waiting = ask_for("bulk_edit", by=people["agent"], total=200, summary="Status of 200 customers")
        waiting.begin()
        waiting.position = 50
        waiting.save_progress()
    page = browse_as(people["manager"])
    page.goto("/acme/")
    expect(page.get_by_role("progressbar", name="Status of 200 customers")).to_have_attribute("value", "25")
    expect(page.get_by_role("group", name="By status")).to_be_visible()
    inspect(page, "dashboard")
    with tenant(acme):
        waiting.end("done")
        waiting.save_progress()
    expect(page.get_by_role("heading", name="Running")).to_be_hidden()
    by_status = page.locator(".card", has=page.get_by_role("heading", name="By status"))
    by_status.get_by_text("Show as table").click()
    expect(by_status.get_by_role("cell", name="48")).to_be_visible()
    by_status.get_by_role("link", name="Lead: 12").click()
    expect(page.locator("#list-said")).to_contain_text("12 customers: status Lead")
    page.goto("/acme/")
    expect(page.get_by_text("Counting")).to_have_count(0)  # known by now
    page.get_by_role("link", name=re.compile(r"20\d\d: 60$")).click()
    expect(page.locator("#list-said")).to_contain_text("60 customers: added from")


def test_an_empty_company(
    acme: Tenant, people: dict[str, User], browse_as: Callable[[User], Page], inspect: Inspect
) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/")
    inspect(page, "dashboard-empty", widths=(1440, 390))
    page.goto("/acme/customers/")
    inspect(page, "list-empty", widths=(1440, 390))
    expect(page.get_by_role("main").get_by_role("link", name="Add customer").last).to_be_visible()


def test_the_exact_total_comes_after_the_page(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lists.matches.COUNTED", 10)
    page = browse_as(people["viewer"])
    page.goto("/acme/customers/?size=25")
    expect(page.locator("#list-said")).to_contain_text("More than 10 customers. Sorted by")
    expect(page.locator("#list-said")).to_contain_text(re.compile(r"^\s*60 customers\. Sorted by"))
    expect(page.locator(".tablefoot")).to_contain_text("1–25 of 60")
    page.get_by_role("searchbox", name="Search customers", exact=True).fill("alder")
    expect(page.locator("#list-said")).to_contain_text("57 customers: containing “alder”")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".tablefoot")).to_contain_text("26–50 of 57")


HELD_BACK = re.compile(r"/count/\?(size=|q=alder&)")


@pytest.mark.parametrize(
    ("query", "typed", "words", "of"),
    [
        ("?q=alder&size=25", "luleå", "1 customer:", "1 of 1"),
        ("?size=25", "works", "57 customers:", "1–25 of 57"),
    ],
)
def test_a_total_that_comes_late_is_put_into_no_other_list(
    acme: Tenant,
    people: dict[str, User],
    customers: list[str],
    browse_as: Callable[[User], Page],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    typed: str,
    words: str,
    of: str,
) -> None:
    monkeypatch.setattr("lists.matches.COUNTED", 20)
    page = browse_as(people["viewer"])
    held: list[Route] = []
    page.route(HELD_BACK, lambda route: held.append(route))
    with page.expect_request(HELD_BACK):
        page.goto(f"/acme/customers/{query}")
    page.get_by_role("searchbox", name="Search customers", exact=True).fill(typed)
    for place, text in (("#list-said", words), (".tablefoot", of)):
        expect(page.locator(place)).to_contain_text(text)
    with page.expect_response(HELD_BACK) as answered:
        held.pop().continue_()
    answered.value.finished()
    page.evaluate("new Promise(requestAnimationFrame)")
    for place, text in (("#list-said", words), (".tablefoot", of)):
        expect(page.locator(place)).to_contain_text(text)
