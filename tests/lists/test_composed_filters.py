"""Filters made of several inputs: text with what to do with it, and periods of days."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer

LIST = "/acme/customers/"


@pytest.fixture
def client(people: dict[str, User], signed_in: Callable[[User], Client], acme: Tenant) -> Client:
    by = people["manager"]
    add_customer(acme, by, name="Ärzte GmbH", reference="A-1", email="Info@aerzte.example")
    add_customer(acme, by, name="Alder Bikes", reference="B-2", email="")
    add_customer(acme, by, name="Old Alder", reference="", email="old@alder.example")
    return signed_in(people["viewer"])


def found(client: Client, **query: Any) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>(.*?)</a>', client.get(LIST, query).content.decode())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "contains:alder"}, ["Alder Bikes", "Old Alder"]),
        ({"name": "starts:alder"}, ["Alder Bikes"]),
        ({"name": "starts:arzte"}, ["Ärzte GmbH"]),
        ({"name": "contains:%"}, []),
        ({"email": "contains:INFO@"}, ["Ärzte GmbH"]),
        ({"email": "starts:alder"}, []),
        ({"email": "empty"}, ["Alder Bikes"]),
        ({"email": "filled"}, ["Old Alder", "Ärzte GmbH"]),
        ({"reference": "starts:b-"}, ["Alder Bikes"]),
        ({"reference": "empty"}, ["Old Alder"]),
        ({"name": "contains:alder", "email": "filled"}, ["Old Alder"]),
    ],
)
def test_text(client: Client, query: dict[str, str], names: list[str]) -> None:
    assert sorted(found(client, **query)) == sorted(names)


def test_the_inputs_of_the_page_make_the_same_address(client: Client) -> None:
    listing = client.get(LIST, {"name.is": "starts", "name.text": " Alder "}).context["listing"]
    assert listing.address() == "?name=starts%3AAlder"
    assert listing.ignored == []
    assert "customer name starts with “Alder”" in listing.sentence


@pytest.mark.parametrize(
    "query",
    [
        {"name": "resembles:alder"},
        {"name": "contains:"},
        {"created_at": "lately"},
        {"created_at": "2026-02-30..2026-03-01"},
        {"created_at": "2026-03-01..2026-02-01"},
        {"created_at": "0001-01-01..9999-12-31"},
        {"created_at": ".."},
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(client: Client, query: dict[str, str]) -> None:
    listing = client.get(LIST, query).context["listing"]
    assert listing.total.number == 3
    assert len(listing.ignored) == 1


@pytest.mark.parametrize(
    "query", [{"name.is": "contains", "name.text": ""}, {"created_at": "custom"}, {"name": ""}]
)
def test_an_empty_filter_is_none(client: Client, query: dict[str, str]) -> None:
    listing = client.get(LIST, query).context["listing"]
    assert (listing.total.number, listing.ignored, listing.address()) == (3, [], "?")


def date_from(customer: str, when: datetime, acme: Tenant, by: User) -> None:
    with tenant(acme), operation("edit", by=by):
        Customer.objects.filter(name=customer).update(created_at=when)


@pytest.mark.parametrize(
    ("period", "days_ago"),
    [("today", 0), ("last7", 6), ("last30", 29)],
)
def test_periods_up_to_today(
    client: Client, acme: Tenant, people: dict[str, User], period: str, days_ago: int
) -> None:
    with tenant(acme):
        start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
            days=days_ago
        )
    date_from("Old Alder", start, acme, people["manager"])
    date_from("Alder Bikes", start - timedelta(seconds=1), acme, people["manager"])
    assert sorted(found(client, created_at=period)) == ["Old Alder", "Ärzte GmbH"]


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("2026-03-01..2026-03-31", ["Alder Bikes"]),
        ("..2026-03-01", ["Alder Bikes", "Old Alder"]),
        ("..2026-02-28", ["Old Alder"]),
        ("2026-04-01..", ["Ärzte GmbH"]),
    ],
)
def test_from_a_day_to_a_day_in_the_companys_time(
    client: Client, acme: Tenant, people: dict[str, User], period: str, names: list[str]
) -> None:
    by = people["manager"]
    with tenant(acme), operation("settings", by=by):
        acme.timezone = "America/New_York"
        acme.save()
    date_from("Alder Bikes", datetime.fromisoformat("2026-03-01T00:00:00-05:00"), acme, by)
    date_from("Old Alder", datetime.fromisoformat("2026-02-28T23:59:59-05:00"), acme, by)
    assert sorted(found(client, created_at=period)) == sorted(names)


def test_dates_typed_on_the_page(client: Client) -> None:
    sent = {"created_at": "custom", "created_at.from": "2026-01-01", "created_at.to": ""}
    listing = client.get(LIST, sent).context["listing"]
    assert listing.address() == "?created_at=2026-01-01.."


def test_a_usual_period_wins_over_dates_that_were_typed_before(client: Client) -> None:
    sent = {"created_at": "last7", "created_at.from": "1999-01-01", "created_at.to": "1999-01-02"}
    assert client.get(LIST, sent).context["listing"].address() == "?created_at=last7"
