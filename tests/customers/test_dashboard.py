"""The first page of a company: numbers that lead to lists, and what changed lately."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import add_customers, member
from tests.customers.test_list import names


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])


def bars(page: str) -> dict[str, str]:
    """Label and number of each bar, and where it leads."""
    found = re.findall(r'<a href="([^"]*)" aria-label="([^"]*: \d+)"', page)
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
    found = bars(viewer.get("/acme/").content.decode())
    assert list(found) == ["Lead: 2", "Not set: 1", f"{segment.name}: 2"]
    assert names(viewer.get(found["Lead: 2"])) == ["One", "Two"]
    assert names(viewer.get("/acme/customers/?status=none")) == ["Three"]


def test_what_changed_last_is_first_and_mine_are_mine(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    add_customers(acme, "Hers", responsible_manager=member(acme, people["agent"]))
    add_customers(acme, "Mine", responsible_manager=member(acme, people["viewer"]))
    assert names(viewer.get("/acme/")) == ["Mine", "Hers", "Mine"]


def test_a_company_without_customers_is_offered_the_first_step(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client], viewer: Client
) -> None:
    page = signed_in(people["agent"]).get("/acme/").content.decode()
    assert "No customers yet" in page
    assert "/acme/customers/add/" in page
    assert "/acme/customers/add/" not in viewer.get("/acme/").content.decode()


def test_a_stranger_finds_nothing(acme: Tenant, bob: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(bob).get("/acme/").status_code == 404


def test_the_queries_of_the_dashboard(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, *(f"Customer {number}" for number in range(20)))
    with CaptureQueriesContext(connection) as captured:
        viewer.get("/acme/")
    queries = [query["sql"] for query in captured if not re.match(r"(RELEASE )?SAVEPOINT", query["sql"])]
    # session, person, memberships; numbers, entries, recent, mine
    assert len(queries) == 7
