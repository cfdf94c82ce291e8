"""Importing in a browser: dialog, columns, plan and report; with a mouse, with keys alone, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, FileChooser, Page, expect
from playwright.sync_api import TimeoutError as PressedInVain
from pytest_django.live_server_helper import LiveServer

from customers.models import Customer
from history.models import Operation
from imports import runs
from imports.models import ImportRun
from imports.tasks import carry_out, check_rows
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.test_first import NORTHWIND
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
Browse = Callable[[User], Page]
Inspect = Callable[..., None]

WRONG = b"""Name,Reference,E-mail,Phone,Colour
Alder,1,new@alder.example,030 12345678,red
Birch,2,birch@,12,blue
,3,c@cedar.example,,-
Dogwood,4,d@dogwood.example,12,green
Dogwood again,4,,,
"""


def file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Click to upload").set_input_files(file(name, data))
    page.get_by_role("button", name="Import CSV data").click()


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the rows").last.click()


def test_a_file_goes_in_from_the_list_of_customers_and_out_again(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    page.get_by_role("button", name="Other ways to add customers").click()
    page.get_by_role("link", name="Import CSV or Excel").first.click()
    dialog = page.get_by_role("dialog", name="Import CSV or Excel")
    expect(dialog.get_by_text("Click to upload or drag and drop")).to_be_visible()
    inspect(page, "import-dialog")
    choose(page, "picture.csv", b"\x89PNG\r\n\x1a\n")
    expect(dialog.get_by_role("alert")).to_contain_text("This is a picture. Choose a CSV or XLSX file.")
    inspect(page, "import-dialog-refused", widths=(1440, 390))
    choose(page, "northwind-customers.csv", NORTHWIND.read_bytes())

    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    expect(page.get_by_role("list", name="Steps").locator("[aria-current=step]")).to_have_text("Columns")
    expect(page.get_by_label("companyName")).to_have_value("name")
    inspect(page, "import-columns")
    page.get_by_label("fax").select_option(label="Phone")
    check(page)
    expect(page.get_by_role("alert")).to_contain_text("2 fields need attention")
    expect(page.get_by_label("fax")).to_have_attribute("aria-invalid", "true")
    inspect(page, "import-columns-wrong", widths=(1440, 390))
    page.get_by_label("fax").select_option(label="Don’t import")
    check(page)

    expect(page.get_by_role("link", name="To add 91")).to_be_visible()
    page.get_by_role("button", name="Import 91 customers").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    inspect(page, "import-report")
    with tenant(acme):
        assert Customer.objects.count() == 91

    page.get_by_role("link", name="Undo import").click()
    expect(page.get_by_text("91 customers")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone by Manager")).to_be_visible()
    with tenant(acme):
        assert not Customer.objects.exists()


DATED = b"""Name,Reference,Since,Last order
Alder,1,03/04/2025,2024-12-31
Birch,2,05/06/2024,2025-01-15
Cedar,3,07.08.2019,not yet
"""


def test_how_dates_are_written_is_seen_and_chosen(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "dated.csv", DATED)
    since = page.get_by_role("row", name="Since")
    written = since.get_by_label("Dates are written as")
    expect(written).to_have_value("mdy")
    expect(since.get_by_text("03/04/2025 → 4 Mar 2025")).to_be_visible()
    expect(since.get_by_text("Every date could be read either way.")).to_be_visible()
    inspect(page, "import-columns-dates")
    written.select_option(label="day/month/year (31/12/2024)")
    expect(since.get_by_text("03/04/2025 → 3 Apr 2025")).to_be_visible()
    expect(since.get_by_text("03/04/2025 → 4 Mar 2025")).to_be_hidden()

    # Where a column is made one of dates, its format is asked for.
    order = page.get_by_role("row", name="Last order")
    expect(order.get_by_label("Dates are written as")).to_be_hidden()
    order.get_by_label("Last order", exact=True).select_option(label="Customer since")
    expect(order.get_by_text("2 of 3 values can be read so").locator("visible=true")).to_have_count(1)
    order.get_by_label("Last order", exact=True).select_option(label="Don’t import")
    check(page)

    said = page.get_by_text(
        "“Since” is read as day/month/year (31/12/2024). Every date could be read either way."
    )
    expect(said).to_be_visible()
    inspect(page, "import-plan-dates", widths=(1440, 390))
    page.get_by_role("button", name="Import 3 customers").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    expect(page.get_by_text("Read as day/month/year (31/12/2024)")).to_be_visible()
    with tenant(acme):
        days = Customer.objects.order_by("reference").values_list("customer_since", flat=True)
        assert [f"{day}" for day in days] == ["2025-04-03", "2024-06-05", "2019-08-07"]


def test_what_is_not_imported_is_said_as_it_is_chosen(
    acme: Tenant, people: People, browse_as: Browse
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "trees.csv", b"Name,Reference,Phone\nAlder,1,\n")
    everything = page.get_by_text("Every column is imported.")
    expect(everything).to_be_visible()
    for heading in ("Reference", "Phone"):
        page.get_by_label(heading, exact=True).select_option(label="Don’t import")
    expect(page.get_by_text("Not imported: Reference, Phone.")).to_be_visible()
    expect(everything).to_be_hidden()
    page.get_by_label("Reference", exact=True).select_option(label="Reference")
    expect(page.get_by_text("Not imported: Phone.")).to_be_visible()
    check(page)
    expect(page.get_by_text("Not imported: Phone.")).to_be_visible()


STAFFED = b"""Name,Reference,Staff,Last order,Orders
Alder,1,"1,234",03/04/2025,"1,100"
Birch,2,"2,500",05/06/2024,31
Cedar,3,51-200,07/08/2019,12
"""


def test_how_numbers_are_written_is_seen_and_chosen(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "staff.csv", STAFFED)
    see_how_numbers_are_read(page)
    inspect(page, "import-columns-numbers")
    check(page)
    said = page.get_by_text("“Staff” is read as comma-grouped (1,234.56).")
    expect(said).to_contain_text("Every number could be read either way.")
    inspect(page, "import-plan-numbers", widths=(1440, 390))
    page.get_by_label("Leave the 1 row with errors out: 2 go in").check()
    page.get_by_role("button", name="Import 2 customers").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    expect(page.get_by_text("Read as comma-grouped (1,234.56)")).to_be_visible()
    with tenant(acme):
        found = Customer.objects.order_by("reference").values_list("employees", flat=True)
        assert list(found) == [1234, 2500]


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_how_numbers_are_written_is_seen_without_scripts(
    acme: Tenant, people: People, browse_as: Browse
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "staff.csv", STAFFED)
    see_how_numbers_are_read(page)


def see_how_numbers_are_read(page: Page) -> None:
    staff = page.get_by_role("row", name="Staff")
    written = staff.get_by_label("Numbers are written as")
    expect(written).to_have_value("point")
    expect(staff.get_by_text("1,234 → 1234")).to_be_visible()
    expect(staff.get_by_text("51-200 → no number").locator("visible=true")).to_have_count(1)
    expect(staff.get_by_text("Every number could be read either way.")).to_be_visible()
    written.select_option(label="point-grouped (1.234,56)")
    expect(staff.get_by_text("1,234 → 1.234, no whole number").locator("visible=true")).to_have_count(1)
    expect(staff.get_by_text("1,234 → 1234")).to_be_hidden()
    written.select_option(label="comma-grouped (1,234.56)")

    # A column is asked for the format of what it is, and only if it is written in one.
    orders, last = page.get_by_role("row", name="Orders"), page.get_by_role("row", name="Last order")
    numbers, dates = orders.get_by_label("Numbers are written as"), last.get_by_label("Dates are written as")
    shown = {"Don’t import": (False, False), "Employees": (True, False), "Customer since": (False, True)}
    for what in [*shown, *shown][:4]:
        orders.get_by_label("Orders", exact=True).select_option(label=what)
        last.get_by_label("Last order", exact=True).select_option(label=what)
        for question, is_asked in zip((numbers, dates), shown[what], strict=True):
            expect(question).to_be_visible(visible=is_asked)


def test_rows_with_errors_are_seen_downloaded_and_left_out(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/")
    expect(page.get_by_text("Nothing was imported yet")).to_be_visible()
    inspect(page, "imports-empty", widths=(1440, 390))
    page.get_by_role("link", name="Import CSV or Excel").click()
    inspect(page, "import-upload")
    choose(page, "trees.csv", b"Name,Reference,E-mail\nAlder,1,old@alder.example\n")
    check(page)
    expect(page.get_by_role("link", name="To add 1")).to_be_visible()
    inspect(page, "import-plan")
    page.get_by_role("button", name="Import 1 customer").click()
    page.get_by_role("link", name="Import another file").click()
    choose(page, "wrong.csv", WRONG)
    check(page)

    expect(page.get_by_role("heading", name="What is wrong")).to_be_visible()
    expect(page.get_by_text("old@alder.example")).to_be_visible()
    inspect(page, "import-plan-errors")
    page.get_by_role("button", name="Import 2 customers").click()  # the tick is asked for first
    expect(page.get_by_label("Leave the 3 rows with errors out: 2 go in")).to_be_focused()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download rows with errors").click()
    assert started.value.suggested_filename == "wrong-errors.csv"
    rows = Path(started.value.path()).read_text(encoding="utf-8-sig")
    assert "“birch@” is not an e-mail address. Correct it." in rows
    page.get_by_role("link", name="With errors 3").click()
    expect(page.get_by_role("link", name="With errors 3")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Row 5").click()
    expect(page.get_by_role("heading", name="All rows")).to_be_visible()
    page.get_by_label("Field").select_option(label="Phone")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="Alder")).to_be_visible()

    page.get_by_label("Leave the 3 rows with errors out: 2 go in").check()
    page.get_by_role("button", name="Import 2 customers").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    inspect(page, "import-report-errors", widths=(1440, 390))
    page.get_by_role("link", name="Imports", exact=True).first.click()
    inspect(page, "imports")
    page.get_by_role("link", name="Importing your data").click()
    expect(page.get_by_role("heading", name="Columns of customers")).to_be_visible()
    inspect(page, "import-format")


def test_contacts_come_from_a_sheet_of_their_own(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect
) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "trees.csv", b"Name,Reference\nAlder,ALD\n")
    check(page)
    page.get_by_role("button", name="Import 1 customer").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    page.get_by_role("link", name="Contacts", exact=True).first.click()
    page.get_by_role("link", name="Import", exact=True).click()
    dialog = page.get_by_role("dialog", name="Import CSV or Excel")
    expect(dialog.get_by_label("Contacts", exact=True)).to_be_checked()
    choose(page, "people.csv", b"Reference,Name,Mail\nALD,Anna Berg,anna@alder.example\nXYZ,Bo Berg,\n")
    expect(page.get_by_label("Mail")).to_have_value("email")
    inspect(page, "import-columns-contacts", widths=(1440, 390))
    check(page)
    inspect(page, "import-plan-contacts", widths=(1440, 390))
    page.get_by_label("Leave the 1 row with errors out: 1 goes in").check()
    page.get_by_role("button", name="Import 1 contact").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    page.get_by_role("link", name="Contacts", exact=True).first.click()
    expect(page.get_by_role("link", name="Anna Berg")).to_be_visible()
    page.goto("/acme/imports/format/")
    page.get_by_role("link", name="Addresses", exact=True).click()
    expect(page.get_by_role("heading", name="Columns of addresses")).to_be_visible()
    inspect(page, "import-format-addresses", widths=(1440, 390))


def test_a_file_is_dropped(acme: Tenant, people: People, browse_as: Browse) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["Name\\nAlder\\n"], "dropped.csv", { type: "text/csv" }));
            return transfer;
        }"""
    )
    area = page.locator("[data-drop]")
    area.dispatch_event("dragover", {"dataTransfer": transfer})
    expect(area).to_have_attribute("data-over", "")
    area.dispatch_event("drop", {"dataTransfer": transfer})
    expect(area.get_by_role("status")).to_have_text("Chosen: dropped.csv")
    page.get_by_role("button", name="Import CSV data").click()
    expect(page.get_by_role("heading", name="dropped.csv", level=1)).to_be_visible()


