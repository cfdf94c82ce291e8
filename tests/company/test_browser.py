"""The company's settings in a browser: profile, people, handing over."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tenants.models import Tenant, User
from tests.company.test_remove_member import give_customers, is_member, managers
from tests.company.test_roles import member

Browse = Callable[[User], Page]


def test_changing_the_company_profile(
    browse_as: Browse, inspect: Callable[..., None], acme: Tenant, people: dict[str, User]
) -> None:
    page = browse_as(people["admin"])
    page.goto("/acme/settings/")
    inspect(page, "company")
    link = page.get_by_label("Link to your CRM")
    link.fill("https://crm.example/accounts/{reference}")
    expect(page.get_by_role("link", name="https://crm.example/accounts/C-1001")).to_be_visible()
    link.fill("crm")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Link to your CRM")
    inspect(page, "company-refused", widths=(390,))
    page.get_by_label("Link to your CRM").fill("https://crm.example/accounts/{reference}")
    page.get_by_role("combobox", name="Currency").fill("euro")
    page.get_by_role("option", name="EUR – Euro").click()
    page.get_by_label("Responsible manager").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The company profile is saved.")
    acme.refresh_from_db()
    assert acme.currency == "EUR"
    assert acme.mandatory_fields == ["name", "segment", "status", "channel"]
    expect(page.get_by_text("Currency: USD → EUR")).to_be_visible()


def test_inviting_appointing_and_removing_people(
    browse_as: Browse, inspect: Callable[..., None], acme: Tenant, people: dict[str, User]
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["agent"])
    page = browse_as(people["owner"])
    page.goto("/acme/settings/people/")
    page.get_by_label("E-mail").fill("viewer@acme.example")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_contain_text("is a member already")
    inspect(page, "people-refused", widths=(390,))
    page.get_by_label("E-mail").fill("new@acme.example")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("new@acme.example is invited.")
    inspect(page, "people")
    page.get_by_role("button", name="Send again to new@acme.example").click()
    expect(page.get_by_role("status")).to_contain_text("gets a new link")
    page.get_by_role("button", name="Withdraw the invitation of new@acme.example").click()
    expect(page.get_by_text("No invitation is open.")).to_be_visible()

    page.get_by_role("link", name="Change role of Viewer").click()
    inspect(page, "role", widths=(1440, 320))
    page.get_by_role("radio", name="Agent").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Viewer is an agent now.")

    page.get_by_role("link", name="Remove Agent").click()
    inspect(page, "remove-member")
    for label in ("Customers as responsible manager: 3", "Customers as service manager: 3"):
        page.get_by_role("combobox", name=label).fill("manager")
        page.get_by_role("option", name="Manager (manager@acme.example)").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("Agent is removed.")
    assert not is_member(acme, people["agent"])
    assert managers(acme, "service_manager") == {member(acme, people["manager"]).pk}


def test_leaving_the_company(
    browse_as: Browse, inspect: Callable[..., None], acme: Tenant, people: dict[str, User]
) -> None:
    page = browse_as(people["owner"])
    page.goto("/acme/settings/people/leave/")
    expect(page.get_by_role("alert")).to_contain_text("You are the only owner")
    inspect(page, "leave-last-owner", widths=(390,))
    page = browse_as(people["viewer"])
    page.goto("/acme/settings/people/leave/")
    page.get_by_role("button", name="Viewer").click()
    page.get_by_role("link", name="Leave Acme").click()
    inspect(page, "leave", widths=(390,))
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You have left Acme.")).to_be_visible()
    assert not is_member(acme, people["viewer"])
