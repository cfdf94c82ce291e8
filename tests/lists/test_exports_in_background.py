"""Exports that a worker writes: whole, counted, told of while they are written, and gone after some days."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from config.tasks import remove_old_exports
from customers.list import CUSTOMERS
from customers.models import Customer
from history.long import Progress
from history.models import Operation
from history.operations import operation
from lists import export_files, exporting
from lists.exporting import remove_old_files
from lists.models import Export, Selection
from lists.tasks import write_export
from marketing.models import Status
from tenants.context import tenant
from tenants.models import Membership, Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
ROWS = 12


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.EXPORT_AT_ONCE_ROWS = 3
    return tmp_path


@pytest.fixture
def many(acme: Tenant, people: People) -> Tenant:
    with tenant(acme), operation("import", by=people["manager"]):
        Customer.objects.bulk_create(
            Customer(name=f"=Alder {n:02}", reference=f"{n:03}") for n in range(ROWS)
        )
    return acme


@pytest.fixture
def manager(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


def ask(client: Client, query: str = "", **form: Any) -> Export:
    """An export that waits for its worker."""
    sent = {"chosen": ["reference", "name"], "format": "csv", "delimiter": ",", **form}
    answer = client.post(f"/acme/customers/export/{query}", sent)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/acme/exports/")
    return latest()


def latest() -> Export:
    with tenant(Tenant.objects.get(slug="acme")):
        return Export.objects.select_related("operation").order_by("-pk")[0]


def company_of(export: Export) -> int:
    assert export.tenant_id
    return export.tenant_id


def run(export: Export) -> Export:
    write_export(tenant_id=company_of(export), operation_id=export.operation_id)
    with tenant(company_of(export)):
        return Export.objects.select_related("operation").get(pk=export.pk)


def cancel(client: Client, export: Export) -> str:
    """What the page says then."""
    answer = client.post(f"/acme/exports/{export.pk}/cancel/", follow=True)
    assert answer.status_code == 200
    return str(list(answer.context["messages"])[-1])


def on_disk() -> list[str]:
    return sorted(path.name for path in export_files.folder(company_of(latest())).glob("*"))


def downloaded(client: Client, export: Export) -> bytes:
    answer = client.get(f"/acme/exports/{export.pk}/download/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export.name}"'
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_rows_promised_are_rows_written_and_the_file_is_what_its_sum_says(
    many: Tenant, manager: Client, kind: str
) -> None:
    export = ask(manager, "?sort=-name", format=kind)
    assert (export.operation.state, export.operation.total, export.rows) == ("waiting", None, None)
    assert manager.get(f"/acme/exports/{export.pk}/download/").status_code == 404
    export = run(export)
    assert (export.operation.state, export.operation.error) == ("done", "")
    assert export.rows == export.operation.total == export.operation.position == ROWS
    data = downloaded(manager, export)
    assert (export.size, export.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert export.operation.summary == "12 customers"
    assert export.operation.counts == {"rows": ROWS, "columns": ["reference", "name"]}
    if kind == "csv":
        lines = data.decode().split("\r\n")
        assert lines[:3] == ["Reference,Customer name", "011,'=Alder 11", "010,'=Alder 10"]
        assert len(lines) == ROWS + 2  # the heads, and nothing after the last
    assert on_disk() == [Path(str(export.file.name)).name]
    page = manager.get("/acme/exports/").content.decode()
    assert export.name in page
    assert export.sha256 in page


def test_the_files_of_a_day_have_names_of_their_own(many: Tenant, manager: Client) -> None:
    with tenant(many), operation("settings", by=None):
        many.timezone = "Asia/Tokyo"
        many.save()
    for moment in (
        datetime(2026, 11, 28, 18, 39, 5, tzinfo=UTC),
        datetime(2026, 11, 28, 18, 39, 6, tzinfo=UTC),
    ):
        with patch("django.utils.timezone.now", return_value=moment):
            name = exporting.file_name(many, CUSTOMERS, Export(format="xlsx"))
        assert name == f"acme-customers-2026-11-29-0339{moment:%S}.xlsx"


def test_it_holds_what_the_list_showed_when_it_was_asked_for(many: Tenant, manager: Client) -> None:
    with tenant(many), operation("edit", by=None):
        Customer.objects.filter(reference__lt="008").update(kind="individual")
    export = run(ask(manager, "?q=alder&kind=individual&sort=-reference&columns=email"))
    assert (export.rows, export.operation.total) == (8, 8)
    assert "q=alder" in export.query


def test_a_selection_is_exported_as_it_was_and_only_by_who_made_it(
    many: Tenant, people: People, manager: Client, signed_in: Callable[[User], Client]
) -> None:
    with tenant(many):
        ids = list(Customer.objects.order_by("-reference").values_list("pk", flat=True)[:5])
        made = {
            "list": "customers",
            "ids": sorted(ids),
            "number": 5,
            "words": "5 customers you chose",
            "query": "sort=-reference",
        }
        own = Selection.objects.create(by=people["manager"], **made)
        others = Selection.objects.create(by=people["admin"], **made)
    assert manager.get(f"/acme/customers/export/?selection={others.pk}").status_code == 404
    assert manager.get(f"/acme/contacts/export/?selection={own.pk}").status_code == 404
    page = manager.get(f"/acme/customers/export/?selection={own.pk}").content.decode()
    assert "5 customers you chose" in page
    export = run(ask(manager, f"?selection={own.pk}"))
    lines = downloaded(manager, export).decode().split("\r\n")
    assert [line.partition(",")[0] for line in lines[1:-1]] == ["011", "010", "009", "008", "007"]
    assert export.operation.summary == "Selected: 5 customers you chose"


def test_who_may_not_export_any_more_gets_no_file(many: Tenant, people: People, manager: Client) -> None:
    export = ask(manager)
    with tenant(many), operation("people", by=None):
        membership = Membership.objects.get(user=people["manager"])
        membership.role = "agent"
        membership.save()
    export = run(export)
    assert (export.operation.state, bool(export.file)) == ("failed", False)
    assert "may not export" in export.operation.error
    assert on_disk() == []


def test_one_whose_filter_is_gone_when_it_is_written_fails_and_names_it(
    many: Tenant, manager: Client
) -> None:
    """Without it, all rows would be in the file."""
    with tenant(many), operation("settings", by=None):
        doomed = Status.objects.create(name="Doomed", position=99)
        Customer.objects.update(status=doomed)
    gone = doomed.pk
    export = ask(manager, f"?status={gone}")
    with tenant(many), operation("settings", by=None):
        Customer.objects.update(status=None)
        doomed.delete()
    export = run(export)
    assert (export.operation.state, bool(export.file), export.rows) == ("failed", False, None)
    assert f"Status = {gone} is not understood any longer" in export.operation.error
    assert "Set the filters again in the list" in manager.get("/acme/exports/").content.decode()
    assert on_disk() == []


def test_a_selection_is_written_whatever_has_become_of_the_filters_it_was_made_with(
    many: Tenant, people: People, manager: Client
) -> None:
    with tenant(many):
        ids = list(Customer.objects.values_list("pk", flat=True)[:5])
        made = {"list": "customers", "ids": ids, "number": 5, "words": "5 customers"}
        own = Selection.objects.create(by=people["manager"], query="status=99999", **made)
    export = run(ask(manager, f"?selection={own.pk}"))
    assert (export.operation.state, export.rows) == ("done", 5)


def test_one_that_waits_is_cancelled_at_once(many: Tenant, manager: Client) -> None:
    export = ask(manager)
    assert cancel(manager, export) == f"{export.name} is cancelled."
    assert latest().operation.state == "cancelled"
    assert cancel(manager, export) == f"{export.name} is cancelled."
    assert run(export).operation.state == "cancelled"
    assert on_disk() == []


class SlowRows:
    """Rows that come when they are let: so that others can look while a file is being written."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __call__(self, rows: Any, total: int, progress: Progress) -> Iterator[Any]:
        for chunk in rows:
            yield chunk[:5]
            for _ in range(100):
                progress.at(5, total)
                if self.go_on.wait(0.1):
                    break
            yield chunk[5:]
            progress.at(total, total)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowRows:
    rows = SlowRows()
    monkeypatch.setattr(exporting, "_told", rows)
    return rows


