"""Selecting rows in a browser: by mouse and keyboard, over pages, all that match; in a dialog, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Customer
from history.operations import operation
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)

Inspect = Callable[..., None]
ROWS = 60
# The links of the rows that are behind the bar when they have the focus
COVERED = """[...document.querySelectorAll("tbody a")].filter((link) => {
  link.focus();
  const box = link.getBoundingClientRect();
  return document.elementFromPoint(box.x + 4, box.y + box.height / 2)?.closest(".bulkbar");
}).map((link) => link.textContent)"""


@pytest.fixture
def customers(acme: Tenant, people: dict[str, User]) -> None:
    """Sixty customers; every fifth is a lead."""
    with tenant(acme), operation("add", by=people["agent"]):
        statuses: dict[str, Any] = {status.name: status for status in Status.objects.all()}
        Customer.objects.bulk_create(
            Customer(
                name=f"Alder Works {number:02}",
                status=statuses["Lead" if number % 5 == 0 else "Active"],
                segment=Segment.default(),
            )
            for number in range(ROWS)
        )


def leads(company: Tenant) -> int:
    with tenant(company):
        return int(Customer.objects.filter(status__name="Lead").count())


def box(page: Page, number: int) -> Any:
    return page.get_by_label(f"Select Alder Works {number:02}")


def ticked(page: Page) -> list[int]:
    found = page.locator("input[name=selected]:checked").evaluate_all("all => all.map(box => box.ariaLabel)")
    return [int(label[-2:]) for label in found]


def test_selecting_over_pages_and_changing_what_is_selected(
    acme: Tenant,
    people: dict[str, User],
    customers: None,
    browse_as: Callable[[User], Page],
    inspect: Inspect,
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    page.get_by_role("link", name="Bulk edit").click()
    expect(page).to_have_url(re.compile(r"\?select=1$"))
    bar = page.get_by_role("region", name="Actions for the selected customers")
    expect(bar).to_be_hidden()

    box(page, 2).click()
    box(page, 5).click(modifiers=["Shift"])
    assert ticked(page) == [2, 3, 4, 5]
    expect(bar).to_contain_text("4 selected")
    box(page, 4).focus()
    page.keyboard.press("x")
    assert ticked(page) == [2, 3, 5]
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert ticked(page) == [2, 3]
    inspect(page, "list-bulk")
    assert page.evaluate(COVERED) == []

    page.get_by_role("link", name="Next").click()
    expect(page.locator("input[name=selected]")).to_have_count(10)
    expect(bar).to_contain_text("2 selected, 2 not on this page")
    box(page, 50).click()
    page.get_by_role("searchbox", name="Search customers").last.fill("works 03")
    expect(page.locator("input[name=selected]")).to_have_count(1)
    assert ticked(page) == [3]
    expect(bar).to_contain_text("3 selected, 2 not on this page")

    bar.get_by_role("button", name="Status").click()
    dialog = page.get_by_role("dialog", name="Set the status of 3 customers")
    dialog.get_by_label("Status").select_option("Lead")
    expect(dialog.get_by_role("status")).to_have_text(
        re.compile(r"^\s*Will change\s*2\s+Have it already\s*1\s*$")
    )
    inspect(page, "list-bulk-dialog")
    dialog.get_by_role("button", name="Set status").click()
    expect(page.locator(".toast")).to_contain_text("Status set to Lead for 2 customers. 1 had it already.")
    expect(page).to_have_url(re.compile(r"\?q=works\+03&select=1$"))
    assert leads(acme) == ROWS / 5 + 2
    assert ticked(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Undone: 2 customers went back to what they were.")
    assert leads(acme) == ROWS / 5


def test_selecting_by_keyboard_alone(
    acme: Tenant, people: dict[str, User], customers: None, browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(r"\?select=1$"))
    expect(box(page, 1)).to_be_checked()
    expect(page.get_by_role("link", name="Alder Works 01")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert ticked(page) == [1, 2, 3, 4]


def test_all_that_match_and_putting_the_selection_away(
    acme: Tenant, people: dict[str, User], customers: None, browse_as: Callable[[User], Page]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?select=1")
    bar = page.get_by_role("region", name="Actions for the selected customers")
    everything = page.get_by_label("Select all 60 customers")
    expect(everything).to_be_hidden()
    page.get_by_label("Select the whole page").click()
    expect(page.get_by_text("All 50 on this page are selected.")).to_be_visible()
    everything.click()
    expect(bar).to_contain_text("60 selected")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("input[name=selected]:checked")).to_have_count(10)
    expect(bar).to_contain_text("60 selected")
    bar.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete 60 customers?")).to_contain_text("Will be deleted")
    page.keyboard.press("Escape")
    expect(bar.get_by_role("button", name="Delete")).to_be_focused()
    bar.get_by_role("button", name="Export").click()
    expect(page.get_by_role("dialog", name="Export customers")).to_contain_text("60 customers")
    page.keyboard.press("Escape")
    box(page, 55).click()
    expect(bar).to_contain_text("59 selected")
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("input[name=selected]:checked")).to_have_count(50)
    expect(bar).to_contain_text("59 selected")
    bar.get_by_role("button", name="Export").click()
    expect(page.get_by_role("dialog", name="Export customers")).to_contain_text("59 customers; without 1")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox", name="Search customers").last.fill("works 03")
    expect(page.get_by_text("the selection of all that matched is gone")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(bar).to_be_hidden()
    page.get_by_role("searchbox", name="Search customers").last.fill("")
    expect(page.locator("input[name=selected]")).to_have_count(50)
    box(page, 2).click()
    expect(bar).to_contain_text("1 selected")
    bar.get_by_role("button", name="Clear the selection").click()
    expect(bar).to_be_hidden()
    assert ticked(page) == []
    page.get_by_role("link", name="Done").click()
    expect(page.locator("input[name=selected]")).to_have_count(0)

    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/acme/customers/?select=1")
    page.get_by_label("Whole page", exact=True).click()
    expect(page.get_by_label("Select all 60 customers")).to_be_visible()
    for _ in range(14):  # the tenth row begins below what is to be seen
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const focus = document.activeElement.getBoundingClientRect();
                const bar = document.querySelector(".bulkbar").getBoundingClientRect();
                return !document.activeElement.matches(".table-scroll, .bulkbar *") && focus.bottom > bar.top;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


def test_without_scripts(
    acme: Tenant,
    people: dict[str, User],
    customers: None,
    browser: Browser,
    browse_as: Callable[[User], Page],
    live_server: LiveServer,
) -> None:
    cookies = browse_as(people["manager"]).context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]  # as it gave them
    page = context.new_page()
    page.goto("/acme/customers/?sort=-name")
    page.get_by_role("link", name="Bulk edit").click()
    for number in (58, 55):
        box(page, number).click()
    page.get_by_role("button", name="Status").last.click()
    expect(page.get_by_role("heading", name="Set the status of 2 customers")).to_be_visible()
    page.get_by_role("combobox", name="Status").select_option("Lead")
    page.get_by_role("button", name="Show how many").click()
    assert page.locator(".bulk-numbers").inner_text().split() == [
        "Will",
        "change",
        "1",
        "Have",
        "it",
        "already",
        "1",
    ]
    page.get_by_role("button", name="Set status").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name&select=1$"))
    expect(page.get_by_role("status").first).to_contain_text("Status set to Lead for 1 customer.")
    assert leads(acme) == ROWS / 5 + 1
    page.get_by_label("Select all 60 customers").click()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("heading", name="Enable 60 customers?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"\?sort=-name&select=1$"))
