"""Customers that go, or come back, with all that belongs to them, while the undo runs and wherever it ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.test import Client

from contacts.models import Address, Contact
from customers.models import Customer
from history.long import Step, carry_on
from history.models import KeptRow, Operation
from history.operations import operation
from history.reversal import JUST_NOW
from history.tasks import take_back
from history.undo import NotUndoable, UndoStep, undo, undo_later
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.test_races import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
NUMBER, BATCH = 21, 10
ALL = (NUMBER, NUMBER, NUMBER)
MODELS: tuple[type[Any], ...] = (Customer, Contact, Address)


@pytest.fixture
def imported(acme: Tenant, people: People, monkeypatch: pytest.MonkeyPatch) -> Operation:
    """An import of the manager's: 21 customers, each with a contact and an address. Batches are of ten."""
    for module in ("history.undo", "history.views"):
        monkeypatch.setattr(f"{module}.BATCH", BATCH)
    with tenant(acme), operation("import", by=people["manager"]) as running:
        rows = Customer.objects.bulk_create(
            Customer(name=f"Alder {n:03}", reference=f"A-{n}") for n in range(NUMBER)
        )
        Contact.objects.bulk_create(Contact(customer=row, name="Maria", is_primary=True) for row in rows)
        Address.objects.bulk_create(Address(customer=row, city="Bremen") for row in rows)
    return running


@pytest.fixture
def undone(acme: Tenant, imported: Operation, people: People) -> Operation:
    """The undo of that import."""
    return take(acme, asked(acme, imported, people["manager"]))


def asked(company: Tenant, original: Operation, by: User) -> Operation:
    with tenant(company):
        return undo_later(Operation.objects.get(pk=original.pk), by=by)


def take(company: Tenant, undoing: Operation) -> Operation:
    take_back(tenant_id=company.pk, operation_id=undoing.pk)
    with tenant(company):
        return Operation.objects.get(pk=undoing.pk)


def numbers(company: Tenant) -> tuple[int, ...]:
    with tenant(company):
        return tuple(model.objects.count() for model in MODELS)


def elsewhere(work: Callable[[], Any]) -> Any:
    """What it answers on another connection."""

    def do() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        return pool.submit(do).result(timeout=20)


def stopping_after(batches: int) -> Step:
    """An undo that somebody cancels in that batch."""
    step, done = UndoStep(), 0

    def do(running: Operation) -> bool:
        nonlocal done
        done += 1
        more = step(running)
        if done == batches:
            running.ask_to_stop()
        return more

    return do


def reasons(company: Tenant, undoing: Operation) -> dict[tuple[str, int], str]:
    with tenant(company):
        rows = KeptRow.objects.filter(operation_id=undoing.pk)
        return {(row.model.partition(".")[2], row.row): row.reason for row in rows}


@pytest.fixture
def deleted(acme: Tenant, imported: Operation, people: People) -> Operation:
    """All of them, by a manager."""
    with tenant(acme), operation("delete", by=people["manager"]) as running:
        Customer.objects.all().delete()
    return running


@pytest.mark.parametrize("how", ["undone", "deleted"])
def test_while_they_come_back_and_when_that_is_cancelled_everybody_sees_whole_families(
    acme: Tenant, people: People, how: str, request: pytest.FixtureRequest
) -> None:
    gone: Operation = request.getfixturevalue(how)
    assert numbers(acme) == (0, 0, 0)
    back = asked(acme, gone, people["admin"])
    step, seen = stopping_after(2), []

    def watched(running: Operation) -> bool:
        more = step(running)
        seen.append(elsewhere(lambda: numbers(acme)))
        return more

    carry_on(acme.pk, back.pk, watched)
    assert seen == [(0, 0, 0), (BATCH, BATCH, BATCH)]  # a batch is seen when it is committed
    assert numbers(acme) == (20, 20, 20)
    with tenant(acme):
        back.refresh_from_db()
        assert (back.state, back.position, back.total) == ("cancelled", 60, 63)
        customers = set(Customer.objects.values_list("pk", flat=True))
        for part in (Contact, Address):
            assert set(part.objects.values_list("customer_id", flat=True)) == customers
    # It can be undone itself, and then all of them come back.
    assert take(acme, asked(acme, back, people["admin"])).counts == {"changed": 60, "kept": 0}
    assert numbers(acme) == (0, 0, 0)
    assert take(acme, asked(acme, gone, people["admin"])).counts == {"changed": 63, "kept": 0}
    assert numbers(acme) == ALL


