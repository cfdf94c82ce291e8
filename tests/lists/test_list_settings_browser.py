"""Choosing columns and filters in a browser, with scripts and without."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Customer
from tenants.models import User
from tests.customers.conftest import alder

__all__ = ["alder"]

BrowseAs = Callable[[User], Page]


def columns(page: Page) -> list[str]:
    return page.locator("thead th").all_inner_texts()


def test_columns_are_chosen_and_put_in_order(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/")
    page.get_by_role("button", name="View").click()
    page.get_by_role("link", name="Columns, density").click()
    expect(page.get_by_role("heading", name="Columns", level=1)).to_be_visible()
    inspect(page, "list-columns")
    page.get_by_role("checkbox", name="Segment").uncheck()
    up = page.get_by_role("button", name="Move Reference up")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(page.locator("[data-ordered-said]")).to_have_text("Reference is now number 2.")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved for you")).to_be_visible()
    shown = columns(page)
    assert shown[:3] == ["Customer name", "Reference", "Status"]
    assert "Segment" not in shown
    expect(page.locator("table[data-density=compact]")).to_be_visible()
    inspect(page, "list-compact")


def test_a_column_is_dragged_to_its_place(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/lists/customers/columns/")
    items = page.locator("[data-ordered] [data-item]")
    page.get_by_role("checkbox", name="Kind").check()
    page.locator("[data-item]", has_text="Kind").drag_to(items.first, target_position={"x": 20, "y": 4})
    expect(page.locator("[data-ordered-said]")).to_have_text("Kind is now number 2.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved for you")).to_be_visible()
    assert columns(page)[:3] == ["Customer name", "Kind", "Status"]


def test_filters_are_chosen(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/lists/customers/filters/")
    inspect(page, "list-filters")
    page.get_by_role("checkbox", name="Kind").check()
    page.get_by_role("checkbox", name="Segment").uncheck()
    page.get_by_role("button", name="Save").click()
    bar = page.locator("#filters")
    expect(bar.get_by_role("button", name="Kind")).to_be_visible()
    expect(bar.get_by_role("button", name="Segment")).to_be_hidden()


def test_a_filter_that_was_put_away_shows_while_it_is_set(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/?kind=company")
    pill = page.locator("#filters").get_by_role("button", name="Kind", exact=False).first
    expect(pill).to_be_visible()
    page.locator("#list-q").fill("alder")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(pill).to_be_visible()


def test_without_scripts_columns_are_put_in_order_too(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    people: dict[str, User],
    alder: Customer,
) -> None:
    context: Any = new_context(base_url=live_server.url, java_script_enabled=False)
    page: Page = context.new_page()
    page.goto("/accounts/login/?next=/acme/lists/customers/columns/")
    page.fill("input[type=email]", people["agent"].email)
    page.fill("input[type=password]", "correct horse battery")
    page.click("form button.btn-primary")
    page.get_by_role("checkbox", name="Kind").check()
    page.get_by_role("button", name="Move Reference up").click()
    expect(page.get_by_role("checkbox", name="Kind")).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).last.click()
    heads = page.locator("thead th")
    for place, name in enumerate(("Customer name", "Reference", "Status")):
        expect(heads.nth(place)).to_have_text(name)
    expect(heads.filter(has_text="Kind")).to_be_visible()


def test_a_filter_is_added_without_leaving_the_list(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["agent"])
    page.goto("/acme/customers/")
    page.get_by_role("searchbox", name="Search customers").fill("alder")
    expect(page).to_have_url(re.compile(r"\?q=alder"))
    page.get_by_role("button", name="Add filter").focus()
    page.keyboard.press("Enter")
    inspect(page, "list-filter-add")
    page.get_by_role("button", name="Phone", exact=True).click()
    expect(page.locator("#filters").get_by_role("button", name="Phone", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=alder"))
