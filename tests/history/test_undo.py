"""What undoing an operation takes back, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from history.reversal import JUST_NOW, change_back
from history.traces import kept_for_others, parents_first, traces_of
from history.undo import NotUndoable, Undone, check, undo
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import asked

People = dict[str, User]
BIRCH = {"name": "Birch", "reference": "B-1", "email": "a@birch.example", "custom_data": {"size": [1, 2]}}


@pytest.fixture
def inside(acme: Tenant, people: People) -> Iterator[People]:
    """Acme's people; the test's own code runs inside Acme."""
    with tenant(acme):
        yield people


@pytest.fixture
def birch(inside: People) -> Customer:
    with operation("add", by=inside["agent"]):
        return Customer.objects.create(**BIRCH, segment=Segment.default())


def state(model: Any, **found_by: Any) -> list[dict[str, Any]]:
    """The rows, but for who wrote them last, and when."""
    told = [f.attname for f in model._meta.concrete_fields if f.name not in ("updated_at", "last_operation")]
    return list(model.objects.filter(**found_by).order_by("pk").values(*told))


def done(by: User | None, change: Callable[[], Any], kind: str = "edit") -> Operation:
    with operation(kind, by=by) as running:
        change()
    return running


def reasons(undone: Undone) -> list[str]:
    return [str(kept).partition(" by ")[0] for kept in undone.kept]


def whole(undone: Undone) -> Operation:
    """Of an undo that kept nothing."""
    assert undone.kept == []
    assert undone.operation
    return undone.operation


def change(customer: Customer, **values: Any) -> None:
    row = Customer.objects.get(pk=customer.pk)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_an_edit_is_taken_back_with_what_is_derived_from_it(inside: People, birch: Customer) -> None:
    before = state(Customer)
    edit = done(
        inside["agent"],
        lambda: change(
            birch, name="Beech", email="", custom_data={}, segment=None, disabled_at=timezone.now()
        ),
    )
    undone = undo(edit, by=inside["agent"])
    assert (state(Customer), undone.kept) == (before, [])
    assert before[0]["search"].startswith("birch")
    running = undone.operation
    assert running
    assert (running.kind, running.by, running.undoes) == ("undo", inside["agent"], edit)
    assert running.summary == "Edited"
    assert [row.history_type for row in birch.history.filter(operation=running)] == ["~"]
    assert Customer.objects.get().last_operation == running
    assert edit.undone_by.get() == running


def test_what_somebody_edited_since_is_kept_and_named(inside: People, birch: Customer) -> None:
    with operation("add", by=inside["agent"]):
        Customer.objects.create(name="Cedar")
    edit = done(inside["manager"], lambda: Customer.objects.update(language="de"))
    done(inside["admin"], lambda: change(birch, email="new@birch.example"))
    undone = undo(edit, by=inside["manager"])
    [kept] = undone.kept
    assert (kept.model, kept.id, kept.name, kept.by) == (Customer, birch.pk, "Birch", inside["admin"])
    assert str(kept).startswith("Birch (edited since by Admin, ")
    assert [row["language"] for row in state(Customer)] == ["de", ""]


def test_an_undo_that_keeps_everything_is_no_operation(inside: People, birch: Customer) -> None:
    edit = done(inside["agent"], lambda: change(birch, language="de"))
    done(inside["admin"], lambda: change(birch, language="fr"))
    count = Operation.objects.count()
    undone = undo(edit, by=inside["agent"])
    assert (undone.operation, reasons(undone)) == (None, ["Birch (edited since"])
    assert Operation.objects.count() == count
    assert not edit.undone_by.exists()


def test_what_was_deleted_comes_back_as_it_was(inside: People, birch: Customer) -> None:
    before = state(Customer)
    deleted = done(inside["manager"], lambda: Customer.objects.filter(pk=birch.pk).delete(), "delete")
    assert not state(Customer)
    undone = undo(deleted, by=inside["admin"])
    assert (state(Customer), undone.kept) == (before, [])
    assert [row.history_type for row in Customer.history.filter(id=birch.pk).order_by("history_id")] == [
        "+",
        "-",
        "+",
    ]
    back = Customer.history.filter(id=birch.pk).latest("history_id")
    assert (back.created_at, back.operation) == (birch.created_at, undone.operation)


def test_what_was_added_is_deleted(inside: People, birch: Customer) -> None:
    added = birch.last_operation
    undone = undo(added, by=inside["agent"])
    assert (state(Customer), undone.kept) == ([], [])
    last = Customer.history.filter(id=birch.pk).latest("history_id")
    assert (last.history_type, last.operation, last.name) == ("-", undone.operation, "Birch")


def test_an_undo_can_be_undone(inside: People, birch: Customer) -> None:
    edit = done(inside["agent"], lambda: change(birch, name="Beech"))
    after = state(Customer)
    first = undo(edit, by=inside["agent"]).operation
    assert first
    second = undo(first, by=inside["agent"]).operation
    assert second
    assert (state(Customer), second.summary) == (after, "Undone: Edited")
    assert undo(second, by=inside["agent"]).operation


def test_rows_that_were_added_deleted_and_changed_together_are_taken_back_together(
    inside: People, birch: Customer
) -> None:
    """A new segment replaced an old one, which some customer had: none can go or come before the other."""
    old = birch.segment
    before = state(Customer), state(Segment)

    def replace() -> None:
        assert old
        new = Segment.objects.create(name="New", position=9)
        change(birch, segment=new, reference="")
        old.is_default = False
        old.delete()
        Customer.objects.create(name="With the same reference", reference="B-1", segment=new)

    edit = done(inside["admin"], replace)
    assert undo(edit, by=inside["admin"]).kept == []
    assert (state(Customer), state(Segment)) == before


def test_a_default_that_moved_moves_back(inside: People) -> None:
    """There is at most one at any moment, so the order of rows matters."""
    before = state(Segment)
    others = Segment.objects.exclude(is_default=True).order_by("pk")
    for segment in (others[0], others.reverse()[0]):
        edit = done(inside["admin"], segment.make_default)
        assert undo(edit, by=inside["admin"]).kept == []
        assert state(Segment) == before


def test_contacts_and_addresses_come_back_with_their_customer(inside: People, birch: Customer) -> None:
    with operation("edit", by=inside["agent"]):
        Contact.objects.bulk_create(
            [
                Contact(customer=birch, name="Ada", is_primary=True),
                Contact(customer=birch, name="Ben", email="ben@birch.example"),
            ]
        )
        Address.objects.create(customer=birch, label="Shop", city="Bremen", is_billing=True)
    birch.refresh_from_db()
    before = state(Customer), state(Contact), state(Address)
    deleted = done(inside["manager"], lambda: birch.delete(), "delete")
    assert not Contact.objects.exists()
    assert undo(deleted, by=inside["admin"]).kept == []
    assert (state(Customer), state(Contact), state(Address)) == before
    assert Customer.objects.search("ben@birch bremen").exists()


def test_a_primary_contact_that_moved_moves_back_unless_somebody_moved_it_on(
    inside: People, birch: Customer
) -> None:
    with operation("edit", by=inside["agent"]):
        ada = Contact.objects.create(customer=birch, name="Ada", is_primary=True)
        ben = Contact.objects.create(customer=birch, name="Ben")
    before = state(Contact)

    def move(new: Contact) -> None:
        Contact.objects.filter(is_primary=True).update(is_primary=False)
        Contact.objects.filter(pk=new.pk).update(is_primary=True)

    moved = done(inside["agent"], lambda: move(ben))
    assert undo(moved, by=inside["agent"]).kept == []
    assert state(Contact) == before

    deleted = done(inside["manager"], lambda: Contact.objects.filter(pk=ada.pk).delete(), "delete")
    done(inside["agent"], lambda: move(ben))
    [kept] = undo(deleted, by=inside["manager"]).kept
    assert (kept.name, kept.reason) == ("Ada", "another contact is the primary one")


def test_a_customer_is_kept_for_the_contact_somebody_added(inside: People, birch: Customer) -> None:
    done(inside["manager"], lambda: Contact.objects.create(customer=birch, name="Ada"))
    added = Customer.objects.get().last_operation
    [kept] = undo(added, by=inside["agent"]).kept
    assert (kept.name, kept.reason) == ("Birch", "still used by 1 contact")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("edited", "told"),
    [
        ("customer", ["edited since", "its customer was edited since", "its customer was edited since"]),
        (
            "contact",
            ["its contact was edited since", "edited since", "a contact of its customer was edited since"],
        ),
    ],
)
def test_what_was_added_together_stays_together(inside: People, edited: str, told: list[str]) -> None:
    """Whoever edits one of them has all of it before them; of each is said which was edited."""

    def add(name: str) -> None:
        customer = Customer.objects.create(name=name, segment=Segment.default())
        Contact.objects.create(customer=customer, name=f"Ada of {name}")
        Address.objects.create(customer=customer, city="Berlin", country="DE")

    def add_both() -> None:
        add("Cedar")
        add("Dogwood")

    added = done(inside["manager"], add_both, "import")
    model, name = (Customer, "Cedar") if edited == "customer" else (Contact, "Ada of Cedar")
    row: Any = model.objects.get(name=name)
    row.name = "Edited"
    done(inside["agent"], row.save)
    foretold = [words for part in check(added, inside["manager"]) for words in part.in_words()]
    assert foretold == ["1 customer is deleted", "1 contact is deleted", "1 address is deleted"]
    assert sorted(
        reason.partition(" by Agent, ")[0] for _, reason in planned(added, inside["manager"])[0]
    ) == sorted(told)
    undone = undo(added, by=inside["manager"])
    assert {kept.model: kept.reason.partition(" by Agent, ")[0] for kept in undone.kept} == dict(
        zip((Customer, Contact, Address), told, strict=True)
    )
    assert [model.objects.count() for model in (Customer, Contact, Address)] == [1, 1, 1]
    assert Address.objects.get().customer == Customer.objects.get()


def planned(original: Operation, by: User) -> tuple[list[tuple[str, str]], list[str]]:
    """What undoing says before that it keeps, with the reasons, and that it takes back."""
    found = check(original, by)
    taken_back = [words for part in found for words in part.in_words()]
    return [(kept.name, kept.reason) for kept in kept_for_others(found)], taken_back


def added_whole(by: User, *names: str, **values: Any) -> Operation:
    """Customers with a contact and an address, as an import makes them."""

    def add() -> None:
        for name in names:
            customer = Customer.objects.create(name=name, **values)
            Contact.objects.create(customer=customer, name=f"Ada of {name}")
            Address.objects.create(customer=customer, city="Berlin", country="DE")

    return done(by, add, "import")


def test_who_was_given_a_contact_since_stays_whole_and_is_told_before(inside: People) -> None:
    added = added_whole(inside["manager"], "Cedar", "Dogwood")
    cedar = Customer.objects.get(name="Cedar")
    done(inside["agent"], lambda: Contact.objects.create(customer=cedar, name="Ben"))
    kept, taken_back = planned(added, inside["manager"])
    assert kept == [
        ("Cedar", "still used by 1 contact"),
        ("Ada of Cedar", "stays with its customer"),
        ("Berlin, DE", "stays with its customer"),
    ]
    assert taken_back == ["1 customer is deleted", "1 contact is deleted", "1 address is deleted"]
    undone = undo(added, by=inside["manager"])
    assert [(one.name, one.reason) for one in undone.kept] == kept
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ada of Cedar", "Ben"]
    assert Customer.objects.get() == Address.objects.get().customer == cedar
    assert undone.operation
    assert undone.operation.kept_rows.count() == 3


@pytest.mark.parametrize("lost", [Contact, Address])
def test_a_customer_who_lost_to_somebody_what_came_with_it_stays_with_the_rest(
    inside: People, lost: type[Contact] | type[Address]
) -> None:
    added = added_whole(inside["manager"], "Cedar")
    added_whole(inside["manager"], "Dogwood")
    cedar = Customer.objects.get(name="Cedar")
    done(inside["agent"], lambda: lost.objects.get(customer=cedar).delete())
    other = Address if lost is Contact else Contact
    kept, _ = planned(added, inside["manager"])
    noun = lost._meta.verbose_name
    article = "an" if lost is Address else "a"
    assert [reason.partition(" by Agent")[0] for _, reason in kept] == [
        f"its {noun} was deleted since",
        f"{article} {noun} of its customer was deleted since",
    ]
    undone = undo(added, by=inside["manager"])
    assert [(one.name, one.reason) for one in undone.kept] == kept
    assert undone.operation is None
    assert other.objects.get(customer=cedar)


def test_what_was_given_and_taken_back_keeps_nobody(inside: People) -> None:
    added = added_whole(inside["manager"], "Cedar")
    ada, cedar = Contact.objects.get(), Customer.objects.get()
    renamed = done(inside["agent"], lambda: Contact.objects.filter(pk=ada.pk).update(job_title="Buyer"))
    given = done(inside["agent"], lambda: Contact.objects.create(customer=cedar, name="Ben"))
    undo(given, by=inside["agent"])
    undo(renamed, by=inside["agent"])
    assert planned(added, inside["manager"])[0] == []
    assert undo(added, by=inside["manager"]).kept == []
    assert not Customer.objects.exists()


def test_what_those_use_who_stay_stays_and_is_told_before(inside: People, birch: Customer) -> None:
    """A new status: of a customer who stays with the contact that somebody edited, of one who goes, and of another."""

    def add() -> None:
        for name in ("New", "Newer", "Newest"):
            status = Status.objects.create(name=name)
            customer = Customer.objects.create(name=f"{name} one", status=status)
            Contact.objects.create(customer=customer, name=f"Ada of {name}")

    added = done(inside["admin"], add, "import")
    done(inside["agent"], lambda: Contact.objects.filter(name="Ada of New").update(job_title="Buyer"))
    done(inside["agent"], lambda: change(birch, status=Status.objects.get(name="Newer")))
    kept, _ = planned(added, inside["admin"])
    foretold = {name: reason.partition(" by Agent")[0] for name, reason in kept}
    assert foretold == {
        "New": "still used by 1 customer",
        "Newer": "still used by 1 customer",
        "New one": "its contact was edited since",
        "Ada of New": "edited since",
    }
    undone = undo(added, by=inside["admin"])
    assert [(one.name, one.reason) for one in undone.kept] == kept
    assert not Status.objects.filter(name="Newest").exists()


def test_a_contact_of_a_customer_who_is_gone_is_told(inside: People, birch: Customer) -> None:
    with operation("edit", by=inside["agent"]):
        Contact.objects.create(customer=birch, name="Ada")
    deleted = done(inside["manager"], lambda: Contact.objects.all().delete(), "delete")
    done(inside["manager"], lambda: Customer.objects.all().delete(), "delete")
    [kept] = undo(deleted, by=inside["manager"]).kept
    assert (kept.name, kept.reason) == ("Ada", "its customer is no longer there")


def test_what_is_used_meanwhile_stays(inside: People, birch: Customer) -> None:
    added = done(
        inside["admin"],
        lambda: [Segment.objects.create(name=name) for name in ("New", "Newer")],
    )
    done(inside["agent"], lambda: change(birch, segment=Segment.objects.get(name="New")))
    undone = undo(added, by=inside["admin"])
    assert [(kept.name, kept.reason) for kept in undone.kept] == [("New", "still used by 1 customer")]
    assert not Segment.objects.filter(name="Newer").exists()


def test_what_the_database_refuses_loses_nothing_else(inside: People, birch: Customer) -> None:
    with operation("add", by=inside["admin"]):
        doomed = Segment.objects.create(name="Doomed")
        Customer.objects.bulk_create(Customer(name=f"Cedar {n}", reference=f"C-{n}") for n in range(5))
        Customer.objects.create(name="With a segment", segment=doomed)
    before = {row["name"]: row for row in state(Customer)}
    deleted = done(inside["manager"], lambda: Customer.objects.all().delete(), "delete")
    done(inside["agent"], lambda: Customer.objects.create(name="Faster", reference="c-3"))
    done(inside["admin"], doomed.delete)
    undone = undo(deleted, by=inside["admin"])
    assert sorted((kept.name, kept.reason) for kept in undone.kept) == [
        ("Cedar 3", "another customer has this reference"),
        ("With a segment", "its segment is no longer there"),
    ]
    after = {row["name"]: row for row in state(Customer)}
    assert after.pop("Faster")
    assert after == {name: row for name, row in before.items() if name not in ("Cedar 3", "With a segment")}


def test_what_is_there_again_or_gone_meanwhile_is_told(inside: People, birch: Customer) -> None:
    edit = done(inside["manager"], lambda: change(birch, language="de"))
    deleted = done(inside["manager"], lambda: Customer.objects.all().delete(), "delete")
    assert reasons(undo(edit, by=inside["manager"])) == ["Birch (deleted since"]
    back = undo(deleted, by=inside["admin"]).operation
    assert back
    done(inside["manager"], lambda: change(birch, language="fr"))
    assert reasons(undo(back, by=inside["admin"])) == ["Birch (edited since"]
    done(inside["manager"], lambda: Customer.objects.all().delete(), "delete")
    undone = undo(back, by=inside["admin"])
    assert (undone.operation, undone.kept, state(Customer)) == (None, [], [])


def test_an_operation_is_undone_once(inside: People, birch: Customer) -> None:
    edit = done(inside["agent"], lambda: change(birch, language="de"))
    undo(edit, by=inside["agent"])
    with pytest.raises(NotUndoable, match="undone already, by Agent"):
        undo(edit, by=inside["agent"])


def test_an_operation_whose_undo_was_undone_is_undone_again(inside: People, birch: Customer) -> None:
    before = state(Customer)
    edit = done(inside["agent"], lambda: change(birch, name="Beech"))
    after = state(Customer)
    for _ in range(3):
        taken_back = whole(undo(edit, by=inside["agent"]))
        assert state(Customer) == before
        with pytest.raises(NotUndoable, match="undone already"):
            undo(edit, by=inside["agent"])
        redone = whole(undo(taken_back, by=inside["agent"]))
        assert state(Customer) == after
        with pytest.raises(NotUndoable, match="undone already"):
            undo(taken_back, by=inside["agent"])
    whole(undo(redone, by=inside["agent"]))  # the third undo stands again
    assert state(Customer) == before
    with pytest.raises(NotUndoable, match="undone already"):
        undo(edit, by=inside["agent"])
    whole(undo(taken_back, by=inside["agent"]))
    whole(undo(edit, by=inside["agent"]))
    assert state(Customer) == before


def test_an_undo_that_kept_some_rows_keeps_them_again(inside: People, birch: Customer) -> None:
    with operation("add", by=inside["agent"]):
        Customer.objects.create(name="Cedar")
    edit = done(inside["manager"], lambda: Customer.objects.update(language="de"))
    done(inside["admin"], lambda: change(birch, language="fr"))
    taken_back = undo(edit, by=inside["manager"]).operation
    assert taken_back
    assert undo(taken_back, by=inside["manager"]).kept == []
    assert [row["language"] for row in state(Customer)] == ["fr", "de"]
    assert reasons(undo(edit, by=inside["manager"])) == ["Birch (edited since"]
    assert [row["language"] for row in state(Customer)] == ["fr", ""]


def test_it_can_be_undone_for_thirty_days(inside: People, birch: Customer) -> None:
    edit = done(inside["agent"], lambda: change(birch, language="de"))
    edit.at = timezone.now() - timedelta(days=settings.UNDO_DAYS, minutes=1)
    edit.save()
    with pytest.raises(NotUndoable, match="30 days ago"):
        undo(edit, by=inside["agent"])


@pytest.mark.parametrize("kind", ["settings", "people", "open", "export"])
def test_settings_and_people_are_not_undone(inside: People, birch: Customer, kind: str) -> None:
    other = done(inside["admin"], lambda: change(birch, language="de"), kind)
    with pytest.raises(NotUndoable, match="can't be undone"):
        undo(other, by=inside["owner"])
    assert Customer.objects.get().language == "de"


def test_an_operation_without_rows_has_nothing_to_undo(inside: People) -> None:
    with operation("import", by=inside["manager"]) as running:
        running.keep(rows=0)
    with pytest.raises(NotUndoable, match="nothing to undo"):
        undo(running, by=inside["manager"])


# -- what was undone since -------------------------------------------------------------------------------


def five(inside: People) -> Operation:
    """An import of the manager's: five customers, each with two contacts, the first of whom is the primary one."""
    with operation("import", by=inside["manager"]) as running:
        rows = Customer.objects.bulk_create(Customer(name=f"Cedar {n}", reference=f"C-{n}") for n in range(5))
        for name in ("Ada", "Ben"):
            Contact.objects.bulk_create(
                Contact(customer=row, name=name, is_primary=name == "Ada") for row in rows
            )
    return running


