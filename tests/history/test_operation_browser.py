"""The page of a long operation, as a person watches it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from customers.models import Customer
from history.long import ask_for, carry_on
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)

Browse = Callable[[User], Page]
Inspect = Callable[..., None]


def rename(running: Operation) -> bool:
    """A hundred customers at a time."""
    place = running.position
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[place : place + 100])
    for row in Customer.objects.filter(pk__in=ids):
        row.language = "de"
        row.save()
    running.position += len(ids)
    running.counts = {"changed": running.position}
    return running.position < 300


def test_its_progress_is_watched_it_is_cancelled_and_undone(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    with tenant(acme):
        with operation("import", by=people["manager"]):
            Customer.objects.bulk_create(Customer(name=f"Alder {n:03}") for n in range(300))
        asked = ask_for("bulk_edit", by=people["manager"], total=300, summary="Language: German")
    page = browse_as(people["manager"])
    page.goto(f"/acme/operations/{asked.pk}/")
    expect(page.get_by_text("as soon as a worker is free")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Editing in bulk")

    def one_batch(running: Operation) -> bool:
        more = rename(running)
        running.ask_to_stop()
        return more

    carry_on(acme.pk, asked.pk, one_batch)
    expect(page.get_by_text("Cancelled after 100 of 300")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Edited in bulk")
    inspect(page, "operation-cancelled")
    page.get_by_role("link", name="Undo").click()
    expect(page.get_by_text("100 customers go back to what they were")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    said = "Undone: 100 customers went back to what they were."
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("by Manager"))).to_be_visible()
    with tenant(acme):
        assert not Customer.objects.filter(language="de").exists()
    page.get_by_role("link", name="Activity").click()
    expect(page.get_by_role("link", name=re.compile("Undone"))).to_be_visible()
    inspect(page, "activity")


def test_all_its_rows_and_all_that_its_undo_kept_are_looked_through(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    with tenant(acme):
        with operation("import", by=people["manager"]):
            Customer.objects.bulk_create(
                Customer(name=f"Alder {n:03}", email=f"a{n}@alder.example") for n in range(120)
            )
        with operation("bulk_edit", by=people["manager"]) as done:
            Customer.objects.update(language="de", website="https://alder.example")
        ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[:70])
        with operation("edit", by=people["agent"]):
            Customer.objects.filter(pk__in=ids).update(language="fr")
    page = browse_as(people["manager"])
    page.goto(f"/acme/operations/{done.pk}/")
    page.get_by_role("link", name="and 70 more").click()
    expect(page.get_by_role("link", name="Alder 050")).to_be_visible()
    expect(page.get_by_text("German").first).to_be_visible()
    inspect(page, "operation-rows")
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("link", name="Alder 000")).to_be_visible()
    page.goto(f"/acme/operations/{done.pk}/undo/")
    page.get_by_role("link", name="and 65 more").click()
    expect(page.get_by_text("Alder 005: edited since by Agent")).to_be_visible()
    inspect(page, "undo-kept")
    page.get_by_role("button", name="Undo").click()
    inspect(page, "undone-with-kept")
    page.get_by_role("link", name="All that were kept").click()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("link", name="Alder 069")).to_be_visible()
    inspect(page, "operation-kept")
    page.get_by_role("link", name="Undone").click()
    expect(page.get_by_role("link", name="and 20 more")).to_be_visible()
    inspect(page, "operation-undo")


def test_its_page_waits_for_a_server_that_does_not_answer(
    acme: Tenant, people: dict[str, User], browse_as: Browse
) -> None:
    with tenant(acme):
        asked = ask_for("bulk_edit", by=people["manager"], total=300, summary="Language: German")
    # A page of its own: the browser's console tells of what fails.
    page = browse_as(people["manager"]).context.new_page()
    page.goto(f"/acme/operations/{asked.pk}/")
    said = page.get_by_text("The server does not answer.")
    waiting = page.get_by_text("as soon as a worker is free")

    page.context.set_offline(True)
    expect(said).to_be_visible()
    page.context.set_offline(False)
    expect(said).to_have_count(0)

    failed: list[int] = []

    def fail(route: Route) -> None:
        """As the server does whose database is started again."""
        failed.append(1)
        route.fulfill(status=500, content_type="text/html", body="<!doctype html><title>Wrong</title>Wrong")

    page.route(f"**/operations/{asked.pk}/", fail)
    expect(said).to_be_visible()
    while len(failed) < 3:
        page.wait_for_timeout(100)
    expect(said).to_have_count(1)
    expect(waiting).to_be_visible()
    page.unroute(f"**/operations/{asked.pk}/")
    expect(said).to_have_count(0)

    with tenant(acme):
        asked.begin()
        asked.position = 120
        asked.save_progress()
    expect(page.get_by_text("120 of 300")).to_be_visible()


def test_one_that_runs_is_shown_with_its_progress(
    acme: Tenant, people: dict[str, User], browse_as: Browse, inspect: Inspect
) -> None:
    with tenant(acme):
        asked = ask_for("bulk_edit", by=people["manager"], total=300, summary="Language: German")
        asked.begin()
        asked.position = 120
        asked.save_progress()
    page = browse_as(people["manager"])
    page.goto(f"/acme/operations/{asked.pk}/")
    expect(page.get_by_text("120 of 300")).to_be_visible()
    inspect(page, "operation-running")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It stops after the rows").first).to_be_visible()
    with tenant(acme):
        assert Operation.objects.get(pk=asked.pk).stop_asked
