"""All rows that an operation wrote, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Address
from customers.models import Customer
from history.models import Operation
from history.operation_rows import part_of
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import agent, asked, manager, viewer

__all__ = ["agent", "manager", "viewer"]

pytestmark = pytest.mark.django_db

People = dict[str, User]


@pytest.fixture
def alders(acme: Tenant, people: People) -> Operation:
    """The operation by which the manager added 120 customers, and an address of the first."""
    with tenant(acme), operation("import", by=people["manager"]) as running:
        rows = Customer.objects.bulk_create(Customer(name=f"Alder {n:03}") for n in range(120))
        Address.objects.create(customer=rows[0], city="Kiel", access_name="Mr Key")
    return running


def change(company: Tenant, by: User, number: int | None = None, **values: Any) -> Operation:
    """Change so many customers, the first ones; all by default."""
    with tenant(company), operation("bulk_edit", by=by) as running:
        ids = Customer.objects.order_by("pk").values_list("pk", flat=True)[:number]
        Customer.objects.filter(pk__in=list(ids)).update(**values)
    return running


def rows_of(found: Operation, page: str = "rows") -> str:
    return f"/acme/operations/{found.pk}/{page}/"


def html(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def link(text: str, rel: str) -> str | None:
    """Where Next or Previous leads; None without one."""
    found = re.search(rf'rel="{rel}" href="([^"]*)"', text)
    return found[1] if found else None


def pages(client: Client, address: str) -> Iterator[str]:
    """That page, and those that Next leads to."""
    query: str | None = ""
    while query is not None:
        text = html(client.get(f"{address}{query}"))
        yield text
        query = link(text, "next")


def names(text: str) -> list[str]:
    return re.findall(r'<li>\s*<p>\s*<(?:a href="[^"]*"|b)>(.*?)</', text)


class TestWritten:
    def test_every_row_is_found_by_going_on_and_back(
        self, acme: Tenant, alders: Operation, viewer: Client
    ) -> None:
        found = list(pages(viewer, rows_of(alders)))
        assert [len(names(text)) for text in found] == [50, 50, 20]
        assert [name for text in found for name in names(text)] == [f"Alder {n:03}" for n in range(120)]
        assert "<h1>120 customers</h1>" in found[0]
        assert link(found[0], "prev") is None
        back = html(viewer.get(f"{rows_of(alders)}{link(found[2], 'prev')}"))
        assert names(back) == names(found[1])
        assert names(html(viewer.get(f"{rows_of(alders)}{link(back, 'prev')}"))) == names(found[0])

    def test_the_page_of_the_operation_leads_to_those_it_does_not_name(
        self, alders: Operation, viewer: Client
    ) -> None:
        text = html(viewer.get(f"/acme/operations/{alders.pk}/"))
        [address] = re.findall(r'<a href="([^"]*)">and 70 more</a>', text)
        assert names(html(viewer.get(address)))[0] == "Alder 050"
        assert f"{rows_of(alders)}?kind=contacts.address" in text

    def test_an_edited_row_tells_what_was_changed(
        self, acme: Tenant, alders: Operation, people: People, viewer: Client
    ) -> None:
        with tenant(acme):
            first, second = Customer.objects.order_by("pk")[:2]
        edit = change(acme, people["manager"], 2, language="de", website="https://alder.example")
        change(acme, people["manager"], 2, language="fr")
        with tenant(acme), operation("delete", by=people["manager"]):
            Customer.objects.filter(pk=second.pk).delete()
        text = html(viewer.get(rows_of(edit)))
        assert f'<a href="/acme/customers/{first.pk}/">Alder 000</a>' in text
        assert f"/acme/customers/{second.pk}/" not in text
        assert names(text) == ["Alder 000", "Alder 001"]
        assert text.count("<dt>Website</dt>") == text.count("<ins>https://alder.example</ins>") == 2
        assert "<dt>Language</dt><dd>" in text
        assert "<ins>German</ins>" in text
        assert "French" not in text

    def test_what_one_may_not_read_is_not_told(
        self, acme: Tenant, alders: Operation, people: People, viewer: Client, agent: Client
    ) -> None:
        with tenant(acme), operation("edit", by=people["manager"]) as edit:
            Address.objects.update(access_name="Mrs Lock", label="Depot")
        shown = {client: html(client.get(rows_of(edit))) for client in (viewer, agent)}
        assert all("<ins>Depot</ins>" in text for text in shown.values())
        assert ["Mrs Lock" in shown[client] for client in (viewer, agent)] == [False, True]

    @pytest.mark.parametrize("query", ["?after=999999999", "?before=1", "?before=0&after=x", "?after=-1"])
    def test_an_address_that_leads_past_all_rows_shows_the_first(
        self, alders: Operation, viewer: Client, query: str
    ) -> None:
        assert names(html(viewer.get(f"{rows_of(alders)}{query}")))[0] == "Alder 000"

    def test_what_is_not_there_is_not_found(
        self,
        acme: Tenant,
        alders: Operation,
        people: People,
        viewer: Client,
        bob: User,
        signed_in: Callable[[User], Client],
    ) -> None:
        for query in ("?kind=contacts.contact", "?kind=auth.user", "?kind=%00"):
            assert viewer.get(f"{rows_of(alders)}{query}").status_code == 404
        for address in (rows_of(alders), rows_of(alders).replace("acme", "globex")):
            assert signed_in(bob).get(address).status_code == 404

    def test_not_everybody_reads_of_everything(
        self, acme: Tenant, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        with tenant(acme), operation("settings", by=people["owner"]) as running:
            Customer.objects.create(name="Birch")
        statuses = [
            signed_in(people[role]).get(rows_of(running)).status_code for role in ("manager", "admin")
        ]
        assert statuses == [403, 200]

    def test_more_rows_cost_no_more_queries(
        self, acme: Tenant, alders: Operation, people: People, viewer: Client
    ) -> None:
        few = change(acme, people["manager"], 2, language="de")
        many = change(acme, people["manager"], language="fr")
        found = []
        for done in (few, many):
            with CaptureQueriesContext(connection) as queries:
                viewer.get(rows_of(done))
            found.append(asked(queries))
        assert len(found[0]) == len(found[1]) == 10, "\n\n".join(found[1])

    def test_a_page_is_read_from_an_index_in_its_order(self, acme: Tenant, alders: Operation) -> None:
        with tenant(acme), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            rows = Customer.history.model.objects.filter(operation_id=alders.pk, id__gt=5).order_by("id")
            plan = rows.values_list("id", flat=True).distinct()[:51].explain()
            assert len(part_of(Customer.history.model.objects.all(), "id", {}).keys) == 50
        [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
        assert all(name in condition for name in ("tenant_id", "operation_id", "id >"))
        assert "Sort" not in plan
