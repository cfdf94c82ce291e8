"""What the database does for the lists that contacts and addresses are part of, asked as the application's role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from pytest_django import DjangoDbBlocker

from company.opening import open_tenant
from contacts.filters import countries_in_use
from contacts.list import CONTACTS
from contacts.models import Contact
from customers.list import CUSTOMERS
from customers.models import Customer
from history.operations import operation
from lists import paging
from lists.listing import Listing
from lists.paging import Cursor
from lists.tables import lookups_of
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import User
from tests.people import make_user

pytestmark = [pytest.mark.xdist_group("contact_plans")]  # one worker builds it

# A primary contact of every customer, and another of each second; who receives what is rare or common.
PEOPLE = """
    INSERT INTO contacts_contact (
        tenant_id, last_operation_id, created_at, updated_at, customer_id, name, job_title, relation, email, phone,
        language, notes, is_primary, receives_invoices, receives_payment_reminders, receives_service_notices,
        receives_product_news, receives_promotions, sort_name, own_words, customer_words
    )
    SELECT tenant_id, last_operation_id, now(), now(), id, md5(k || id::text), '', 'employee',
        k || '@c' || id || '.example', '', '', '', k = 1, id %% 3 = 0, false, false, id %% 500 = 0, false,
        md5(k || id::text), md5(k || id::text), sort_name || E'\\n' || reference_key
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
TABLES = ("customers_customer", "contacts_contact", "contacts_address")
MANY = 4_000


@pytest.fixture(scope="module")
def owner(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """The owner of one of two companies, each with thousands of customers, in tables that have been analysed."""
    with django_db_blocker.unblock():
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
            call_command("flush", verbosity=0, interactive=False)


def listing(declaration: Any, user: User, query: str = "") -> Listing:
    return Listing(declaration, user, QueryDict(query))


def page(asked: Listing) -> QuerySet[Any]:
    """The query of the page, with everything that its table shows."""
    rows = asked.queryset.order_by(*asked.order.fields())
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
    rows = asked.queryset.order_by(*asked.order.fields())
    text = plan(rows.values_list("pk", "primary_contact__name")[:51])
    assert "contacts_contact_primary on contacts_contact" in text


def test_the_count_reads_no_addresses_and_no_contacts(owner: User) -> None:
    assert "contacts_" not in plan(listing(CUSTOMERS, owner).queryset)


def test_few_who_receive_something_are_found_by_the_index_of_those(owner: User) -> None:
    text = plan(listing(CUSTOMERS, owner, "receiving=product_news").queryset)
    assert "contacts_receives_product_news" in text
    assert not re.search(r"Seq Scan on (contacts|customers)_", text)


def test_many_who_receive_something_cost_no_more_than_a_page(owner: User) -> None:
    text = plan(page(listing(CUSTOMERS, owner, "receiving=invoices")))
    assert not re.search(r"Seq Scan on (contacts|customers)_", text)
    assert "customers_by_name" in text


def test_with_a_search_too_the_search_is_what_the_index_answers(owner: User) -> None:
    text = plan(page(listing(CUSTOMERS, owner, "receiving=invoices&q=03999")))
    assert "Bitmap Index Scan on customers_search" in text
    assert not re.search(r"Seq Scan on (contacts|customers)_", text)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("name", "contacts_by_name"),
        ("-name", "contacts_by_name"),
        ("customer", "contacts_by_customer"),
        ("email", "contacts_by_email"),
        ("-updated_at", "contacts_by_updated"),
    ],
)
def test_each_order_of_the_contacts_is_read_from_its_index(owner: User, sort: str, index: str) -> None:
    asked = listing(CONTACTS, owner, f"sort={sort}")
    middle = Contact.objects.order_by(*asked.order.fields())[2000]
    place = Cursor(sort, getattr(middle, asked.order.column.order), middle.pk)
    for query in (f"sort={sort}", f"sort={sort}&after={place.encode()}"):
        found = listing(CONTACTS, owner, query)
        assert not found.ignored
        text = plan(page(found))
        assert index in text
        assert "Sort" not in text
        assert not re.search(r"Seq Scan on (contacts|customers)_", text)
    assert "ROW(" in text.partition("Index Cond")[2]  # the row comparison is searched, not filtered


def test_contacts_are_searched_by_their_trigrams(owner: User) -> None:
    text = plan(listing(CONTACTS, owner, "q=c4ca4").queryset)
    assert "Bitmap Index Scan on contacts_search" in text
    assert "search ~~ '%c4ca4%'" in text.partition("Index Cond")[2]


def test_few_contacts_who_receive_something_are_found_by_the_index_of_those(owner: User) -> None:
    text = plan(listing(CONTACTS, owner, "receives=product_news&state=all").queryset)
    assert "contacts_receives_product_news" in text


def test_the_countries_in_use_are_looked_up_one_by_one(owner: User) -> None:
    """However many addresses there are."""
    text = plan(countries_in_use())
    assert "using addresses_by_country" in text
    assert "country >= each" in text.partition("Index Cond")[2]


def test_customers_of_a_country_are_found_by_index(owner: User) -> None:
    text = plan(listing(CUSTOMERS, owner, "country=DE").queryset)
    assert not re.search(r"Seq Scan on contacts_", text)
