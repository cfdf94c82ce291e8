"""The jump box: the customers somebody most probably means, the best first, and why they were found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.db import connection
from django.db.models import Func, TextField, Value
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Address, Contact
from customers import jump
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.database import TooSlow, at_most
from tenants.models import Tenant, User
from tests.customers.conftest import asked
from tests.customers.customers import add_customers


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])


def hits(client: Client, text: str) -> list[tuple[str, str]]:
    """Of each customer in the box its name, and what stands below it."""
    response = client.get("/acme/jump/", {"q": text}, headers={"hx-request": "true"})
    assert response.status_code == 200
    found = re.findall(
        r'role="option" id="jump-\d+".*?<b>(.*?)</b><small>(.*?)</small>',
        response.content.decode(),
        re.DOTALL,
    )
    return [(unescape(name), unescape(below)) for name, below in found]


def names(client: Client, text: str) -> list[str]:
    return [name for name, _ in hits(client, text)]


def last(client: Client, text: str) -> tuple[str, str]:
    """Where the last item leads, and what it says; twice '' where there is none."""
    page = client.get("/acme/jump/", {"q": text}, headers={"hx-request": "true"}).content.decode()
    found = re.search(r'class="jump-hit jump-all" href="([^"]*)".*?<span>(.*?)</span>', page, re.DOTALL)
    return (unescape(found[1]), unescape(found[2])) if found else ("", "")


def test_the_best_come_first(acme: Tenant, globex: Tenant, people: dict[str, User], viewer: Client) -> None:
    add_customers(acme, "Harbour Kiosk", email="kiosk@alder.example")
    add_customers(acme, "Zoo of Alder", "Baldermann", "Alderney Ferries", "Alder Bikes", "Alder")
    add_customers(acme, "Unlike", reference="ALDER-7")
    add_customers(acme, "Named like a number", reference="alder")
    (gone,) = add_customers(acme, "Alder Gone")
    with tenant(acme):
        gone.disable(by=people["manager"], reason="")
    add_customers(globex, "Alder Theirs")
    assert names(viewer, "alder") == [
        *("Alder", "Named like a number"),  # exactly so
        *("Alder Bikes", "Alderney Ferries"),  # begins so
        "Zoo of Alder",  # a word of it does
        "Unlike",  # its reference does
        *("Baldermann", "Harbour Kiosk"),  # somewhere
        "Alder Gone",  # disabled: last, however well it fits
    ]
    assert last(viewer, "alder") == ("/acme/customers/?q=alder&state=all", "All 9 results in the list")


def test_ten_at_the_most_and_the_list_has_the_others(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, *(f"Alder {number:02}" for number in range(12)))
    assert names(viewer, "ALDER") == [f"Alder {number:02}" for number in range(10)]
    assert last(viewer, "ALDER") == ("/acme/customers/?q=ALDER", "Search all customers for “ALDER”")


def test_why_a_customer_was_found_is_said(acme: Tenant, people: dict[str, User], viewer: Client) -> None:
    (customer,) = add_customers(
        acme, "Birch Foods", reference="X-200", email="Info@Birch.example", phone="+493012345678"
    )
    with tenant(acme), operation("edit", by=people["agent"]):
        Contact.objects.create(customer=customer, name="Tom Holm", is_primary=True)
        Contact.objects.create(customer=customer, name="Anna Müller", email="anna@mail.example")
        Address.objects.create(customer=customer, street="Kaj 3", city="Luleå", postal_code="97234")
    for text, reason in [
        ("birch", "Company · X-200"),
        ("x-2", "Company · Reference X-200"),
        ("info", "Company · E-mail Info@Birch.example"),
        ("030 1234", "Company · Phone +493012345678"),
        ("muller birch", "Company · Contact Anna Müller"),
        ("LULEA x-200", "Company · Reference X-200 · Address Kaj 3, 97234 Luleå"),
        ("=x-200", "Company · Reference X-200"),
        ("=lulea", "Company · Address Kaj 3, 97234 Luleå"),
        ("=tom holm", "Company · Contact Tom Holm"),
        ("=+49 30 12345678", "Company · Phone +493012345678"),
    ]:
        assert hits(viewer, text) == [("Birch Foods", reason)], text
    assert hits(viewer, "muller oslo") == []
    assert hits(viewer, "=lule") == []
    assert last(viewer, "muller oslo") == ("", "")


@pytest.mark.parametrize(
    "text", ["", " ", "´", "=", "%", "_", "\x00", "a\nb", "x" * 300, "\U0010ffff", "' OR 1=1"]
)
def test_nonsense_finds_nothing(acme: Tenant, viewer: Client, text: str) -> None:
    add_customers(acme, "Alder", "Birch")
    assert names(viewer, text) == []


def test_without_scripts_it_is_a_page_of_links(acme: Tenant, viewer: Client) -> None:
    (customer,) = add_customers(acme, "Alder Bikes")
    page = viewer.get("/acme/jump/?q=bik").content.decode()
    assert f'<a class="jump-hit" href="/acme/customers/{customer.pk}/">' in page
    assert 'role="option"' not in page
    sidebar = viewer.get("/acme/customers/").content.decode()
    assert re.search(
        r'<form class="jump scriptless" action="/acme/jump/" role="search".*?name="q"', sidebar, re.DOTALL
    )


@pytest.fixture
def crowd(acme: Tenant, people: dict[str, User]) -> Iterator[User]:
    """The viewer, in a company of more customers than the box looks at."""
    people["viewer"].remember(people["viewer"].memberships.get())
    with tenant(acme), operation("import", by=None):
        Customer.objects.bulk_create(
            Customer(
                name=f"Alder {number:04} Works", reference=f"W-{number}", email=f"info@w{number}.example"
            )
            for number in range(300)
        )
        yield people["viewer"]


@pytest.mark.parametrize(
    ("text", "queries"),
    [("a", 2), ("zz", 1), ("alder", 2), ("w-1", 3), ("works", 3), ("info", 4), ("nobody", 2), ("=w-7", 3)],
)
def test_what_it_costs_does_not_depend_on_how_many_match(crowd: User, text: str, queries: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = jump.find(text, crowd)
    statements = asked(captured)
    assert len(statements) == queries, "\n\n".join(statements)
    assert all("LIMIT" in statement or "IN (" in statement for statement in statements)
    assert len(found.hits) <= jump.SHOWN


def test_what_takes_too_long_is_left_to_the_list(crowd: User) -> None:
    with pytest.raises(TooSlow), at_most(50), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",), "the limit ends with the block"
    asleep = Customer.objects.annotate(
        slept=Func(Value(10), function="pg_sleep", output_field=TextField())
    ).exclude(slept__isnull=True)
    assert jump._in_time(asleep, "alder", 50) is None
    assert Customer.objects.count() == 300, "the transaction goes on"