def press_until(page: Page, key: str, name: str) -> None:
    """Until the focus is on the control of that name."""
    for _ in range(120):
        page.keyboard.press(key)
        focused = page.evaluate("document.activeElement.innerText || document.activeElement.id")
        if focused.strip() == name:
            return
    raise AssertionError(f"No {name!r} within reach.")


def open_chooser(page: Page) -> FileChooser:
    """By a key. Chromium without windows opens none now and then: by Enter often, by Space on a busy machine."""
    for patience in (3_000, 3_000, 20_000):
        with suppress(PressedInVain):
            with page.expect_file_chooser(timeout=patience) as choosing:
                page.keyboard.press("Space")
            return choosing.value
    raise AssertionError("The key opens no file chooser.")


def test_everything_can_be_done_with_keys_alone(acme: Tenant, people: People, browse_as: Browse) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    page.get_by_role("button", name="Other ways to add customers").focus()
    page.keyboard.press("Enter")
    press_until(page, "Tab", "Import CSV or Excel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Import CSV or Excel")).to_be_focused()
    press_until(page, "Tab", "id_file")
    open_chooser(page).set_files(file("trees.csv", b"Name,Reference,Tongue\nAlder,1,de\n,2,en\n"))
    press_until(page, "Tab", "Import CSV data")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    page.get_by_label("Tongue").focus()
    page.keyboard.type("Lang")  # a native select is typed into
    expect(page.get_by_label("Tongue")).to_have_value("language")
    press_until(page, "Tab", "Check the rows")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="To add 1")).to_be_visible()
    press_until(page, "Tab", "id_leave_out")
    page.keyboard.press("Space")
    press_until(page, "Tab", "Import 1 customer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The import is done.")).to_be_visible()
    with tenant(acme):
        assert Customer.objects.values_list("name", "language").get() == ("Alder", "de")