def move_primary() -> None:
    Contact.objects.filter(name="Ada").update(is_primary=False)
    Contact.objects.filter(name="Ben").update(is_primary=True)


LATER: dict[str, Callable[[], Any]] = {
    "a wrong import": lambda: Customer.objects.update(language="de", timezone="Europe/Rome"),
    "a bulk edit": lambda: Customer.objects.update(language="de"),
    "a deletion": lambda: Customer.objects.all().delete(),
    "other primary contacts": move_primary,
    "contacts deleted": lambda: Contact.objects.filter(name="Ada").delete(),
}


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("times", [1, 2])
def test_what_was_done_and_undone_since_is_no_matter(inside: People, later: str, times: int) -> None:
    added = five(inside)
    before = state(Customer), state(Contact)
    for _ in range(times):
        whole(undo(done(inside["admin"], LATER[later]), by=inside["admin"]))
    assert (state(Customer), state(Contact)) == before
    undone = whole(undo(added, by=inside["manager"]))
    assert (state(Customer), state(Contact)) == ([], [])
    whole(undo(undone, by=inside["admin"]))
    assert (state(Customer), state(Contact)) == before
    whole(undo(added, by=inside["manager"]))
    assert (state(Customer), state(Contact)) == ([], [])


@pytest.mark.parametrize("later", LATER)
def test_what_was_done_again_since_is(inside: People, later: str) -> None:
    edit = done(five(inside).by, lambda: change(Customer.objects.all()[2], phone="+4930"))
    done_since = done(inside["admin"], LATER[later])
    taken_back = whole(undo(done_since, by=inside["admin"]))
    redone = whole(undo(taken_back, by=inside["owner"]))
    before = state(Customer)
    undone = undo(edit, by=inside["manager"])
    if "contacts" in later:
        assert undone.kept == []  # the customer itself was left alone
        return
    [kept] = undone.kept
    deed = "deleted" if later == "a deletion" else "edited"
    assert kept.reason.startswith(f"{deed} since by Admin")
    assert state(Customer) == before
    whole(undo(redone, by=inside["admin"]))
    whole(undo(edit, by=inside["manager"]))


