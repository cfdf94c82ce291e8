"""What the database does for a list, asked as the application's role, under row-level security."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict

from customers.list import CUSTOMERS
from customers.models import Customer
from history.operations import operation
from lists.listing import Listing
from lists.paging import Cursor
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import Tenant, User

# The planner's numbers are the table's owner's to take, so the rows have to be there for good.
pytestmark = pytest.mark.django_db(transaction=True)

FILL = """
    INSERT INTO customers_customer (
        tenant_id, last_operation_id, created_at, updated_at, kind, name, reference, email, phone, website,
        language, timezone, receive_promotional_emails, communications_enabled, auto_charge, tax_exempt,
        custom, custom_data, disabled_reason, reference_key, sort_name, own_words, contributed_words
    )
    SELECT %s, %s, now(), now(), 'company', 'Customer ' || md5(n::text), 'C-' || n, '', '', '', '', '',
        false, true, false, false, '{}', '{}', '', 'c-' || n, 'customer ' || md5(n::text),
        'customer ' || md5(n::text) || E'\\nc-' || n, ''
    FROM generate_series(1, 4000) AS n
"""


@pytest.fixture
def owner(acme: Tenant) -> Iterator[User]:
    """The owner of Acme, which has four thousand customers that the planner knows of."""
    user = User.objects.get(email="owner@acme.example")
    with tenant(acme), operation("add", by=user) as running, connection.cursor() as cursor:
        cursor.execute(FILL, [acme.pk, running.pk])
        running.keep(rows=cursor.rowcount)
    with as_owner(), connection.cursor() as cursor:
        # VACUUM also moves what was just added into the trigram index proper.
        cursor.execute("VACUUM ANALYZE customers_customer")
    with tenant(acme):
        yield user


def plan(queryset: QuerySet[Any]) -> str:
    return queryset.explain(costs=False)


def listing(user: User, **query: str) -> Listing:
    found = QueryDict(mutable=True)
    found.update(query)
    return Listing(CUSTOMERS, user, found)


def test_search_uses_the_trigram_index(owner: User) -> None:
    """Under row-level security only because LIKE is marked LEAKPROOF."""
    text = plan(listing(owner, q="c4ca4").queryset)
    assert "Bitmap Index Scan on customers_search" in text
    assert "search ~~ '%c4ca4%'" in text.partition("Index Cond")[2]


def test_search_without_the_mark_still_answers(owner: User) -> None:
    assert listing(owner, q="c").total.number == 4000
    assert listing(owner, q="c4ca4 c-1").total.number >= 1


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("name", "customers_by_name"),
        ("-name", "customers_by_name"),
        ("reference", "customers_by_reference"),
        ("email", "customers_by_email"),
        ("-created_at", "customers_by_created"),
        ("updated_at", "customers_by_updated"),
    ],
)
def test_each_order_is_read_from_its_index(owner: User, sort: str, index: str) -> None:
    asked = listing(owner, sort=sort)
    middle = Customer.objects.order_by(*asked.order.fields())[2000]
    place = Cursor(sort, getattr(middle, asked.order.column.order), middle.pk)
    for query in ({"sort": sort}, {"sort": sort, "after": place.encode()}):
        found = listing(owner, **query)
        assert not found.ignored
        text = plan(_page(found))
        assert index in text
        assert "Sort" not in text
        assert "Seq Scan on customers" not in text
    assert "ROW(" in text.partition("Index Cond")[2]  # the row comparison is searched, not filtered


def _page(asked: Listing) -> QuerySet[Any]:
    """The query of the page."""
    from lists import paging

    rows = asked.queryset.order_by(*asked.order.fields())
    if asked.after:
        rows = rows.filter(paging._beyond(asked.order, asked.after, backwards=False))
    return rows[: asked.size + 1]
