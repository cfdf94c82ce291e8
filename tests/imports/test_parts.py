"""Importing customers together with their contact and their billing address."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Address, Contact
from contacts.postal import PARTS
from contacts.search import settle
from customers.models import Customer
from imports import runs
from imports.fields import importable_columns
from imports.models import PlanRow
from imports.moved import MOVED
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import asked
from tests.imports.loading import Outcome as ImportOutcome
from tests.imports.loading import drafts_of, import_customers, plan_import
from tests.sheets import xlsx

People = dict[str, User]


@pytest.fixture(autouse=True)
def _in_acme(acme: Tenant, people: People) -> Any:
    with tenant(acme):
        yield


def load(people: People, text: str, **options: Any) -> ImportOutcome:
    return import_customers(text.encode(), by=people["manager"], file_name="some.csv", **options)


def counts(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.failed


def test_a_file_changes_the_contact_and_address_that_are_there(
    alder: Customer, maria: Contact, depot: Address, people: People
) -> None:
    head = "Name,Reference,Contact e-mail,Receives promotions,City,State"
    outcome = load(people, f"{head}\nAlder Bikes,C-1,m@alder.example,yes,Potsdam,\n")
    assert counts(outcome) == (0, 1, 0, 0)
    [change] = outcome.changes
    assert [(each.column, each.old, each.new) for each in change.changes] == [
        ("Contact e-mail", "maria@alder.example", "m@alder.example"),
        ("Contact receives promotions", "no", "yes"),
        ("Billing city", "Berlin", "Potsdam"),
    ]
    maria.refresh_from_db()
    depot.refresh_from_db()
    assert (maria.email, maria.receives_promotions, maria.name) == ("m@alder.example", True, "Maria Anders")
    assert (depot.city, depot.street, depot.access_name) == ("Potsdam", "Obere Str. 57", "Karl Key")
    assert [row.history_type for row in Contact.history.filter(id=maria.pk)] == ["~", "+"]
    assert Customer.history.filter(id=alder.pk).count() == 1, "the customer itself is as it was"


def test_other_contacts_and_addresses_are_left_alone(alder: Customer, people: People) -> None:
    add_contact(alder, people["manager"], name="Not Primary")
    add_address(alder, people["manager"], city="Elsewhere")
    load(people, "Name,Reference,Contact,City,Country\nAlder Bikes,C-1,Jane Roe,Berlin,DE\n")
    assert list(Contact.objects.primary_first().values_list("name", "is_primary")) == [
        ("Jane Roe", True),
        ("Not Primary", False),
    ]
    assert list(Address.objects.billing_first().values_list("city", "is_billing")) == [
        ("Berlin", True),
        ("Elsewhere", False),
    ]


def test_blank_cells_make_nothing_and_keep_what_is_there(
    alder: Customer, maria: Contact, people: People
) -> None:
    outcome = load(
        people, "Name,Reference,Contact,Contact phone,City\nAlder Bikes,C-1,,NULL,-\nBirch,C-2,N/A,,\n"
    )
    assert counts(outcome) == (1, 0, 1, 0)
    assert Contact.objects.get().name == "Maria Anders"
    assert not Address.objects.exists()


def test_what_a_new_one_has_anyway_makes_none(people: People) -> None:
    load(people, "Name,Contact relation,Receives invoices,Site\nAlder,employee,no,no\n")
    assert not Contact.objects.exists()
    assert not Address.objects.exists()


def test_a_companys_contact_needs_a_name(people: People) -> None:
    outcome = load(people, "Name,Contact e-mail\nAlder,jane@alder.example\n")
    [error] = outcome.errors
    assert str(error) == (
        "Row 2, Primary contact: The contact has no name. Fill it in, or empty the contact's other cells."
    )
    assert (outcome.written, Customer.objects.exists()) == (False, False)


def test_an_individual_is_their_own_contact(people: People) -> None:
    head = "Name,Kind,E-mail,Phone,Contact,Contact e-mail,Contact phone,Contact title\n"
    own = "ann@home.example,+4930123456"
    outcome = load(people, f"{head}Ann Lee,individual,{own},Ann Lee,{own},\n")
    assert counts(outcome) == (1, 0, 0, 0)
    assert not Contact.objects.exists(), "the cells say no more than the customer does"
    load(people, f"{head}Ann Lee,,{own},,,,Treasurer\n")
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Ann Lee", "ann@home.example", "+4930123456")
    assert (contact.job_title, contact.is_primary) == ("Treasurer", True)


def test_an_individuals_contact_can_be_somebody_else(people: People) -> None:
    load(people, "Name,Kind,E-mail,Contact\nAnn Lee,individual,ann@home.example,Bo Lee\n")
    assert Contact.objects.values_list("name", "email", "relation").get() == ("Bo Lee", "", "other")


def test_numbers_are_read_in_the_rows_country_or_the_one_known(people: People) -> None:
    head = "Name,Phone,Contact,Contact phone,Billing phone,Country\n"
    load(people, f"{head}Alder,01 42 34 22 66,Jane,01 42 34 22 67,01 42 34 22 68,France\n")
    customer, contact, address = Customer.objects.get(), Contact.objects.get(), Address.objects.get()
    assert [row.phone for row in (customer, contact, address)] == [
        "+33142342266",
        "+33142342267",
        "+33142342268",
    ]
    load(people, "Name,Phone\nAlder,01 42 34 22 99\n")
    customer.refresh_from_db()
    assert customer.phone == "+33142342299", "the country is known from the customer's address"


def test_the_marks_that_come_along_when_a_number_is_copied_are_left_out(people: People) -> None:
    load(people, "Name,Phone\nAlder,\u202a+49 30 901820\u202c\n")
    assert Customer.objects.get(name="Alder").phone == "+4930901820"
    assert counts(load(people, "Name,Phone\nBirch,\u202a12\u202c\n")) == (0, 0, 0, 1)


def test_a_country_nobody_knows_is_an_error_that_says_what_to_do(people: People) -> None:
    [error] = load(people, "Name,Country\nAlder,Utopia\n").errors
    assert (
        str(error)
        == "Row 2, Billing country: “Utopia” is no country we know. Write its ISO code, such as DE."
    )


def test_regions_and_postal_codes_are_kept_as_the_country_writes_them(people: People) -> None:
    load(
        people,
        "Name,State,Zip,City,Street,Country\nAlder,california,94117,San Francisco,87 Polk St.,U.S.A.\n",
    )
    address = Address.objects.get()
    assert (address.region, address.postal_code, address.country) == ("CA", "94117", "US")
    load(people, "Name,Zip,Country\nBirch,wa11dp,UK\n")
    assert Address.objects.get(country="GB").postal_code == "WA1 1DP"


def test_an_address_without_a_country_is_kept_with_a_warning(people: People) -> None:
    outcome = load(people, "Name,City\nAlder,Berlin\n")
    [warning] = outcome.warnings
    assert (warning.row, warning.column) == (2, "Billing country")
    assert "Fill it in" in warning.message
    assert Address.objects.get().city == "Berlin"


def test_what_a_row_leaves_as_it_is_is_not_warned_of(alder: Customer, people: People) -> None:
    add_address(alder, people["manager"], country="IT", region="", postal_code="1", is_billing=True)
    head = "Name,Reference,Billing phone,City,Postal code,Country\n"
    assert load(people, f"{head}Alder Bikes,C-1,06 69812345,Roma,,\n").warnings == []
    warned = load(people, f"{head}Alder Bikes,C-1,,,2,\n").warnings
    assert [warning.column for warning in warned] == ["Billing postal code"]
    warned = load(people, f"{head}Alder Bikes,C-1,,,,Spain\n").warnings
    assert [warning.column for warning in warned] == ["Billing postal code", "Billing region"]


def test_a_row_that_is_wrong_has_no_warnings_and_changes_no_contact(
    alder: Customer, maria: Contact, people: People
) -> None:
    outcome = load(
        people,
        "Name,Reference,Contact,Contact phone,E-mail\nAlder Bikes,C-1,Jane,12,nobody\nBirch,C-2,Bo,,\n",
        leave_bad_rows_out=True,
    )
    assert (counts(outcome), outcome.warnings) == ((1, 0, 0, 1), [])
    maria.refresh_from_db()
    assert (maria.name, maria.phone) == ("Maria Anders", "+49301234567")


def test_a_street_has_several_lines(people: People) -> None:
    load(people, 'Name,Street,Country\nAlder,"Obere Str. 57\r\nHinterhaus\n",DE\n')
    assert Address.objects.get().street == "Obere Str. 57\nHinterhaus"


WRONG_CELLS = [
    ("Contact e-mail", "jane@", "is not an e-mail address"),
    ("Contact relation", "robot", "Write employee, tenant, letting agent or other."),
    ("Contact language", "Klingon", "is not known here"),
    ("Contact receives invoices", "maybe", "neither yes nor no"),
    ("Primary contact", "x" * 201, "201 characters are too many; 200 fit"),
    ("Billing street", "x" * 501, "501 characters are too many; 500 fit"),
    ("Billing street", "a\x07b", "Control characters are not allowed"),
    ("Billing city", '"a\nb"', "Line breaks and control characters are not allowed"),
    ("Billing postal code", "1" * 41, "41 characters are too many; 40 fit"),
    ("Access contact is", "robot", "Write tenant, letting agent, neighbour or other."),
]


@pytest.mark.parametrize(("column", "cell", "message"), WRONG_CELLS)
def test_a_wrong_cell_is_named_and_nothing_is_written(
    people: People, column: str, cell: str, message: str
) -> None:
    outcome = load(people, f"Name,{column}\nAlder,{cell}\n")
    assert [(error.row, error.column) for error in outcome.errors if message in error.message] == [
        (2, column)
    ]
    assert not Customer.objects.exists()


def test_who_may_not_see_access_details_does_not_import_them(people: People) -> None:
    assert "billing_access_name" in {column.key for column in importable_columns(people["manager"])}
    [draft] = drafts_of(b"Name,City,Access contact\nAlder,Berlin,Karl Key\n", people["viewer"])
    assert draft.writes["contacts.address"]["city"] == "Berlin"
    assert "access_name" not in draft.writes["contacts.address"]


def test_queries_do_not_grow_with_the_rows(people: People) -> None:
    def queries(name: str, number: int, street: str) -> int:
        rows = [f"{name} {i},Jane Roe,+49301234{i:03},Berlin,DE,{street} {i}" for i in range(number)]
        with CaptureQueriesContext(connection) as ran:
            load(people, "\n".join(["Name,Contact,Contact phone,City,Country,Street", *rows]))
        return len(asked(ran))

    queries("First", 1, "Main St.")  # who may do what is looked up once
    assert queries("Alder", 2, "Main St.") == queries("Birch", 40, "Main St.")
    assert queries("Alder", 2, "High St.") == queries("Birch", 40, "High St.")
    assert Address.objects.filter(street__startswith="High St.").count() == 42


def test_one_excel_sheet_brings_companies_their_contacts_and_individuals(people: People) -> None:
    sheet = xlsx(
        ["Customer type", "Name", "Contact name", "Contact e-mail", "ZIP", "City", "Country"],
        ["Company", "Alder Bikes", "Jane Roe", "jane@alder.example", "05021", "México D.F.", "Mexico"],
        ["Individual", "Ann Lee", "", "", "12209", "Berlin", "Germany"],
    )
    outcome = import_customers(sheet, by=people["manager"], file_name="customers.xlsx")
    assert (counts(outcome), outcome.errors) == ((2, 0, 0, 0), [])
    assert list(Customer.objects.values_list("kind", "name", "contacts__name", "addresses__postal_code")) == [
        ("company", "Alder Bikes", "Jane Roe", "05021"),
        ("individual", "Ann Lee", None, "12209"),
    ]


def test_a_complete_address_comes_in_with_its_telephone_number(people: People) -> None:
    outcome = load(
        people,
        "Name,Address,ZIP code,City,State,Country,Address phone\n"
        "Alder,2732 Baker Blvd.,97403,Eugene,Oregon,USA,(503) 555-7555\n",
    )
    address = Address.objects.get()
    assert (address.street, address.postal_code, address.city) == ("2732 Baker Blvd.", "97403", "Eugene")
    assert (address.region, address.country, address.phone) == ("OR", "US", "+15035557555")
    assert (address.is_billing, outcome.warnings) == (True, [])


def test_all_parts_of_an_address_have_a_column(people: People) -> None:
    parts = {
        "street": "S 1",
        "district": "D",
        "city": "C",
        "region": "R",
        "postal_code": "P",
        "sorting_code": "X",
    }
    heads = [f"Billing {name.replace('_', ' ')}" for name in parts]
    load(people, f"Name,{','.join(heads)}\nAlder,{','.join(parts.values())}\n")
    kept = Address.objects.get().parts
    assert {name: kept[name] for name in PARTS} == parts


def test_a_primary_contact_that_somebody_adds_meanwhile_is_left_alone(
    alder: Customer, people: People
) -> None:
    """There is none when the rows are checked, and one when they are written."""
    text = b"Name,Reference,Contact\nAlder Bikes,C-1,Jane Roe\n"
    plan = plan_import(text, by=people["manager"], file_name="some.csv")
    add_contact(alder, people["agent"], name="Faster", is_primary=True)
    running = runs.approve(plan.run, by=people["manager"])
    assert (running.counts["updated"], running.counts["failed"]) == (0, 1)
    row = PlanRow.objects.get(run=plan.run)
    assert (row.outcome, row.reason) == ("moved", MOVED.format("customer"))
    assert [contact.name for contact in Contact.objects.all()] == ["Faster"]


CARRIED = ("pk", "search", "traits", "contact_count", "address_count", "billing_city", "billing_country")


def test_new_customers_carry_what_any_operation_would_give_them(people: People) -> None:
    """They say so (`makes_settled`) and are not looked at again."""
    head = "Name,Kind,Contact,Contact e-mail,Receives promotions,Street,City,Country"
    rows = [
        "Alder,company,Maria,maria@alder.example,yes,Road 1,Berlin,DE",
        "Birch,company,,,,Road 2,Luleå,SE",
        "Cedar,company,Karl,,no,,,",
        "Doris,person,,,,Road 4,Berlin,DE",
        "Elm,company,,,,,,",
        "Fir,company,Fiona,fiona@fir.example,yes,Road 6,,DE",
    ]
    running = load(people, "\n".join([head, *rows])).operation
    assert running is not None
    assert running.makes_settled

    def carried() -> list[Any]:
        customers, found = Customer.objects.order_by("pk"), Contact.objects.order_by("pk")
        return [*customers.values_list(*CARRIED), *found.values_list("pk", "search", "customer_disabled")]

    before = carried()
    running.makes_settled = False
    running.touched.update({Customer, Contact, Address})
    settle(running)
    assert carried() == before
    assert [counted for *_, counted in Customer.objects.order_by("pk").values_list("pk", "address_count")] == [
        1, 1, 0, 1, 0, 1,
    ]  # fmt: skip
