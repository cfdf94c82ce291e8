"""A sheet of addresses: a row for each, many for a customer, who is found by the reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import ACCESS, VIEW_ACCESS, Address
from contacts.sheets import ADDRESS_SHEET
from customers.models import Customer
from history.operations import operation
from history.undo import undo
from imports import runs
from imports.fields import fields_for, importable_columns
from imports.matching import match, missing, proposed
from imports.models import ImportRun, PlanRow
from lists.exports import csv_pieces
from lists.mapping import match_headings
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.loading import Outcome, import_customers, plan_import
from tests.imports.test_round_trip import TEXT
from tests.imports.test_round_trip_parts import ADDRESS

People = dict[str, User]
SUBJECT = ImportRun.Subject.ADDRESSES
COLUMNS = [column for group in ADDRESS_SHEET for column in group.columns]


@pytest.fixture(autouse=True)
def _in_acme(acme: Tenant, people: People) -> Any:
    with tenant(acme):
        yield


def load(people: People, text: str, **options: Any) -> Outcome:
    return import_customers(
        text.encode(), by=people["manager"], file_name="places.csv", subject=SUBJECT, **options
    )


def plan(people: People, text: str, **options: Any) -> Outcome:
    return plan_import(
        text.encode(), by=people["manager"], file_name="places.csv", subject=SUBJECT, **options
    )


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.failed


def billing() -> list[str]:
    return sorted(str(one) for one in Address.objects.filter(is_billing=True))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_heading_of_a_column_leads_to_it(column: Any) -> None:
    for heading in (column.label, column.key, *column.synonyms):
        assert match_headings([heading], COLUMNS).columns == {0: column}


def test_customers_get_the_addresses_of_the_file_and_undoing_leaves_none(
    alder: Customer, people: People
) -> None:
    outcome = load(
        people,
        "Customer reference,Label,Street,City,State,Zip,Country,Phone,Billing address,Site,Access contact\n"
        'C-1,Head office,"1 Main St.\nFloor 2",San Francisco,california,94117,USA,(212) 555-0100,yes,no,\n'
        "C-1,Depot,Obere Str. 57,Berlin,,12209,Germany,030 1234567,,yes,Karl Key\n",
    )
    assert (outcome.errors, outcome.warnings, counts(outcome)) == ([], [], (2, 0, 0, 0))
    office, depot = Address.objects.order_by("id")
    assert (office.street, office.region, office.country) == ("1 Main St.\nFloor 2", "CA", "US")
    assert (office.phone, office.is_billing, office.is_site) == ("+12125550100", True, False)
    assert (depot.phone, depot.is_billing, depot.is_site) == ("+49301234567", False, True)
    assert (depot.access_name, depot.customer) == ("Karl Key", alder)
    alder.refresh_from_db()
    assert (alder.address_count, alder.billing_country) == (2, "US")
    assert list(Customer.objects.search("obere")) == [alder]
    assert [row.name for row in PlanRow.objects.all()] == ["Head office (Alder Bikes)", "Depot (Alder Bikes)"]
    running = outcome.operation
    assert running is not None
    assert running.summary == "Addresses from places.csv"
    assert undo(running, by=people["manager"]).kept == []
    assert not Address.objects.exists()


def test_the_label_tells_the_address_then_street_and_postal_code(
    alder: Customer, depot: Address, people: People
) -> None:
    head = "Customer reference,Label,Street,Postal code,City,Country\n"
    outcome = load(people, f"{head}C-1,DEPOT,Untere Str. 1,12207,Berlin,DE\n")
    assert counts(outcome) == (0, 1, 0, 0)
    assert counts(load(people, f"{head}C-1,,untere  str. 1,122 07,Potsdam,\n")) == (0, 1, 0, 0)
    depot.refresh_from_db()
    assert (depot.street, depot.postal_code, depot.city) == ("untere  str. 1", "12207", "Potsdam")


def test_flats_of_one_house_are_told_by_their_labels(alder: Customer, people: People) -> None:
    place = "1 Main St.,94117,San Francisco,CA,US"
    head = "Customer reference,Label,Street,Postal code,City,Region,Country\n"
    flats = f"{head}C-1,Flat 1,{place}\nC-1,Flat 2,{place}\nC-1,,{place}\n"
    assert counts(load(people, flats)) == (3, 0, 0, 0)
    assert counts(load(people, flats)) == (0, 0, 3, 0)
    assert counts(load(people, f"{head}C-1,Flat 3,{place}\n")) == (0, 1, 0, 0), "who has no label gets one"
    assert counts(load(people, f"{head}C-1,Flat 4,{place}\n")) == (1, 0, 0, 0)
    [error] = load(people, f"{head}C-1,,{place.replace('CA', 'NY')}\n").errors
    assert "Give the row the label of the one" in error.message


def test_an_address_that_nothing_tells_is_found_where_it_is_just_so(alder: Customer, people: People) -> None:
    text = "Customer reference,City,Country\nC-1,Berlin,DE\nC-1,Potsdam,DE\n"
    assert counts(load(people, text)) == (2, 0, 0, 0)
    assert counts(load(people, text)) == (0, 0, 2, 0)


def test_the_same_address_twice_and_rows_that_say_nothing_are_refused(
    alder: Customer, people: People
) -> None:
    outcome = load(
        people,
        "Customer reference,Street,Postal code,Country\nC-1,1 Main St.,94117,US\n"
        "C-1,1 main st.,941-17,US\nC-1,,,\nC-1,x,,Utopia\n",
    )
    assert [str(each).partition(". ")[0] for each in outcome.errors] == [
        "Row 3, : This is the same address as in row 2",
        "Row 4, : The row says nothing of an address",
        "Row 5, Country: “Utopia” is no country we know",
    ]
    assert not outcome.written


def test_what_a_country_would_not_accept_is_warned_of_where_it_is_written(
    alder: Customer, depot: Address, people: People
) -> None:
    head = "Customer reference,Label,Postal code,Country\n"
    assert [each.column for each in load(people, f"{head}C-1,Depot,1,\n").warnings] == ["Postal code"]
    assert load(people, f"{head}C-1,Depot,1,DE\n").warnings == []
    assert [each.column for each in load(people, f"{head}C-1,Shed,12209,\n").warnings] == ["Country"]


def test_a_new_billing_address_takes_the_place_of_the_old_one_and_undoing_gives_it_back(
    alder: Customer, depot: Address, people: People
) -> None:
    head = "Customer reference,Label,City,Country,Billing address\n"
    outcome = load(people, f"{head}C-1,Office,Paris,FR,yes\n")
    [change] = outcome.changes
    assert [(each.column, each.old, each.new) for each in change.changes][-2:] == [
        ("Billing address", "", "yes"),
        ("Billing address", "Depot: yes", "Depot: no"),
    ]
    assert billing() == ["Office"]
    alder.refresh_from_db()
    assert alder.billing_country == "FR"
    assert outcome.operation is not None
    undo(outcome.operation, by=people["manager"])
    assert billing() == ["Depot"]
    outcome = load(people, f"{head}C-1,Office,Paris,FR,yes\nC-1,Depot,,,yes\n")
    assert [(each.row, each.column) for each in outcome.errors] == [(3, "Billing address")]
    assert outcome.errors[0].message.startswith("Row 2 is the billing address of this customer already.")


def test_what_somebody_changed_meanwhile_is_left_alone(
    alder: Customer, depot: Address, people: People
) -> None:
    planned = plan(
        people,
        "Customer reference,Label,City,Country,Billing address\n"
        "C-1,Depot,Potsdam,DE,\nC-1,Office,Paris,FR,\nC-1,Shed,Rome,IT,yes\nC-1,Barn,Bonn,DE,\n",
    )
    with operation("edit", by=people["agent"]):
        depot.access_name = "Somebody"
        depot.save()
        Address.objects.create(customer=alder, label="office", country="FR")
    runs.approve(planned.run, by=people["manager"])
    rows = PlanRow.objects.filter(run=planned.run).exclude(reason="")
    assert {row.number: (row.outcome, row.reason.partition(" after ")[0]) for row in rows} == {
        2: ("moved", "Somebody changed this address"),
        3: ("moved", "Somebody added this address"),
        4: ("moved", "Somebody changed this address"),
    }
    assert sorted(Address.objects.values_list("label", "city")) == [
        ("Barn", "Bonn"),
        ("Depot", "Berlin"),
        ("office", ""),
    ]


def test_who_may_not_see_access_details_does_not_import_them(
    alder: Customer, depot: Address, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {column.key for column in importable_columns(people["manager"], SUBJECT)}
    assert set(ACCESS) <= keys
    by = people["manager"]
    has_perm = User.has_perm
    monkeypatch.setattr(
        User, "has_perm", lambda self, name, obj=None: name != VIEW_ACCESS and has_perm(self, name)
    )
    assert keys - {column.key for column in importable_columns(by, SUBJECT)} == set(ACCESS)
    outcome = load(people, "Customer reference,Label,City,Access contact\nC-1,Depot,Potsdam,Sam Poe\n")
    assert outcome.ignored_columns == ["Access contact"]
    depot.refresh_from_db()
    assert (depot.city, depot.access_name) == ("Potsdam", "Karl Key")


def test_another_companys_customers_are_not_found(
    globex: Tenant, bob: User, alder: Customer, people: People
) -> None:
    with tenant(globex):
        add_customer(globex, bob, name="Zorro", reference="Z-1")
    text = "Customer reference,Company,City,Country\nZ-1,,Berlin,DE\n,Zorro,Berlin,DE\n"
    assert [(each.row, each.column) for each in load(people, text).errors] == [
        (2, "Customer reference"),
        (3, "Customer"),
    ]
    with tenant(globex):
        assert not Address.objects.exists()


def test_columns_without_a_heading_are_told_by_what_they_hold(alder: Customer, people: People) -> None:
    by = people["manager"]
    run = runs.begin(
        "some.csv",
        [b"Customer reference,where,Last name\nC-1,Germany,Roe\nC-1,France,Lee\n"],
        by=by,
        subject=SUBJECT,
    )
    assert run.found is not None
    profiles = [{"looks_like": kind, "filled": 2} for kind in ("", "country", "")]
    columns = match(run.headings, profiles, importable_columns(by, SUBJECT), SUBJECT)
    assert columns == {0: "customer_reference", 1: "country"}, "an address has no person's name"
    assert missing(proposed(run, by), by, SUBJECT) == []


def written(customer: Customer, by: User) -> bytes:
    """The customer's addresses as an export would write them."""
    fields = fields_for(by, SUBJECT)
    rows = [
        tuple(
            customer.reference
            if key == "customer_reference"
            else one.shown(getattr(address, one.attribute) if one.part else customer.name)
            for key, one in fields.items()
        )
        for address in Address.objects.filter(customer=customer)
    ]
    return b"".join(csv_pieces([one.column.label for one in fields.values()], [rows]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(addresses=st.lists(st.tuples(ADDRESS, TEXT | st.sampled_from(["", "Depot"])), min_size=1, max_size=6))
def test_any_addresses_survive_the_round_trip(
    acme: Tenant, people: People, alder: Customer, addresses: list[Any]
) -> None:
    with operation("edit", by=people["manager"]):
        Address.objects.all().delete()
        for at, (values, label) in enumerate(addresses):
            Address.objects.create(customer=alder, **{**values, "label": label, "is_billing": at == 1})
    data = written(alder, people["manager"])
    outcome = import_customers(data, by=people["manager"], file_name="export", subject=SUBJECT)
    assert outcome.errors == []
    assert counts(outcome) == (0, 0, len(addresses), 0), outcome.changes