def test_they_come_back_as_they_were(acme: Tenant, imported: Operation, people: People) -> None:
    def state() -> list[Any]:
        with tenant(acme):
            told = [
                [f.attname for f in m._meta.concrete_fields if f.name not in ("updated_at", "last_operation")]
                for m in MODELS
            ]
            return [list(m.objects.order_by("pk").values(*f)) for m, f in zip(MODELS, told, strict=True)]

    before = state()
    undone = take(acme, asked(acme, imported, people["manager"]))
    assert (numbers(acme), undone.counts) == ((0, 0, 0), {"changed": 63, "kept": 0})
    take(acme, asked(acme, undone, people["admin"]))
    assert state() == before


def test_whose_reference_somebody_takes_while_it_runs_stays_deleted_with_what_it_had(
    acme: Tenant, undone: Operation, people: People
) -> None:
    back = asked(acme, undone, people["admin"])

    def take_reference() -> None:
        with operation("add", by=people["agent"]):
            Customer.objects.create(name="Faster", reference="a-5")

    with meanwhile(acme, take_reference, lambda: None):
        done = take(acme, back)
    assert (done.state, done.error, done.position, done.total) == ("done", "", 60, 60)
    assert done.counts == {"changed": 60, "kept": 3}
    assert numbers(acme) == (21, 20, 20)
    with tenant(acme):
        assert Customer.objects.get(reference="a-5").name == "Faster"
        [customer] = Customer.history.filter(operation=undone, name="Alder 005")
        [contact] = Contact.history.filter(operation=undone, customer_id=customer.id)
        [address] = Address.history.filter(operation=undone, customer_id=customer.id)
    assert reasons(acme, done) == {
        ("customer", customer.id): "another customer has this reference",
        ("contact", contact.id): "its customer was not brought back",
        ("address", address.id): "its customer was not brought back",
    }


def test_who_has_to_wait_for_another_comes_back_with_all_of_it_in_the_next_round(
    acme: Tenant, imported: Operation, people: People
) -> None:
    """One deletes a customer and gives its reference to a new one, at once."""
    with tenant(acme):
        with operation("edit", by=people["manager"]) as edit:
            Customer.objects.filter(reference="A-3").delete()
            Contact.objects.create(customer=Customer.objects.create(name="New", reference="A-3"), name="Ben")
        assert undo(edit, by=people["admin"]).kept == []
        assert not Customer.objects.filter(name="New").exists()
        assert Customer.objects.get(reference="A-3").contacts.get().name == "Maria"
    assert numbers(acme) == ALL


def test_a_contact_that_the_database_refuses_now_stays_deleted_and_its_customer_comes_back(
    acme: Tenant, undone: Operation, people: People
) -> None:
    with tenant(acme):
        odd = Contact.history.filter(operation=undone).order_by("id")[4]
        # As if written before names were mandatory.
        Contact.history.filter(id=odd.id).update(name="")
    done = take(acme, asked(acme, undone, people["admin"]))
    assert (done.state, done.position, done.total) == ("done", 62, 62)
    assert numbers(acme) == (21, 20, 21)
    assert list(reasons(acme, done)) == [("contact", odd.id)]


def test_contacts_of_customers_who_were_there_come_back_by_themselves(
    acme: Tenant, imported: Operation, people: People
) -> None:
    """One deletes the contacts of all, and some of the customers."""
    with tenant(acme), operation("delete", by=people["manager"]) as deleted:
        Contact.objects.all().delete()
        Customer.objects.filter(reference__in=["A-1", "A-2"]).delete()
    assert numbers(acme) == (19, 0, 19)
    done = take(acme, asked(acme, deleted, people["admin"]))
    assert done.counts == {"changed": 25, "kept": 0}
    assert numbers(acme) == ALL


