"""Which customer a row stands for, and that importing a file twice makes nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from customers.models import Customer
from history.operations import operation
from imports import runs
from imports.models import PlanRow
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.loading import Outcome as ImportOutcome
from tests.imports.loading import import_customers, plan_import

People = dict[str, User]


@pytest.fixture(autouse=True)
def in_acme(acme: Tenant, people: People) -> Any:
    with tenant(acme):
        yield


def load(people: People, text: str, **options: Any) -> ImportOutcome:
    return import_customers(text.encode(), by=people["manager"], file_name="some.csv", **options)


def counts(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.failed


def test_a_reference_finds_its_customer_in_any_case_and_blank_cells_keep_what_is_there(
    acme: Tenant, people: People
) -> None:
    alder = add_customer(acme, people["manager"], name="Alder", reference="C-1", email="a@alder.example")
    outcome = load(people, "Name,Reference,E-mail,Phone\nAlder Bikes,c-1 ,,NULL\n")
    assert counts(outcome) == (0, 1, 0, 0)
    alder.refresh_from_db()
    assert (alder.name, alder.email, alder.phone) == ("Alder Bikes", "a@alder.example", "")


@pytest.mark.parametrize(
    "text",
    [
        "Name,E-mail\nAlder,info@alder.example\nBirch,info@birch.example\n",
        "Name\nAlder\nBirch\n",
        "Name,E-mail\nAlder,\nBirch,info@birch.example\n",
        "Name,E-mail\nAnn Family,all@home.example\nBen Family,ALL@home.example\n",
        "Name,Reference\nAlder,\nBirch,N/A\nCedar,C-3\n",
    ],
)
def test_rows_without_a_reference_make_nobody_twice(people: People, text: str) -> None:
    first = load(people, text)
    number = len(text.splitlines()) - 1
    assert counts(first) == (number, 0, 0, 0)
    assert counts(load(people, text)) == (0, 0, number, 0)
    assert Customer.objects.count() == number


def test_without_a_reference_the_address_decides_then_the_name(acme: Tenant, people: People) -> None:
    add_customer(acme, people["manager"], name="Alder", reference="C-1", email="info@alder.example")
    add_customer(acme, people["manager"], name="Birch", reference="C-2")
    outcome = load(people, "Name,E-mail,Phone\nAlder Bikes,INFO@alder.example,\nbirch,,+49 30 1234567\n")
    assert counts(outcome) == (0, 2, 0, 0)
    assert Customer.objects.get(reference="C-1").name == "Alder Bikes"
    assert Customer.objects.get(reference="C-2").phone == "+49301234567"


def test_a_row_that_could_be_several_customers_is_refused(acme: Tenant, people: People) -> None:
    for reference in ("C-1", "C-2"):
        add_customer(acme, people["manager"], name="Alder", reference=reference)
    [error] = load(people, "Name,Phone\nAlder,1234\n").errors
    assert "Several customers have this name" in error.message


def test_two_rows_for_one_new_customer_are_refused(people: People) -> None:
    outcome = load(people, "Name,E-mail\nAlder,a@alder.example\nAlder,A@alder.example\n")
    assert [(error.row, "as in row 2" in error.message) for error in outcome.errors] == [(3, True)]
    assert not Customer.objects.exists()


def alike(people: People, rows: str, **options: Any) -> list[tuple[int, str]]:
    """Of rows that are warned of another one, number and what is said."""
    outcome = load(people, f"Name,Reference,E-mail\n{rows}", **options)
    return [(one.row, one.message.partition(" has")[0]) for one in outcome.warnings if "too." in one.message]


def test_rows_that_add_customers_with_one_address_are_told_of_the_first(people: People) -> None:
    rows = "Alder,C-1,a@alder.example\nAlder Bikes,C-2,A@alder.example\nBirch,C-3,\nCedar,C-4,\n"
    rows += "Family,,a@alder.example\n"
    assert alike(people, rows) == [(3, "Row 2"), (6, "Row 2")]
    assert alike(people, rows) == [], "the same file again is silent"


def test_of_rows_with_one_address_the_one_who_is_there_is_no_doubt(acme: Tenant, people: People) -> None:
    add_customer(acme, people["manager"], name="Birch", reference="C-2")
    add_customer(acme, people["manager"], name="Cedar", reference="C-3")
    rows = "Alder,C-1,info@all.example\nBirch,C-2,info@all.example\nCedar,C-3,info@all.example\n"
    assert alike(people, rows) == [(2, "Row 3")]


def test_rows_that_are_not_imported_are_no_others(people: People) -> None:
    rows = "Alder,C-1,a@alder.example\nAlder,C-1,b@alder.example\nBirch,C-2,b@alder.example\n"
    assert alike(people, rows, leave_bad_rows_out=True) == []
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "options", "what", "then"),
    [
        ("Cedar,,all@home.example", {}, "e-mail address", "give the row its reference."),
        ("Cedar,C-9,all@home.example", {}, "e-mail address", "give the row its reference."),
        ("Cedar,C-9,all@home.example", {"match": "email"}, "e-mail address", "leave the row out."),
        ("Alder,,new@home.example", {}, "name", "give the row its reference."),
        ("Cedar,,new@home.example", {}, "", ""),
    ],
)
def test_a_row_that_adds_somebody_like_who_is_there_is_warned_of(
    acme: Tenant, people: People, row: str, options: dict[str, str], what: str, then: str
) -> None:
    """Also where several have the address, so that it tells nobody."""
    for name in ("Alder", "Birch"):
        add_customer(acme, people["manager"], name=name, email="all@home.example")
    outcome = load(people, f"Name,Reference,E-mail\n{row}\n", **options)
    assert counts(outcome) == (1, 0, 0, 0)
    said = [one.message for one in outcome.warnings]
    assert len(said) == bool(what)
    assert all(f"is there already with this {what}." in one and one.endswith(then) for one in said)


def test_another_companys_reference_is_no_match(
    acme: Tenant, globex: Tenant, bob: User, people: People
) -> None:
    with tenant(globex):
        load({"manager": bob}, "Name,Reference\nZorro,C-1\n")
    assert counts(load(people, "Name,Reference\nAlder,C-1\n")) == (1, 0, 0, 0)
    with tenant(globex):
        assert Customer.objects.get().name == "Zorro"


def test_list_entries_are_found_in_any_case_and_another_companys_are_not(
    globex: Tenant, people: People, bob: User
) -> None:
    with tenant(globex), operation("settings", by=bob):
        Segment.objects.create(name="Secret")
    assert counts(load(people, "Name,Segment\nAlder,ENTERPRISE\n")) == (1, 0, 0, 0)
    [error] = load(people, "Name,Segment\nBirch,Secret\n").errors
    assert (error.row, error.column, error.value) == (2, "Segment", "Secret")
    assert "Secret is" not in error.message


def test_who_has_no_company_beside_people_with_one_is_a_customer_by_that_name(
    acme: Tenant, people: People
) -> None:
    add_customer(acme, people["manager"], name="Cedar", reference="C-3")
    text = "Reference,First name,Last name,Company\nC-1,Olof,Palme,\nC-2,Ann,Berg,Birch\nC-3,Max,Muster,\n"
    assert counts(load(people, text)) == (2, 1, 0, 0)
    found = {one.reference: one for one in Customer.objects.all()}
    assert [(found[key].name, found[key].kind) for key in ("C-1", "C-2", "C-3")] == [
        ("Olof Palme", "individual"),
        ("Birch", "company"),
        ("Cedar", "company"),
    ]
    contacts = {one.customer.reference: one.name for one in Contact.objects.select_related("customer")}
    assert contacts == {"C-2": "Ann Berg", "C-3": "Max Muster"}
    assert counts(load(people, text)) == (0, 0, 3, 0)
    without = "First name,Last name,Company\nEva,Lind,\n"
    assert [counts(load(people, without)), counts(load(people, without))] == [(1, 0, 0, 0), (0, 0, 1, 0)]


def test_a_company_beside_a_person_is_one_whatever_the_kind_of_others(acme: Tenant, people: People) -> None:
    add_customer(acme, people["manager"], name="Elm", reference="C-5", kind="individual")
    text = (
        "Reference,Company,First name,Last name,Kind\nC-1,Birch,Ann,Berg,\nC-2,,Olof,Palme,\nC-3,Cedar,,,\n"
    )
    text += "C-4,Dogwood,Max,Muster,individual\nC-5,Elm,Eva,Lind,\nC-6,Jane Roe,Jane,Roe,\n"
    assert counts(load(people, text, kind="individual")) == (5, 1, 0, 0)
    assert counts(load(people, text, kind="individual")) == (0, 0, 6, 0)
    found = dict(Customer.objects.order_by("reference").values_list("reference", "kind"))
    assert found == {
        "C-1": "company",
        "C-2": "individual",
        "C-3": "company",
        "C-4": "individual",
        "C-5": "individual",
        "C-6": "individual",
    }
    contacts = dict(Contact.objects.values_list("customer__reference", "name"))
    assert contacts == {"C-1": "Ann Berg", "C-4": "Max Muster", "C-5": "Eva Lind"}


def test_a_word_for_blank_is_a_persons_name_where_it_is_written_as_one(people: People) -> None:
    load(people, "Reference,First name,Last name\nC-1,Christopher,Null\nC-2,Jane,NULL\n")
    assert list(Customer.objects.order_by("reference").values_list("name", flat=True)) == [
        "Christopher Null",
        "Jane",
    ]


def test_a_name_that_is_written_as_one_is_no_word_for_blank(people: People) -> None:
    outcome = load(people, "Name,Reference,Region\nNull,C-1,Null\nNULL,C-2,\nn/a,C-3,\n-,C-4,\n")
    assert [(error.row, error.column, error.value) for error in outcome.errors] == [
        (3, "Customer name", "NULL"),
        (4, "Customer name", "n/a"),
        (5, "Customer name", "-"),
    ]
    assert "“NULL” counts as empty" in outcome.errors[0].message
    load(people, "Name,Reference\nNull,C-1\n")
    assert list(Customer.objects.values_list("name", "reference")) == [("Null", "C-1")]
    load(people, "Name,Reference,Phone\nNull,C-1,Null\n")
    assert Customer.objects.get().phone == ""


def test_a_word_for_blank_is_a_reference_only_of_who_has_it_and_the_name(
    acme: Tenant, people: People
) -> None:
    add_customer(acme, people["manager"], name="Alder", reference="NULL")
    text = "Name,Reference,Phone\nBirch,NULL,+4930123456\nCedar,NULL,\nAlder,NULL,+4930123457\n"
    assert counts(load(people, text)) == (2, 1, 0, 0)
    found = {one.name: (one.reference, one.phone) for one in Customer.objects.all()}
    assert found == {"Alder": ("NULL", "+4930123457"), "Birch": ("", "+4930123456"), "Cedar": ("", "")}
    assert counts(load(people, text)) == (0, 0, 3, 0)


def test_a_word_for_blank_empties_no_field_that_holds_it(acme: Tenant, people: People) -> None:
    add_customer(acme, people["manager"], name="NULL", phone="-", website="https://null.example")
    text = "Name,Phone,Website\nNULL,-,N/A\n"
    assert counts(load(people, text)) == (0, 0, 1, 0)
    assert counts(load(people, text, blanks="clear")) == (0, 1, 0, 0)
    found = Customer.objects.get()
    assert (found.name, found.phone, found.website) == ("NULL", "-", "")


def test_a_shortened_number_is_no_reference_unless_somebody_has_it(acme: Tenant, people: People) -> None:
    add_customer(acme, people["manager"], name="Alder", reference="4.00638E+12")
    text = "Name,Reference,Employees\nAlder,4.00638E+12,1.5E+01\nBirch,4.00712E+12,2\nCedar,4E5,3\n"
    outcome = load(people, text, leave_bad_rows_out=True)
    assert counts(outcome) == (1, 1, 0, 1)
    assert [(error.row, error.column) for error in outcome.errors] == [(3, "Reference")]
    contacts = "Customer reference,Customer,Contact name\n4.00638E+12,Alder,Ann\n4.00712E+12,Birch,Ben\n"
    outcome = load(people, contacts, subject="contacts")
    assert [(error.row, error.column) for error in outcome.errors] == [(3, "Customer reference")]


def test_a_retired_entry_stays_where_it_is_and_is_not_set_anew(acme: Tenant, people: People) -> None:
    with operation("settings", by=people["admin"]):
        old = Segment.objects.create(name="Old")
        add_customer(acme, people["manager"], name="Alder", reference="C-1", segment=old)
        old.retire()
    assert counts(load(people, "Name,Reference,Segment\nAlder,C-1,Old\n")) == (0, 0, 1, 0)
    [error] = load(people, "Name,Reference,Segment\nBirch,C-2,Old\n").errors
    assert "“Old” is retired" in error.message


def test_what_the_company_made_mandatory_must_be_there_for_new_customers(
    acme: Tenant, people: People
) -> None:
    add_customer(acme, people["manager"], name="Alder", reference="C-1")
    acme.mandatory_fields = ["name", "email"]
    with operation("settings", by=people["admin"]):
        acme.save()
    outcome = load(people, "Name,Reference\nAlder Bikes,C-1\nBirch,C-2\n", leave_bad_rows_out=True)
    assert counts(outcome) == (0, 1, 0, 1)
    assert [(error.row, error.column) for error in outcome.errors] == [(3, "E-mail")]


def test_phone_numbers_are_read_in_the_rows_country_then_the_companys(people: People) -> None:
    rows = "A,030 1234567,\nB,(212) 555-0100,USA\nC,01 42 34 22 66,France\nD,030 1234567,Utopia\n"
    load(people, f"Name,Phone,Country\n{rows}", leave_bad_rows_out=True)
    assert list(Customer.objects.order_by("name").values_list("phone", flat=True)) == [
        "+49301234567",
        "+12125550100",
        "+33142342266",
    ]


def test_yes_and_no_kinds_and_members_are_read_in_usual_words(people: People) -> None:
    load(
        people,
        "Name,Type,Newsletter,Account manager\n"
        "A,Individual,Yes,AGENT@acme.example\nB,business,0,\nC,person,TRUE,owner@acme.example\n",
    )
    found = Customer.objects.order_by("name").values_list(
        "kind", "receive_promotional_emails", "responsible_manager__user__email"
    )
    assert list(found) == [
        ("individual", True, "agent@acme.example"),
        ("company", False, "manager@acme.example"),
        ("individual", True, "owner@acme.example"),
    ]


def test_a_reference_that_somebody_else_took_meanwhile_is_told(acme: Tenant, people: People) -> None:
    """It is free when the rows are checked and taken when they are written."""
    plan = plan_import(b"Name,Reference\nAlder,C-1\nBirch,C-2\n", by=people["manager"], file_name="some.csv")
    add_customer(acme, people["agent"], name="Faster", reference="C-1")
    running = runs.approve(plan.run, by=people["manager"])
    assert running.counts == {
        "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 1, "warnings": 0,
    }  # fmt: skip
    row = PlanRow.objects.get(run=plan.run, number=2)
    assert (row.outcome, "added a customer with this reference" in row.reason) == ("moved", True)
    assert set(Customer.objects.values_list("name", flat=True)) == {"Faster", "Birch"}