def in_a_worker(export: Export) -> threading.Thread:
    def work() -> None:
        try:
            run(export)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_others_see_how_far_it_is_and_what_changes_meanwhile_is_not_in_it(
    many: Tenant, manager: Client, slow: SlowRows
) -> None:
    worker = in_a_worker(ask(manager))
    wait_until(lambda: latest().operation.position == 5)
    assert latest().operation.total == ROWS
    page = manager.get("/acme/exports/", headers={"HX-Request": "true"}).content.decode()
    assert f'max="{ROWS}" value="5"' in page
    assert 'hx-trigger="every 2s"' in page
    assert [name for name in on_disk() if not name.endswith(export_files.PART)] == []
    with tenant(many), operation("delete", by=None):
        Customer.objects.filter(reference__gt="005").delete()
    slow.go_on.set()
    worker.join()
    export = latest()
    assert (export.operation.state, export.rows, export.operation.total) == ("done", ROWS, ROWS)
    assert "every 2s" not in manager.get("/acme/exports/", headers={"HX-Request": "true"}).content.decode()


def test_cancelling_is_noticed_while_it_is_written(many: Tenant, manager: Client, slow: SlowRows) -> None:
    export = ask(manager)
    worker = in_a_worker(export)
    wait_until(lambda: latest().operation.position == 5)
    assert cancel(manager, export) == f"{export.name} is being cancelled."
    asked = time.monotonic()
    worker.join()
    assert time.monotonic() - asked < 3
    assert latest().operation.state == "cancelled"
    assert on_disk() == []
    page = manager.get("/acme/exports/").content.decode()
    assert "Cancelled" in page
    assert '<td class="export-number" data-label="Rows">–</td>' in page  # its words may say another number
    told = manager.get(f"/acme/operations/{latest().operation_id}/").content.decode()
    assert "<b>Cancelled</b>" in told
    assert "There is no file." in told
    assert "stays" not in told


