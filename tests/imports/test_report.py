"""What came of an import: numbers that add up, what was not written and why, and the way back."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from imports.files import remove_old_uploads
from imports.models import ImportRun
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, approve, check, load, only_run, text

People = dict[str, User]


def parts(page: Any) -> dict[str, int]:
    return {word: number for _, word, number in page.context["report"].parts}


def operation_of(report: Any) -> int:
    found: int = report.context["run"].operation_id
    return found


def undo(client: Client, report: Any) -> None:
    """As its page does."""
    client.post(f"/acme/operations/{operation_of(report)}/undo/", {"next": address_of(report)})


def test_the_numbers_add_up_to_the_rows_of_the_file(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference,E-mail\nAlder,1,\nBirch,2,\n")
    data = "Name,Reference,E-mail\nAlder,1,\nBirch,2,b@birch.example\nCedar,3,\nDogwood,4,d@\n"
    report = load(manager, data)
    assert report.context["report"].counts["rows"] == 4
    assert parts(report) == {"added": 1, "changed": 1, "unchanged": 1, "skipped": 0, "not imported": 1}
    assert "The import is done." in text(report)
    assert "accounted for" not in text(report)
    skipped = load(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\nElm,5,\n", mode="add")
    assert parts(skipped) == {"added": 1, "changed": 0, "unchanged": 0, "skipped": 1, "not imported": 0}


def test_numbers_that_do_not_add_up_are_said_in_red(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\nBirch\n")
    with tenant(acme):
        running = Operation.objects.get(kind="import")
        Operation.objects.filter(pk=running.pk).update(counts={**running.counts, "created": 1})
    page = manager.get(address_of(report))
    assert "Not every row of the file is accounted for." in text(page)
    assert 'data-kind="danger" role="alert"' in page.content.decode()


def test_rows_that_somebody_changed_meanwhile_are_listed_and_checked_again(
    acme: Tenant, people: People, manager: Client
) -> None:
    load(manager, "Name,Reference,E-mail\nAlder,1,\nBirch,2,\n")
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\nBirch,2,b@birch.example\n")
    with tenant(acme), operation("edit", by=people["agent"]):
        alder = Customer.objects.get(reference="1")
        alder.phone = "+49301"
        alder.save()
    report = manager.get(approve(manager, plan).headers["Location"])
    assert parts(report) == {"added": 0, "changed": 1, "unchanged": 0, "skipped": 0, "not imported": 1}
    [line] = report.context["lines"]
    assert (line.row.number, line.row.name) == (2, "Alder")
    assert "Somebody changed this customer after the file was checked." in text(report)
    assert "Check these again" in text(report)
    again = manager.post(f"{address_of(report)}again/")
    fresh = manager.get(again.headers["Location"])
    assert fresh.context["plan"].counts["update"] == 1
    assert fresh.context["plan"].counts["unchanged"] == 1
    approve(manager, fresh)
    with tenant(acme):
        alder.refresh_from_db()
        assert (alder.email, alder.phone) == ("a@alder.example", "+49301")


def test_an_import_of_which_no_row_went_in_is_not_called_done(acme: Tenant, manager: Client) -> None:
    data = "Name,Reference\nAlder,1\nBirch,2\n"
    plan, same = check(manager, data), check(manager, data)
    assert "The import is done." in text(manager.get(approve(manager, plan).headers["Location"]))
    late = manager.get(approve(manager, same).headers["Location"])
    assert parts(late) == {"added": 0, "changed": 0, "unchanged": 0, "skipped": 0, "not imported": 2}
    assert "Nothing was imported." in text(late)
    assert "The import is done." not in text(late)


def test_what_a_row_refers_to_and_is_gone_is_said(acme: Tenant, people: People, manager: Client) -> None:
    with tenant(acme), operation("settings", by=people["admin"]):
        trees = Segment.objects.create(name="Trees")
    plan = check(manager, "Name,Reference,Segment\nAlder,1,Trees\nBirch,2,\n")
    with tenant(acme), operation("settings", by=people["admin"]):
        trees.delete()
    report = manager.get(approve(manager, plan).headers["Location"])
    assert parts(report)["added"] == 1
    assert "The database refused this row: its segment is no longer there." in text(report)


def test_the_same_settings_are_used_again(acme: Tenant, manager: Client) -> None:
    load(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\n")
    report = load(manager, "Name,Reference,E-mail\nAlder,1,\n", blanks="clear", mode="update", column_0="")
    fresh = manager.get(manager.post(f"{address_of(report)}again/").headers["Location"])
    decided = fresh.context["run"].decided
    assert (decided.blanks, decided.columns) == ("clear", {1: "reference", 2: "email"})


def test_it_leads_to_the_customers_and_is_undone(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\nBirch\n")
    page = report.content.decode()
    with tenant(acme):
        running = Operation.objects.get(kind="import")
    assert f'href="/acme/operations/{running.pk}/"' in page
    undo = f"/acme/operations/{running.pk}/undo/"
    assert f'href="{undo}?next={address_of(report)}"' in page
    done = manager.post(undo, {"next": address_of(report)})
    assert done.headers["Location"] == address_of(report)
    with tenant(acme):
        assert not Customer.objects.exists()
    after = manager.get(address_of(report))
    assert re.search(r"Undone by Manager, [^:]*:\d\d [ap]\.m\.: what was undone \.", text(after))
    assert undo not in after.content.decode()


def test_a_wrong_import_followed_by_another_is_taken_back(acme: Tenant, manager: Client) -> None:
    names = range(15)
    wrong = load(manager, "Name,Reference\n" + "".join(f"Alder {n},{n}\n" for n in names))
    over_it = load(manager, "Name,Reference,Phone\n" + "".join(f"Birch {n},{n},030{n}\n" for n in names))
    assert parts(over_it)["changed"] == 15
    undo(manager, over_it)
    asked = text(manager.get(f"/acme/operations/{operation_of(wrong)}/undo/"))
    assert "15 customers are deleted" in asked
    assert "stay" not in asked
    undo(manager, wrong)
    with tenant(acme):
        assert not Customer.objects.exists()


def test_an_import_whose_undo_was_undone_is_undone_again(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    report = load(manager, "Name\nAlder\nBirch\n")
    shown = f"/acme/operations/{operation_of(report)}/"
    link = f"{shown}undo/"
    for _ in range(2):
        undo(manager, report)
        for page in (address_of(report), shown):
            after = manager.get(page)
            assert "by Manager" in text(after)
            assert link not in after.content.decode()
        with tenant(acme):
            [taken_back] = Operation.objects.filter(undoes=operation_of(report), is_undone=False)
            assert not Customer.objects.exists()
        admin.post(f"/acme/operations/{taken_back.pk}/undo/")
        assert "Undone by" not in text(manager.get(address_of(report)))
        assert "Undone" not in text(manager.get(shown))
        for page in (address_of(report), shown):
            assert link in manager.get(page).content.decode()
        with tenant(acme):
            assert Customer.objects.count() == 2


def test_the_file_is_kept_for_some_days(
    acme: Tenant, people: People, manager: Client, settings: LazySettings
) -> None:
    data = b"Name\nAlder\n"
    report = load(manager, data)
    assert hashlib.sha256(data).hexdigest() in text(report)
    assert "kept until" in text(report)
    file = manager.get(f"{address_of(report)}file/")
    assert file.getvalue() == data
    assert 'filename="customers.csv"' in file.headers["Content-Disposition"]
    assert file.headers["Content-Type"] == "application/octet-stream"
    with tenant(acme):
        remove_old_uploads()
        assert manager.get(f"{address_of(report)}file/").status_code == 200
        ImportRun.objects.update(at=timezone.now() - timedelta(days=settings.IMPORT_DAYS))
        remove_old_uploads()
    assert list((settings.MEDIA_ROOT / "imports").rglob("*.*")) == []
    assert manager.get(f"{address_of(report)}file/").status_code == 404
    page = manager.get(address_of(report))
    assert "deleted after" in text(page)
    assert "Run again" not in text(page)
    told = manager.post(f"{address_of(report)}again/")
    assert "The file is no longer kept. Upload it again." in text(manager.get(told.headers["Location"]))


def test_a_failed_import_says_why(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\n")
    with tenant(acme):
        running = only_run(acme).operation
        assert running is not None
        Operation.objects.filter(pk=running.pk).update(state="failed", error="The disk is full.", counts={})
    page = text(manager.get(address_of(report)))
    assert "The import failed. The disk is full." in page
    assert "1 not reached" in " ".join(f"{n} {w}" for w, n in parts(manager.get(address_of(report))).items())


def test_a_cancelled_import_says_what_is_in(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\nBirch\n")
    with tenant(acme):
        running = only_run(acme).operation
        assert running is not None
        counts = {**running.counts, "created": 1}
        Operation.objects.filter(pk=running.pk).update(state="cancelled", counts=counts)
    page = manager.get(address_of(report))
    assert parts(page) == {
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "skipped": 0,
        "not imported": 0,
        "not reached": 1,
    }
    assert "Cancelled. 1 row was not reached." in text(page)
