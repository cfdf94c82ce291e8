"""Walking a list page by page: nothing lost, nothing twice, whatever happens meanwhile."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import chain, pairwise
from typing import Any

import pytest
from django.test import Client

from customers.list import CUSTOMERS
from customers.models import Customer
from history.operations import operation
from lists.paging import Cursor, Narrowed, Order, Total, read_page
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import add_customers
from tests.customers.test_list import names

ORDERS = [
    sign + key
    for key in ("name", "reference", "email", "created_at", "updated_at", "contact_count")
    for sign in ("", "-")
]


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])


def link(response: Any, label: str) -> str:
    """The address of the pager's link with this label, or ''."""
    found = re.search(
        rf'<a class="btn btn-quiet" id="page-{label.lower()}" href="([^"]*)"[^>]*>(?:(?!</a>).)*<span>{label}</span>',
        response.content.decode(),
    )
    return unescape(found[1]) if found else ""


def walk(client: Client, address: str, label: str) -> Iterator[list[str]]:
    while address:
        response = client.get(f"/acme/customers/{address}")
        yield names(response)
        address = link(response, label)


@pytest.fixture
def many(acme: Tenant, people: dict[str, User]) -> list[str]:
    """130 customers, with many ties: of e-mail, reference (none), time, and some of name."""
    rng = random.Random(7)
    found = [f"{rng.choice('ABÄÅØ')}{rng.randint(1, 60)} {number}" for number in range(120)] + ["Twin"] * 10
    with tenant(acme), operation("add", by=people["agent"]):
        Customer.objects.bulk_create(
            [Customer(name=name, email=rng.choice(["", "a@x.example", "b@x.example"])) for name in found]
        )
    return found


@pytest.mark.parametrize("sort", ORDERS)
def test_walking_forward_and_back_meets_every_customer_once(
    acme: Tenant, viewer: Client, many: list[str], sort: str
) -> None:
    forward = list(walk(viewer, f"?size=50&sort={sort}", "Next"))
    assert [len(page) for page in forward] == [50, 50, 30]
    assert sorted(chain(*forward)) == sorted(many)
    back = list(walk(viewer, f"?size=50&sort={sort}&before=end", "Previous"))
    assert back == forward[::-1]


def test_descending_is_ascending_backwards(acme: Tenant, viewer: Client, many: list[str]) -> None:
    up = list(chain(*walk(viewer, "?size=25&sort=name", "Next")))
    down = list(chain(*walk(viewer, "?size=25&sort=-name", "Next")))
    assert down == up[::-1]


def test_customers_added_meanwhile_move_nothing(acme: Tenant, viewer: Client, many: list[str]) -> None:
    first = viewer.get("/acme/customers/?size=50")
    add_customers(acme, "A0", "A 0")
    second = viewer.get(f"/acme/customers/{link(first, 'Next')}")
    assert not set(names(first)) & set(names(second)) - {"Twin"}
    third = viewer.get(f"/acme/customers/{link(second, 'Next')}")
    everybody = names(first) + names(second) + names(third)
    assert sorted(everybody) == sorted(many)


def test_a_customer_deleted_at_the_page_break_loses_no_other(
    acme: Tenant, people: dict[str, User], viewer: Client, many: list[str]
) -> None:
    first = viewer.get("/acme/customers/?size=50")
    last_shown = names(first)[-1]
    with tenant(acme):
        Customer.objects.get(name=last_shown).remove(by=people["manager"])
    rest = list(chain(*walk(viewer, link(first, "Next"), "Next")))
    assert sorted(names(first) + rest) == sorted(many)


def test_numbers_first_and_last(acme: Tenant, viewer: Client, many: list[str]) -> None:
    def foot(response: Any) -> str:
        found = re.search(r'class="tablefoot">\s*<span>(.*?)</span>', response.content.decode())
        assert found
        return found[1]

    first = viewer.get("/acme/customers/?size=50")
    assert foot(first) == "1–50 of 130"
    assert not link(first, "First")
    assert not link(first, "Previous")
    last = viewer.get(f"/acme/customers/{link(first, 'Last')}")
    assert foot(last) == "101–130 of 130"
    assert not link(last, "Next")
    assert not link(last, "Last")
    middle = viewer.get(f"/acme/customers/{link(last, 'Previous')}")
    assert foot(middle) == "51–100 of 130"
    assert names(viewer.get(f"/acme/customers/{link(middle, 'First')}")) == names(first)


def test_the_page_of_rows_that_are_gone_leads_back(acme: Tenant, viewer: Client, many: list[str]) -> None:
    first = viewer.get("/acme/customers/?size=100")
    with tenant(acme), operation("delete", by=None):
        for customer in Customer.objects.exclude(name__in=names(first)[:5]):
            customer.delete()
    page = viewer.get(f"/acme/customers/{link(first, 'Next')}")
    assert "Nothing on this page" in page.content.decode()


def test_links_keep_filter_order_and_size(acme: Tenant, viewer: Client, many: list[str]) -> None:
    response = viewer.get("/acme/customers/?size=25&sort=-email&q=A&kind=company")
    following = link(response, "Next")
    for part in ("size=25", "sort=-email", "q=A", "kind=company", "after="):
        assert part in following


@pytest.mark.parametrize(("exact", "window"), [(True, 1), (False, 3), (False, 40), (False, 1000)])
@pytest.mark.parametrize("sort", ["name", "-email", "updated_at"])
def test_however_the_rows_of_a_narrowed_list_are_found_they_are_the_same(
    acme: Tenant, many: list[str], sort: str, exact: bool, window: int
) -> None:
    """Few are gathered; many are walked to, or gathered where the window holds too few of them."""
    with tenant(acme):
        columns = CUSTOMERS.columns(User.objects.get(email="owner@acme.example"))
        order = Order(columns[sort.removeprefix("-")], sort.startswith("-"))
        rows = Customer.objects.filter(search__contains="1")
        wanted = list(rows.order_by(*order.fields()).values_list(order.column.order, "pk", "name"))
        source = Narrowed(rows, Customer.objects.all(), Total(len(wanted), exact), window=window)
        page = read_page(source, order, ["name"], size=7)
        forward = [page.rows]
        while page.next:
            page = read_page(source, order, ["name"], size=7, after=page.next)
            forward.append(page.rows)
        back = [read_page(source, order, ["name"], size=7, last=True, total=len(wanted)).rows]
        while page.previous:
            page = read_page(source, order, ["name"], size=7, before=page.previous)
            back.insert(0, page.rows)
    assert list(chain(*forward)) == wanted
    assert back == forward


def test_a_page_costs_one_query_without_offset(
    acme: Tenant, many: list[str], django_assert_num_queries: Any
) -> None:
    with tenant(acme):
        column = CUSTOMERS.columns(User.objects.get(email="owner@acme.example"))["name"]
        middle = Customer.objects.order_by("sort_name", "id")[60]
        with django_assert_num_queries(1) as captured:
            page = read_page(
                Customer.objects.all(),
                Order(column),
                ["name"],
                size=25,
                after=Cursor("name", middle.sort_name, middle.pk),
            )
    assert len(page.rows) == 25
    assert all(one[:2] < two[:2] for one, two in pairwise(page.rows))
    sql = captured.captured_queries[0]["sql"]
    assert "OFFSET" not in sql
    assert '("customers_customer"."sort_name", "customers_customer"."id") >' in sql
