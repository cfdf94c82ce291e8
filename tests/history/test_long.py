"""Operations that a worker carries out in batches, and undoing such ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from contacts.models import Contact
from customers.models import Customer
from history.long import WORKER_DIED, Refused, Step, ask_for, carry_on, give_up
from history.models import KeptRow, Operation
from history.operations import continued, operation
from history.tasks import died, take_back
from history.undo import NotUndoable, UndoStep, undo_later
from tenants.context import require_tenant_id, tenant
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

pytestmark = pytest.mark.django_db

People = dict[str, User]
SHARE = 10


@pytest.fixture
def customers(acme: Tenant, people: People) -> Iterator[list[int]]:
    """The ids of thirty customers of Acme; the test runs inside Acme."""
    with tenant(acme):
        with operation("import", by=people["manager"]):
            rows = Customer.objects.bulk_create(Customer(name=f"Alder {n:02}") for n in range(30))
        yield sorted(row.pk for row in rows)


def rename(ids: list[int], *, fail_at: int = -1, error: Exception | None = None) -> Step:
    """A step that writes "Birch …" on ten of them at a time."""

    def step(running: Operation) -> bool:
        for row in Customer.objects.filter(pk__in=ids[running.position : running.position + SHARE]):
            row.name = f"Birch {row.pk}"
            row.save()
        running.position += SHARE
        if running.position == fail_at and error:
            raise error
        return running.position < len(ids)

    return step


def birches() -> int:
    return Customer.objects.filter(name__startswith="Birch").count()


def asked(by: User, **given: object) -> Operation:
    return ask_for("bulk_edit", by=by, total=30, summary="Names", **given)  # type: ignore[arg-type]


def carry(waiting: Operation, step: Step) -> None:
    carry_on(require_tenant_id(), waiting.pk, step)


def take(undoing: Operation) -> None:
    take_back(tenant_id=require_tenant_id(), operation_id=undoing.pk)


def again(found: Operation) -> Operation:
    return Operation.objects.get(pk=found.pk)


class TestCarryingOn:
    def test_it_goes_through_all_batches_as_one_operation(self, customers: list[int], people: People) -> None:
        with operation("add", by=people["manager"]):
            contact = Contact.objects.create(customer_id=customers[0], name="Maria")
        waiting = asked(people["manager"])
        assert (waiting.state, waiting.is_undoable) == ("waiting", False)
        carry(waiting, rename(customers))
        done = again(waiting)
        assert (done.state, done.position, done.is_undoable) == ("done", 30, True)
        assert done.begun_at
        assert done.ended_at
        assert set(Customer.objects.values_list("last_operation", flat=True)) == {done.pk}
        contact.refresh_from_db()
        assert contact.customer_words.startswith(f"birch {customers[0]}")  # settled, once

    def test_one_that_is_over_is_left_alone(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        waiting.end("done")
        waiting.save_progress()
        carry(waiting, rename(customers))
        assert birches() == 0

    def test_cancelling_keeps_what_was_done(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        step = rename(customers)

        def and_stop(running: Operation) -> bool:
            more = step(running)
            running.ask_to_stop()
            return more

        carry(waiting, and_stop)
        stopped = again(waiting)
        assert (stopped.state, stopped.position, birches()) == ("cancelled", 10, 10)
        assert stopped.is_undoable

    def test_where_nothing_is_left_it_is_done_and_not_cancelled(
        self, customers: list[int], people: People
    ) -> None:
        """Also where the batch of the last row does not know that there is none behind it."""
        waiting = asked(people["manager"])
        step = rename(customers)

        def and_stop(running: Operation) -> bool:
            if running.position == len(customers):
                running.summary = "ended"
                return False
            if not step(running):
                running.ask_to_stop()
            return True

        carry(waiting, and_stop)
        done = again(waiting)
        assert (done.state, done.position, done.summary, birches()) == ("done", 30, "ended", 30)

    def test_a_failure_is_told_and_raised(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        with pytest.raises(ZeroDivisionError):
            carry(waiting, rename(customers, fail_at=20, error=ZeroDivisionError("secret")))
        failed = again(waiting)
        assert (failed.state, birches()) == ("failed", 10)
        assert "stays" in failed.error
        assert "secret" not in failed.error

    def test_what_is_left_of_one_that_failed_is_said_by_its_kind(
        self, customers: list[int], people: People
    ) -> None:
        for kind, left in (("export", "There is no file."), ("check", "Nothing was imported.")):
            waiting = ask_for(kind, by=people["manager"], total=None)
            died(tenant_id=require_tenant_id(), operation_id=waiting.pk)
            assert again(waiting).error == f"{WORKER_DIED} {left}"

    def test_a_refusal_says_why(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        carry(waiting, rename(customers, fail_at=10, error=Refused("Not you any more.")))
        assert (again(waiting).state, again(waiting).error) == ("failed", "Not you any more.")

    def test_a_lost_connection_costs_one_batch(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        lost = OperationalError("the connection was closed")
        with pytest.raises(OperationalError):
            carry(waiting, rename(customers, fail_at=20, error=lost))
        assert (again(waiting).state, again(waiting).position) == ("running", 10)
        carry(waiting, rename(customers))
        assert (again(waiting).state, birches()) == ("done", 30)
        versions = Customer.history.filter(history_type="~").values_list("id", flat=True)
        assert sorted(versions) == customers  # each once

    def test_workers_that_died_too_often_end_it(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        died(tenant_id=require_tenant_id(), operation_id=waiting.pk)
        assert again(waiting).state == "failed"
        give_up(require_tenant_id(), waiting.pk, "later")
        assert "several times" in again(waiting).error

    def test_it_is_never_part_of_another_one(self, customers: list[int], people: People) -> None:
        waiting = asked(people["manager"])
        with (
            operation("edit", by=people["manager"]),
            pytest.raises(RuntimeError, match="inside"),
            continued(waiting),
        ):
            pass


@pytest.fixture
def many(acme: Tenant, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operation]:
    """210 customers and a contact of each, which one operation of the manager's made: batches are of a hundred."""
    for module in ("history.undo", "history.views"):
        monkeypatch.setattr(f"{module}.BATCH", 100)
    with tenant(acme):
        with operation("import", by=people["manager"]) as running:
            rows = Customer.objects.bulk_create(Customer(name=f"Alder {n:03}") for n in range(210))
            Contact.objects.bulk_create(Contact(customer=row, name="Maria") for row in rows)
        yield running


