"""Where things are on the screen, as the requirements ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from customers.models import Customer
from tenants.models import Tenant, User
from tests.customers.customers import add_customers

Page = Any  # an element of lxml, which has no types


@pytest.fixture
def manager(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


@pytest.fixture
def alder(acme: Tenant, people: dict[str, User]) -> Customer:
    return add_customers(acme, "Alder Bikes", "Birch Foods", by=people["manager"])[0]


def show(client: Client, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def words(element: Page) -> str:
    return " ".join(element.text_content().split())


def link_to(page: Page, href: str, within: str = "") -> Page:
    """The first link to that address inside the element that the XPath `within` finds."""
    links: list[Page] = page.xpath(f"{within}//a[@href='{href}']")
    assert links, f"no link to {href} in {within or 'the page'}"
    return links[0]


def test_customers_is_in_the_main_menu_under_a_heading_of_that_name(manager: Client, acme: Tenant) -> None:
    page = show(manager, "/acme/")
    link = link_to(page, "/acme/customers/", "//nav[@aria-label='Main']")
    assert words(link) == "Customers"
    assert words(link.xpath("ancestor::ul/preceding-sibling::h2[1]")[0]) == "Customers"


def test_the_list_shows_all_customers_each_leading_to_its_profile(manager: Client, alder: Customer) -> None:
    page = show(manager, "/acme/customers/")
    assert words(link_to(page, f"/acme/customers/{alder.pk}/", "//table")) == "Alder Bikes"
    assert page.xpath("//table//a[contains(., 'Birch Foods')]")


def test_add_customer_is_at_the_top_right_of_the_list(manager: Client, acme: Tenant) -> None:
    page = show(manager, "/acme/customers/")
    actions = "//header[contains(@class, 'page-head')]//div[contains(@class, 'page-actions')]"
    assert words(link_to(page, "/acme/customers/add/", actions)) == "Add customer"


def test_the_form_begins_with_the_name_and_ends_with_save(manager: Client, acme: Tenant) -> None:
    page = show(manager, "/acme/customers/add/")
    fields = page.xpath("//main//form//*[self::input or self::select][@name and not(@type='hidden')]/@name")
    assert fields[0] == "name"
    assert {"reference", "email", "phone", "segment", "status", "channel"} <= set(fields)
    assert {"kind", "responsible_manager", "service_manager"} <= set(fields)
    assert words(page.xpath("//main//form//button")[-1]) == "Save"


def test_a_profile_opens_on_its_home_tab_beside_marketing_and_history(
    manager: Client, alder: Customer
) -> None:
    tabs = show(manager, f"/acme/customers/{alder.pk}/").xpath("//nav[contains(@class, 'tabs')]//a")
    assert [words(tab) for tab in tabs] == ["Home", "Contacts & addresses0", "Marketing", "History"]
    assert [tab.get("aria-current") for tab in tabs] == ["page", None, None, None]


def test_edit_is_in_the_left_section_beside_name_and_reference(manager: Client, alder: Customer) -> None:
    page = show(manager, f"/acme/customers/{alder.pk}/")
    left = (
        "//div[contains(@class, 'record-main')]//section[.//dt[.='Customer name'] and .//dt[.='Reference']]"
    )
    assert words(link_to(page, f"/acme/customers/{alder.pk}/edit/", left)) == "Edit"


def test_disable_is_red_and_apart_from_delete(manager: Client, alder: Customer) -> None:
    page = show(manager, f"/acme/customers/{alder.pk}/")
    disable = link_to(page, f"/acme/customers/{alder.pk}/disable/", "//header")
    assert words(disable) == "Disable"
    assert "btn-danger" in disable.get("class", "")


def test_delete_customer_is_in_the_menu_behind_three_dots_at_the_top_right(
    manager: Client, alder: Customer
) -> None:
    page = show(manager, f"/acme/customers/{alder.pk}/")
    delete = link_to(page, f"/acme/customers/{alder.pk}/delete/", "//header")
    assert words(delete) == "Delete customer…"
    [menu] = delete.xpath("ancestor::*[@popover]")
    [button] = page.xpath(f"//button[@popovertarget='{menu.get('id')}']")
    assert button.get("aria-label") == "More actions"
    assert button.xpath("ancestor::*[contains(@class, 'page-actions')]")


def test_the_delete_page_says_that_it_is_final_and_what_disabling_is_instead(
    manager: Client, alder: Customer
) -> None:
    text = words(show(manager, f"/acme/customers/{alder.pk}/delete/").xpath("//main")[0])
    assert "permanent" in text.lower() or "for good" in text.lower() or "final" in text.lower(), text
    assert "disable" in text.lower(), text


def test_filters_are_applied_with_show(manager: Client, alder: Customer) -> None:
    page = show(manager, "/acme/customers/?q=alder")
    assert [words(button) for button in page.xpath("//form[@id='filters']//button")].count("Show") >= 1
    assert page.xpath("//table//a[contains(., 'Alder Bikes')]")
    assert not page.xpath("//table//a[contains(., 'Birch Foods')]")
