"""How changes become entries of a timeline."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from history.operations import operation
from history.timeline import Entry, Followed, timeline
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.people import add_member, make_user

CUSTOMER = Followed(Customer)


@pytest.fixture
def birch(acme: Tenant, people: dict[str, User]) -> Customer:
    with tenant(acme), operation("add", by=people["manager"]):
        return Customer.objects.create(name="Birch", segment=Segment.default())


def told(customer: Customer, *, limit: int = 25, before: int | None = None) -> list[Entry]:
    return timeline([CUSTOMER], customer.pk, limit=limit, before=before).entries


def changes(entry: Entry) -> list[tuple[str, str, str]]:
    return [(change.label, change.old, change.new) for row in entry.rows for change in row.changes]


def test_a_new_row_tells_what_it_began_with(acme: Tenant, birch: Customer) -> None:
    with tenant(acme):
        [entry] = told(birch)
    assert entry.rows[0].act == "added"
    assert changes(entry) == [
        ("Kind", "", "Company"),
        ("Customer name", "", "Birch"),
        ("Segment", "", "Small business"),
    ]


def test_values_are_told_in_words(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    with tenant(acme):
        with operation("edit", by=people["agent"]):
            birch.kind = Customer.Kind.INDIVIDUAL
            birch.receive_promotional_emails = True
            birch.segment = Segment.objects.get(name="Enterprise")
            birch.responsible_manager = Membership.objects.get(tenant=acme, user=people["admin"])
            birch.custom_data = {"ä": 1}
            birch.save()
        newest = told(birch)[0]
    assert newest.operation.by == people["agent"]
    assert changes(newest) == [
        ("Kind", "Company", "Individual"),
        ("Segment", "Small business", "Enterprise"),
        ("Responsible manager", "", "Admin"),
        ("Receive promotional e-mails", "No", "Yes"),
        ("Custom data", "", '{"ä": 1}'),
    ]


def test_what_was_deleted_has_its_last_name(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    left = make_user("left@acme.example")
    member = add_member(acme, left, "agent")
    with tenant(acme):
        with operation("edit", by=people["manager"]):
            birch.responsible_manager = member
            birch.segment = Segment.objects.create(name="Doomed")
            birch.save()
        with operation("edit", by=people["manager"]):
            doomed = birch.segment
            birch.segment = birch.responsible_manager = None
            birch.save()
            doomed.name = "Doomed and renamed"
            doomed.save()
            doomed.delete()
            member.delete()
        newest = told(birch)[0]
    assert changes(newest) == [
        ("Segment", "Doomed and renamed (deleted)", ""),
        ("Responsible manager", "Left (deleted)", ""),
    ]


def test_set_based_changes_are_told(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    with tenant(acme):
        with operation("edit", by=people["manager"]):
            Customer.objects.filter(pk=birch.pk).update(language="de")
        with operation("import", by=None, source="new.csv"):
            birch.refresh_from_db()
            birch.email = "b@birch.example"
            Customer.objects.bulk_update([birch], ["email"])
        imported, edited, _ = told(birch)
    assert changes(imported) == [("E-mail", "", "b@birch.example")]
    assert (imported.operation.by, imported.operation.source) == (None, "new.csv")
    assert changes(edited) == [("Language", "", "de")]


def test_several_saves_of_one_operation_are_one_change(
    acme: Tenant, people: dict[str, User], birch: Customer
) -> None:
    with tenant(acme):
        with operation("edit", by=people["manager"]):
            for name in ("One", "Two", "Three"):
                birch.name = name
                birch.save()
        newest = told(birch)[0]
    assert changes(newest) == [("Customer name", "Birch", "Three")]


def test_the_first_entry_of_a_later_page_knows_what_came_before(
    acme: Tenant, people: dict[str, User], birch: Customer
) -> None:
    with tenant(acme):
        for name in ("One", "Two", "Three"):
            with operation("edit", by=people["manager"]):
                birch.name = name
                birch.save()
        page = timeline([CUSTOMER], birch.pk, limit=2)
        assert [changes(entry) for entry in page.entries] == [
            [("Customer name", "Two", "Three")],
            [("Customer name", "One", "Two")],
        ]
        assert changes(told(birch, before=page.older)[0]) == [("Customer name", "Birch", "One")]


def test_a_deleted_row_tells_what_it_was(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    number = birch.pk
    with tenant(acme):
        birch.remove(by=people["manager"])
        newest = timeline([CUSTOMER], number).entries[0]
    assert newest.rows[0].act == "deleted"
    assert ("Customer name", "Birch", "") in changes(newest)


def test_rows_below_the_subject_are_told_in_the_same_operation(
    acme: Tenant, people: dict[str, User], birch: Customer
) -> None:
    """Customers stand in for what later belongs to a segment: any tracked model, found by any column."""
    followed = [Followed(Segment), Followed(Customer, key="segment")]
    with tenant(acme):
        segment = birch.segment
        assert segment
        with operation("edit", by=people["manager"]):
            segment.name = "Tiny"
            segment.save()
            birch.name = "Birch & Co"
            birch.save()
        newest = timeline(followed, segment.pk).entries[0]
    assert [(row.kind, row.name, row.act) for row in newest.rows] == [
        ("", "Tiny", "changed"),
        ("Customer", "Birch & Co", "changed"),
    ]
    assert changes(newest) == [("Name", "Small business", "Tiny"), ("Customer name", "Birch", "Birch & Co")]


def test_another_tenants_history_is_not_told(acme: Tenant, globex: Tenant, birch: Customer) -> None:
    with tenant(globex):
        assert not told(birch)


def test_the_number_of_queries_does_not_grow(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    with tenant(acme):
        segments = Segment.objects.values_list("pk", flat=True)
        for number in range(20):
            with operation("edit", by=people["agent"]):
                birch.segment_id = segments[number % 4]
                birch.save()
        with CaptureQueriesContext(connection) as queries:
            assert len(told(birch)) == 21
    assert len(queries) == 3


def test_models_that_were_not_written_cost_no_query(
    acme: Tenant, people: dict[str, User], birch: Customer
) -> None:
    followed = [Followed(Segment), Followed(Customer, key="segment")]
    with tenant(acme):
        segment = birch.segment
        assert segment
        with operation("edit", by=people["manager"]):
            segment.name = "Tiny"
            segment.save()
        for limit, cost in ((1, 2), (25, 3)):
            with CaptureQueriesContext(connection) as queries:
                timeline(followed, segment.pk, limit=limit)
            assert len(queries) == cost, limit


def test_a_row_is_called_as_its_model_says(acme: Tenant, people: dict[str, User], birch: Customer) -> None:
    by_reference = Followed(Customer, key="segment", name=lambda version: f"No. {version.name.upper()}")
    with tenant(acme):
        [entry] = timeline([by_reference], birch.segment_id or 0).entries
    assert entry.rows[0].name == "No. BIRCH"


def test_guarded_fields_are_told_to_those_who_may_read_them(
    acme: Tenant, people: dict[str, User], birch: Customer
) -> None:
    followed = Followed(Customer, guarded={"email": "customers.change_customer", "segment": "x.y"})
    with tenant(acme):
        with operation("edit", by=people["manager"]):
            birch.email, birch.language = "secret@birch.example", "de"
            birch.save()
        with operation("edit", by=people["manager"]):
            birch.email = "new@birch.example"
            birch.save()
        entries = {
            role: timeline([followed.visible_to(people[role])], birch.pk).entries
            for role in ("viewer", "agent")
        }
        assert followed.visible_to(people["viewer"]).visible_to(people["viewer"]).withheld == {
            "email",
            "segment",
        }
    assert "birch.example" not in repr(entries["viewer"])
    assert "Segment" not in repr(entries["agent"])
    assert [changes(entry) for entry in entries["viewer"]] == [
        [],
        [("Language", "", "de")],
        [("Kind", "", "Company"), ("Customer name", "", "Birch")],
    ]
    assert [entry.rows[0].withheld for entry in entries["viewer"]] == [True, True, False]
    assert changes(entries["agent"][0]) == [("E-mail", "secret@birch.example", "new@birch.example")]
    assert [entry.rows[0].withheld for entry in entries["agent"]] == [False, False, False]
