"""Export, change nothing, import: no contact and no address changes, whatever the values are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import COMMUNICATIONS, Address, Contact
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer
from tests.imports.loading import drafts_of, plan_import
from tests.imports.test_round_trip import NAMES, TEXT, assert_unchanged, exported

People = dict[str, User]
SignIn = Callable[[User], Client]

FORMATS = pytest.mark.parametrize("file_format", ["csv", "xlsx"])
STREETS = ["Obere Str. 57\nHinterhaus", "12, rue des Bouchers", "=1+1\n=2+2", "a\r\nb", "-\n-", "NULL", ""]
PHONES = ["+4930123456", "030 / unknown", "(5) 555-4729", "-", "0049 30 123456", ""]
COUNTRIES = ["DE", "US", "GB", "", "JP", "XX"]
REGIONS = ["CA", "California", "東京都", "Tokyo", "-", "Co. Cork", ""]
CODES = ["05021", "S-958 22", "WA1 1DP", "wa11dp", "=10", "1e5", ""]


@FORMATS
def test_contacts_and_addresses_come_back_unchanged(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    phones, flags = cycle(PHONES), list(COMMUNICATIONS)
    for number, name in enumerate(NAMES):
        kind = ["company", "individual"][number % 2]
        customer = add_customer(acme, people["manager"], name=name, kind=kind, reference=f"{number:05}")
        if number % 3:
            add_contact(
                customer,
                people["manager"],
                name=NAMES[-1 - number],
                job_title=name,
                relation=Contact.Relation.values[number % 4],
                email=["jane@münchen.example", ""][number % 2],
                phone=next(phones),
                language=["de", "", "tlh"][number % 3],
                is_primary=number % 5 > 0,
                **{flags[number % 5]: True},
            )
        if number % 4:
            add_address(
                customer,
                people["manager"],
                label=name,
                street=STREETS[number % 7],
                district=name,
                city=name,
                region=REGIONS[number % 7],
                postal_code=CODES[(number + 3) % 7],
                sorting_code=["CEDEX 3", ""][number % 2],
                country=COUNTRIES[number % 6],
                phone=next(phones),
                is_site=number % 2 > 0,
                is_billing=number % 5 > 0,
                access_name=name,
                access_phone=next(phones),
                access_email=["", "key@alder.example"][number % 2],
                access_relation=["", "letting_agent"][number % 2],
                access_instructions=STREETS[(number + 1) % 7],
            )
    assert_unchanged(acme, people["manager"], exported(signed_in(people["manager"]), file_format))


CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufffe\uffff", include_characters="\n"
)
LINES = st.text(alphabet=CHARACTERS, max_size=60)
ADDRESS = st.fixed_dictionaries(
    {
        "street": LINES,
        "access_instructions": LINES,
        "city": TEXT,
        "region": TEXT | st.sampled_from(REGIONS),
        "postal_code": st.sampled_from(CODES) | TEXT,
        "country": st.sampled_from(COUNTRIES),
        "phone": st.sampled_from(PHONES) | TEXT,
        "is_site": st.booleans(),
    }
)
CONTACT = st.fixed_dictionaries(
    {
        "name": TEXT.filter(str.strip),
        "job_title": TEXT,
        "phone": st.sampled_from(PHONES) | TEXT,
        "relation": st.sampled_from(Contact.Relation.values),
        "receives_invoices": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.tuples(st.booleans(), st.none() | CONTACT, st.none() | ADDRESS), min_size=1, max_size=5
    )
)
@FORMATS
def test_any_contact_and_address_survive_the_round_trip(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str, values: list[Any]
) -> None:
    with tenant(acme), operation("delete", by=people["manager"]):
        Customer.objects.all().delete()
    for number, (individual, contact, address) in enumerate(values):
        kind = "individual" if individual else "company"
        customer = add_customer(
            acme, people["manager"], name=f"Customer {number}", kind=kind, reference=f"R{number}"
        )
        with tenant(acme), operation("edit", by=people["manager"]):
            if contact:
                Contact.objects.create(customer=customer, is_primary=True, **contact)
            if address:
                Address.objects.create(customer=customer, is_billing=True, **address)
    assert_unchanged(acme, people["manager"], exported(signed_in(people["manager"]), file_format))


@FORMATS
def test_customers_that_only_their_contacts_tell_apart_come_back_unchanged(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    for name, city in [("Jane Roe", ""), ("", "Berlin"), ("Bo Lee", "Paris"), ("", ""), ("", "")]:
        customer = add_customer(acme, people["manager"], name="Alder", kind="individual")
        if name:
            add_contact(customer, people["manager"], name=name, is_primary=True)
        if city:
            add_address(customer, people["manager"], city=city, is_billing=True)
    assert_unchanged(acme, people["manager"], exported(signed_in(people["manager"]), file_format))


def test_who_may_not_see_access_details_imports_an_export_without_touching_them(
    acme: Tenant, people: People, alder: Customer, depot: Address, signed_in: SignIn
) -> None:
    data = exported(signed_in(people["manager"]), "csv").replace(b"Ring twice.", b"Come in.")
    with tenant(acme):
        assert [draft.action for draft in drafts_of(data, people["viewer"])] == ["unchanged"]
        assert plan_import(data, by=people["manager"], file_name="export").updated == 1