def test_everything_can_be_done_without_scripts(
    new_context: Callable[..., BrowserContext], live_server: LiveServer, acme: Tenant, people: People
) -> None:
    context = new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/?next=/acme/customers/")
    page.fill("input[type=email]", people["manager"].email)
    page.fill("input[type=password]", PASSWORD)
    page.click("form button.btn-primary")
    page.get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Import CSV or Excel").click()
    choose(page, "empty.csv", b" ")
    expect(page.get_by_role("alert")).to_contain_text("The file is empty.")
    choose(page, "wrong.csv", WRONG)
    page.get_by_label("Colour").select_option(label="Website")
    check(page)
    page.get_by_role("link", name="Change columns or settings").click()
    page.get_by_label("Colour").select_option(label="Don’t import")
    check(page)
    page.get_by_label("Leave the 3 rows with errors out: 2 go in").check()
    page.get_by_role("button", name="Import 2 customers").click()
    expect(page.get_by_text("The import is done.")).to_be_visible()
    page.get_by_role("button", name="Run again with the same settings").click()
    page.get_by_role("link", name="Discard…").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("wrong.csv was discarded.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_who_has_to_sign_in_again_comes_back_to_the_plan(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    acme: Tenant,
    people: People,
    scripts: bool,
) -> None:
    context = new_context(base_url=live_server.url, java_script_enabled=scripts)
    page = context.new_page()

    def sign_in() -> None:
        page.fill("input[type=email]", people["manager"].email)
        page.fill("input[type=password]", PASSWORD)
        page.click("form button.btn-primary")

    page.goto("/accounts/login/?next=/acme/imports/new/")
    sign_in()
    choose(page, "alder.csv", b"Name\nAlder\n")
    check(page)
    approve = page.get_by_role("button", name="Import 1 customer")
    expect(approve).to_be_visible()
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    approve.click()
    expect(page.get_by_text("You are no longer signed in. Nothing was done")).to_be_visible()
    sign_in()
    approve.click()
    expect(page.get_by_text("The import is done.")).to_be_visible()


