"""An admin keeps the list of segments in a browser; and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tenants.models import Tenant, User
from tests.marketing.test_entries import entry_called, names, use

Browse = Callable[[User], Page]
ADDRESS = "/acme/settings/segments/"


def test_keeping_the_list_of_segments(
    browse_as: Browse, inspect: Callable[..., None], acme: Tenant, people: dict[str, User]
) -> None:
    use(acme, people["owner"], entry_called(acme, "Mid-market"), times=2)
    page = browse_as(people["admin"])
    page.goto(ADDRESS)
    page.get_by_label("Name").fill("enterprise")
    page.get_by_role("button", name="Add segment").click()
    expect(page.get_by_role("alert")).to_contain_text("There is “Enterprise” already.")
    inspect(page, "segments-refused", widths=(390,))

    page.get_by_label("Name").fill("Wholesale")
    page.get_by_role("radio", name="Purple").check()
    page.get_by_role("button", name="Add segment").click()
    expect(page.get_by_role("status")).to_contain_text("Wholesale is added.")
    up = page.get_by_role("button", name="Move Wholesale up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").nth(4)).to_contain_text("Wholesale")
    expect(page.get_by_role("button", name="Move Wholesale up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").nth(3)).to_contain_text("Wholesale")
    assert names(acme)[2] == "Wholesale"

    page.get_by_role("button", name="More for Small business").click()
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_role("status")).to_contain_text("Small business is retired.")
    inspect(page, "segments")
    page.get_by_role("button", name="More for Mid-market").click()
    inspect(page, "segments-menu", widths=(1440, 320))
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("Mid-market is used by 2 customers")
    inspect(page, "segment-in-use", widths=(1440, 320))
    page.get_by_role("link", name="Back to segments").click()
    page.get_by_role("button", name="More for Private").click()
    page.get_by_role("link", name="Delete").click()
    inspect(page, "segment-delete", widths=(390,))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("Private is deleted.")
    page.get_by_role("link", name="Enterprise", exact=True).click()
    inspect(page, "segment-edit", widths=(1440, 320))
    page.get_by_label("Name").fill("Corporations")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Corporations is saved.")
    assert names(acme) == ["Mid-market", "Wholesale", "Corporations"]


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_list_works_without_scripts(
    browse_as: Browse, context: BrowserContext, acme: Tenant, people: dict[str, User]
) -> None:
    page = browse_as(people["admin"])
    page.goto(ADDRESS)
    expect(page.locator("html.js")).to_have_count(0)
    page.get_by_role("button", name="Move Private up").click()
    assert names(acme)[2] == "Private"
    page.get_by_role("button", name="More for Private").click()
    page.get_by_role("button", name="Make default").click()
    expect(page.get_by_role("row", name="Private")).to_contain_text("Default")
