"""The jump box as people use it: from any page, without the mouse, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import add_customers

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[[User], Page]


def test_a_customer_is_jumped_to_from_another_page(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Callable[..., None]
) -> None:
    add_customers(acme, *(f"Alder {number:02} & Partners" for number in range(14)), reference="")
    (gone,) = add_customers(acme, "Birch", email="alder@birch.example", kind="individual")
    with tenant(acme), operation("disable", by=people["agent"]):
        gone.disable(by=people["agent"], reason="")
    page = browse_as(people["agent"])
    page.goto("/acme/customers/add/")
    page.keyboard.press("Control+k")
    box, field = (
        page.get_by_role("dialog", name="Jump to a customer"),
        page.get_by_role("combobox", name="Jump to"),
    )
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("alder")
    options = box.get_by_role("option")
    expect(options).to_have_count(11)
    expect(options.last).to_have_text("Search all customers for “alder”")
    expect(page.locator("#jump-said")).to_have_text("10 customers")
    expect(field).to_have_attribute("aria-activedescendant", "jump-1")
    for key, chosen in [("ArrowDown", "jump-2"), ("ArrowUp", "jump-1"), ("ArrowUp", "jump-all")]:
        page.keyboard.press(key)
        expect(field).to_have_attribute("aria-activedescendant", chosen)
        expect(page.locator('[aria-selected="true"]')).to_have_id(chosen)
    inspect(page, "jump")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/acme/customers/\?q=alder$"))
    expect(box).to_be_hidden()
    # Faster than the answer: Enter waits for it.
    page.keyboard.press("Meta+k")
    page.keyboard.type("birch")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/acme/customers/{gone.pk}/$"))
    expect(page.get_by_role("heading", name="Birch", level=1)).to_be_visible()
    # Escape closes, the focus goes back, and what was typed is still there to be typed over.
    opener = page.get_by_role("button", name="Search customers")
    opener.click()
    page.keyboard.type("nobody at all")
    expect(box).to_contain_text("No customer has “nobody at all” in its name")
    inspect(page, "jump-none", widths=(1440, 390))
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("alder 03")
    expect(options.first).to_contain_text("Alder 03 & Partners")
    options.first.click()
    expect(page.get_by_role("heading", name="Alder 03 & Partners", level=1)).to_be_visible()


def test_on_a_phone_the_magnifier_opens_it(acme: Tenant, people: dict[str, User], browse_as: Browse) -> None:
    add_customers(acme, "Alder")
    page = browse_as(people["viewer"])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/acme/")
    page.get_by_role("link", name="Search customers").click()
    page.keyboard.type("al")
    page.get_by_role("option", name="Alder").click()
    expect(page.get_by_role("heading", name="Alder", level=1)).to_be_visible()