def test_a_double_click_begins_one_import(acme: Tenant, people: People, browse_as: Browse) -> None:
    page = browse_as(people["manager"])
    page.goto("/acme/customers/")
    page.get_by_role("button", name="Other ways to add customers").click()
    page.get_by_role("link", name="Import CSV or Excel").first.click()
    page.get_by_label("Click to upload").set_input_files(file("alder.csv", b"Name\nAlder\n"))
    page.get_by_role("button", name="Import CSV data").dblclick()
    expect(page.get_by_role("button", name="Check the rows").last).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)
    assert run_of(acme).name == "alder.csv"


def run_of(company: Tenant) -> ImportRun:
    with tenant(company):
        return ImportRun.objects.select_related("checking", "operation").get()


def move(company: Tenant, running: Operation | None, position: int) -> None:
    """As if a worker had come so far."""
    assert running is not None
    with tenant(company):
        running.begin()
        running.position = position
        running.save_progress()


def test_a_long_one_is_watched_cancelled_and_done(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 0)  # every step is a worker's
    page = browse_as(people["manager"])
    page.goto("/acme/imports/new/")
    choose(page, "northwind-customers.csv", NORTHWIND.read_bytes())
    check(page)
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    move(acme, run_of(acme).checking, 40)
    expect(page.get_by_text("40 of 91 rows")).to_be_visible()  # without a press
    inspect(page, "import-checking")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It stops after the rows that are being worked on.")).to_be_visible()
    finish_check(acme)
    expect(page.get_by_text("The check was cancelled.")).to_be_visible()
    check(page)
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    finish_check(acme)
    page.get_by_role("button", name="Import 91 customers").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    move(acme, run_of(acme).operation, 0)
    inspect(page, "import-running", widths=(1440, 390))
    page.goto("/acme/imports/")
    expect(page.get_by_role("progressbar", name="northwind-customers.csv")).to_be_visible()
    inspect(page, "imports-running", widths=(1440, 390))
    operation = run_of(acme).operation
    assert operation is not None
    carry_out(tenant_id=acme.pk, operation_id=operation.pk)
    expect(page.get_by_text("91 added")).to_be_visible()
    with tenant(acme):
        assert Customer.objects.count() == 91


def finish_check(company: Tenant) -> None:
    """What the worker does."""
    checking = run_of(company).checking
    assert checking is not None
    check_rows(tenant_id=company.pk, operation_id=checking.pk)
