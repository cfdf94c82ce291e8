"""What stays of a very long operation is found by what others wrote since: the same as by looking at all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Address, Contact
from customers.models import Customer
from history.long import ask_for
from history.models import Operation, TrackedModel
from history.operations import continued, operation
from history.since import AT_ONCE, what_stays
from history.staying import keep_what_stays
from history.traces import Left, Traces, traces_of, written
from history.undo import NotUndoable, undo
from lists.models import SavedView, ViewUse
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import asked

pytestmark = pytest.mark.django_db

People = dict[str, User]
Kept = set[Left]


@pytest.fixture
def inside(acme: Tenant, people: People) -> Iterator[People]:
    with tenant(acme):
        yield people


def left(found: list[Traces]) -> Kept:
    return {row for part in found for row in part.left()}


def of_all_rows(original: Operation) -> Kept:
    found = traces_of(original)
    keep_what_stays(original, found)
    return left(found)


def found_since(original: Operation) -> Kept:
    found = what_stays(original)
    assert found is not None
    return left(found)


def whole(name: str, **values: Any) -> Customer:
    """A customer with two contacts and an address, as an import adds it."""
    customer = Customer.objects.create(name=name, **values)
    for contact in ("Ada", "Ben"):
        Contact.objects.create(customer=customer, name=f"{contact} of {name}")
    Address.objects.create(customer=customer, city="Berlin", country="DE")
    return customer


class Company:
    """What people do in a company, one thing after the other and by chance."""

    def __init__(self, seed: int, by: list[User]) -> None:
        self.random = Random(seed)
        self.by = by
        self.number = 0
        # Operations that began before all others and are gone on with: by a worker, and in somebody's request.
        self.unfinished = [ask_for("bulk_edit", by=by[0], total=None) for _ in range(2)]
        self.unfinished[0].begin()
        self.unfinished[0].save_progress()
        Operation.objects.filter(pk=self.unfinished[1].pk).update(state="done")

    def doing(self, kind: str) -> AbstractContextManager[Any]:
        if self.random.random() < 0.2:
            return continued(self.random.choice(self.unfinished))
        return operation(kind, by=self.random.choice(self.by))

    def name(self) -> str:
        self.number += 1
        return f"Cedar {self.number}"

    def some(self, model: Any) -> Any:
        """A row of it, or None where there is none."""
        rows: list[Any] = list(model.objects.order_by("pk"))
        return self.random.choice(rows) if rows else None

    def bring_in(self) -> None:
        """A file: new entries, customers who use them, and some that were there."""
        with self.doing("import"):
            segments = [Segment.objects.create(name=self.name()) for _ in range(self.random.randrange(3))]
            statuses = [Status.objects.create(name=self.name()) for _ in range(self.random.randrange(3))]
            for _ in range(self.random.randrange(1, 6)):
                segment = self.random.choice([*segments, None])
                whole(self.name(), segment=segment, status=self.random.choice([*statuses, None]))
            if known := self.some(Customer):
                known.status = self.random.choice([*statuses, None])
                known.save()
                Contact.objects.create(customer=known, name=self.name())

    def edit(self) -> None:
        if row := self.some(self.random.choice([Customer, Contact, Address, Segment, Status])):
            with self.doing("edit"):
                setattr(row, "city" if isinstance(row, Address) else "name", self.name())
                row.save()

    def edit_many(self) -> None:
        status = self.some(Status)
        ids = [row.pk for row in Customer.objects.all() if self.random.random() < 0.3]
        with self.doing("bulk_edit"):
            Customer.objects.filter(pk__in=ids).update(status=status)

    def give(self) -> None:
        if customer := self.some(Customer):
            with self.doing("add"):
                Contact.objects.create(customer=customer, name=self.name())

    def move(self) -> None:
        if contact := self.some(Contact):
            with self.doing("edit"):
                contact.customer = self.some(Customer)
                contact.save()

    def use(self) -> None:
        with self.doing("add"):
            Customer.objects.create(name=self.name(), segment=self.some(Segment), status=self.some(Status))

    def delete(self) -> None:
        if row := self.some(self.random.choice([Customer, Contact, Address])):
            with self.doing("delete"):
                row.delete()

    def undo(self) -> None:
        done = Operation.objects.exclude(pk__in=[one.pk for one in self.unfinished]).order_by("pk")
        if done:
            with suppress(NotUndoable):
                undo(self.random.choice(done), by=self.by[0])

    def live(self, steps: int) -> None:
        ways: list[Callable[[], None]] = [
            *(self.edit, self.edit, self.edit_many, self.give, self.move, self.use, self.delete),
            *(self.undo, self.undo, self.bring_in),
        ]
        for _ in range(steps):
            self.random.choice(ways)()


@pytest.mark.parametrize("seed", range(8))
def test_it_is_what_looking_at_all_rows_finds(inside: People, seed: int) -> None:
    company = Company(seed, [inside["owner"], inside["admin"]])
    company.bring_in()
    company.live(steps=30)
    operations = [done for done in Operation.objects.order_by("pk") if written(done)]
    told = {done.pk: of_all_rows(done) for done in operations}
    assert {done.pk: found_since(done) for done in operations} == told
    assert len({reason for kept in told.values() for *_, reason in kept}) > 3


def brought_in(by: User, number: int) -> Operation:
    with operation("import", by=by) as running:
        for place in range(number):
            whole(f"Cedar {place:03}", status=Status.objects.create(name=f"New {place}"))
    return running


def test_only_rows_that_later_writing_leads_to_are_looked_at(inside: People) -> None:
    added = brought_in(inside["manager"], 20)
    assert looked_at(added) == {Status: 0, Customer: 0, Contact: 0, Address: 0}
    with operation("edit", by=inside["agent"]):
        Contact.objects.filter(name="Ben of Cedar 007").update(job_title="Buyer")
        whole("Somebody else")
    assert looked_at(added) == {Status: 1, Customer: 1, Contact: 2, Address: 1}


def looked_at(original: Operation) -> dict[type[TrackedModel], int]:
    found = what_stays(original) or []
    return {
        part.model: len(part.added) + sum(len(staying) for staying in part.staying.values()) for part in found
    }


def test_what_is_used_by_rows_without_history_stays(inside: People) -> None:
    membership = Membership.objects.get(user=inside["agent"])
    with operation("keep", by=inside["agent"]) as kept:
        views = [SavedView.objects.create(name=name, owner=inside["agent"]) for name in ("One", "Two")]
    ViewUse.objects.create(view=views[1], membership=membership, day=date(2026, 5, 2))
    assert found_since(kept) == of_all_rows(kept) != set()


@pytest.mark.parametrize("number", [3, 30])
def test_many_rows_cost_no_more_queries(inside: People, number: int) -> None:
    added = brought_in(inside["manager"], number)
    with operation("edit", by=inside["agent"]):
        Contact.objects.filter(name__startswith="Ben").update(job_title="Buyer")
        for customer in Customer.objects.all():
            Contact.objects.create(customer=customer, name="Cleo")
    with CaptureQueriesContext(connection) as queries:
        assert len(found_since(added)) == 5 * number
    assert len(asked(queries)) == 32, "\n".join(q[:200] for q in asked(queries))


def long_ago(original: Operation) -> None:
    """What began before began so long before that it was over."""
    earlier = Operation.objects.filter(pk__lt=original.pk)
    earlier.update(at=original.at - AT_ONCE - timedelta(seconds=1))


def test_of_very_much_that_was_written_since_it_is_not_told(
    inside: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = brought_in(inside["manager"], 3)
    long_ago(added)
    monkeypatch.setattr("history.since.MOST", 5)
    with operation("edit", by=inside["agent"]):
        Contact.objects.filter(name__startswith="Ben").update(job_title="Buyer")
        Customer.objects.filter(name="Cedar 001").update(language="de")
    assert len(found_since(added)) == 3 * 5
    with operation("edit", by=inside["agent"]):
        Address.objects.filter(customer__name__in=["Cedar 000", "Cedar 001"]).update(country="FR")
    assert what_stays(added) is None
