"""All rows of an operation, a page at a time: those it wrote, and those that an undo left as they were."""

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
from history.models import KeptRow, Operation
from history.operation_rows import part_of
from history.operations import operation
from history.tasks import take_back
from history.views import in_few_words
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
        assert viewer.get(rows_of(alders, "kept")).status_code == 404
        for page in ("rows", "kept"):
            for address in (rows_of(alders, page), rows_of(alders, page).replace("acme", "globex")):
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


class TestKept:
    def test_all_that_an_undo_kept_are_listed_with_who_edited_them(
        self, acme: Tenant, alders: Operation, people: People, manager: Client, viewer: Client
    ) -> None:
        done = change(acme, people["manager"], language="de")
        change(acme, people["agent"], 70, language="fr")
        text = html(manager.post(f"/acme/operations/{done.pk}/undo/", follow=True))
        assert "Undone: 50 customers went back to what they were." in text
        with tenant(acme):
            undo = Operation.objects.get(undoes=done)
            assert undo.counts["kept"] == KeptRow.objects.count() == 70
        assert f'<a href="{rows_of(undo, "kept")}">All that were kept</a>' in text
        change(acme, people["owner"], language="it")  # what was decided then stays
        found = list(pages(viewer, rows_of(undo, "kept")))
        assert [name for text in found for name in names(text)] == [f"Alder {n:03}" for n in range(70)]
        assert sum(text.count("edited since by Agent, ") for text in found) == 70
        page = html(viewer.get(f"/acme/operations/{undo.pk}/"))
        [address] = re.findall(r'<a href="([^"]*)">and 20 more</a>', page)
        assert names(html(viewer.get(address)))[0] == "Alder 050"

    def test_where_everything_was_kept_the_message_leads_to_the_page_that_lists_it(
        self, acme: Tenant, alders: Operation, people: People, manager: Client
    ) -> None:
        done = change(acme, people["manager"], language="de")
        change(acme, people["agent"], language="fr")
        address = f"/acme/operations/{done.pk}/undo/"
        text = html(manager.post(address, follow=True))
        assert "Nothing was undone: Alder 000" in text
        assert f'<a href="{address}">All that were kept</a>' in text
        with tenant(acme):
            assert not KeptRow.objects.exists()

    def test_a_worker_writes_down_all_it_kept(
        self,
        acme: Tenant,
        alders: Operation,
        people: People,
        manager: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for module in ("history.undo", "history.views"):
            monkeypatch.setattr(f"{module}.BATCH", 30)
        monkeypatch.setattr("history.kept.AT_A_TIME", 20)
        change(acme, people["agent"], 70, language="fr")
        with tenant(acme), operation("edit", by=people["agent"]):
            Address.objects.update(label="Depot")
        answer = manager.post(f"/acme/operations/{alders.pk}/undo/")
        with tenant(acme):
            undo = Operation.objects.get(undoes=alders)
        assert answer["Location"] == f"/acme/operations/{undo.pk}/"
        take_back(tenant_id=acme.pk, operation_id=undo.pk)
        with tenant(acme):
            undo.refresh_from_db()
            assert (undo.state, Customer.objects.count()) == ("done", 70)
            assert undo.counts["kept"] == KeptRow.objects.filter(operation=undo).count() == 71
        found = [name for text in pages(manager, rows_of(undo, "kept")) for name in names(text)]
        assert len(found) == 71
        assert "Depot" in " ".join(found)

    def test_what_the_database_refused_is_listed_with_the_reason(
        self, acme: Tenant, people: People, manager: Client
    ) -> None:
        with tenant(acme), operation("add", by=people["manager"]) as added:
            Customer.objects.create(name="Alder", reference="A-1")
            Customer.objects.create(name="Birch")
        with tenant(acme):
            with operation("delete", by=people["manager"]) as deleted:
                Customer.objects.all().delete()
            with operation("add", by=people["agent"]):
                Customer.objects.create(name="Cedar", reference="A-1")
        manager.post(f"/acme/operations/{deleted.pk}/undo/")
        with tenant(acme):
            undo = Operation.objects.get(undoes=deleted)
        assert added.pk
        assert "Alder another customer has this reference" in words(html(manager.get(rows_of(undo, "kept"))))

    def test_undos_of_before_they_were_written_down_tell_the_first_by_name(
        self, acme: Tenant, people: People, viewer: Client
    ) -> None:
        with tenant(acme):
            counts = {"kept": 3, "kept_rows": [["Birch", "edited since by Agent, yesterday"]]}
            undo = Operation.objects.create(kind="undo", by=people["manager"], counts=counts)
        text = words(html(viewer.get(f"/acme/operations/{undo.pk}/")))
        assert "Birch edited since by Agent, yesterday and 2 more" in text

    def test_before_undoing_all_that_would_stay_can_be_looked_through(
        self, acme: Tenant, alders: Operation, people: People, manager: Client
    ) -> None:
        done = change(acme, people["manager"], language="de")
        change(acme, people["agent"], 110, language="fr")
        address = f"/acme/operations/{done.pk}/undo/"
        found = list(pages(manager, address))
        listed = [re.findall(r"<li>(Alder \d+): edited since by Agent", text) for text in found]
        assert [len(part) for part in listed] == [5, 50, 50, 5]
        assert [name for part in listed for name in part] == [f"Alder {n:03}" for n in range(110)]
        assert "110 stay as they are:" in words(found[0])
        assert "and 105 more" in words(found[0])
        back = html(manager.get(f"{address}{link(found[2], 'prev')}"))
        assert re.findall(r"<li>(Alder \d+): ", back) == listed[1]
        assert re.findall(r"<li>(Alder \d+): ", html(manager.get(f"{address}?from=9999"))) == listed[0]

    def test_of_very_many_rows_too_those_that_would_stay_can_be_looked_through(
        self,
        acme: Tenant,
        alders: Operation,
        people: People,
        manager: Client,
        agent: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("history.views.FORETOLD", 100)
        done = change(acme, people["manager"], language="de")
        address = f"/acme/operations/{done.pk}/undo/"
        assert "<li>120 customers go back</li>" in html(manager.get(address))
        change(acme, people["agent"], 110, language="fr")
        found = list(pages(manager, address))
        assert "<li>120 customers go back, but for 110 that stay</li>" in found[0]
        assert "110 stay as they are:" in words(found[0])
        listed = [re.findall(r"<li>(Alder \d+): edited since by Agent", text) for text in found]
        assert [name for part in listed for name in part] == [f"Alder {n:03}" for n in range(110)]
        assert [len(part) for part in listed] == [5, 50, 50, 5]
        back = html(manager.get(f"{address}{link(found[2], 'prev')}"))
        assert re.findall(r"<li>(Alder \d+): ", back) == listed[1]
        assert agent.get(f"{address}?from=0").status_code == 403
        assert manager.get(address.replace("acme", "globex") + "?from=0").status_code == 404

    def test_where_others_wrote_very_much_since_it_is_told_that_some_may_stay(
        self,
        acme: Tenant,
        alders: Operation,
        people: People,
        manager: Client,
        agent: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("history.views.FORETOLD", 100)
        monkeypatch.setattr("history.since.MOST", 100)
        done = change(acme, people["manager"], language="de")
        change(acme, people["agent"], 110, language="fr")
        address = f"/acme/operations/{done.pk}/undo/"
        for text in (html(manager.get(address)), html(manager.get(f"{address}?from=50"))):
            assert "but for those that somebody edited or uses since: these stay as they are" in text
            assert "Alder" not in text
            assert "</svg>Undo</button>" in text
        assert agent.get(address).status_code == 403

    def test_many_kept_rows_cost_no_more_queries(
        self, acme: Tenant, alders: Operation, people: People, manager: Client, viewer: Client
    ) -> None:
        found = []
        for number in (6, 60):
            done = change(acme, people["manager"], language="de")
            change(acme, people["agent"], number, language="fr")
            manager.post(f"/acme/operations/{done.pk}/undo/")
            with tenant(acme):
                undo = Operation.objects.get(undoes=done)
            with CaptureQueriesContext(connection) as queries:
                assert len(names(html(viewer.get(rows_of(undo, "kept"))))) == min(number, 50)
            found.append(asked(queries))
        assert len(found[0]) == len(found[1]) == 8, "\n\n".join(found[1])


def test_how_many_stay_is_said_where_that_is_known() -> None:
    assert in_few_words("20,000 customers", 0) == "20,000 customers go back"
    assert in_few_words("20,000 customers", 1) == "20,000 customers go back, but for 1 that stays"
    assert in_few_words("20,000 customers", None).startswith(
        "20,000 customers go back, but for those that somebody"
    )
