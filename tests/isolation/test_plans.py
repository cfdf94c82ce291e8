"""Postgres uses the indexes although row-level security is on: the plans, as the application role gets them.

Filters that are not LEAKPROOF may not reach an index under a policy. Provisioning marks those we use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from company.opening import open_tenant
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import Tenant
from tests.database import empty_tables, new_tables
from tests.people import make_user

MANY = 4_000

# Copies of the company's one customer, each with a name, reference and e-mail of its own.
WRITTEN = [str(field.column) for field in Customer._meta.concrete_fields if not field.generated]
MULTIPLY = f"""
    INSERT INTO customers_customer ({", ".join(WRITTEN)}) SELECT {", ".join(f"(r).{name}" for name in WRITTEN)} FROM (
        SELECT jsonb_populate_record(NULL::customers_customer, to_jsonb(c) || jsonb_build_object(
            'id', c.id + n, 'name', md5(n::text), 'sort_name', md5(n::text), 'email', n || '@example.com',
            'reference', 'R' || n, 'reference_key', 'r' || n,
            'own_words', md5(n::text) || chr(10) || 'r' || n || chr(10) || n || '@example.com'
        )) AS r FROM customers_customer c, generate_series(1, %s) n
    ) AS copy
"""


@pytest.fixture(scope="module")
def big(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Tenant]:
    """A company among others, each with thousands of customers, in tables that have been analysed."""
    with django_db_blocker.unblock():
        new_tables()
        try:
            for number, slug in enumerate(["acme", "globex"]):
                company = open_tenant(slug=slug, name=slug, owner=make_user(f"owner@{slug}.example"))
                with tenant(company):
                    with operation("import", by=None):
                        Customer.objects.create(pk=1_000_000 * (number + 1), name="Alfreds Futterkiste")
                    with connection.cursor() as cursor:
                        cursor.execute(MULTIPLY, [MANY])
            with as_owner(), connection.cursor() as cursor:
                cursor.execute(
                    "VACUUM (ANALYZE) customers_customer"
                )  # and empty the GIN index's waiting list
            yield Tenant.objects.get(slug="acme")
        finally:
            empty_tables()


Query = Callable[[], object]
LOOKUPS: dict[str, tuple[Query, str]] = {
    "search by part of a name": (
        lambda: Customer.objects.search("futterk").order_by(),
        "customers_found",
    ),
    "search by two words": (
        lambda: Customer.objects.search("alfreds kiste").order_by(),
        "customers_found",
    ),
    "search in any case and without accents": (
        lambda: Customer.objects.search("FÚTTERK").order_by(),
        "customers_found",
    ),
    "search by reference": (lambda: Customer.objects.search("r3999").order_by(), "customers_found"),
    "exact reference": (
        lambda: Customer.objects.by_reference("R1234"),
        "customers_by_reference|customers_customer_reference",
    ),
    "one customer": (lambda: Customer.objects.filter(pk=1_000_500), "customers_customer_"),
}


@pytest.mark.parametrize("what", LOOKUPS)
def test_the_lookup_uses_its_index(what: str, big: Tenant) -> None:
    make, index = LOOKUPS[what]
    with tenant(big):
        plan: str = make().explain()  # type: ignore[attr-defined]  # querysets of several models
    assert "Seq Scan on customers_customer" not in plan
    assert any(name in plan for name in index.split("|")), plan


def test_the_search_condition_reaches_the_index_and_is_no_later_filter(big: Tenant) -> None:
    with tenant(big):
        plan = Customer.objects.search("futterk").order_by().explain()
        found = list(Customer.objects.search("futterk"))
    [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "Filter: (search" not in plan
    assert "~~ '%futterk%'" in condition
    assert f"tenant_id = '{big.pk}'::bigint" in condition  # or it would go through the rows of all tenants
    assert [customer.name for customer in found] == ["Alfreds Futterkiste"]
