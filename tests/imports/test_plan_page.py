"""The plan that is shown before anything is written: its numbers, its rows, what is wrong with them, its approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from customers.models import Customer
from history.models import Operation
from imports import plan_page
from imports.models import ImportRun, PlanRow
from marketing.models import Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import (
    address_of,
    approve,
    assert_nothing_written,
    begin,
    check,
    load,
    match,
    only_run,
    text,
)
from tests.imports.test_first import NORTHWIND


def cards(page: Any) -> dict[str, str]:
    """Number by label."""
    links = html.fromstring(page.content.decode()).xpath("//ul[contains(@class, 'import-cards')]//a")
    return {link[0].text_content(): link[1].text_content() for link in links}


def numbers(page: Any) -> list[int]:
    """The rows that are shown."""
    return [line.row.number for line in page.context["rows"].lines]


def links(page: Any, words: str) -> list[str]:
    """Where the links of those words lead."""
    found = html.fromstring(page.content.decode()).xpath(f"//a[normalize-space()='{words}']/@href")
    return [str(address) for address in found]


def test_the_northwind_file_is_checked_then_imported(acme: Tenant, manager: Client) -> None:
    plan = check(manager, NORTHWIND.read_bytes(), "northwind-customers.csv")
    assert (cards(plan)["Rows in the file"], cards(plan)["To add"], cards(plan)["With errors"]) == (
        "91",
        "91",
        "0",
    )
    assert "24 rows hold a comma within a text" in text(plan)
    assert_nothing_written(acme)
    done = approve(manager, plan)
    assert done.headers["Location"] == address_of(plan)
    with tenant(acme):
        assert Customer.objects.count() == 91


def test_the_same_file_again_changes_nothing_and_says_so(acme: Tenant, manager: Client) -> None:
    data = NORTHWIND.read_bytes()
    load(manager, data)
    again = check(manager, data)
    assert "Nothing to change: 91 customers are as in the file." in text(again)
    assert "Import 0" not in text(again)
    assert approve(manager, again).status_code == 302
    with tenant(acme):
        assert Customer.history.count() == 91
        assert Operation.objects.filter(kind="import").count() == 1


@pytest.mark.parametrize(
    ("mode", "subject", "text_of", "why"),
    [
        ("add", "", "Name,Reference\nAlder,1\n", "It is there already, and only new customers are added."),
        (
            "update",
            "",
            "Name,Reference\nBirch,2\n",
            "There is no such customer, and only customers that are there are changed.",
        ),
        (
            "update",
            "contacts",
            "Customer reference,Name\n1,Maria\n",
            "There is no such contact, and only contacts that are there are changed.",
        ),
    ],
)
def test_a_row_that_is_skipped_says_why(
    acme: Tenant, manager: Client, mode: str, subject: str, text_of: str, why: str
) -> None:
    load(manager, "Name,Reference\nAlder,1\n")
    plan = check(manager, text_of, subject=subject, mode=mode)
    assert plan.context["plan"].counts["skip"] == 1
    assert why in text(plan)


def test_old_and_new_are_shown_with_a_link_to_the_customer(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference,E-mail\nAlder,1,old@alder.example\nBirch,2,\n")
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,new@alder.example\nBirch,2,-\n")
    assert (cards(plan)["To change"], cards(plan)["Unchanged"]) == ("1", "1")
    page = plan.content.decode()
    assert "<del>old@alder.example</del>" in page
    assert "<ins>new@alder.example</ins>" in page
    with tenant(acme):
        assert f'href="/acme/customers/{Customer.objects.get(reference="1").pk}/"' in page


def test_numbers_lead_to_their_rows(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference\nAlder,1\n")
    plan = check(manager, "Name,Reference,E-mail,Phone\nAlder,1,,\nBirch,2,b@,\nCedar,3,,12\n")
    shown = {
        action: numbers(manager.get(f"{address_of(plan)}?action={action}")) for action in plan_page.CARDS
    }
    assert shown == {
        "": [2, 3, 4],
        "create": [4],
        "update": [],
        "unchanged": [2],
        "skip": [],
        "error": [3],
        "warned": [4],
    }


def test_rows_are_narrowed_to_a_field(acme: Tenant, manager: Client) -> None:
    """By what changes in it, and by what is wrong with it; not by a value that is called like it."""
    load(manager, "Name,Reference,Phone\nAlder,1,\nBirch,2,\nCedar,3,\nDogwood,4,\n")
    data = "Name,Reference,Phone,E-mail\nphone,1,,\nBirch,2,030 12345678,\nCedar,3,12,\nDogwood,4,,d@\n"
    plan = check(manager, data)
    address = address_of(plan)
    assert numbers(manager.get(f"{address}?field=phone")) == [3, 4]
    assert numbers(manager.get(f"{address}?field=email")) == [5]
    assert numbers(manager.get(f"{address}?field=name&action=update")) == [2]
    assert numbers(manager.get(f"{address}?field=nonsense&action=nonsense&after=x")) == [2, 3, 4, 5]


def test_rows_come_fifty_a_page(acme: Tenant, manager: Client) -> None:
    rows = "".join(f"Alder {number},{number}\n" for number in range(120))
    plan = check(manager, f"Name,Reference\n{rows}")
    seen, address = numbers(plan), plan.context["rows"].next
    while address:
        page = manager.get(address)
        seen += numbers(page)
        address = page.context["rows"].next
    assert seen == list(range(2, 122))
    assert "First rows" in text(page)


def test_a_field_is_looked_for_so_many_rows_at_a_time(
    acme: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_page, "LOOKED_THROUGH", 10)
    rows = "".join(f"Alder {number},{number},{'a@' if number == 14 else ''}\n" for number in range(25))
    plan = check(manager, f"Name,Reference,E-mail\n{rows}")
    first = manager.get(f"{address_of(plan)}?field=email")
    assert (numbers(first), first.context["rows"].looked_to) == ([], 11)
    assert "Looked through up to row 11." in text(first)
    second = manager.get(first.context["rows"].next)
    assert numbers(second) == [16]
    third = manager.get(second.context["rows"].next)
    assert (numbers(third), third.context["rows"].looked_to) == ([], None)


def test_what_is_wrong_stands_first_and_all_of_it_behind_a_link(acme: Tenant, manager: Client) -> None:
    rows = "".join(f"Customer {number},{number},not an address\n" for number in range(60))
    plan = check(manager, f"Name,Reference,E-mail\n{rows}Good,G,good@example.com\n")
    assert (
        "What is wrong All 60 rows with errors Row Column Value What is wrong 2 E-mail not an address"
        in text(plan)
    )
    page = manager.get(f"{address_of(plan)}?action=error")
    assert text(page).count("“not an address” is not an e-mail address. Correct it.") == plan_page.SHOWN
    rest = manager.get(page.context["rows"].next)
    assert text(rest).count("“not an address” is not an e-mail address. Correct it.") == 10


def test_warnings_are_counted_and_shown(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name,Reference,Phone\nAlder,1,12-3\n")
    assert cards(plan)["With warnings"] == "1"
    assert "Phone “12-3”: No valid telephone number (country: Germany)" in text(plan)
    load(manager, "Name,Reference,Phone\nAlder,1,12-3\n")
    with tenant(acme):
        assert Customer.objects.get().phone == "12-3"


BAD_CELLS = [
    ("Name,Reference\n" + "x" * 10_000 + ",1\n", "Customer name", "10,000 characters are too many; 200 fit."),
    ("Name,Reference\n,1\n", "Customer name", "This is mandatory"),
    ("Name,Reference\nNULL,1\n", "Customer name", "This is mandatory"),
    ("Name,Reference\nAl\x00der,1\n", "Customer name", "control characters are not allowed"),
    ("Name,Reference\nAlder,a\x07b\n", "Reference", "control characters are not allowed"),
    ("Name,Segment\nAlder,Nowhere\n", "Segment", "“Nowhere” is not one of your segments (Small business"),
    ("Name,Status\nAlder,Nowhere\n", "Status", "“Nowhere” is not one of your statuses"),
    ("Name,Channel\nAlder,Nowhere\n", "Attracting channel", "is not one of your attracting channels"),
    ("Name,Responsible manager\nAlder,bob@globex.example\n", "Responsible manager", "of a member"),
    ("Name,Kind\nAlder,robot\n", "Kind", "Write company or individual"),
    ("Name,Newsletter\nAlder,maybe\n", "Receive promotional e-mails", "neither yes nor no"),
    ("Name,E-mail\nAlder,anna@\n", "E-mail", "is not an e-mail address"),
    ("Name,Reference\nAlder,1,2,3\n", "Whole row", "The row has 4 cells, the heading has 2"),
]


@pytest.mark.parametrize(("data", "column", "message"), BAD_CELLS)
def test_a_wrong_cell_is_named_with_row_column_value_and_reason(
    acme: Tenant, globex: Tenant, manager: Client, data: str, column: str, message: str
) -> None:
    plan = check(manager, data)
    [error] = plan.context["rows"].lines[0].errors
    assert (error.number, error.label) == (2, column)
    assert message.replace(",", "") in error.message.replace(",", "")
    assert "Nothing can be imported: 1 row is wrong." in text(plan)
    assert approve(manager, plan, leave_out="on").status_code == 302
    assert_nothing_written(acme)


def test_a_row_twice_is_an_error_that_leads_to_the_other(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name,Reference\nAlder,C-1\nBirch,C-2\nAlder again,c-1\n")
    [line] = manager.get(f"{address_of(plan)}?action=error").context["rows"].lines
    assert "the same customer as in row 2" in line.errors[0].message
    [link] = links(manager.get(f"{address_of(plan)}?action=error"), "Row 2")
    assert numbers(manager.get(link))[0] == 2


def test_several_customers_that_a_row_may_be_are_linked(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference\nTwin,1\nTwin,2\n")
    plan = check(manager, "Name,Phone\nTwin,030 12345678\n")
    assert links(plan, "These customers") == ["/acme/customers/?q=Twin"]


def test_a_new_customer_who_may_be_there_already_is_linked(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference,E-mail\nAlder,C-1,a@alder.example\nBirch,,\n")
    rows = "Alder again,NEW-1,A@alder.example\nbirch,NEW-2,\nCedar,NEW-3,c@cedar.example\n"
    plan = check(manager, f"Name,Reference,E-mail\n{rows}")
    assert (cards(plan)["To add"], cards(plan)["With warnings"]) == ("3", "2")
    assert (
        "Alder is there already with this e-mail address. If it is the same customer, give the row its"
        in text(plan)
    )
    assert "Birch is there already with this name." in text(plan)
    first, second = links(plan, "Who is there")
    for address, name in ((first, "Alder"), (second, "Birch")):
        assert name in text(manager.get(address))


def test_a_row_that_may_be_another_rows_customer_leads_to_it(acme: Tenant, manager: Client) -> None:
    rows = "Alder,C-1,info@alder.example\nBirch,C-2,info@birch.example\nAlder Bikes,C-3,INFO@alder.example\n"
    plan = check(manager, f"Name,Reference,E-mail\n{rows}")
    assert (cards(plan)["To add"], cards(plan)["With warnings"]) == ("3", "1")
    warning = "Row 2 has this e-mail address too. If both are the same customer, leave one of the rows out."
    assert f"E-mail “INFO@alder.example”: {warning}" in text(plan)
    [link] = links(manager.get(f"{address_of(plan)}?action=warned"), "Row 2")
    assert numbers(manager.get(link))[0] == 2


def test_entries_that_will_be_added_are_named_and_none_for_rows_that_stay_out(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    admin = signed_in(people["admin"])
    rows = "Alder,1,a@alder.example,Galaxy\nBirch,2,wrong,Weird\n"
    page = begin(admin, f"Name,Reference,E-mail,Status\n{rows}")
    match(admin, page, unknown="create")
    plan = admin.get(page)
    assert "Added to your lists when you import: Status “Galaxy”." in text(plan)
    assert "Weird”" not in text(plan).partition("What is wrong")[0]
    approve(admin, plan, leave_out="on")
    with tenant(acme):
        status = Customer.objects.get().status
        assert status is not None
        assert status.name == "Galaxy"
        assert not Status.objects.filter(name="Weird").exists()


def test_rows_with_errors_go_in_only_by_choice(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\nBirch,2,b@\n,3,\n")
    assert "Leave the 2 rows with errors out: 1 goes in" in text(plan)
    refused = approve(manager, plan)
    assert refused.status_code == 422
    assert "Nothing was imported: some rows are wrong." in text(refused)
    assert_nothing_written(acme)
    approve(manager, plan, leave_out="on")
    with tenant(acme):
        assert [customer.name for customer in Customer.objects.all()] == ["Alder"]
        assert Operation.objects.get(kind="import").counts["failed"] == 2


def test_approving_twice_imports_once(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name\nAlder\n")
    assert approve(manager, plan).status_code == 302
    again = approve(manager, plan)
    assert "It was imported already, by you." in text(manager.get(again.headers["Location"]))
    with tenant(acme):
        assert Customer.objects.count() == 1
        assert Operation.objects.filter(kind="import").count() == 1


@pytest.mark.parametrize("said", [{}, {"plan": ""}, {"plan": "all"}])
def test_a_plan_that_is_not_named_is_not_carried_out(
    acme: Tenant, manager: Client, said: dict[str, str]
) -> None:
    plan = check(manager, "Name\nAlder\n")
    refused = manager.post(f"{address_of(plan)}approve/", said)
    assert refused.status_code == 422
    assert "it was not said which plan is approved." in text(refused)
    assert f'name="plan" value="{plan.context["run"].checking_id}"' in refused.content.decode()
    assert_nothing_written(acme)


def test_only_the_plan_that_was_shown_is_carried_out(acme: Tenant, manager: Client, admin: Client) -> None:
    """Somebody else has the rows checked again, with other settings, while one looks at them."""
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\n")
    match(admin, address_of(plan), column_2="")
    refused = approve(manager, plan)
    assert "Its rows were checked again meanwhile, by Admin. Look at" in text(
        manager.get(refused.headers["Location"])
    )
    assert_nothing_written(acme)
    approve(manager, manager.get(address_of(plan)))
    with tenant(acme):
        assert Customer.objects.get().email == ""


@pytest.mark.parametrize("plan", ["", "x", "-1", "9" * 40])
def test_no_plan_is_carried_out_that_is_not_named(acme: Tenant, manager: Client, plan: str) -> None:
    page = check(manager, "Name\nAlder\n")
    answer = manager.post(f"{address_of(page)}approve/", {"plan": plan})
    assert answer.status_code in {302, 422}
    assert_nothing_written(acme)


def test_a_formula_in_a_csv_file_is_just_text(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference\n=1+1,'=2+2\n")
    with tenant(acme):
        assert Customer.objects.values_list("name", "reference").get() == ("=1+1", "=2+2")


def test_discarding_asks_and_drops_plan_and_file(acme: Tenant, manager: Client, uploads: Any) -> None:
    plan = check(manager, "Name\nAlder\n")
    address = f"{address_of(plan)}discard/"
    assert "nothing was imported" in text(manager.get(address))
    done = manager.post(address)
    assert done.headers["Location"] == "/acme/imports/"
    assert "customers.csv was discarded." in text(manager.get("/acme/imports/"))
    with tenant(acme):
        assert not ImportRun.objects.exists()
        assert not PlanRow.objects.exists()
    assert_nothing_written(acme)


def test_an_import_that_was_carried_out_is_not_discarded(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\n")
    address = f"{address_of(report)}discard/"
    assert "It was carried out already" in text(manager.get(address))
    assert manager.post(address).headers["Location"] == address_of(report)
    with tenant(acme):
        assert ImportRun.objects.count() == 1


def test_the_plan_belongs_to_the_company(
    acme: Tenant, globex: Tenant, manager: Client, signed_in: Any, bob: Any
) -> None:
    """Everybody at Acme who may import sees it; nobody at Globex does, by whatever address."""
    address = begin(manager, "Name\nAlder\n")
    match(manager, address)
    stranger = signed_in(bob)
    for there in ("", "columns/", "discard/", "errors.csv", "file/"):
        assert stranger.get(address + there).status_code == 404
        assert stranger.get((address + there).replace("acme", "globex")).status_code == 404
    for there in ("approve/", "cancel/", "discard/", "again/", "place/", "columns/"):
        assert stranger.post(address + there).status_code == 404
        for number in (address.split("/")[3], "999999999"):  # as if nobody had it
            answer = stranger.post(f"/globex/imports/{number}/{there}")
            assert answer.status_code == 404
            assert "Somebody has discarded it meanwhile." in text(answer)
    with tenant(globex):
        assert not Customer.objects.exists()
    assert only_run(acme).stage == ImportRun.Stage.READY


def test_a_page_of_rows_costs_as_many_queries_however_many_there_are(acme: Tenant, manager: Client) -> None:
    def asked(rows: int) -> int:
        data = "".join(f"Alder {rows} {number},{rows}-{number},b@\n" for number in range(rows))
        address = address_of(check(manager, f"Name,Reference,E-mail\n{data}"))
        with CaptureQueriesContext(connection) as queries:
            manager.get(f"{address}?field=email")
        return len(queries)

    assert asked(3) == asked(200)
