"""Imports that begin by the clock: once, in order, as far as the rules let them, and their owner is told."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from unittest import mock

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config import tasks
from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from imports import timed as engine
from imports import unattended
from imports.choices import Choices
from imports.models import Clock, ImportRun, Matching, Schedule
from imports.tasks import carry_through, run_died, tell_owner
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.imports.children import Child, Work
from tests.imports.test_fetching import Site, site
from tests.imports.timing import SHEET, at, at_night, next_time, night, timed, work

__all__ = ["site"]

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


class Mailbox:
    """Takes what a mail server is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def last(self) -> tuple[str, str, str]:
        """To whom, subject, text."""
        message = self.messages[-1]
        text = str(message.get_content()).replace("\r\n", "\n")
        return str(message["To"]), str(message["Subject"]).strip(), text


@pytest.fixture(autouse=True)
def mailbox(settings: LazySettings) -> Iterator[Mailbox]:
    """A real mail server on this machine, which the product is told to use."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.PUBLIC_URL = "https://clientele.example.com"
    yield box
    controller.stop()


def names(company: Tenant) -> list[str]:
    with tenant(company):
        return list(Customer.objects.order_by("name").values_list("name", flat=True))


def test_it_is_done_without_anybody_and_its_owner_is_told(
    acme: Tenant, people: People, mailbox: Mailbox
) -> None:
    schedule = timed(acme, people["manager"])
    [run] = night(acme)
    assert names(acme) == ["Alder Bikes", "Birch Books"]
    assert (run.stage, run.by, run.name, run.schedule, run.held) == (
        *("done", people["manager"], "customers.csv", schedule, ""),
    )
    assert run.operation
    assert run.operation.is_undoable
    to, subject, text = mailbox.last()
    assert (to, subject) == ("manager@acme.example", "Clientele: “Every night” is done")
    assert "customers.csv: 2 rows\n  2 added\n" in text
    assert f"https://clientele.example.com/acme/imports/{run.pk}/" in text
    assert re.search(r"It begins again on \d+ \w+ \d{4}, 03:00 UTC", text)
    assert len(mailbox.messages) == 1
    with tenant(acme):
        assert not Matching.objects.exists(), "what people have matched is as it was"


def test_it_is_due_again_the_next_night(acme: Tenant, people: People) -> None:
    timed(acme, people["manager"])
    assert at(acme, timezone.now()) == []
    assert len(night(acme)) == 1
    assert at(acme, at_night(acme) + timedelta(minutes=1)) == []
    with tenant(acme):
        [clock] = Clock.objects.all()
        assert clock.next_at == at_night(acme) + timedelta(days=1)


def test_the_clock_of_the_installation_looks_every_minute(
    acme: Tenant, globex: Tenant, people: People
) -> None:
    schedule = timed(acme, people["manager"])
    tasks.start_timed_imports(timestamp=0)
    assert not ProcrastinateJob.objects.exists()
    with tenant(acme):
        Clock.objects.update(next_at=timezone.now() - timedelta(hours=20))  # nobody was at work
    tasks.start_timed_imports(timestamp=0)
    work()
    assert names(acme) == ["Alder Bikes", "Birch Books"]
    with tenant(acme):
        assert ImportRun.objects.get().schedule == schedule
        assert next_time(acme) > timezone.now()


def test_two_clocks_at_once_begin_it_once(acme: Tenant, people: People) -> None:
    timed(acme, people["manager"])
    barrier, begun = Barrier(2), []

    def look() -> None:
        with tenant(acme):
            connection.ensure_connection()
            barrier.wait(20)
            begun.extend(engine.start_due(acme, at_night(acme)))
        connection.close()

    threads = [Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 1
    assert ProcrastinateJob.objects.count() == 1


def test_what_is_paused_or_over_does_not_begin(acme: Tenant, people: People) -> None:
    schedule = timed(acme, people["manager"])
    with tenant(acme), operation("settings", by=people["manager"]):
        Schedule.objects.filter(pk=schedule.pk).update(is_active=False)
    assert night(acme) == []
    day = at_night(acme).date()
    timed(acme, people["manager"], name="Once", rhythm="once", day=day)
    assert len(night(acme)) == 1
    assert at(acme, at_night(acme) + timedelta(days=9)) == []


def test_a_company_that_moves_keeps_its_own_time(acme: Tenant, people: People) -> None:
    timed(acme, people["manager"])
    with tenant(acme), operation("settings", by=None):
        acme.timezone = "Asia/Tokyo"
        acme.save()
    assert at(acme, timezone.now()) == []
    with tenant(acme):
        clock = Clock.objects.get()
        assert clock.next_at
        assert f"{clock.next_at.astimezone(at_night(acme).tzinfo):%H:%M}" == "03:00"


class TestRules:
    """What has to be looked at first waits for somebody, and nothing is written."""

    @pytest.fixture(autouse=True)
    def _there(self, acme: Tenant, people: People) -> None:
        with tenant(acme), operation("import", by=people["manager"]):
            Customer.objects.bulk_create(
                Customer(name=f"Tree {n}", reference=f"C-{n}", email="old@tree.example") for n in range(10)
            )

    def test_too_many_changes_wait(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"], most_changed=10)
        [run] = night(acme)
        assert (run.stage, run.operation) == ("ready", None)
        assert run.held == "2 of 10 customers would change, which is more than the 10 % that may."
        assert names(acme) == [f"Tree {n}" for n in range(10)]
        _, subject, text = mailbox.last()
        assert subject == "Clientele: “Every night” waits for approval"
        assert run.held in text
        assert "  2 to change\n" in text

    def test_as_many_as_may_do_not(self, acme: Tenant, people: People) -> None:
        timed(acme, people["manager"], most_changed=20)
        [run] = night(acme)
        assert run.stage == "done"

    def test_too_many_errors_wait(self, acme: Tenant, people: People) -> None:
        wrong = f"{SHEET}Cedar,C-30,nonsense\n"
        timed(acme, people["manager"], wrong, most_changed=None)
        [run] = night(acme)
        assert (run.stage, run.held) == ("ready", "1 row has errors, and 0 may.")

    def test_errors_that_may_be_are_left_out(self, acme: Tenant, people: People) -> None:
        wrong = f"{SHEET}Cedar,C-30,nonsense\n"
        timed(acme, people["manager"], wrong, most_changed=None, most_failed=1)
        [run] = night(acme)
        assert run.stage == "done"
        assert run.operation
        assert (run.operation.counts["updated"], run.operation.counts["failed"]) == (2, 1)

    def test_a_column_that_is_missing_waits(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        columns = {"Name": "name", "Reference": "reference", "Telephone": "phone"}
        timed(acme, people["manager"], columns=columns, most_changed=None)
        [run] = night(acme)
        assert (run.stage, run.checking) == ("matching", None)
        assert run.held == "The file has no column “Telephone”. It has: Name, Reference, E-mail."
        assert mailbox.last()[1] == "Clientele: “Every night” waits for you"

    def test_what_is_asked_each_time_says_how_to_end_it(
        self, acme: Tenant, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        timed(acme, people["manager"], columns={"Telephone": "phone"}, most_changed=None)
        [run] = night(acme)
        page = signed_in(people["manager"]).get(f"/acme/imports/{run.pk}/columns/").content.decode()
        assert "It asks each time" in page
        assert f'href="/acme/imports/timed/{run.schedule_id}/edit/"' in page

    def test_what_waits_is_shown_and_approved_on_its_page(
        self, acme: Tenant, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        timed(acme, people["manager"])
        [run] = night(acme)
        page = signed_in(people["manager"]).get(f"/acme/imports/{run.pk}/")
        assert "waits for you" in page.content.decode()
        assert run.held in page.content.decode()
        sent = {"plan": run.checking_id}
        signed_in(people["manager"]).post(f"/acme/imports/{run.pk}/approve/", sent)
        assert "Alder Bikes" in names(acme)


def test_columns_are_told_by_their_headings_wherever_they_stand(acme: Tenant, people: People) -> None:
    columns = {"Firm": "name", "No.": "reference"}
    schedule = timed(acme, people["manager"], "No.,Other,Firm\n7,x,Alder\n", columns=columns)
    night(acme)
    with tenant(acme):
        assert list(Customer.objects.values_list("name", "reference")) == [("Alder", "7")]
        assert schedule.columns == columns


def test_each_kind_of_customer_has_its_own_start(acme: Tenant, people: People) -> None:
    with tenant(acme):
        mill = Segment.objects.get(name="Enterprise")
    choices = Choices(kind="individual", defaults={"segment_id": mill.pk})
    timed(acme, people["manager"], "Name\nAnna Alder\n", choices=choices)
    night(acme)
    with tenant(acme):
        found = Customer.objects.get()
        assert (found.kind, found.segment) == ("individual", mill)


def test_contacts_and_addresses_come_after_their_customers(acme: Tenant, people: People) -> None:
    by = people["manager"]
    customers = timed(acme, by, name="Customers")
    sheet = "Customer reference,Name\nC-1,Anna\n"
    contacts = timed(acme, by, sheet, name="Contacts", subject="contacts", rhythm="after", after=customers)
    sheet = "Customer reference,Street,City\nC-2,1 High St,Leeds\n"
    timed(acme, by, sheet, name="Addresses", subject="addresses", rhythm="after", after=contacts)
    night(acme)
    for _ in range(2):
        at(acme, timezone.now())
        work()
    with tenant(acme):
        assert Contact.objects.get(name="Anna").customer.name == "Alder Bikes"
        assert Address.objects.get(city="Leeds").customer.name == "Birch Books"


def test_a_start_that_is_gone_waits(acme: Tenant, people: People) -> None:
    timed(acme, people["manager"], choices=Choices(defaults={"segment_id": 1}))
    [run] = night(acme)
    assert (run.stage, run.held) == (
        "matching",
        "The segment that new customers were to get is no longer there.",
    )


class TestPlan:
    """Several imports, one after another."""

    @pytest.fixture
    def plan(self, acme: Tenant, people: People) -> list[Schedule]:
        by = people["manager"]
        companies = timed(acme, by, "Name,Reference\nAlder,1\n", name="Companies")
        persons = timed(acme, by, "Name,Reference\nAnna,2\n", name="Persons", rhythm="after", after=companies)
        late = timed(acme, by, "Name,Reference\nLate,3\n", name="Late", rhythm="after", after=persons)
        return [companies, persons, late]

    def test_one_begins_when_that_before_it_is_done(self, acme: Tenant, plan: list[Schedule]) -> None:
        assert names(acme) == []
        assert [run.schedule for run in night(acme)] == [plan[0]]
        assert names(acme) == ["Alder"]
        begun = []
        for _ in range(3):
            begun += at(acme, timezone.now())
            work()
        assert [run.schedule for run in begun] == plan[1:]
        assert names(acme) == ["Alder", "Anna", "Late"]

    def test_it_does_not_when_that_one_waits_or_fails(
        self, acme: Tenant, people: People, plan: list[Schedule], mailbox: Mailbox
    ) -> None:
        with tenant(acme), operation("settings", by=people["manager"]):
            Schedule.objects.filter(pk=plan[0].pk).update(file="gone")
        night(acme)
        assert at(acme, timezone.now()) == []
        assert "“Persons” comes after it and has not begun." in mailbox.last()[2]

    def test_it_does_once_somebody_has_approved_that_one(
        self, acme: Tenant, people: People, plan: list[Schedule], signed_in: Callable[[User], Client]
    ) -> None:
        with tenant(acme), operation("settings", by=people["manager"]):
            Customer.objects.create(name="Old", reference="1")
        [run] = night(acme)
        assert run.held
        assert at(acme, timezone.now()) == []
        signed_in(people["manager"]).post(f"/acme/imports/{run.pk}/approve/", {"plan": run.checking_id})
        assert [run.schedule for run in at(acme, timezone.now())] == [plan[1]]


class TestFailures:
    def test_a_file_that_is_not_there(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"], file="gone")
        [run] = night(acme)
        assert (run.stage, run.stage_words) == ("unreadable", "File not fetched")
        to, subject, text = mailbox.last()
        assert (to, subject) == ("manager@acme.example", "Clientele: “Every night” failed")
        assert "The file is no longer here. Upload it again." in text
        assert next_time(acme) == at_night(acme) + timedelta(days=1)
        assert "It begins again on" in text

    def test_a_folder_that_is_not_there(
        self, acme: Tenant, people: People, mailbox: Mailbox, settings: LazySettings, tmp_path: Path
    ) -> None:
        """Until it is there again, which the night after finds out by itself."""
        settings.IMPORT_FOLDERS = {"acme": str(tmp_path / "share")}
        timed(acme, people["admin"], source="folder", pattern="*.csv")
        [run] = night(acme)
        assert run.stage == "unreadable"
        assert "The server folder can't be read: No such file or directory." in mailbox.last()[2]
        (tmp_path / "share").mkdir()
        (tmp_path / "share" / "customers.csv").write_text(SHEET)
        begun = at(acme, next_time(acme))
        work()
        assert len(begun) == 1
        assert names(acme) == ["Alder Bikes", "Birch Books"]

    def test_a_file_that_can_not_be_read(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"], "%PDF-1.7")
        [run] = night(acme)
        assert run.stage == "unreadable"
        assert "This is a PDF document" in mailbox.last()[2]

    def test_an_owner_who_may_not_any_longer(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"])
        with tenant(acme), operation("people", by=people["owner"]):
            membership = Membership.objects.get(user=people["manager"])
            membership.role = "agent"
            membership.save()
        night(acme)
        assert names(acme) == []
        assert "Manager may not do this import any longer." in mailbox.last()[2]

    def test_an_owner_who_has_left(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"])
        with tenant(acme), operation("people", by=people["owner"]):
            Membership.objects.get(user=people["manager"]).delete()
        night(acme)
        assert names(acme) == []
        assert mailbox.last()[0] == "owner@acme.example"

    def test_a_folder_that_a_manager_may_not_name(
        self, acme: Tenant, people: People, mailbox: Mailbox, settings: LazySettings, tmp_path: Path
    ) -> None:
        (tmp_path / "customers.csv").write_text(SHEET)
        settings.IMPORT_FOLDERS = {"acme": str(tmp_path)}
        given: dict[str, Any] = {"source": "folder", "pattern": "*.csv"}
        timed(acme, people["manager"], **given)
        timed(acme, people["admin"], name="By an admin", **given)
        stages = {run.by.email: run.stage for run in night(acme)}
        assert stages == {"manager@acme.example": "unreadable", "admin@acme.example": "done"}

    def test_a_mail_server_that_is_away_does_not_matter_to_the_import(
        self, acme: Tenant, people: People, settings: LazySettings, mailbox: Mailbox
    ) -> None:
        timed(acme, people["manager"])
        [run] = at(acme, at_night(acme))
        carry_through(tenant_id=acme.pk, run_id=run.pk)
        assert len(names(acme)) == 2
        job = ProcrastinateJob.objects.get(task_name=tell_owner.name)
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        with pytest.raises(OSError, match="refused"):
            tell_owner(**job.args)
        settings.EMAIL_PORT = port
        tell_owner(**job.args)
        assert len(mailbox.messages) == 1
        retry = tell_owner.task.retry_strategy
        assert retry.get_retry_decision(exception=ConnectionRefusedError(), job=mock.Mock(attempts=1))


class TestInterruptions:
    def test_a_worker_that_was_killed_is_followed_by_another(
        self, acme: Tenant, people: People, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At each of the places where it has done a part."""
        rows = "\n".join(f"Company {n},R-{n}" for n in range(30))
        timed(acme, people["manager"], f"Name,Reference\n{rows}\n")
        [run] = at(acme, at_night(acme))
        monkeypatch.setattr("imports.steps.BATCH", 10)
        for place in ("imports.files.keep", "imports.reading.read_rows", "imports.unattended.check",
                      "imports.steps.keep_rows", "imports.unattended.carry_out", "imports.steps.write_rows",
                      "imports.timed.finish"):  # fmt: skip
            work_of_one = Work("carry_through", {"tenant_id": acme.pk, "run_id": run.pk}, dies_at=place)
            assert Child(work_of_one).wait() == -signal.SIGKILL, place
        carry_through(tenant_id=acme.pk, run_id=run.pk)
        carry_through(tenant_id=acme.pk, run_id=run.pk)
        work()
        assert len(set(names(acme))) == len(names(acme)) == 30
        assert len(mailbox.messages) == 1
        with tenant(acme):
            assert Operation.objects.filter(kind="import").count() == 1

    def test_a_lost_connection_leaves_it_to_the_next_attempt(
        self, acme: Tenant, people: People, mailbox: Mailbox
    ) -> None:
        timed(acme, people["manager"])
        [run] = at(acme, at_night(acme))
        lost = mock.patch("imports.steps.write_rows", side_effect=OperationalError("gone"))
        with lost, pytest.raises(OperationalError):
            carry_through(tenant_id=acme.pk, run_id=run.pk)
        work()
        assert len(names(acme)) == 2
        assert len(mailbox.messages) == 1

    def test_one_that_takes_its_workers_along_is_given_up(
        self, acme: Tenant, people: People, mailbox: Mailbox
    ) -> None:
        timed(acme, people["manager"])
        [run] = at(acme, at_night(acme))
        run_died(tenant_id=acme.pk, run_id=run.pk)
        work()
        assert names(acme) == []
        assert "was stopped several times" in mailbox.last()[2]

    def test_what_goes_wrong_unexpectedly_is_told_too(
        self, acme: Tenant, people: People, mailbox: Mailbox
    ) -> None:
        timed(acme, people["manager"])
        [run] = at(acme, at_night(acme))
        broken = mock.patch("imports.steps.write_rows", side_effect=ZeroDivisionError)
        with broken, pytest.raises(ZeroDivisionError):
            carry_through(tenant_id=acme.pk, run_id=run.pk)
        work()
        assert mailbox.last()[1] == "Clientele: “Every night” failed"

    def test_the_next_one_waits_until_the_one_before_is_over(self, acme: Tenant, people: People) -> None:
        timed(acme, people["manager"])
        with tenant(acme):
            Clock.objects.update(next_at=timezone.now())
        assert len(at(acme, timezone.now())) == 1
        with tenant(acme):
            Clock.objects.update(next_at=timezone.now())
        assert at(acme, timezone.now()) == []
        work()
        assert len(at(acme, timezone.now())) == 1

    def test_somebody_cancels_it(self, acme: Tenant, people: People, mailbox: Mailbox) -> None:
        timed(acme, people["manager"])
        [run] = at(acme, at_night(acme))
        with tenant(acme):
            unattended.as_it_is(run).reading.ask_to_stop()  # type: ignore[union-attr]
        work()
        assert names(acme) == []
        assert len(mailbox.messages) == 1


