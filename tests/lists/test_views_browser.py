"""Saved views in a browser, with scripts and without."""

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


def test_a_long_name_leaves_room_for_the_number_beside_it(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/lists/customers/views/add/?q=alder")
    page.get_by_label("Name").fill("Active companies without any contact at all, by their names")
    page.get_by_role("button", name="Save view").click()
    number = page.get_by_role("navigation", name="Main").locator(".nav-count", has_text="1")
    expect(number).to_be_visible()
    place, room = number.bounding_box(), page.locator(".sidebar").bounding_box()
    assert place
    assert room
    assert place["x"] + place["width"] <= room["x"] + room["width"]


def test_a_view_is_saved_in_a_dialog_opened_changed_and_deleted(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer, inspect: Callable[..., None]
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/?responsible_manager=me")
    page.get_by_role("button", name="View").click()
    page.get_by_role("link", name="Save view…").click()
    dialog = page.get_by_role("dialog", name="Save this list as a view")
    expect(dialog.get_by_label("Name")).to_be_focused()
    inspect(page, "view-save", widths=(1440, 390))
    page.keyboard.type("My customers")
    dialog.get_by_title("Amber").click()
    dialog.get_by_label("Share with everybody").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The view “My customers” is saved.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My customers")
    entry = page.get_by_role("navigation", name="Main").get_by_role("link", name="My customers")
    expect(entry).to_have_attribute("aria-current", "true")
    expect(entry.locator(".nav-count")).to_have_text("1")

    page.locator("#list-q").fill("alder")
    state = page.locator(".view-state")
    expect(state).to_contain_text("Not as saved in “My customers”")
    inspect(page, "view-edited")
    state.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“My customers” now shows this list.")).to_be_visible()
    expect(page.locator("#list-q")).to_have_value("alder")
    expect(state).to_have_count(0)

    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("button", name="Open with this view").click()
    expect(page.get_by_text("open with “My customers” for you now")).to_be_visible()
    with page.expect_navigation(url=re.compile(r"q=alder.*&view=\d+$")):
        page.get_by_role("link", name="Customers", exact=True).first.click()
    page.get_by_role("link", name="All customers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")

    page.goto("/acme/lists/customers/views/")
    inspect(page, "views")
    page.get_by_role("button", name="More for My customers").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
    expect(page.get_by_text("No saved views yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("table").get_by_role("link", name="My customers")).to_be_visible()
    page.get_by_role("button", name="More for My customers").click()
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", name="Edit view")).to_be_visible()
    inspect(page, "view-edit", widths=(1440, 390))


def test_the_numbers_of_rows_are_those_of_the_views_that_are_there(
    browse_as: BrowseAs, people: dict[str, User], alder: Customer
) -> None:
    page = browse_as(people["manager"])
    places = page.get_by_role("navigation", name="Main").locator(".nav-count")

    def save(name: str) -> None:
        page.goto("/acme/lists/customers/views/add/?q=alder")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save view").click()

    save("First")
    expect(places).to_have_text(["1"])
    save("Second")
    expect(places).to_have_text(["1", "1"])
    page.goto("/acme/lists/customers/views/")
    page.get_by_role("button", name="More for First").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
    expect(page.get_by_text("The view “First” is deleted.")).to_be_visible()
    expect(places).to_have_text(["1"])


def test_without_scripts_a_view_is_saved_and_opened_on_pages(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    people: dict[str, User],
    alder: Customer,
) -> None:
    context: Any = new_context(base_url=live_server.url, java_script_enabled=False)
    page: Page = context.new_page()
    page.goto("/accounts/login/?next=/acme/customers/%3Fq=alder")
    page.fill("input[type=email]", people["agent"].email)
    page.fill("input[type=password]", "correct horse battery")
    page.click("form button.btn-primary")
    page.get_by_role("link", name="Save as view").click()
    page.get_by_label("Name").fill("Alders")
    page.get_by_role("button", name="Save view").click()
    page.get_by_role("link", name="Contacts").click()
    page.get_by_role("link", name="Alders").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alders")
    page.locator("#list-q").fill("birch")
    page.get_by_role("button", name="Show").first.click()
    expect(page.get_by_text("Not as saved in “Alders”")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“Alders” now shows this list.")).to_be_visible()
