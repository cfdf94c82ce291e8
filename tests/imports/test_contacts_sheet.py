"""A sheet of contacts: a row for each, many for a customer, who is found by the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.list import CONTACT
from contacts.models import COMMUNICATIONS, Contact
from contacts.sheets import CONTACT_SHEET
from customers.models import Customer
from history import long
from history.models import Operation
from history.operations import operation
from history.undo import undo
from imports import entries, runs, steps
from imports.matching import missing, proposed
from imports.models import ImportRun, PlanRow
from imports.samples import EXAMPLE, sample_file
from imports.steps import CheckStep, run_step
from lists.mapping import match_headings
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id, tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer, asked
from tests.imports.loading import Outcome, import_customers, plan_import
from tests.imports.test_round_trip import NAMES, TEXT
from tests.imports.test_round_trip_parts import LINES

People = dict[str, User]
SignIn = Callable[[User], Client]
SUBJECT = ImportRun.Subject.CONTACTS
COLUMNS = [column for group in CONTACT_SHEET for column in group.columns]


@pytest.fixture(autouse=True)
def _in_acme(acme: Tenant, people: People) -> Any:
    with tenant(acme):
        yield


@pytest.fixture
def birch(acme: Tenant, people: People) -> Customer:
    return add_customer(acme, people["manager"], name="Birch Foods", reference="B-7")


def load(people: People, text: str, **options: Any) -> Outcome:
    return import_customers(
        text.encode(), by=people["manager"], file_name="people.csv", subject=SUBJECT, **options
    )


def plan(people: People, text: str, **options: Any) -> Outcome:
    return plan_import(
        text.encode(), by=people["manager"], file_name="people.csv", subject=SUBJECT, **options
    )


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.failed


def told(outcome: Outcome) -> list[tuple[str, str, str]]:
    [change] = outcome.changes
    return [(each.column, each.old, each.new) for each in change.changes]


def primaries() -> list[str]:
    return list(Contact.objects.filter(is_primary=True).order_by("name").values_list("name", flat=True))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_heading_of_a_column_leads_to_it(column: Any) -> None:
    for heading in (column.label, column.key, *column.synonyms):
        assert match_headings([heading], COLUMNS).columns == {0: column}


# What goes in


def test_customers_get_the_contacts_of_the_file(alder: Customer, birch: Customer, people: People) -> None:
    outcome = load(
        people,
        "Customer reference,First name,Last name,E-mail,Position,Primary,Receives,Notes\n"
        'C-1,Jane,Roe,jane@alder.example,Buyer,yes,Invoices; promotions,"Likes\ntea"\n'
        "c-1 ,Bo,Lee,,,,,\n"
        "B-7,Zoë,Zander,zoe@birch.example,,,none,\n",
    )
    assert (outcome.errors, counts(outcome)) == ([], (3, 0, 0, 0))
    jane, bo, zoe = Contact.objects.order_by("id")
    assert (jane.name, jane.customer, jane.email) == ("Jane Roe", alder, "jane@alder.example")
    assert (jane.job_title, jane.is_primary, jane.notes) == ("Buyer", True, "Likes\ntea")
    assert jane.communications == ["Invoices", "Promotions"]
    assert (bo.name, bo.customer, bo.is_primary, bo.relation) == ("Bo Lee", alder, False, "employee")
    assert (zoe.customer, zoe.communications) == (birch, [])
    alder.refresh_from_db()
    assert (alder.contact_count, "receives:promotions" in alder.traits) == (2, True)
    assert list(Customer.objects.search("zander")) == [birch]
    assert list(Contact.objects.search("roe c-1")) == [jane]
    assert Customer.history.filter(id=alder.pk).count() == 1, "the customer itself is as it was"


def test_an_import_is_one_operation_and_undoing_it_leaves_nothing(alder: Customer, people: People) -> None:
    outcome = load(people, "Customer reference,Name\nC-1,Jane Roe\nC-1,Bo Lee\n")
    running = outcome.operation
    assert running is not None
    assert (running.kind, running.summary, running.source) == (
        "import", "Contacts from people.csv", "people.csv",
    )  # fmt: skip
    assert running.counts == {
        "rows": 2, "created": 2, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0, "warnings": 0,
    }  # fmt: skip
    assert undo(running, by=people["manager"]).kept == []
    assert not Contact.objects.exists()
    alder.refresh_from_db()
    assert alder.contact_count == 0


@pytest.mark.parametrize(
    "text",
    [
        "Customer reference,Name,E-mail\nC-1,Jane Roe,jane@alder.example\nC-1,Bo Lee,\nB-7,Jane Roe,\n",
        "Customer,Name\nAlder Bikes,Jane Roe\nBirch Foods,Bo Lee\n",
        "Reference,Name,E-mail\nC-1,Jane Roe,info@alder.example\nC-1,Bo Lee,INFO@alder.example\n",
        "Reference,Name,E-mail\nC-1,Jane Roe,a@alder.example\nC-1,Jane Roe,b@alder.example\nC-1,Jane Roe,\n",
    ],
)
def test_a_file_can_be_imported_twice(alder: Customer, birch: Customer, people: People, text: str) -> None:
    number = len(text.splitlines()) - 1
    assert counts(load(people, text)) == (number, 0, 0, 0)
    assert counts(load(people, text)) == (0, 0, number, 0)
    assert Contact.objects.count() == number


def test_numbers_are_read_in_the_country_of_the_customers_billing_address(
    alder: Customer, birch: Customer, people: People
) -> None:
    add_address(alder, people["manager"], country="FR", is_billing=True)
    add_address(birch, people["manager"], country="FR")
    load(people, "Customer reference,Name,Phone\nC-1,Jane,01 42 34 22 66\nB-7,Bo,030 1234567\n")
    assert list(Contact.objects.order_by("name").values_list("phone", flat=True)) == [
        "+49301234567",
        "+33142342266",
    ]


def test_a_disabled_customer_gets_contacts_too(alder: Customer, people: People) -> None:
    alder.disable(by=people["manager"], reason="gone")
    assert counts(load(people, "Customer reference,Name\nC-1,Jane Roe\n")) == (1, 0, 0, 0)
    assert Contact.objects.get().customer_disabled


# Whose it is


def test_a_reference_that_nobody_has_is_an_error_and_another_companys_is_nobodys(
    globex: Tenant, bob: User, alder: Customer, people: People
) -> None:
    with tenant(globex):
        add_customer(globex, bob, name="Zorro", reference="Z-1")
    outcome = load(people, "Customer reference,Name,E-mail\nZ-1,Jane Roe,jane@\nC-1,Bo Lee,\n")
    assert [(each.row, each.column, each.value) for each in outcome.errors] == [
        (2, "Customer reference", "Z-1"),
        (2, "E-mail", "jane@"),
    ]
    assert outcome.errors[0].message.startswith("No customer has this reference.")
    assert not outcome.written
    with tenant(globex):
        assert not Contact.objects.exists()


def test_where_there_is_no_reference_the_customers_name_does_if_one_is_called_so(
    acme: Tenant, alder: Customer, people: People
) -> None:
    for reference in ("D-1", "D-2"):
        add_customer(acme, people["manager"], name="Double", reference=reference)
    outcome = load(
        people,
        "Company,Customer reference,Name\nalder  bikes,,Jane\nDouble,,Bo\nDouble,D-2,Lee\nNobody,,Kay\n,,Zoe\n",
        leave_bad_rows_out=True,
    )
    assert [(each.row, each.column, each.message.partition(".")[0]) for each in outcome.errors] == [
        (3, "Customer", "Several customers are called like this"),
        (5, "Customer", "No customer is called like this"),
        (6, "Customer reference", "Nothing says whose this is"),
    ]
    found = Contact.objects.order_by("name").values_list("name", "customer__reference")
    assert list(found) == [("Jane", "C-1"), ("Lee", "D-2")]


def test_a_name_that_is_not_that_of_the_reference_is_warned_of(alder: Customer, people: People) -> None:
    text = "Customer reference,Customer,Name\nC-1,Birch,Jane\nC-1,ALDER BIKES,Bo\n"
    [warning] = load(people, text).warnings
    assert (warning.row, warning.column) == (2, "Customer")
    assert "is called “Alder Bikes”" in warning.message
    assert load(people, text).warnings == [], "who is as in the file is not looked at"


def test_a_file_must_say_whose_contacts_they_are_and_who(alder: Customer, people: People) -> None:
    by = people["manager"]
    for heading, lacking in [
        ("Phone", ["Customer reference", "Name"]),
        ("Company,Phone", ["Name"]),
        ("Company,E-mail", []),
        ("Reference,Last name", []),
    ]:
        run = runs.begin("some.csv", [f"{heading}\n1,2\n".encode()], by=by, subject=SUBJECT)
        assert missing(proposed(run, by), by, SUBJECT) == lacking


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("subject", ["contacts", "addresses"])
def test_the_samples_example_is_recognised_and_left_out(
    acme: Tenant, people: People, kind: str, subject: str
) -> None:
    data = sample_file(kind, people["manager"], acme, subject)
    planned = plan_import(data, by=people["manager"], file_name=f"sample.{kind}", subject=subject)
    assert planned.ignored_columns == []
    assert (planned.errors, planned.rows_that("skip")) == ([], 1)
    assert [each.message for each in planned.warnings] == [EXAMPLE]


def test_what_no_database_holds_is_told_as_a_mistake(alder: Customer, people: People) -> None:
    outcome = plan(
        people,
        "Customer reference,Customer,Name,E-mail\nC\x00-1,,Jane,\nC-1,,Ja\x00ne,\n"
        "C-1,,Bo,b\x00@alder.example\n,Al\x00der,Bo,\n",
    )
    assert [(each.row, each.column) for each in outcome.errors] == [
        (2, "Customer reference"),
        (3, "Name"),
        (4, "E-mail"),
        (5, "Customer"),
    ]


# Which contact it is


def test_the_address_tells_the_contact_then_the_name(alder: Customer, maria: Contact, people: People) -> None:
    bo = add_contact(alder, people["manager"], name="Bo Lee")
    outcome = load(
        people,
        "Customer reference,Name,E-mail,Job title\n"
        "C-1,Maria Anders-Roe,MARIA@alder.example,Head buyer\nC-1,bo lee,bo@alder.example,Clerk\n",
    )
    assert counts(outcome) == (0, 2, 0, 0)
    maria.refresh_from_db()
    bo.refresh_from_db()
    assert (maria.name, maria.job_title) == ("Maria Anders-Roe", "Head buyer")
    assert (bo.email, bo.job_title) == ("bo@alder.example", "Clerk")


def test_a_new_address_is_the_contacts_of_that_name_unless_the_old_one_is_another_rows(
    alder: Customer, maria: Contact, people: People
) -> None:
    text = "Customer reference,Name,E-mail\nC-1,Maria Anders,new@alder.example\n"
    assert counts(plan(people, text)) == (0, 1, 0, 0)
    both = f"{text}C-1,Maria Anders,maria@alder.example\n"
    assert counts(plan(people, both)) == (1, 0, 1, 0)


def test_an_address_that_several_rows_share_tells_a_contact_together_with_the_name(
    alder: Customer, maria: Contact, people: People
) -> None:
    head = "Customer reference,Name,E-mail,Job title\n"
    rows = "C-1,Maria Anders,maria@alder.example,Boss\nC-1,Bo Lee,maria@alder.example,Clerk\n"
    assert counts(load(people, f"{head}{rows}")) == (1, 1, 0, 0)
    found = Contact.objects.order_by("name").values_list("name", "job_title")
    assert list(found) == [("Bo Lee", "Clerk"), ("Maria Anders", "Boss")]


def test_of_other_customers_contacts_none_is_meant(birch: Customer, maria: Contact, people: People) -> None:
    outcome = load(people, "Customer reference,Name,E-mail\nB-7,Maria Anders,maria@alder.example\n")
    assert counts(outcome) == (1, 0, 0, 0)
    assert sorted(Contact.objects.values_list("customer__name", flat=True)) == ["Alder Bikes", "Birch Foods"]


def test_a_row_that_may_be_several_contacts_is_refused_unless_one_is_as_it_says(
    alder: Customer, people: People
) -> None:
    for title in ("Buyer", "Clerk"):
        add_contact(alder, people["manager"], name="Jane Roe", job_title=title)
    outcome = load(people, "Customer reference,Name,Job title\nC-1,Jane Roe,Clerk\nC-1,Jane Roe,Boss\n")
    [error] = outcome.errors
    assert (error.row, "Give the row the e-mail address of the one" in error.message) == (3, True)
    assert outcome.unchanged == 1


def test_the_same_contact_twice_is_refused(alder: Customer, maria: Contact, people: People) -> None:
    outcome = load(
        people,
        "Customer reference,Name,E-mail,Primary\n"
        "C-1,Jane Roe,jane@alder.example,\nC-1,jane roe,JANE@alder.example,\n"
        "C-1,Maria Anders,,yes\nC-1,MARIA  anders,,yes\nC-1,Bo,,\n",
    )
    assert [(each.row, each.message.partition(".")[0]) for each in outcome.errors] == [
        (3, "This is the same contact as in row 2"),
        (5, "This is the same contact as in row 4"),
    ]
    assert not outcome.written


def test_contacts_of_one_customer_with_one_address_are_told_of_each_other(
    alder: Customer, birch: Customer, people: People
) -> None:
    rows = "C-1,Jane Roe,all@home.example\nB-7,Bo Roe,all@home.example\nC-1,Jim Roe,All@home.example\n"
    outcome = load(people, f"Customer reference,Name,E-mail\n{rows}")
    assert counts(outcome) == (3, 0, 0, 0)
    assert [str(each) for each in outcome.warnings] == [
        "Row 4, E-mail: Row 2 has this e-mail address too. If both are the same contact, leave one of the rows out."
    ]


def test_a_new_contact_needs_a_name(alder: Customer, people: People) -> None:
    outcome = load(people, "Customer reference,Name,E-mail\nC-1,,jane@alder.example\nC-1,,\n")
    assert [str(each) for each in outcome.errors] == [
        "Row 2, Name: The contact has no name. Fill it in.",
        "Row 3, : The row says nothing of a contact. Fill it in, or leave the row out.",
    ]


# What is changed


def test_blank_cells_keep_what_is_there_unless_they_shall_empty_it(maria: Contact, people: People) -> None:
    text = "Customer reference,Name,E-mail,Job title,Phone,Receives,Primary\nC-1,Maria Anders,,,NULL,,\n"
    assert counts(plan(people, text)) == (0, 0, 1, 0)
    outcome = load(people, text, blanks="clear")
    assert told(outcome) == [
        ("Job title", "Buyer", ""),
        ("E-mail", "maria@alder.example", ""),
        ("Phone", "+49301234567", ""),
        ("Receives", "Invoices", ""),
    ]
    maria.refresh_from_db()
    assert (maria.name, maria.job_title, maria.phone, maria.is_primary) == ("Maria Anders", "", "", True)
    assert maria.communications == []


def test_one_may_only_add_or_only_update(maria: Contact, people: People) -> None:
    text = "Customer reference,Name,Job title\nC-1,Maria Anders,Boss\nC-1,Bo Lee,Clerk\n"
    assert counts(plan(people, text, mode="update")) == (0, 1, 0, 0)
    assert counts(plan(people, text, mode="add")) == (1, 0, 0, 0)
    assert plan(people, text, mode="add").rows_that("skip") == 1


def test_what_a_contact_receives_stands_in_one_cell_or_in_columns_of_their_own(
    maria: Contact, people: People
) -> None:
    head = "Customer reference,Name"
    load(people, f'{head},Receives\nC-1,Maria Anders,"promotions, Service notices"\n')
    maria.refresh_from_db()
    assert maria.communications == ["Service notices", "Promotions"]
    load(people, f"{head},Receives promotions,Receives invoices\nC-1,Maria Anders,no,yes\n")
    maria.refresh_from_db()
    assert maria.communications == ["Invoices", "Service notices"]
    load(people, f"{head},Receives,Receives promotions\nC-1,Maria Anders,Invoices; Service notices,yes\n")
    maria.refresh_from_db()
    assert maria.communications == ["Invoices", "Service notices", "Promotions"], "both are heard"
    load(people, f"{head},Receives\nC-1,Maria Anders,none\n")
    maria.refresh_from_db()
    assert maria.communications == []
    [error] = load(people, f"{head},Receives\nC-1,Maria Anders,Invoices; smoke signals\n").errors
    assert (error.column, "“smoke signals” is not known here" in error.message) == ("Receives", True)


# The primary contact


def test_a_new_primary_contact_takes_the_place_of_the_old_one_and_undoing_gives_it_back(
    alder: Customer, maria: Contact, people: People
) -> None:
    outcome = load(people, "Customer reference,Name,Primary\nC-1,Jane Roe,yes\n")
    assert told(outcome) == [
        ("Name", "", "Jane Roe"),
        ("Primary", "", "yes"),
        ("Primary", "Maria Anders: yes", "Maria Anders: no"),
    ]
    assert primaries() == ["Jane Roe"]
    assert [row.history_type for row in Contact.history.filter(id=maria.pk)] == ["~", "+"]
    assert outcome.operation is not None
    undo(outcome.operation, by=people["manager"])
    assert primaries() == ["Maria Anders"]
    assert Contact.objects.get() == maria


def test_one_who_is_there_becomes_the_primary_contact(
    alder: Customer, maria: Contact, people: People
) -> None:
    add_contact(alder, people["manager"], name="Bo Lee")
    outcome = load(people, "Customer reference,Name,Primary\nC-1,Bo Lee,yes\nC-1,Maria Anders,no\n")
    assert counts(outcome) == (0, 2, 0, 0)
    assert primaries() == ["Bo Lee"]
    assert outcome.operation is not None
    undo(outcome.operation, by=people["manager"])
    assert primaries() == ["Maria Anders"]


def test_of_two_rows_that_want_the_place_the_second_is_wrong(
    alder: Customer, birch: Customer, maria: Contact, people: People
) -> None:
    outcome = load(
        people,
        "Customer reference,Name,Primary\nC-1,Jane Roe,yes\nB-7,Zoe,yes\nC-1,Bo Lee,x\nC-1,Maria Anders,1\n",
    )
    assert [(each.row, each.column) for each in outcome.errors] == [(4, "Primary"), (5, "Primary")]
    assert outcome.errors[0].message.startswith("Row 2 is the primary contact of this customer already.")
    assert primaries() == ["Maria Anders"]


def test_two_rows_that_name_one_customer_differently_make_one_primary_contact(
    alder: Customer, people: People
) -> None:
    outcome = load(people, "Reference,Company,Name,Primary\nC-1,,Jane,yes\n,Alder Bikes,Bo,yes\nC-1,,Zoe,\n")
    assert counts(outcome) == (2, 0, 0, 1)
    assert primaries() == ["Jane"]


# Between check and import


def test_what_somebody_changed_meanwhile_is_left_alone(
    alder: Customer, birch: Customer, maria: Contact, people: People
) -> None:
    bo = add_contact(birch, people["manager"], name="Bo Lee")
    planned = plan(
        people,
        "Customer reference,Name,Job title,Primary\n"
        "C-1,Maria Anders,Boss,\nB-7,Bo Lee,Clerk,\nB-7,Jane Roe,,\nB-7,Zoe,,yes\nC-1,Kay,,\n",
    )
    assert counts(planned) == (3, 2, 0, 0)
    with operation("edit", by=people["agent"]):
        maria.phone = ""
        maria.save()
        Contact.objects.create(customer=birch, name="Jane Roe")
        Contact.objects.create(customer=birch, name="Faster", is_primary=True)
    running = runs.approve(planned.run, by=people["manager"])
    assert (running.counts["created"], running.counts["updated"], running.counts["failed"]) == (1, 1, 3)
    rows = PlanRow.objects.filter(run=planned.run).exclude(reason="")
    assert {row.number: (row.outcome, row.reason.partition(" after ")[0]) for row in rows} == {
        2: ("moved", "Somebody changed this contact"),
        4: ("moved", "Somebody added this contact"),
        5: ("moved", "Somebody changed which is the primary contact"),
    }
    maria.refresh_from_db()
    bo.refresh_from_db()
    assert (maria.job_title, bo.job_title) == ("Buyer", "Clerk")
    assert primaries() == ["Faster", "Maria Anders"]


def test_an_old_primary_contact_that_somebody_changed_meanwhile_keeps_the_place(
    alder: Customer, maria: Contact, people: People
) -> None:
    planned = plan(people, "Customer reference,Name,Primary\nC-1,Jane Roe,yes\n")
    with operation("edit", by=people["agent"]):
        maria.job_title = "Boss"
        maria.save()
    running = runs.approve(planned.run, by=people["manager"])
    assert running.counts["failed"] == 1
    assert Contact.objects.get().job_title == "Boss"


def test_a_customer_that_was_deleted_or_renamed_meanwhile(
    alder: Customer, birch: Customer, people: People
) -> None:
    planned = plan(people, "Customer reference,Name\nC-1,Jane Roe\nB-7,Bo Lee\n")
    with operation("delete", by=people["admin"]):
        alder.delete()
    with operation("edit", by=people["agent"]):
        birch.name = "Larch Foods"
        birch.save()
    runs.approve(planned.run, by=people["manager"])
    row = PlanRow.objects.get(run=planned.run, number=2)
    assert (row.outcome, row.reason) == ("moved", "The customer was deleted after the file was checked.")
    assert list(Contact.objects.search("larch").values_list("name", flat=True)) == ["Bo Lee"]


# Who may


def test_who_may_not_import_or_not_add_contacts_gets_nothing_checked(
    alder: Customer, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = people["agent"]
    run = runs.begin("some.csv", [b"Customer reference,Name\nC-1,Jane\n"], by=by, subject=SUBJECT)
    refused = runs.check(run, proposed(run, by), by=by)
    assert (refused.state, refused.error) == ("failed", "Whoever asked for it may not import any longer.")
    by = people["manager"]
    run = runs.begin("some.csv", [b"Customer reference,Name\nC-1,Jane\n"], by=by, subject=SUBJECT)
    without = staticmethod(lambda self, permissions: "contacts.add_contact" not in permissions)
    monkeypatch.setattr(User, "has_perms", without.__func__)
    assert runs.check(run, proposed(run, by), by=by).state == "failed"
    assert not PlanRow.objects.exists()


# Many


def test_queries_do_not_grow_with_the_rows(alder: Customer, birch: Customer, people: People) -> None:
    def queries(name: str, number: int, title: str) -> int:
        rows = [f"{['C-1', 'B-7'][i % 2]},{name} {i},+49301234{i:03},{title},{i < 2}" for i in range(number)]
        with CaptureQueriesContext(connection) as ran:
            load(people, "\n".join(["Customer reference,Name,Phone,Job title,Primary", *rows]))
        return len(asked(ran))

    queries("First", 2, "Clerk")  # who may do what is looked up once
    assert queries("Jane", 2, "Clerk") == queries("Bo", 40, "Clerk")
    assert queries("Jane", 2, "Boss") == queries("Bo", 40, "Boss")
    assert Contact.objects.filter(job_title="Boss").count() == 42


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a large file is checked and imported: by a worker, batch after batch."""
    monkeypatch.setattr(steps, "BATCH", 47)
    monkeypatch.setattr(entries, "BATCH", 47)
    monkeypatch.setattr(runs, "AT_ONCE", 0)