@pytest.fixture
def edited_between(acme: Tenant, imported: Operation, people: People) -> tuple[Operation, Customer]:
    """The undo of the import, and a customer whose contact somebody edits, who is given another address at the
    same time, after the first batch."""
    undoing, step = asked(acme, imported, people["manager"]), UndoStep()
    with tenant(acme):
        customer = Customer.objects.get(reference="A-15")

    def edit() -> None:
        with tenant(acme), operation("edit", by=people["agent"]):
            Contact.objects.filter(customer=customer).update(job_title="Buyer")
            Address.objects.create(customer=customer, city="Kiel")

    begun = False

    def batch(running: Operation) -> bool:
        nonlocal begun
        if not begun:
            begun = True
        elif Customer.objects.count() == NUMBER - BATCH:
            elsewhere(edit)
        return step(running)

    carry_on(acme.pk, undoing.pk, batch)
    with tenant(acme):
        undoing.refresh_from_db()
    return undoing, customer


def test_a_contact_that_somebody_edits_while_they_go_is_listed_with_its_customer(
    acme: Tenant, edited_between: tuple[Operation, Customer]
) -> None:
    undoing, customer = edited_between
    assert numbers(acme) == (1, 1, 2)
    with tenant(acme):
        contact, address = Contact.objects.get(), Address.objects.get(city="Bremen")
    assert reasons(acme, undoing) == {
        ("customer", customer.pk): "somebody changed its contact just now",
        ("contact", contact.pk): JUST_NOW,
        ("address", address.pk): "stays with its customer",
    }


