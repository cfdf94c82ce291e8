"""The first page of a company: numbers that lead to lists, what goes on, and what changed lately."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.dashboard import last_months, month
from customers.models import Customer
from history import long
from history.models import Operation
from history.operations import operation
from lists.templatetags.charts import brief
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import asked
from tests.customers.customers import add_customers, member
from tests.customers.test_list import HTMX, names


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two customers are many."""
    monkeypatch.setattr("customers.dashboard.COUNTED", 2)


def page_of(client: Client, path: str = "/acme/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def chart(page: str, title: str) -> dict[str, str]:
    """Label and number of each bar of a chart, and where it leads."""
    drawn = re.search(rf'<svg [^>]*aria-label="{title}">(.*?)</figure>', page, re.DOTALL)
    assert drawn, title
    found = re.findall(r'<a href="([^"]*)" aria-label="([^"]*: [\d,]+)"', drawn[1])
    tabled = re.findall(r'<td><a href="([^"]*)">([^<]*)</a></td><td class="num">([\d,]+)<', drawn[1])
    assert [(address, f"{label}: {number}") for address, label, number in tabled] == found
    return {unescape(label): unescape(address) for address, label in found}


def test_bars_count_enabled_customers_and_lead_to_them(
    acme: Tenant, globex: Tenant, people: dict[str, User], viewer: Client
) -> None:
    with tenant(acme):
        lead, segment = Status.objects.get(name="Lead"), Segment.objects.all()[1]
    add_customers(acme, "One", "Two", status=lead, segment=segment)
    add_customers(acme, "Three")
    (gone,) = add_customers(acme, "Gone", status=lead)
    with tenant(acme):
        gone.disable(by=people["manager"], reason="")
    add_customers(globex, "Theirs")
    page = page_of(viewer)
    by_status, by_month = chart(page, "By status"), chart(page, "Added by month")
    assert list(by_status) == ["Lead: 2", "Not set: 1"]
    assert list(chart(page, "By segment")) == [f"{segment.name}: 2", "Not set: 1"]
    assert list(chart(page, "By attracting channel")) == ["Not set: 3"]
    assert names(viewer.get(by_status["Lead: 2"])) == ["One", "Two"]
    assert names(viewer.get(by_status["Not set: 1"])) == ["Three"]
    assert len(by_month) == 12
    now = list(by_month)[-1]
    assert now.endswith(": 3")
    assert names(viewer.get(by_month[now])) == ["One", "Three", "Two"]
    assert "Not understood" not in page_of(viewer, by_month[now])


def test_a_month_begins_at_midnight_where_the_company_is(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    """In Berlin it has begun; in Greenwich not yet."""
    with tenant(acme), operation("settings", by=people["owner"]):
        acme.timezone = "Europe/Berlin"
        acme.save()
    add_customers(acme, "Early")
    berlin = ZoneInfo("Europe/Berlin")
    begun = datetime.now(berlin).replace(day=1, hour=0, minute=30)
    assert begun.astimezone(UTC).month != begun.month
    with tenant(acme), operation("edit", by=people["owner"]):
        Customer.objects.update(created_at=begun)
    found = chart(page_of(viewer), "Added by month")
    assert [label.partition(": ")[2] for label in found] == ["0"] * 11 + ["1"]
    assert names(viewer.get(list(found.values())[-1])) == ["Early"]


def test_the_months_and_their_days() -> None:
    assert last_months(date(2026, 2, 28))[0] == date(2025, 3, 1)
    assert last_months(date(2026, 12, 31)) == [date(2026, number, 1) for number in range(1, 13)]
    for first, days in [
        (date(2024, 2, 1), "2024-02-01..2024-02-29"),
        (date(2026, 12, 1), "2026-12-01..2026-12-31"),
    ]:
        assert month(first, 3, "/list/").address == f"/list/?created_at={days}"
    assert [brief(number) for number in (0, 999, 1000, 1234, 9960, 25_400, 999_999, 1_000_000)] == [
        *("0", "999", "1k", "1.2k", "10k", "25k", "1M", "1M")
    ]


def test_of_many_entries_the_smallest_share_a_bar(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    with tenant(acme), operation("settings", by=people["owner"]):
        more = [Status.objects.create(name=f"Status {number:02}", colour="blue") for number in range(12)]
    for number, status in enumerate(more):
        add_customers(acme, *(f"C{number}-{copy}" for copy in range(1 if number < 4 else 2)), status=status)
    found = chart(page_of(viewer), "By status")
    assert len(found) == 10
    assert list(found)[-1] == "3 others: 3"
    assert len(names(viewer.get(found["3 others: 3"]))) == 3


def test_many_customers_are_counted_once_the_page_is_there(
    acme: Tenant, people: dict[str, User], viewer: Client, large: None
) -> None:
    add_customers(acme, "One", "Two", "Three")
    page = page_of(viewer)
    assert '<div class="charts" id="charts" hx-get="/acme/charts/" hx-trigger="load"' in page
    assert page.count("Counting…") == 4
    assert '<a class="scriptless" href="/acme/charts/">Count the customers</a>' in page
    assert "Added by month: " not in page
    # Without scripts the link leads to the whole page; with them to the charts.
    assert list(chart(page_of(viewer, "/acme/charts/"), "By attracting channel")) == ["Not set: 3"]
    charts = page_of(viewer, "/acme/charts/", **HTMX)
    assert charts.strip().startswith('<div class="charts" id="charts">')
    assert "Recently changed" not in charts
    # They are known now; after a change the old ones are shown, and those of now are asked for.
    assert "hx-get" not in page_of(viewer).partition('id="charts"')[2].partition("</svg>")[0]
    add_customers(acme, "Four")
    behind = page_of(viewer)
    assert list(chart(behind, "By attracting channel")) == ["Not set: 3"]
    assert "counting again…" in behind
    assert 'hx-get="/acme/charts/"' in behind
    assert list(chart(page_of(viewer, "/acme/charts/", **HTMX), "By attracting channel")) == ["Not set: 4"]


def test_counting_does_not_take_for_ever(
    acme: Tenant, viewer: Client, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_customers(acme, "One", "Two", "Three")
    monkeypatch.setattr("customers.dashboard.COUNTING", 1)
    with connection.execute_wrapper(lambda run, sql, *rest: run(asleep(sql), *rest)):
        page = page_of(viewer, "/acme/charts/")
    assert "Counting all customers takes too long at the moment." in page
    assert "Recently changed" in page


def asleep(sql: str) -> str:
    """The statement, after a second, if it counts."""
    return f"SELECT pg_sleep(1); {sql}" if "COUNT(*)" in sql and "GROUP BY" in sql else sql


def test_what_goes_on_stands_there_until_it_is_over(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client], viewer: Client
) -> None:
    add_customers(acme, "One")
    with tenant(acme):
        bulk = long.ask_for("bulk_edit", by=people["manager"], total=200, summary="Status of 200 customers")
        long.ask_for("export", by=people["manager"], total=10, summary="An export")
        bulk.begin()
        bulk.position = 50
        bulk.save_progress()
    page = page_of(viewer)
    assert f'<a class="row-link" href="/acme/operations/{bulk.pk}/">Status of 200 customers</a>' in page
    assert 'value="25" max="100"' in page
    assert "50 of 200" in page
    assert "An export" not in page, "which takes the permission to export"
    assert "An export" in page_of(signed_in(people["manager"]), "/acme/operations/running/")
    card = page_of(viewer, "/acme/operations/running/", **HTMX)
    assert 'hx-trigger="every 2s"' in card
    with tenant(acme):
        for going in Operation.objects.exclude(state="done"):
            going.end("done")
            going.save_progress()
    assert page_of(viewer, "/acme/operations/running/", **HTMX).strip() == ""
    assert "Nothing is running" in page_of(viewer, "/acme/operations/running/")
    assert 'id="running"' not in page_of(viewer)


def test_what_changed_last_is_first_and_mine_are_mine(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    add_customers(acme, "Hers", responsible_manager=member(acme, people["agent"]))
    add_customers(acme, "Mine", responsible_manager=member(acme, people["viewer"]))
    assert names(viewer.get("/acme/")) == ["Mine", "Hers", "Mine"]


def test_a_company_without_customers_is_offered_the_first_step(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client], viewer: Client
) -> None:
    page = page_of(signed_in(people["agent"]))
    assert "No customers yet" in page
    assert "/acme/customers/add/" in page
    assert "/acme/customers/add/" not in page_of(viewer)


def test_a_stranger_finds_nothing(acme: Tenant, bob: User, signed_in: Callable[[User], Client]) -> None:
    for path in ("/acme/", "/acme/charts/", "/acme/operations/running/"):
        assert signed_in(bob).get(path).status_code == 404


def test_the_queries_of_the_dashboard(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, *(f"Customer {number}" for number in range(20)))

    def tables() -> list[Any]:
        with CaptureQueriesContext(connection) as captured:
            viewer.get("/acme/")
        return [re.search(r'FROM "(\w+)"', sql)[1] for sql in asked(captured)]  # type: ignore[index]

    person = ["django_session", "tenants_user", "tenants_membership"]
    lists = [
        "marketing_segment",  # what the bars are called
        "history_operation",  # what is running
        "lists_listsettings",  # the sidebar's saved views
        "customers_customer",  # the last changed
        "customers_customer",  # mine
    ]
    numbers = [
        "customers_customer",  # whether there are many
        "history_operation",  # up to which change
        "customers_customer",  # by segment, status and channel
        "customers_customer",  # by month
    ]
    assert tables() == [*person, *numbers, *lists]
    assert tables() == [*person, "history_operation", *lists]