def work(people: People, data: bytes, *, stopped: bool = False) -> Operation:
    """Check the file and import it as a worker does; `stopped`: as several do, each of which dies after a batch."""
    by = people["manager"]
    run = runs.begin("people.csv", [data], by=by, subject=SUBJECT)
    carried_on(runs.check(run, proposed(run, by), by=by), CheckStep, stopped)
    return carried_on(runs.approve(run, by=by), lambda: run_step, stopped)


def carried_on(running: Operation, make: Callable[[], long.Step], stopped: bool) -> Operation:
    step = make()
    while long._batch(require_tenant_id(), running.pk, step):
        step = make() if stopped else step
    running.refresh_from_db()
    assert running.state == Operation.State.DONE, running.error
    return running


def sheet(number: int, primary: str) -> bytes:
    """Ten contacts for each customer, of whom one is the primary contact."""
    rows = [
        f"R-{at // 10},Person {at},{f'p{at}@example.com' if at % 3 else ''},{at % 10 == int(primary)}"
        for at in range(number)
    ]
    return "\n".join(["Customer reference,Name,E-mail,Primary", *rows]).encode()


@pytest.mark.parametrize("stopped", [False, True], ids=["undisturbed", "a worker for each batch"])
def test_many_rows_go_in_and_change_batch_by_batch(
    acme: Tenant, people: People, small_batches: None, stopped: bool
) -> None:
    with operation("add", by=people["manager"]):
        alder = {"segment": Segment.default(), "status": Status.default(), "channel": Channel.default()}
        by = people["manager"].membership
        Customer.objects.bulk_create(
            Customer(name=f"Company {at}", reference=f"R-{at}", responsible_manager=by, **alder)
            for at in range(60)
        )
    first = work(people, sheet(600, "0"), stopped=stopped)
    assert (first.counts["created"], first.counts["failed"]) == (600, 0)
    assert set(Customer.objects.values_list("contact_count", flat=True)) == {10}
    # The primary contacts change, at the borders of batches too, where one row is written by two.
    second = work(people, sheet(600, "9"), stopped=stopped)
    assert second.counts == {
        "rows": 600, "created": 0, "updated": 120, "unchanged": 480, "skipped": 0, "failed": 0, "warnings": 0,
    }  # fmt: skip
    names = Contact.objects.filter(is_primary=True).values_list("name", flat=True)
    assert {name[-1] for name in names} == {"9"}
    assert len(names) == 60
    third = work(people, sheet(600, "9").replace(b",Person", b",Ms. Person"), stopped=stopped)
    assert (third.counts["updated"], third.counts["failed"]) == (400, 0), third.counts


