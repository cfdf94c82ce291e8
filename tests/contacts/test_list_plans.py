"""What the database does for the lists that contacts and addresses are part of, asked as the application's role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from company.opening import open_tenant
from contacts.filters import countries_in_use
from customers.list import CUSTOMERS
from customers.models import Customer
from customers.profile import FOLLOWED
from history.operations import operation
from history.timeline import timeline
from lists import paging
from lists.listing import Listing
from lists.tables import lookups_of
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import User
from tests.database import empty_tables, new_tables
from tests.people import make_user

# A primary contact of every customer, and another of each second; who receives what is rare or common.
PEOPLE = """
    INSERT INTO contacts_contact (
        tenant_id, last_operation_id, created_at, updated_at, customer_id, name, job_title, relation, email, phone,
        language, notes, is_primary, receives_invoices, receives_payment_reminders, receives_service_notices,
        receives_product_news, receives_promotions, sort_name, email_key, own_words, customer_words
    )
    SELECT tenant_id, last_operation_id, now(), now(), id, md5(k || id::text), '', 'employee',
        k || '@c' || id || '.example', '', '', '', k = 1, id %% 3 = 0, false, false, id %% 500 = 0, false,
        md5(k || id::text), k || '@c' || id || '.example', md5(k || id::text), sort_name || E'\\n' || reference_key
    FROM customers_customer, generate_series(1, 2) AS k
    WHERE tenant_id = %s AND (k = 1 OR id %% 2 = 0)
"""
PLACES = """
    INSERT INTO contacts_address (
        tenant_id, last_operation_id, created_at, updated_at, customer_id, label, country, street, district, city,
        region, postal_code, sorting_code, phone, is_billing, is_site, access_name, access_phone, access_email,
        access_relation, access_instructions, own_words
    )
    SELECT tenant_id, last_operation_id, now(), now(), id, '', 'DE', '', '', 'Berlin', '', '', '', '', k = 1, false,
        CASE WHEN id %% 50 = 0 THEN 'Karl' ELSE '' END, '', '', '', '', 'berlin'
    FROM customers_customer, generate_series(1, 2) AS k
    WHERE tenant_id = %s
"""
TABLES = ("customers_customer", "contacts_contact", "contacts_address", "customers_historicalcustomer")
MANY = 4_000


@pytest.fixture(scope="module")
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """The owner of one of two companies, each with thousands of customers, in tables that have been analysed."""
    with django_db_blocker.unblock():
        new_tables()
        try:
            for slug in ("globex", "acme"):
                user = make_user(f"owner@{slug}.example")
                company = open_tenant(slug=slug, name=slug, owner=user)
                with transaction.atomic(), tenant(company), operation("import", by=user):
                    Customer.objects.bulk_create(
                        Customer(name=f"Customer {number * 7919 % MANY:05}", reference=f"C-{number}")
                        for number in range(MANY)
                    )
                    with connection.cursor() as cursor:
                        cursor.execute(PEOPLE, [company.pk])
                        cursor.execute(PLACES, [company.pk])
            with as_owner(), connection.cursor() as cursor:
                for table in TABLES:
                    cursor.execute(f"VACUUM (ANALYZE) {table}")
            with transaction.atomic(), tenant(company):
                yield user
        finally:
            empty_tables()


def listing(declaration: Any, user: User, query: str = "") -> Listing:
    return Listing(declaration, user, QueryDict(query))


def page(asked: Listing) -> QuerySet[Any]:
    """The query of the page, with everything that its table shows."""
    rows = asked.matches.queryset.order_by(*asked.order.fields())
    if asked.after:
        rows = rows.filter(paging._beyond(asked.order, asked.after, backwards=False))
    takes = asked.declaration.link_takes
    lookups = [asked.order.column.order, "pk", *takes, *lookups_of(asked.shown)]
    return rows.values_list(*lookups)[: asked.size + 1]


def plan(queryset: QuerySet[Any]) -> str:
    return queryset.explain(costs=False)


def test_what_the_list_shows_of_addresses_is_looked_up_row_by_row(owner: User) -> None:
    """Not read whole: by the index of the one billing address, and of those with somebody who gives access."""
    text = plan(page(listing(CUSTOMERS, owner)))
    assert "customers_by_name" in text
    assert "contacts_address_billing on contacts_address" in text
    assert "addresses_with_access on contacts_address" in text
    assert not re.search(r"Seq Scan on (contacts|customers)_", text)
    assert "Sort" not in text.partition("SubPlan")[0]


def test_the_primary_contact_is_looked_up_by_the_index_of_the_only_one(owner: User) -> None:
    asked = listing(CUSTOMERS, owner)
    rows = asked.matches.queryset.order_by(*asked.order.fields())
    text = plan(rows.values_list("pk", "primary_contact__name")[:51])
    assert "contacts_contact_primary on contacts_contact" in text


def test_the_count_reads_no_addresses_and_no_contacts(owner: User) -> None:
    assert "contacts_" not in plan(listing(CUSTOMERS, owner).matches.queryset)


def test_the_countries_in_use_are_looked_up_one_by_one(owner: User) -> None:
    """However many addresses there are."""
    text = plan(countries_in_use())
    assert "using addresses_by_country" in text
    assert "country >= each" in text.partition("Index Cond")[2]


def test_what_was_there_before_a_change_is_looked_up_row_by_row(owner: User) -> None:
    """Not by reading the history of all customers, which a page of one of them would wait for."""
    customer = Customer.objects.order_by("pk")[2000]
    with CaptureQueriesContext(connection) as asked, operation("edit", by=owner):
        customer.save()
        assert len(timeline([FOLLOWED], customer.pk).entries) == 2
    read = [query["sql"] for query in asked if "UNION ALL" in query["sql"]]
    assert len(read) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {read[0]}")
        text = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on customers_historicalcustomer" not in text
    assert "customers_historicalcustomer_pkey" in text
