"""Undoing, as a person does it in a browser: from the message, and from the history."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
Inspect = Callable[..., None]


def name_of(company: Tenant) -> str:
    with tenant(company):
        return Customer.objects.get().name


@pytest.mark.browser_context_args  # the clock of a context stays what it was made
def test_the_message_of_a_save_undoes_it_and_waits_until_one_gets_there(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["agent"])
    page.clock.install()
    page.goto(f"/acme/customers/{alder.pk}/edit/")
    page.get_by_label("Customer name").fill("Birch Bikes")
    page.get_by_label("Customer name").press("Enter")
    message = page.get_by_role("status")
    expect(message).to_contain_text("Birch Bikes was saved.")
    inspect(page, "undo-message")
    page.clock.run_for(60_000)
    button = message.get_by_role("button", name="Undo")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Bikes")
    expect(page.get_by_role("status")).to_have_text(re.compile("Undone: 1 customer"))
    expect(page).to_have_url(re.compile(rf"/acme/customers/{alder.pk}/$"))
    page.clock.run_for(60_000)
    expect(page.get_by_role("status")).not_to_contain_text("Undone")
    assert name_of(acme) == "Alder Bikes"


def test_the_history_offers_to_undo_and_asks_first(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    with tenant(acme), operation("add", by=people["agent"]):
        Customer.objects.bulk_create(Customer(name=f"Birch {n}") for n in range(9))
    with tenant(acme), operation("edit", by=people["manager"]):
        Customer.objects.update(language="de")
    with tenant(acme), operation("edit", by=people["agent"]):
        Customer.objects.filter(name__startswith="Birch").update(language="fr")
    page = browse_as(people["manager"])
    page.goto(f"/acme/customers/{alder.pk}/history/")
    inspect(page, "history-undo")
    page.get_by_role("link", name="Undo what Manager did").first.click()
    expect(page.get_by_role("heading", name="Undo what Manager did?")).to_be_visible()
    main = page.get_by_role("main")
    expect(main).to_contain_text("1 customer goes back to what it was")
    expect(main).to_contain_text("and 4 more")
    inspect(page, "undo")
    main.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Undone: 1 customer went back to what it was. "
        "Kept as they are: Birch 0, Birch 1, Birch 2, Birch 3, Birch 4 (edited since by Agent"
    )
    expect(page).to_have_url(re.compile("/history/$"))
    expect(page.get_by_role("main")).to_contain_text("Undone: Edited")
    inspect(page, "undone-except")


def test_without_javascript(
    acme: Tenant, alder: Customer, people: dict[str, User], browse_as: Browse, live_server: LiveServer
) -> None:
    page = browse_as(people["agent"])
    browser = page.context.browser
    assert isinstance(browser, Browser)
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(f"/acme/customers/{alder.pk}/disable/")
    plain.get_by_label("Reason").fill("Unpaid")
    plain.get_by_role("button", name="Disable customer").click()
    plain.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(plain.get_by_role("status")).to_contain_text("Undone: 1 customer went back to what it was.")
    expect(plain.get_by_role("main")).not_to_contain_text("Disabled by")
    plain.context.close()
