"""Filters made of several inputs: text with what to do with it, periods of days, and numbers."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from history.operations import operation
from lists.range_filters import PRESETS, Period
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer

LIST = "/acme/customers/"


@pytest.fixture
def client(people: dict[str, User], signed_in: Callable[[User], Client], acme: Tenant) -> Client:
    by = people["manager"]
    add_customer(acme, by, name="Ärzte GmbH", reference="A-1", email="Info@aerzte.example")
    alder = add_customer(acme, by, name="Alder Bikes", reference="B-2", email="", phone="+493055501")
    add_customer(acme, by, name="Old Alder", email="old@alder.example", receive_promotional_emails=True)
    add_address(alder, by, city="Malmø", is_billing=True)
    add_contact(alder, by, name="Zoë Zander", email="zoe@alder.example", phone="+4930777")
    add_contact(alder, by, name="Bert", is_primary=True)
    return signed_in(people["viewer"])


def found(client: Client, address: str = LIST, **query: Any) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>(.*?)</a>', client.get(address, query).content.decode())


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
        ({"billing_city": "starts:malmo"}, ["Alder Bikes"]),
        ({"billing_city": "contains:alder"}, []),
        ({"phone": "contains:030 555"}, ["Alder Bikes"]),
        ({"phone": "starts:+49 30 55"}, ["Alder Bikes"]),
        ({"phone": "starts:0049 (30) 55"}, ["Alder Bikes"]),
        ({"phone": "starts:+30 55"}, []),
        ({"phone": "starts:+4930777"}, []),  # a contact's
        ({"billing_city": "empty"}, ["Old Alder", "Ärzte GmbH"]),
        ({"billing_city": "filled"}, ["Alder Bikes"]),
        ({"billing_city": "empty", "name": "starts:old"}, ["Old Alder"]),
        ({"phone": "empty"}, ["Old Alder", "Ärzte GmbH"]),
    ],
)
def test_text(client: Client, query: dict[str, str], names: list[str]) -> None:
    assert sorted(found(client, **query)) == sorted(names)


@pytest.mark.parametrize(
    ("country", "phone", "names"),
    [
        ("DE", "starts:030 55", ["Alder Bikes", "Birch"]),
        ("AT", "starts:030 55", ["Birch"]),  # kept as it was typed, so nobody knows where
        ("DE", "starts:030 55-50", ["Alder Bikes"]),
        ("DE", "starts:03055 512", ["Birch"]),
        ("DE", "contains:0551", ["Birch"]),
        ("US", "starts:(212) 5", ["Cedar"]),
        ("US", "starts:1-212", ["Cedar"]),
        ("DE", "starts:212", []),
        ("DE", "starts:0", ["Alder Bikes", "Birch", "Cedar", "Old Alder", "Ärzte GmbH"]),  # not understood
    ],
)
def test_a_phone_that_begins_as_one_at_home_is_one_of_the_companys_country(
    client: Client, acme: Tenant, people: dict[str, User], country: str, phone: str, names: list[str]
) -> None:
    by = people["manager"]
    with tenant(acme), operation("settings", by=by):
        acme.country = country
        acme.save()
    add_customer(acme, by, name="Birch", phone="030 55-512 Anna")
    add_customer(acme, by, name="Cedar", phone="+12125550101")
    assert sorted(found(client, phone=phone)) == names


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
        {"name": "empty"},
        {"phone": "contains:00"},
        {"receive_promotional_emails": "maybe"},
        {"created_at": "lately"},
        {"created_at": "2026-02-30..2026-03-01"},
        {"created_at": "0001-01-01..9999-12-31"},
        {"created_at": ".."},
        {"contact_count": "several"},
        {"contact_count": ".."},
        {"contact_count": "2.5"},
        {"contact_count": "2...5"},
        {"contact_count": "-1.."},
        {"contact_count": "1..many"},
        {"contact_count": "..1000000000"},  # beyond what the column can hold
        {"contact_count": "²"},
        {"contact_count.from": "two", "contact_count.to": ""},
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(client: Client, query: dict[str, str]) -> None:
    listing = client.get(LIST, query).context["listing"]
    assert listing.total.number == 3
    assert len(listing.ignored) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"name.is": "contains", "name.text": ""},
        {"created_at": "custom"},
        {"contact_count": "custom", "contact_count.from": ""},
        {"name": ""},
    ],
)
def test_an_empty_filter_is_none(client: Client, query: dict[str, str]) -> None:
    listing = client.get(LIST, query).context["listing"]
    assert (listing.total.number, listing.ignored, listing.address()) == (3, [], "?")


def date_from(customer: str, when: datetime, acme: Tenant, by: User) -> None:
    with tenant(acme), operation("edit", by=by):
        Customer.objects.filter(name=customer).update(created_at=when)


@pytest.mark.parametrize(
    ("period", "days_ago"),
    [("today", 0), ("last7", 6), ("last30", 29), ("last90", 89)],
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
    ("period", "first", "last"),
    [
        ("yesterday", "2026-03-14", "2026-03-14"),
        ("month", "2026-03-01", "2026-03-15"),
        ("lastmonth", "2026-02-01", "2026-02-28"),
        ("quarter", "2026-01-01", "2026-03-15"),
        ("lastquarter", "2025-10-01", "2025-12-31"),
        ("year", "2026-01-01", "2026-03-15"),
        ("lastyear", "2025-01-01", "2025-12-31"),
    ],
)
def test_periods_by_the_calendar(period: str, first: str, last: str) -> None:
    meant = PRESETS[period][1](date(2026, 3, 15))
    assert meant == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("period", PRESETS)
def test_each_period_reads_as_a_sentence(client: Client, period: str) -> None:
    for key, verb in {"created_at": "added", "updated_at": "changed", "disabled_at": "disabled"}.items():
        listing = client.get(LIST, {key: period}).context["listing"]
        words = PRESETS[period][0].lower()
        assert listing.narrowed == f": {verb} {'in the ' if words.endswith('days') else ''}{words}"


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026-03-01..2026-03-31", "disabled from 03/01/2026 until 03/31/2026"),
        ("2026-03-01..", "disabled from 03/01/2026"),
        ("2026-03-01..2026-03-01", "disabled on 03/01/2026"),
    ],
)
def test_days_read_as_a_sentence_too(client: Client, period: str, words: str) -> None:
    assert client.get(LIST, {"disabled_at": period}).context["listing"].narrowed == f": {words}"


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("2026-03-01..2026-03-31", ["Alder Bikes"]),
        ("2026-03-31..2026-03-01", ["Alder Bikes"]),  # told backwards
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


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("2019-05-14..2019-05-14", ["Alder Bikes"]),
        ("2019-05-15..", ["Old Alder"]),
        ("..2019-05-13", []),
        ("..", ["Alder Bikes", "Old Alder", "Ärzte GmbH"]),  # none
        ("today", ["Old Alder"]),
    ],
)
def test_a_day_lies_in_a_period_whatever_the_companys_time(
    client: Client, acme: Tenant, people: dict[str, User], period: str, names: list[str]
) -> None:
    with tenant(acme), operation("settings", by=people["manager"]):
        acme.timezone = "Pacific/Kiritimati"  # fourteen hours ahead
        acme.save()
        Customer.objects.filter(name="Alder Bikes").update(customer_since=date(2019, 5, 14))
        today = timezone.localdate(timezone=ZoneInfo(acme.timezone))
        Customer.objects.filter(name="Old Alder").update(customer_since=today)
    assert sorted(found(client, customer_since=period)) == sorted(names)


def test_days_of_customers_read_as_a_sentence(client: Client) -> None:
    said = {
        "2019-05-14..2019-05-14": "on 05/14/2019",
        "2019-05-14..": "from 05/14/2019",
        "last7": "in the last 7 days",
        "year": "this year",
    }
    for period, words in said.items():
        listing = client.get(LIST, {"customer_since": period}).context["listing"]
        assert listing.narrowed == f": became customers {words}"


def test_dates_typed_on_the_page(client: Client) -> None:
    sent = {"created_at": "custom", "created_at.from": "2026-01-01", "created_at.to": ""}
    listing = client.get(LIST, sent).context["listing"]
    assert listing.address() == "?created_at=2026-01-01.."


def test_a_usual_period_wins_over_dates_that_were_typed_before(client: Client) -> None:
    sent = {"created_at": "last7", "created_at.from": "1999-01-01", "created_at.to": "1999-01-02"}
    assert client.get(LIST, sent).context["listing"].address() == "?created_at=last7"


@pytest.mark.parametrize(
    ("number", "names", "words"),
    [
        ("0", ["Old Alder", "Ärzte GmbH"], "no contacts"),
        ("1..", ["Alder Bikes"], "contacts at least 1"),
        ("2", ["Alder Bikes"], "contacts exactly 2"),
        ("3", [], "contacts exactly 3"),
        ("3..", [], "contacts at least 3"),
        ("..1", ["Old Alder", "Ärzte GmbH"], "contacts at most 1"),
        ("..1500", ["Alder Bikes", "Old Alder", "Ärzte GmbH"], "contacts at most 1,500"),
        ("1..2", ["Alder Bikes"], "contacts 1 to 2"),
    ],
)
def test_numbers(client: Client, number: str, names: list[str], words: str) -> None:
    assert sorted(found(client, contact_count=number)) == sorted(names)
    listing = client.get(LIST, {"contact_count": number}).context["listing"]
    assert listing.narrowed == f": {words}"
    assert listing.address() == f"?contact_count={number}"


@pytest.mark.parametrize(
    ("number", "names", "words"),
    [
        ("..9", ["Old Alder"], "employees at most 9"),
        ("0", ["Old Alder"], "no employees"),
        ("10..49", [], "employees 10 to 49"),
        ("1200", ["Alder Bikes"], "employees exactly 1,200"),
        ("250..", ["Alder Bikes"], "employees at least 250"),
    ],
)
def test_numbers_that_are_not_known_of_everybody(
    client: Client, acme: Tenant, people: dict[str, User], number: str, names: list[str], words: str
) -> None:
    with tenant(acme), operation("edit", by=people["manager"]):
        Customer.objects.filter(name="Alder Bikes").update(employees=1200)
        Customer.objects.filter(name="Old Alder").update(employees=0)
    assert sorted(found(client, employees=number)) == names
    assert client.get(LIST, {"employees": number}).context["listing"].narrowed == f": {words}"


def test_usual_sizes_are_offered(client: Client) -> None:
    for sent, chosen in [("50..249", "50..249"), ("..9", "..9"), ("7", "custom"), ("10..50", "custom")]:
        listing = client.get(LIST, {"employees": sent}).context["listing"]
        [pill] = [facet for facet in listing.facets if facet.name == "employees"]
        assert [option.value for option, ticked in pill.options if ticked] == [chosen]
    assert [option.label for option, _ in pill.options] == [
        "Up to 9", "10 to 49", "50 to 249", "250 or more", "Between",
    ]  # fmt: skip
    listing = client.get(LIST).context["listing"]
    assert "employees" not in [facet.name for facet in listing.facets if not facet.hidden]


@pytest.mark.parametrize(
    ("least", "most", "address"),
    [
        ("2", "5", "2..5"),
        ("5", "2", "2..5"),  # told backwards
        (" 2 ", "", "2.."),
        ("", "5", "..5"),
        ("003", "3", "3"),
        ("0", "0", "0"),
    ],
)
def test_numbers_typed_on_the_page(client: Client, least: str, most: str, address: str) -> None:
    sent = {"contact_count": "custom", "contact_count.from": least, "contact_count.to": most}
    listing = client.get(LIST, sent).context["listing"]
    assert (listing.address(), listing.ignored) == (f"?contact_count={address}", [])
    assert client.get(f"{LIST}?contact_count={address}").context["listing"].address() == listing.address()


@pytest.mark.parametrize(
    ("number", "chosen", "least", "most", "said"),
    [
        ("0", "0", "", "", ["none"]),
        ("1..", "1..", "", "", ["at least 1"]),
        ("4", "custom", "4", "4", ["exactly 4"]),
        ("..4", "custom", "", "4", ["at most 4"]),
        ("", "", "", "", []),
    ],
)
def test_the_pill_of_a_number_shows_what_is_set(
    client: Client, number: str, chosen: str, least: str, most: str, said: list[str]
) -> None:
    listing = client.get(LIST, {"contact_count": number}).context["listing"]
    [pill] = [facet for facet in listing.facets if facet.name == "contact_count"]
    assert [option.value for option, ticked in pill.options if ticked] == ([chosen] if chosen else [])
    assert (pill.parts, pill.chosen) == ({"from": least, "to": most}, said)


def test_a_usual_number_wins_over_those_that_were_typed_before(client: Client) -> None:
    sent = {"contact_count": "0", "contact_count.from": "2", "contact_count.to": ""}
    assert client.get(LIST, sent).context["listing"].address() == "?contact_count=0"


def test_yes_no_or_either(client: Client) -> None:
    assert found(client, receive_promotional_emails="yes") == ["Old Alder"]
    assert found(client, receive_promotional_emails="no") == ["Alder Bikes", "Ärzte GmbH"]
    assert len(found(client, receive_promotional_emails="")) == 3
    response = client.get(LIST, {"receive_promotional_emails": "no"})
    assert "2 customers: not receiving promotional e-mails." in response.content.decode()
    [pill] = [
        facet for facet in response.context["listing"].facets if facet.name == "receive_promotional_emails"
    ]
    assert [(option.label, chosen) for option, chosen in pill.options] == [
        ("Any", False),
        ("Yes", False),
        ("No", True),
    ]
    assert (pill.chosen, pill.hidden) == (["No"], False)


def test_customers_disabled_in_a_period_are_found_without_asking_for_disabled_ones(
    client: Client, acme: Tenant, people: dict[str, User]
) -> None:
    with tenant(acme):
        Customer.objects.get(name="Old Alder").disable(by=people["manager"], reason="")
    assert found(client, disabled_at="today") == ["Old Alder"]
    assert found(client, disabled_at="today", state="active") == ["Old Alder"], "as the form sends it along"
    assert found(client, disabled_at="lastyear") == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "starts:zoe"}, ["Zoë Zander"]),
        ({"customer": "contains:BIKES"}, ["Bert", "Zoë Zander"]),
        ({"customer": "starts:b-2"}, []),
        ({"email": "starts:zoe@"}, ["Zoë Zander"]),
        ({"email": "empty"}, ["Bert"]),
        ({"phone": "contains:(030) 777"}, ["Zoë Zander"]),
        ({"primary": "yes"}, ["Bert"]),
        ({"primary": "no"}, ["Zoë Zander"]),
        ({"created_at": "today", "updated_at": "last7"}, ["Bert", "Zoë Zander"]),
        ({"created_at": "yesterday"}, []),
    ],
)
def test_contacts(client: Client, query: dict[str, str], names: list[str]) -> None:
    assert found(client, "/acme/contacts/", **query) == names
