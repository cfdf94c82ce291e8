"""All imports of the company: who, what, how far, what came of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from customers.models import Customer
from history.long import carry_on
from history.models import Operation
from history.operations import operation
from history.undo import UndoStep, undo_later
from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, begin, check, load, text

LIST = "/acme/imports/"


def rows(client: Client, address: str = LIST) -> list[str]:
    page = html.fromstring(client.get(address).content.decode())
    return [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]


def test_it_begins_empty_and_says_what_belongs_there(acme: Tenant, manager: Client) -> None:
    assert "Nothing was imported yet" in text(manager.get(LIST))


def test_every_run_stands_there_whoever_began_it(acme: Tenant, manager: Client, admin: Client) -> None:
    load(manager, "Name,Reference\nAlder,1\nBirch,2\n", "trees.csv")
    check(admin, "Name,Reference\nAlder,1\nCedar,3\n,4\n", "more.csv")
    begin(admin, "Name\nElm\n", "new.csv")
    new, more, trees = rows(manager)
    assert new.startswith("new.csv Customers Admin")
    assert "Columns to be matched" in new
    assert "Waiting for approval 1 to add, 1 unchanged, 1 with errors" in more
    assert "Done 2 added" in trees
    assert "Run again: trees.csv" in trees
    assert "Run again" not in more


def test_one_that_was_undone_says_so_for_as_long_as_it_is(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    report = load(manager, "Name\nAlder\nBirch\n")
    manager.post(f"/acme/operations/{report.context['run'].operation_id}/undo/")
    [line] = rows(manager)
    assert " Undone " in line
    assert "Done" not in line
    assert "added" not in line
    with tenant(acme):
        taken_back = Operation.objects.get(kind="undo")
    admin.post(f"/acme/operations/{taken_back.pk}/undo/")
    [line] = rows(manager)
    assert "Done 2 added" in line
    assert "Undone" not in line


def test_what_an_undo_has_kept_and_what_one_has_left_that_was_stopped_is_told(
    acme: Tenant, people: dict[str, User], manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load(manager, "Name\nAlder\nBirch\n", "kept.csv")
    with tenant(acme), operation("edit", by=people["agent"]):
        Customer.objects.filter(name="Alder").update(language="de")
    manager.post(f"/acme/operations/{kept.context['run'].operation_id}/undo/")
    stopped = load(manager, "Name\n" + "".join(f"Cedar {n}\n" for n in range(5)), "stopped.csv")
    monkeypatch.setattr("history.undo.BATCH", 2)
    with tenant(acme):
        original = Operation.objects.get(pk=stopped.context["run"].operation_id)
        undoing = undo_later(original, by=people["manager"])
    going = rows(manager)[0]
    assert " Being undone " in going
    step = UndoStep()

    def one_batch(running: Operation) -> bool:
        running.ask_to_stop()
        return step(running)

    carry_on(acme.pk, undoing.pk, one_batch)
    first, second = rows(manager)
    assert "Undone in part 2 rows went back" in first
    assert "Undone 1 kept" in second
    page = manager.get(address_of(stopped))
    assert "Undone in part by Manager" in text(page)
    assert "The rest is in, and can be undone." in text(page)
    link = f"/acme/operations/{original.pk}/undo/"
    assert link in page.content.decode()
    assert "3 customers are deleted" in text(manager.get(link))
    manager.post(link)
    carry_on(acme.pk, undo_of(acme, original).pk, UndoStep())
    first, _ = rows(manager)
    assert " Undone " in first
    assert "went back" not in first
    assert "Undone by Manager" in text(manager.get(address_of(stopped)))
    with tenant(acme):
        assert list(Customer.objects.values_list("name", flat=True)) == ["Alder"]


def undo_of(company: Tenant, original: Operation) -> Operation:
    with tenant(company):
        return Operation.objects.filter(undoes=original).latest("pk")


def test_how_long_it_took_is_told_of_what_was_imported(acme: Tenant, manager: Client) -> None:
    load(manager, "Name\nAlder\n", "trees.csv")
    check(manager, "Name\nBirch\n", "more.csv")
    more, trees = rows(manager)
    assert "less than a second Run again" in trees
    assert more.endswith("1 to add –")


def test_a_navigation_entry_leads_there(acme: Tenant, manager: Client, agent: Client) -> None:
    page = html.fromstring(manager.get(LIST).content.decode())
    [entry] = page.xpath("//nav[@aria-label='Main']//a[@aria-current]")
    assert (entry.text_content().strip(), entry.get("href")) == ("Imports", LIST)
    assert LIST not in agent.get("/acme/").content.decode()
    assert agent.get(LIST).status_code == 403


def test_older_ones_are_on_further_pages(acme: Tenant, people: dict[str, User], manager: Client) -> None:
    with tenant(acme):
        ImportRun.objects.bulk_create(
            ImportRun(by=people["manager"], name=f"{number:02}.csv", size=1, sha256="")
            for number in range(60)
        )
    first = manager.get(LIST)
    assert len(rows(manager)) == 50
    older = f"{LIST}{first.context['older']}"
    assert [row.split()[0] for row in rows(manager, older)] == [
        f"{number:02}.csv" for number in reversed(range(10))
    ]
    assert "Newest" in text(manager.get(older))


def test_it_costs_as_many_queries_however_many_there_are(acme: Tenant, manager: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            manager.get(LIST)
        return len(queries)

    load(manager, "Name,Reference\nAlder,1\n")
    before = asked()
    for number in range(3):
        report = load(manager, f"Name,Reference\nCedar,C{number}\n")
        manager.post(f"/acme/operations/{report.context['run'].operation_id}/undo/")
        check(manager, f"Name,Reference\nBirch,{number}\n")
        begin(manager, "Name\nElm\n")
    assert asked() == before


def test_running_again_leads_to_the_plan(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name,Reference\nAlder,1\n")
    done = manager.post(f"{address_of(report)}again/")
    plan = manager.get(done.headers["Location"])
    assert plan.context["plan"].counts["unchanged"] == 1
    assert len(rows(manager)) == 2