def test_a_file_is_fetched_from_a_web_address(
    acme: Tenant, people: People, site: Site, mailbox: Mailbox
) -> None:
    timed(acme, people["admin"], source="address", address=f"{site.host}/customers.csv?token=secret")
    [run] = night(acme)
    assert (run.stage, run.name) == ("done", "customers.csv")
    assert names(acme) == ["Alder Bikes"]
    assert "secret" not in mailbox.last()[2]


def test_an_address_that_is_no_longer_allowed_is_not_asked(
    acme: Tenant, people: People, site: Site, settings: LazySettings
) -> None:
    timed(acme, people["admin"], source="address", address=f"{site.host}/customers.csv")
    settings.IMPORT_INTERNAL_HOSTS = []
    [run] = night(acme)
    assert (run.stage, site.asked) == ("unreadable", [])


def test_the_same_file_again_changes_nothing_and_is_done(acme: Tenant, people: People) -> None:
    timed(acme, people["manager"])
    night(acme)
    with tenant(acme):
        Clock.objects.update(next_at=timezone.now())
    [run] = at(acme, timezone.now())
    work()
    with tenant(acme):
        operation = unattended.as_it_is(run).operation
        assert operation
        assert (operation.state, operation.counts["unchanged"]) == ("done", 2)
        assert Customer.history.count() == 2