def test_how_many_went_back_and_how_many_were_kept_is_told(
    acme: Tenant,
    people: People,
    edited_between: tuple[Operation, Customer],
    signed_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undoing, _ = edited_between
    assert (undoing.position, undoing.total, undoing.counts) == (60, 60, {"changed": 60, "kept": 3})
    admin = signed_in(people["admin"])
    page = admin.get(f"/acme/operations/{undoing.pk}/").content.decode()
    assert "<dt>Went back</dt><dd>60</dd>" in page
    assert "<dt>Kept as they are</dt><dd>3</dd>" in page
    monkeypatch.setattr("history.views.FORETOLD", 10)
    undo = "20 customers, 20 contacts and 20 addresses go back"
    assert undo in admin.get(f"/acme/operations/{undoing.pk}/undo/").content.decode()


def test_what_was_done_before_a_worker_died_counts_when_the_next_one_is_cancelled(
    acme: Tenant, people: People, undone: Operation, signed_in: Callable[[User], Client]
) -> None:
    back, step, batches = asked(acme, undone, people["admin"]), UndoStep(), 0

    def dies_in_the_second(running: Operation) -> bool:
        nonlocal batches
        batches += 1
        more = step(running)
        if batches == 2:
            raise OperationalError("the connection was closed")
        return more

    with pytest.raises(OperationalError):
        carry_on(acme.pk, back.pk, dies_in_the_second)
    assert numbers(acme) == (10, 10, 10)
    carry_on(acme.pk, back.pk, stopping_after(1))
    assert numbers(acme) == (20, 20, 20)
    with tenant(acme):
        back.refresh_from_db()
    assert (back.state, back.position, back.total) == ("cancelled", 60, 63)
    admin = signed_in(people["admin"])
    page = admin.get(f"/acme/operations/{back.pk}/").content.decode()
    assert "after 60 of 63" in page
    assert "<dt>Went back</dt><dd>60</dd>" in page


def test_a_dead_worker_s_families_are_brought_back_by_the_next_one(
    acme: Tenant, people: People, undone: Operation
) -> None:
    back, step = asked(acme, undone, people["admin"]), UndoStep()

    def dies_in_the_last(running: Operation) -> bool:
        more = step(running)
        if running.position == 63:
            raise OperationalError("the connection was closed")
        return more

    with pytest.raises(OperationalError):
        carry_on(acme.pk, back.pk, dies_in_the_last)
    done = take(acme, back)
    assert (done.state, done.position, done.total) == ("done", 63, 63)
    assert done.counts == {"changed": 63, "kept": 0}
    assert numbers(acme) == ALL


# An undo that was stopped has undone a part


@pytest.fixture
def begun(acme: Tenant, imported: Operation, people: People) -> Operation:
    """An undo of the import that somebody cancels after ten families."""
    undoing = asked(acme, imported, people["manager"])
    carry_on(acme.pk, undoing.pk, stopping_after(1))
    assert numbers(acme) == (11, 11, 11)
    return undoing


def is_undone(company: Tenant, *operations: Operation) -> list[bool]:
    with tenant(company):
        return [Operation.objects.get(pk=one.pk).is_undone for one in operations]


def test_the_rest_of_what_was_undone_in_part_is_undone(
    acme: Tenant, people: People, imported: Operation, begun: Operation, signed_in: Callable[[User], Client]
) -> None:
    assert is_undone(acme, imported) == [False]
    manager = signed_in(people["manager"])
    page = manager.get(f"/acme/operations/{imported.pk}/").content.decode()
    assert "Undone in part" in page
    assert f"/acme/operations/{imported.pk}/undo/" in page
    foretold = manager.get(f"/acme/operations/{imported.pk}/undo/").content.decode()
    assert "<li>11 customers are deleted</li>" in foretold
    rest = take(acme, asked(acme, imported, people["manager"]))
    assert (rest.counts, numbers(acme)) == ({"changed": 33, "kept": 0}, (0, 0, 0))
    assert is_undone(acme, imported, begun, rest) == [True, False, False]
    # Each part comes back by itself.
    assert take(acme, asked(acme, begun, people["admin"])).counts == {"changed": 30, "kept": 0}
    assert numbers(acme) == (10, 10, 10)
    assert take(acme, asked(acme, rest, people["admin"])).counts == {"changed": 33, "kept": 0}
    assert (numbers(acme), is_undone(acme, imported, begun, rest)) == (ALL, [False, True, True])
    assert take(acme, asked(acme, imported, people["manager"])).counts == {"changed": 63, "kept": 0}


@pytest.mark.parametrize("foretold", [10_000, 10])
def test_what_somebody_edits_after_a_part_was_undone_stays(
    acme: Tenant,
    people: People,
    imported: Operation,
    begun: Operation,
    foretold: int,
    signed_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("history.views.FORETOLD", foretold)
    with tenant(acme), operation("edit", by=people["agent"]):
        edited = Customer.objects.order_by("pk")[0]
        Customer.objects.filter(pk=edited.pk).update(language="de")
    page = signed_in(people["manager"]).get(f"/acme/operations/{imported.pk}/undo/").content.decode()
    assert (
        f"{edited.name}</a>: edited since by Agent" in page or f"{edited.name}: edited since by Agent" in page
    )
    if foretold == 10:
        assert "11 customers, 11 contacts and 11 addresses go back, but for 3 that stay" in page
    rest = take(acme, asked(acme, imported, people["manager"]))
    assert rest.counts == {"changed": 30, "kept": 3}
    assert numbers(acme) == (1, 1, 1)


def test_an_undo_that_was_undone_in_part_stands(
    acme: Tenant, people: People, imported: Operation, undone: Operation
) -> None:
    back = asked(acme, undone, people["admin"])
    carry_on(acme.pk, back.pk, stopping_after(2))
    assert (numbers(acme), is_undone(acme, imported, undone)) == ((20, 20, 20), [True, False])
    with tenant(acme), pytest.raises(NotUndoable, match="was undone already"):
        undo_later(imported, by=people["manager"])
    take(acme, asked(acme, undone, people["admin"]))
    assert (numbers(acme), is_undone(acme, imported, undone)) == (ALL, [False, True])


def test_what_was_undone_before_is_told_anew(
    acme: Tenant, people: People, imported: Operation, begun: Operation
) -> None:
    """The step that an installation takes which marked every undo."""
    rest = take(acme, asked(acme, imported, people["manager"]))
    back = asked(acme, rest, people["admin"])
    carry_on(acme.pk, back.pk, stopping_after(1))
    right = is_undone(acme, imported, begun, rest, back)
    assert right == [True, False, False, False]
    step = import_module("history.migrations.0009_undone_in_part")
    with tenant(acme):
        for one in (imported, rest):
            Operation.objects.filter(pk=one.pk).update(is_undone=one is rest)
        step.mark(apps, None)
    assert is_undone(acme, imported, begun, rest, back) == right