class TestUndoingLater:
    def test_what_somebody_edited_since_is_kept_and_told(
        self, acme: Tenant, many: Operation, people: People
    ) -> None:
        with operation("settings", by=people["owner"]):
            acme.timezone = "Europe/Berlin"
            acme.save()
        kept = Customer.objects.order_by("pk")[150]
        with operation("edit", by=people["agent"]):
            kept.name = "Birch"
            kept.save()
        undoing = undo_later(many, by=people["manager"])
        assert ProcrastinateJob.objects.get().args["operation_id"] == undoing.pk
        with pytest.raises(NotUndoable, match="being undone"):
            undo_later(many, by=people["manager"])
        take(undoing)
        done = again(undoing)
        assert (done.state, done.position, done.total) == ("done", 418, 418)
        assert list(Customer.objects.values_list("name", flat=True)) == ["Birch"]
        contact = kept.contacts.get()  # came with it, and stays with it
        assert done.counts["kept"] == 2
        rows = list(KeptRow.objects.filter(operation=done).order_by("place"))
        assert [(row.model, row.row, row.reason) for row in rows] == [
            ("customers.customer", kept.pk, "edited since"),
            ("contacts.contact", contact.pk, "its customer was edited since"),
        ]
        assert all(row.touched and row.touched.by == people["agent"] for row in rows)

    def test_who_was_given_something_since_stays_with_all_of_it(
        self, acme: Tenant, people: People, many: Operation
    ) -> None:
        kept = Customer.objects.order_by("pk")[150]
        own = kept.contacts.get()
        with operation("edit", by=people["agent"]):
            Contact.objects.create(customer=kept, name="Given")
        undoing = undo_later(many, by=people["manager"])
        take(undoing)
        assert [customer.pk for customer in Customer.objects.all()] == [kept.pk]
        assert kept.contacts.count() == 2
        rows = KeptRow.objects.filter(operation=undoing).order_by("place")
        assert [(row.row, row.reason, row.touched) for row in rows] == [
            (kept.pk, "still used by 1 contact", None),
            (own.pk, "stays with its customer", None),
        ]

    @pytest.mark.parametrize(
        ("meanwhile", "told"),
        [
            ("given", ("still used by 1 contact", "stays with its customer")),
            ("edited", ("somebody changed it just now", "stays with its customer")),
            ("part edited", ("somebody changed its contact just now", "somebody changed it just now")),
        ],
    )
    def test_who_is_given_something_between_two_batches_stays_with_all_of_it(
        self, people: People, many: Operation, meanwhile: str, told: tuple[str, str]
    ) -> None:
        kept = Customer.objects.order_by("pk")[150]
        own = kept.contacts.get()
        undoing = undo_later(many, by=people["manager"])
        step, totals = UndoStep(), []

        def batch(running: Operation) -> bool:
            more = step(running)
            totals.append(running.total)
            return more

        running = Operation.objects.get(pk=undoing.pk)
        running.begin()
        with continued(running):
            batch(running)
        running.save_progress()
        assert Customer.objects.count() == Contact.objects.count() == 110
        with operation("edit", by=people["agent"]):
            if meanwhile == "given":
                Contact.objects.create(customer=kept, name="Given")
            elif meanwhile == "edited":
                Customer.objects.filter(pk=kept.pk).update(language="de")
            else:
                Contact.objects.filter(pk=own.pk).update(job_title="Buyer")
        carry(undoing, batch)
        assert [customer.pk for customer in Customer.objects.all()] == [kept.pk]
        assert kept.contacts.filter(pk=own.pk).exists()
        reasons = dict(KeptRow.objects.filter(operation=undoing).values_list("row", "reason"))
        assert (reasons[kept.pk], reasons[own.pk]) == told
        assert set(totals[:-2]) == {420}
        assert again(undoing).position == again(undoing).total == 418
        assert again(undoing).counts == {"changed": 418, "kept": 2}

    def test_a_dead_worker_s_work_is_gone_on_with(self, many: Operation, people: People) -> None:
        undoing = undo_later(many, by=people["manager"])
        step, batches = UndoStep(), 0

        def dies_in_the_third(running: Operation) -> bool:
            nonlocal batches
            batches += 1
            more = step(running)
            if batches == 3:
                raise OperationalError("the connection was closed")
            return more

        with pytest.raises(OperationalError):
            carry(undoing, dies_in_the_third)
        assert 0 < Contact.objects.count() < 210
        take(undoing)
        assert (again(undoing).state, again(undoing).counts["kept"]) == ("done", 0)
        assert not Customer.objects.exists()
        assert Contact.history.filter(operation_id=undoing.pk).count() == 210

    def test_it_can_be_undone_itself(self, many: Operation, people: People) -> None:
        before = set(Customer.objects.values_list("pk", "search"))
        undoing = undo_later(many, by=people["manager"])
        take(undoing)
        Membership.objects.filter(user=people["admin"], role=Role.ADMIN).get()
        back = undo_later(again(undoing), by=people["admin"])
        take(back)
        assert again(back).state == "done"
        assert set(Customer.objects.values_list("pk", "search")) == before

    def test_what_was_undone_since_is_no_matter_and_it_is_undone_again(
        self, many: Operation, people: People
    ) -> None:
        for _ in range(2):
            with operation("bulk_edit", by=people["admin"]) as wrong:
                Customer.objects.update(language="de")
            take(undo_later(wrong, by=people["admin"]))
            undoing = undo_later(many, by=people["manager"])
            take(undoing)
            assert again(undoing).counts["kept"] == 0
            assert (again(many).is_undone, Customer.objects.exists()) == (True, False)
            back = undo_later(again(undoing), by=people["admin"])
            with pytest.raises(NotUndoable, match="undone already"):
                undo_later(many, by=people["manager"])  # until that is over
            take(back)
            assert (again(many).is_undone, again(undoing).is_undone) == (False, True)
            assert Customer.objects.count() == 210

    def test_a_dead_worker_s_work_on_what_was_undone_since_is_gone_on_with(
        self, many: Operation, people: People
    ) -> None:
        with operation("bulk_edit", by=people["admin"]) as wrong:
            Customer.objects.update(language="de")
            Contact.objects.update(language="de")
        take(undo_later(wrong, by=people["admin"]))
        undoing = undo_later(many, by=people["manager"])
        step, batches = UndoStep(), 0

        def dies_in_the_third(running: Operation) -> bool:
            nonlocal batches
            batches += 1
            more = step(running)
            if batches == 3:
                raise OperationalError("the connection was closed")
            return more

        with pytest.raises(OperationalError):
            carry(undoing, dies_in_the_third)
        take(undoing)
        assert (again(undoing).state, again(undoing).counts["kept"]) == ("done", 0)
        assert not Customer.objects.exists()

    def test_whoever_may_no_longer_is_refused_by_the_worker(self, many: Operation, people: People) -> None:
        undoing = undo_later(many, by=people["manager"])
        member = Membership.objects.get(user=people["manager"])
        with operation("people", by=people["owner"]):
            member.role = Role.VIEWER
            member.save()
        take(undoing)
        assert again(undoing).state == "failed"
        assert "may not" in again(undoing).error
        assert Customer.objects.count() == 210
        # Who may can do it now.
        undoing = undo_later(many, by=people["owner"])
        take(undoing)
        assert again(undoing).state == "done"
        assert not Customer.objects.exists()

    def test_one_that_is_cancelled_before_its_first_row_is_none(
        self, many: Operation, people: People
    ) -> None:
        undoing = undo_later(many, by=people["manager"])
        Operation.objects.get(pk=undoing.pk).ask_to_stop()
        take(undoing)
        assert again(undoing).state == "cancelled"
        take(undo_later(many, by=people["manager"]))
        assert not Customer.objects.exists()


