"""The product on tables shaped as a sharded database wants them: the tenant in every key, hash partitions.

A part of the suite runs here against such tables; `pytest --sharded` runs all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, Exists, F, Max, OuterRef
from pytest_django import DjangoDbBlocker
from xdist import get_xdist_worker_id

from customers.models import Customer
from history.models import Operation
from marketing.models import Segment
from tenants.models import Tenant
from tests.database import sharded_database
from tests.history.test_operations import *  # noqa: F403  run again, here
from tests.history.test_timeline import *  # noqa: F403
from tests.history.test_tracked import (  # noqa: F401
    test_an_update_of_many_rows_touches_only_those,
    test_an_update_through_a_sliced_or_joined_queryset_finds_its_rows,
    test_changes_of_the_company_and_of_membership_are_in_the_history,
    test_every_row_says_which_operation_wrote_it_last,
    test_history_written_for_many_rows_equals_that_of_one,
    test_saving_some_fields_brings_derived_ones_along,
)
from tests.isolation.catalogue import rows, tenant_tables
from tests.isolation.rows import build_everything


@pytest.fixture(scope="module", autouse=True)
def sharded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[list[str]]:
    with django_db_blocker.unblock(), sharded_database(get_xdist_worker_id(request)) as tables:
        yield tables


@pytest.mark.django_db
def test_every_tenant_table_can_be_sharded_by_tenant(sharded: list[str]) -> None:
    assert sharded == tenant_tables()
    keys = rows(
        "SELECT conrelid::regclass::text, conkey::int[] = ARRAY[attnum::int, conkey[2]] FROM pg_constraint "
        "JOIN pg_attribute ON attrelid = conrelid AND attname = 'tenant_id' "
        "JOIN pg_class t ON t.oid = conrelid WHERE contype = 'p' AND relkind = 'p' ORDER BY 1"
    )
    assert keys == [(table, True) for table in sharded]


def test_queries_that_a_sharded_table_makes_hard(in_acme: Tenant) -> None:
    """Grouping by a key that is not the whole primary key, joins, subqueries, locks, upserts, aggregates."""
    build_everything()
    customer = Customer.objects.get()

    by_segment = Segment.objects.annotate(number=Count("customers")).filter(number__gt=0)
    assert list(by_segment.values_list("name", "number")) == [("Mill", 1)]
    grouped = Customer.objects.values("segment__name").annotate(number=Count("id"), last=Max("updated_at"))
    assert [row["number"] for row in grouped] == [1]
    assert Customer.objects.aggregate(n=Count("id"))["n"] == 1

    joined = Customer.objects.select_related("segment", "responsible_manager__user", "last_operation").get()
    assert joined.segment is not None
    assert joined.segment.name == "Mill"
    assert joined.responsible_manager is not None
    assert joined.responsible_manager.user.email.endswith("@acme.example")
    without = Segment.objects.filter(~Exists(Customer.objects.filter(segment=OuterRef("pk"))))
    assert "Mill" not in without.values_list("name", flat=True)
    assert list(Segment.objects.filter(customers__isnull=False)) == [customer.segment]
    named: models.QuerySet[Any] = Segment.objects.filter(name="Mill")
    assert list(named.prefetch_related("customers").get().customers.all()) == [customer]

    locked = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    locked.website = "https://birch.example"
    locked.save(update_fields=["website"])
    assert Customer.objects.filter(pk=customer.pk).update(custom_data={"a": 1}) == 1
    found, made = Segment.objects.get_or_create(name="Mill", defaults={"colour": "red"})
    assert (found, made) == (customer.segment, False)
    changed, _ = Segment.objects.update_or_create(name_key="mill", defaults={"position": 42})
    assert changed.position == 42

    assert Customer.objects.in_bulk([customer.pk]) == {customer.pk: locked}
    assert Customer.objects.filter(custom_data__contains={"a": 1}).exists()
    assert list(Customer.objects.search("futter").values_list("pk", flat=True)) == [customer.pk]
    both = Customer.objects.filter(kind="company").union(Customer.objects.filter(kind="individual"))
    assert [row.pk for row in both] == [customer.pk]
    per_operation = Operation.objects.annotate(
        made=models.Subquery(
            Customer.objects.filter(last_operation=OuterRef("pk"))
            .order_by()
            .values("last_operation")
            .annotate(number=Count("id"))
            .values("number")
        )
    )
    assert per_operation.filter(made=1).count() == 1
    assert Customer.history.filter(id=customer.pk).annotate(who=F("operation__by")).count() == 3
    assert customer.delete()[1]["customers.Customer"] == 1
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_the_tests_of_this_module_ran_where_they_should() -> None:
    assert "_sharded" in connection.settings_dict["NAME"]