# The export


def exported(client: Client, file_format: str, *columns: str) -> bytes:
    answer = client.post(
        "/acme/contacts/export/?state=all",
        {
            "chosen": columns or [one.key for one in CONTACT.columns],
            "format": file_format,
            "delimiter": ",",
            "bom": "on",
        },
    )
    assert answer.status_code == 200
    return bytes(answer.content)


def assert_unchanged(people: People, data: bytes) -> None:
    outcome = import_customers(data, by=people["manager"], file_name="export", subject=SUBJECT)
    assert outcome.errors == []
    assert counts(outcome) == (0, 0, Contact.objects.count(), 0), outcome.changes
    assert not outcome.written


FORMATS = pytest.mark.parametrize("file_format", ["csv", "xlsx"])


@FORMATS
def test_an_export_imports_again_without_a_change(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    by, flags = people["manager"], list(COMMUNICATIONS)
    for number, name in enumerate(NAMES):
        reference = f"{number:05}" if number % 4 else ""
        customer = add_customer(acme, by, name=name, reference=reference)
        for at in range(number % 4):
            add_contact(
                customer,
                by,
                name=NAMES[-1 - number] if at else "Jane Roe",
                job_title=name,
                relation=Contact.Relation.values[number % 4],
                email=["info@münchen.example", "", "info@münchen.example"][at],
                phone=["+4930123456", "030 / unknown", "-", ""][number % 4],
                language=["de", "", "tlh"][number % 3],
                notes=["=1+1\n=2+2", "a\r\nb", "-", ""][number % 4],
                is_primary=at == 1,
                **{flags[number % 5]: at > 0, flags[at]: number % 2 > 0},
            )
    assert_unchanged(people, exported(signed_in(by), file_format))
    assert_unchanged(people, exported(signed_in(by), file_format, "name", "customer", "receives", "email"))


@FORMATS
def test_notes_of_ten_thousand_bytes_are_exported_and_imported(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    by = people["manager"]
    notes = "Ring twice; “Köln”, 東京 🔑 =1+1\n" * 250
    assert 10_000 < len(notes.encode()) < 20_000
    alder = add_customer(acme, by, name="Alder", reference="C-1")
    add_contact(alder, by, name="Jane Roe", email="jane@alder.example", notes=notes.strip())
    data = exported(signed_in(by), file_format)
    assert_unchanged(people, data)
    with tenant(acme), operation("delete", by=by):
        Contact.objects.all().delete()
    with tenant(acme):
        import_customers(data, by=by, file_name="export", subject=SUBJECT)
        assert Contact.objects.get().notes == notes.strip()


@FORMATS
def test_contacts_of_customers_who_are_called_like_a_word_for_blank_come_back_unchanged(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    by = people["manager"]
    for name, reference in [
        ("NULL", ""),
        ("Null", ""),
        ("N/A", "-"),
        ("-", "NULL"),
        ("Alder", "N/A"),
        ("#N/A", "#REF!"),
    ]:
        customer = add_customer(acme, by, name=name, reference=reference)
        for contact in ("Jane Roe", "Null", "#N/A"):
            add_contact(customer, by, name=contact, job_title="-", is_primary=contact == "Null")
    assert_unchanged(people, exported(signed_in(by), file_format))
    [wrong] = import_customers(
        b"Customer reference,Customer,Name\n-,NULL,Jane Doe\n", by=by, file_name="x", subject=SUBJECT
    ).errors
    assert "Nothing says whose this is" in wrong.message


@FORMATS
def test_contacts_that_only_other_columns_tell_apart_come_back_unchanged(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    """Of customers without a reference who are called the same, too."""
    by = people["manager"]
    add_contact(add_customer(acme, by, name="Birch"), by, name="-", job_title="NULL")
    for titles in (["Buyer", "Clerk", ""], ["Buyer"], ["Boss", "Boss"]):
        customer = add_customer(acme, by, name="Alder")
        for title in titles:
            add_contact(customer, by, name="Jane Roe", job_title=title, email="info@alder.example")
    assert_unchanged(people, exported(signed_in(by), file_format))


CONTACT_VALUES = st.fixed_dictionaries(
    {
        "name": TEXT.filter(str.strip),
        "email": st.sampled_from(["", "a@example.com", "B@example.com"]),
        "job_title": TEXT,
        "phone": TEXT | st.sampled_from(["", "+4930123456"]),
        "notes": LINES,
        "relation": st.sampled_from(Contact.Relation.values),
        "receives_invoices": st.booleans(),
        "receives_promotions": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(st.integers(0, 2), CONTACT_VALUES), min_size=1, max_size=6))
@FORMATS
def test_any_contact_survives_the_round_trip(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str, values: list[Any]
) -> None:
    with operation("delete", by=people["manager"]):
        Customer.objects.all().delete()
    customers = [
        add_customer(acme, people["manager"], name=f"Customer {at}", reference=f"R{at}") for at in range(3)
    ]
    with operation("edit", by=people["manager"]):
        for at, contact in values:
            Contact.objects.create(customer=customers[at], **contact)
    assert_unchanged(people, exported(signed_in(people["manager"]), file_format))