class TestPage:
    def test_it_tells_who_what_when_and_how_far(
        self, acme: Tenant, customers: list[int], people: People, signed_in: Callable[[User], Client]
    ) -> None:
        waiting = asked(people["manager"])
        manager, agent = signed_in(people["manager"]), signed_in(people["agent"])
        address = f"/acme/operations/{waiting.pk}/"
        going = manager.get(address)
        assert b"every 1s" in going.content
        assert b"Names" in going.content
        assert b"/cancel/" in going.content
        assert b"/cancel/" not in agent.get(address).content
        assert agent.post(f"{address}cancel/").status_code == 403
        manager.post(f"{address}cancel/", {"next": address})
        assert again(waiting).stop_asked
        carry(waiting, rename(customers))
        over = manager.get(address)
        assert b"every 1s" not in over.content
        assert b"Cancelled" in over.content
        assert b"/undo/" not in over.content  # it changed nothing

    def test_the_rows_it_wrote_lead_to_their_pages(
        self, many: Operation, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        manager = signed_in(people["manager"])
        shown = manager.get(f"/acme/operations/{many.pk}/").content.decode()
        first = Customer.objects.order_by("pk")[0]
        assert "210 customers" in shown
        assert "160 more" in shown
        assert f"/acme/customers/{first.pk}/" in shown
        answer = manager.post(f"/acme/operations/{many.pk}/undo/")
        undoing = Operation.objects.get(undoes=many)
        assert answer["Location"] == f"/acme/operations/{undoing.pk}/"
        assert undoing.state == "waiting"

    def test_they_stand_in_the_order_of_their_names(
        self, acme: Tenant, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        with tenant(acme), operation("import", by=people["manager"]) as running:
            for name in ("Zander", "Ärzte", "alder", "Birch"):
                Customer.objects.create(name=name)
        shown = signed_in(people["viewer"]).get(f"/acme/operations/{running.pk}/").content.decode()
        found = re.findall(r'<li><a href="/acme/customers/\d+/">(.*?)</a>', shown)
        assert found == ["alder", "Ärzte", "Birch", "Zander"]

    @pytest.mark.parametrize(
        ("kind", "role", "status"),
        [
            ("people", "agent", 403),
            ("people", "admin", 200),
            ("settings", "manager", 403),
            ("export", "agent", 403),
            ("keep", "admin", 404),
            ("edit", "viewer", 200),
        ],
    )
    def test_not_everybody_reads_of_everything(
        self,
        acme: Tenant,
        people: People,
        signed_in: Callable[[User], Client],
        kind: str,
        role: str,
        status: int,
    ) -> None:
        with tenant(acme):
            done = Operation.objects.create(kind=kind, by=people["owner"])
        assert signed_in(people[role]).get(f"/acme/operations/{done.pk}/").status_code == status


class TestActivity:
    def test_everybody_s_doings_stand_there_the_latest_first_a_page_at_a_time(
        self, acme: Tenant, people: People, signed_in: Callable[[User], Client]
    ) -> None:
        with tenant(acme):
            done = [Operation.objects.create(kind="edit", by=people["agent"]) for _ in range(60)]
            hidden = Operation.objects.create(kind="people", by=people["owner"])
            own = Operation.objects.create(kind="keep", by=people["viewer"])
            private = Operation.objects.create(kind="keep", by=people["agent"])
            undone = Operation.objects.create(kind="undo", by=people["agent"], undoes=private)
            again = Operation.objects.create(kind="undo", by=people["agent"], undoes=undone)
        viewer = signed_in(people["viewer"])
        first = viewer.get("/acme/operations/")
        assert [one.pk for one in first.context["operations"][:2]] == [own.pk, done[-1].pk]
        second = viewer.get(f"/acme/operations/?before={first.context['older']}")
        shown = [one.pk for page in (first, second) for one in page.context["operations"]]
        assert set(shown) >= {one.pk for one in done}
        assert len(shown) == len(set(shown))
        assert not {hidden.pk, private.pk, undone.pk, again.pk} & set(shown)
        assert viewer.get(f"/acme/operations/{again.pk}/").status_code == 404
        assert viewer.get("/acme/operations/?before=x").status_code == 200