def test_undone_in_another_order_each_keeps_what_is_not_its_own(inside: People, birch: Customer) -> None:
    """Undoing the first of two keeps the row; undoing the second leaves the first one's."""
    added = birch.last_operation
    first = done(inside["manager"], lambda: change(birch, language="de"))
    second = done(inside["admin"], lambda: change(birch, language="fr"))
    assert undo(first, by=inside["manager"]).operation is None
    whole(undo(second, by=inside["admin"]))
    [kept] = undo(added, by=inside["agent"]).kept
    assert kept.reason.startswith("edited since by Manager")
    whole(undo(first, by=inside["manager"]))
    whole(undo(added, by=inside["agent"]))
    assert state(Customer) == []


def test_an_operation_done_again_and_undone_once_more_is_no_matter(inside: People, birch: Customer) -> None:
    """By an undo of its own, not by one of what did it again."""
    added = birch.last_operation
    edit = done(inside["manager"], lambda: change(birch, language="de"))
    for _ in range(2):
        whole(undo(whole(undo(edit, by=inside["manager"])), by=inside["admin"]))
    whole(undo(edit, by=inside["manager"]))
    whole(undo(added, by=inside["agent"]))
    assert state(Customer) == []


def test_a_row_that_is_edited_after_its_traces_were_read_is_kept(inside: People, birch: Customer) -> None:
    edit = done(inside["agent"], lambda: change(birch, language="de"))
    later = done(inside["admin"], lambda: change(birch, language="fr"))
    whole(undo(later, by=inside["admin"]))
    [part] = traces_of(edit)
    [trace] = part.changed
    assert (trace.touched, trace.last) == (None, Customer.objects.get().last_operation_id)
    done(inside["admin"], lambda: change(birch, language="it"))
    with operation("undo", by=inside["agent"]) as running:
        running.keep()
        assert change_back(edit, Customer, [trace]) == {birch.pk: JUST_NOW}
    assert Customer.objects.get().language == "it"


