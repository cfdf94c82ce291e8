"""The pages people open all day cost what `query_counts.py` says, whatever the number of customers."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.roles import Role
from tests.customers.conftest import asked
from tests.project.addresses import url
from tests.project.conftest import Office
from tests.project.permission_table import TENANT
from tests.project.query_counts import QUERIES

ADDRESSES = {address.name: address for address in TENANT}
MORE = 60  # more than a page of the list


def queries_of(name: str, office: Office) -> list[str]:
    path = url(ADDRESSES[name], office.acme)
    with CaptureQueriesContext(connection) as queries:
        assert office.browsers[Role.MANAGER].get(path).status_code == 200
    return asked(queries)


@pytest.mark.parametrize("name", QUERIES)
def test_a_page_costs_as_many_queries_as_it_should(name: str, office: Office) -> None:
    found = queries_of(name, office)
    assert len(found) == QUERIES[name], "\n\n".join(found)


@pytest.mark.parametrize("name", QUERIES)
def test_more_customers_cost_no_more_queries(name: str, office: Office) -> None:
    before = queries_of(name, office)
    with tenant(office.acme), operation("import", by=None):
        like = Customer.objects.select_related("segment", "responsible_manager").get()
        Customer.objects.bulk_create(
            Customer(
                name=f"Copy {number}", segment=like.segment, responsible_manager=like.responsible_manager
            )
            for number in range(MORE)
        )
    after = queries_of(name, office)
    assert len(after) <= len(before), "\n\n".join(after)
