"""The columns of contacts and addresses in the sheet of customers: what they read, and which headings they take."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from contacts.columns import BILLING_ADDRESS, PRIMARY_CONTACT
from contacts.models import Address, Contact
from customers.columns import CUSTOMER, DATES, MARKETING
from customers.list import CUSTOMERS
from customers.models import Customer
from lists.exporting import Source
from lists.listing import Listing
from lists.mapping import match_headings, plain
from lists.tables import lookups_of
from tenants.context import tenant
from tenants.models import User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer

People = dict[str, User]
OWN = [*PRIMARY_CONTACT.columns, *BILLING_ADDRESS.columns]
OTHERS = [column for group in (CUSTOMER, MARKETING, DATES) for column in group.columns]


def listing(user: User, query: str = "") -> Listing:
    return Listing(CUSTOMERS, user, QueryDict(query))


def exported(user: User, *keys: str) -> list[tuple[Any, ...]]:
    asked = listing(user)
    return list(Source(asked).values([asked.columns[key] for key in keys]))


def test_a_customers_row_holds_its_primary_contact_and_its_billing_address(
    alder: Customer, maria: Contact, depot: Address, people: People
) -> None:
    add_contact(alder, people["manager"], name="Not Primary")
    add_address(alder, people["manager"], city="Not Billing")
    add_customer(alder.tenant, people["manager"], name="Birch Foods", kind="individual")
    with tenant(alder.tenant):
        keys = ["name", "contact_name", "contact_email", "contact_receives_invoices", "contact_relation"]
        assert exported(people["agent"], *keys) == [
            ("Alder Bikes", "Maria Anders", "maria@alder.example", True, "employee"),
            ("Birch Foods", None, None, None, None),
        ]
        keys = ["billing_city", "billing_country", "billing_postal_code", "billing_access_name"]
        assert exported(people["agent"], *keys) == [
            ("Berlin", "DE", "12209", "Karl Key"),
            (None, None, None, None),
        ]


def test_who_gives_access_is_no_column_of_a_viewers(alder: Customer, depot: Address, people: People) -> None:
    with tenant(alder.tenant):
        seen = {role: listing(people[role]).columns for role in ("viewer", "agent")}
    assert [key for key in seen["viewer"] if "access" in key] == []
    assert len([key for key in seen["agent"] if "access" in key]) == 5
    assert "key" not in seen["viewer"]["billing_city"].beside
    assert "key" in seen["agent"]["billing_city"].beside


def test_only_what_is_shown_is_joined_and_the_tenant_is_part_of_every_join(
    alder: Customer, maria: Contact, depot: Address, people: People
) -> None:
    with (
        tenant(alder.tenant),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        asked = listing(people["agent"])
        asked.matches.page(lookups_of([asked.columns["name"]]))
        assert asked.total.number == 1
        asked.matches.page(lookups_of([asked.columns["contact_name"], asked.columns["billing_city"]]))
    *without, with_both = [query["sql"] for query in queries if "customers_customer" in query["sql"]]
    assert without
    for sql in without:
        assert "primary_contact" not in sql
        assert "billing_address" not in sql
    for alias in ("primary_contact", "billing_address"):
        joined = re.findall(rf"LEFT OUTER JOIN \S+ {alias} ON (.*?)(?= LEFT OUTER JOIN | WHERE )", with_both)
        assert len(joined) == 1
        assert f'{alias}."tenant_id" = ("customers_customer"."tenant_id")' in joined[0], joined


@pytest.mark.parametrize("column", OWN, ids=lambda column: column.key)
def test_every_heading_of_a_column_leads_to_it(column: Any) -> None:
    for heading in (column.label, column.key, *column.synonyms):
        assert match_headings([heading], [*OTHERS, *OWN]).columns == {0: column}


def test_no_heading_of_the_customers_own_columns_is_taken() -> None:
    taken = {plain(name) for column in OWN for name in (column.label, column.key, *column.synonyms)}
    for column in OTHERS:
        assert not taken & {plain(name) for name in (column.label, column.key, *column.synonyms)}


def test_a_customers_groups_are_followed_by_its_contact_and_its_address() -> None:
    at = {path.rpartition(".")[2]: place for place, path in enumerate(settings.CUSTOMER_COLUMNS)}
    assert at["CUSTOMER"] < at["PRIMARY_CONTACT"] < at["BILLING_ADDRESS"]