def test_cancelling_counts_until_the_very_end(
    many: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, go_on = threading.Event(), threading.Event()

    def told(rows: Any, total: int, progress: Progress) -> Iterator[Any]:
        yield from rows
        written.set()
        assert go_on.wait(10)

    monkeypatch.setattr(exporting, "_told", told)
    monkeypatch.setattr(Progress, "SECONDS", 60)  # it hears of nothing while it is at work
    export = ask(manager)
    worker = in_a_worker(export)
    assert written.wait(10)
    assert cancel(manager, export) == f"{export.name} is being cancelled."
    go_on.set()
    worker.join()
    export = latest()
    assert (export.operation.state, bool(export.file), export.rows) == ("cancelled", False, None)
    assert on_disk() == []


def test_cancelling_ends_a_query_that_takes_long(
    many: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = threading.Event()

    def sleeping(rows: Any, delimiter: str) -> Iterator[Any]:
        asleep.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        yield []

    monkeypatch.setattr(exporting, "csv_lines", sleeping)
    export = ask(manager)
    worker = in_a_worker(export)
    assert asleep.wait(10)
    manager.post(f"/acme/exports/{export.pk}/cancel/")
    asked = time.monotonic()
    worker.join()
    assert time.monotonic() - asked < 5
    assert latest().operation.state == "cancelled"


def test_what_a_killed_worker_left_is_not_to_be_had_and_the_next_begins_anew(
    many: Tenant, manager: Client
) -> None:
    export = ask(manager)
    left = export_files.folder(company_of(export)) / f"dead{export_files.PART}"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with tenant(many):
        export.operation.begin()
        export.operation.position = 7
        export.operation.save_progress()
    assert manager.get(f"/acme/exports/{export.pk}/download/").status_code == 404
    export = run(export)
    assert (export.operation.state, export.rows) == ("done", ROWS)
    assert run(export).sha256 == export.sha256  # a job that is run again after all
    os.utime(left, (0, 0))
    with tenant(many):
        remove_old_files(many.pk)
    assert on_disk() == [Path(str(export.file.name)).name]


def test_a_lost_database_leaves_it_to_the_next_worker(
    many: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*given: Any) -> Iterator[Any]:
        raise OperationalError("server closed the connection unexpectedly")

    export = ask(manager)
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_told", lost)
        with pytest.raises(OperationalError):
            run(export)
    assert latest().operation.state == "running"
    assert run(export).rows == ROWS


def test_a_disk_that_takes_nothing_is_named(many: Tenant, manager: Client, files: Path) -> None:
    export = ask(manager)
    folder = export_files.folder(company_of(export))
    folder.parent.mkdir()
    folder.touch()  # where a folder should be
    export = run(export)
    assert export.operation.state == "failed"
    assert "could not be written" in export.operation.error
    assert "could not be written" in manager.get("/acme/exports/").content.decode()


def test_files_are_deleted_after_some_days_and_their_facts_stay(
    many: Tenant, manager: Client, settings: LazySettings
) -> None:
    export = run(ask(manager))
    assert export.expires_at
    assert timedelta(days=6, hours=23) < export.expires_at - timezone.now() < timedelta(days=7)
    with tenant(many):
        remove_old_files(many.pk)
        assert on_disk()
        Export.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        assert on_disk()
    # At once, though it is deleted at night.
    assert manager.get(f"/acme/exports/{export.pk}/download/").status_code == 404
    assert "File deleted after" in manager.get("/acme/exports/").content.decode()
    remove_old_exports(timestamp=0)
    assert on_disk() == []
    gone = latest()
    assert (bool(gone.file), gone.sha256, gone.rows) == (False, export.sha256, ROWS)
    assert manager.get(f"/acme/exports/{export.pk}/download/").status_code == 404
    assert "File deleted after" in manager.get("/acme/exports/").content.decode()


def test_files_are_had_by_who_may_see_every_column_and_by_no_stranger(
    many: Tenant, people: People, manager: Client, signed_in: Callable[[User], Client], bob: User
) -> None:
    export = run(ask(manager, chosen=["name", "billing_access_name"]))
    assert signed_in(people["admin"]).get(f"/acme/exports/{export.pk}/download/").status_code == 200
    assert signed_in(people["agent"]).get("/acme/exports/").status_code == 403
    assert signed_in(people["agent"]).get(f"/acme/exports/{export.pk}/download/").status_code == 403
    for address in (f"/acme/exports/{export.pk}/download/", f"/globex/exports/{export.pk}/download/"):
        assert signed_in(bob).get(address).status_code == 404
    assert "acme" not in signed_in(bob).get("/globex/exports/").content.decode()
    with tenant(many):
        Export.objects.filter(pk=export.pk).update(columns=["name", "a column of admins"])
    assert manager.get(f"/acme/exports/{export.pk}/download/").status_code == 403
    page = manager.get("/acme/exports/").content.decode()
    assert "Holds columns you may not see" in page


def test_an_excel_sheet_that_would_be_too_long_is_refused(
    many: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", ROWS - 1)
    export = run(ask(manager, format="xlsx"))
    assert export.operation.error == "An Excel sheet holds 11 rows, and these are 12. Choose CSV."


def test_only_who_asked_or_an_admin_cancels(
    many: Tenant, people: People, manager: Client, signed_in: Callable[[User], Client]
) -> None:
    export = ask(signed_in(people["admin"]))
    assert manager.post(f"/acme/exports/{export.pk}/cancel/").status_code == 403
    assert signed_in(people["owner"]).post(f"/acme/exports/{export.pk}/cancel/").status_code == 302
    with tenant(many):
        assert Operation.objects.get(pk=export.operation_id).state == "cancelled"