# -- who may --------------------------------------------------------------------------------------------


def add(inside: People, by: str) -> Operation:
    return done(inside[by], lambda: Customer.objects.create(name="New"), "add")


def edit(inside: People, by: str) -> Operation:
    add(inside, by)
    return done(inside[by], lambda: change(Customer.objects.get(), language="de"))


def delete(inside: People, by: str) -> Operation:
    add(inside, by)
    return done(inside[by], lambda: Customer.objects.all().delete(), "delete")


ROLES = ("viewer", "agent", "manager", "admin", "owner")


@pytest.mark.parametrize(
    ("act", "may"),
    [
        (add, {"manager", "admin", "owner"}),  # deleting is for managers, one's own is for oneself
        (edit, {"agent", "manager", "admin", "owner"}),
        (delete, {"admin", "owner"}),  # what others deleted is an admin's to bring back
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_undo_what_another_person_did(
    inside: People, act: Callable[..., Operation], may: set[str], role: str
) -> None:
    found = act(inside, "manager" if role != "manager" else "admin")
    before = state(Customer)
    if role in may:
        assert undo(found, by=inside[role]).operation
        return
    with pytest.raises(PermissionDenied):
        undo(found, by=inside[role])
    assert state(Customer) == before


def test_who_did_it_may_take_it_back(inside: People) -> None:
    assert undo(add(inside, "agent"), by=inside["agent"]).operation
    assert undo(edit(inside, "agent"), by=inside["agent"]).operation
    assert undo(delete(inside, "manager"), by=inside["manager"]).operation


def test_but_not_who_may_no_longer_do_it(inside: People) -> None:
    """Somebody who was an agent once."""
    added = add(inside, "viewer")
    edited = done(inside["viewer"], lambda: change(Customer.objects.get(), language="de"))
    for found in (added, edited):
        with pytest.raises(PermissionDenied):
            undo(found, by=inside["viewer"])
    with pytest.raises(PermissionDenied):
        undo(delete(inside, "agent"), by=inside["agent"])


def test_another_companys_operation_is_not_found(
    acme: Tenant, globex: Tenant, people: People, bob: User
) -> None:
    with tenant(acme):
        edit_ = edit(people, "agent")
        before = state(Customer)
    with tenant(globex), pytest.raises(Operation.DoesNotExist):
        undo(edit_, by=bob)
    with tenant(acme):
        assert state(Customer) == before


def test_undoing_is_never_part_of_another_operation(inside: People, birch: Customer) -> None:
    with operation("edit", by=inside["agent"]), pytest.raises(RuntimeError, match="operation of its own"):
        undo(birch.last_operation, by=inside["agent"])


# -- cost -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [10, 300])
def test_many_rows_cost_few_queries(inside: People, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("history.undo.BATCH", 100)
    monkeypatch.setattr("history.reversal.CHUNK", 100)
    with operation("import", by=inside["manager"]) as added:
        Customer.objects.bulk_create(Customer(name=f"Cedar {n}", reference=f"C-{n}") for n in range(number))
    before = state(Customer)
    chunks = -(-number // 100)
    status = Status.default()
    for change_all, by in (
        (lambda: Customer.objects.update(status=status, language="de"), "manager"),
        (lambda: Customer.objects.all().delete(), "admin"),
    ):
        changed = done(inside[by], change_all)
        with CaptureQueriesContext(connection) as queries:
            assert undo(changed, by=inside[by]).kept == []
        assert len(asked(queries)) <= 12 + 6 * chunks, "\n".join(q[:200] for q in asked(queries))
        assert state(Customer) == before
    for place, row in enumerate(Customer.objects.all()):
        if place % 2:
            done(inside["agent"], partial(change, row, language="fr"))
    with CaptureQueriesContext(connection) as queries:
        undone = undo(added, by=inside["manager"])
    assert len(undone.kept) == Customer.objects.count() == number // 2
    assert len(asked(queries)) <= 18 + 6 * chunks, "\n".join(q[:200] for q in asked(queries))


def test_many_new_rows_are_deleted_by_few_queries(inside: People) -> None:
    with operation("import", by=inside["manager"]) as added:
        Customer.objects.bulk_create(Customer(name=f"Cedar {n}") for n in range(1_500))
    with CaptureQueriesContext(connection) as queries:
        assert undo(added, by=inside["manager"]).kept == []
    assert len(asked(queries)) <= 24, "\n".join(q[:200] for q in asked(queries))
    assert not state(Customer)


@pytest.mark.parametrize("number", [2, 300])
def test_many_primary_contacts_that_moved_move_back_by_few_queries(inside: People, number: int) -> None:
    """Whoever was it before has to wait for the other, and lets nobody else wait."""
    with operation("import", by=inside["manager"]):
        Customer.objects.bulk_create(Customer(name=f"Cedar {n}") for n in range(number))
        for name, is_primary in (("Ada", True), ("Ben", False)):
            Contact.objects.bulk_create(
                Contact(customer=customer, name=name, is_primary=is_primary)
                for customer in Customer.objects.all()
            )
    before = state(Contact)

    def move() -> None:
        Contact.objects.filter(name="Ada").update(is_primary=False)
        Contact.objects.filter(name="Ben").update(is_primary=True)

    moved = done(inside["agent"], move)
    with CaptureQueriesContext(connection) as queries:
        assert undo(moved, by=inside["agent"]).kept == []
    assert len(asked(queries)) <= 40, "\n".join(q[:200] for q in asked(queries))
    assert state(Contact) == before


def test_parents_come_before_what_belongs_to_them() -> None:
    order = parents_first()
    assert order.index(Segment) < order.index(Customer)
