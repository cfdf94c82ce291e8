"""The History tab: /customers/<id>/history/."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from history.operations import operation
from history.timeline import Timeline
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import asked


def history_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/history/"


def rename(company: Tenant, customer: Customer, by: User, times: int) -> None:
    for number in range(times):
        with tenant(company), operation("edit", by=by):
            customer.name = f"Alder {number}"
            customer.save()


def test_it_says_who_changed_what_from_what_to_what(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("import", by=people["admin"], source="customers.csv"):
        alder.name = "Alder Group"
        alder.save()
    page = " ".join(agent.get(history_url(alder)).content.decode().split())
    assert "<b>Admin</b><span>Imported from customers.csv</span>" in page
    assert "<dt>Customer name</dt><dd><del>Alder Bikes</del>" in page
    assert "<ins>Alder Group</ins>" in page
    assert "<b>Manager</b><span>Added</span>" in page
    assert "<dt>Reference</dt><dd><ins>C-1</ins>" in page


def test_disabling_and_enabling_are_told(alder: Customer, agent: Client) -> None:
    agent.post(f"/acme/customers/{alder.pk}/disable/", {"reason": "Unpaid"})
    agent.post(f"/acme/customers/{alder.pk}/enable/")
    told: Timeline = agent.get(history_url(alder)).context["timeline"]
    assert [entry.operation.kind for entry in told.entries] == ["enable", "disable", "add"]
    assert "Unpaid" in [change.new for row in told.entries[1].rows for change in row.changes]


def test_a_long_history_has_pages(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    rename(acme, alder, people["manager"], 30)
    first = agent.get(history_url(alder))
    told: Timeline = first.context["timeline"]
    assert len(told.entries) == 25
    assert f"?before={told.older}" in first.content.decode()
    rest: Timeline = agent.get(history_url(alder), {"before": str(told.older)}).context["timeline"]
    assert [entry.operation.kind for entry in rest.entries] == ["edit"] * 5 + ["add"]
    assert rest.older is None


@pytest.mark.parametrize("before", ["x", "-5", "1e9", "9" * 40, "9" * 5000, "\x00", "²", "0"])
def test_a_malformed_page_is_the_page(alder: Customer, agent: Client, before: str) -> None:
    assert agent.get(history_url(alder), {"before": before}).status_code == 200


def test_no_other_customers_changes_are_told(
    acme: Tenant, globex: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("edit", by=people["manager"]):
        Customer.objects.create(name="Somebody else")
    assert len(agent.get(history_url(alder)).context["timeline"].entries) == 1


@pytest.mark.parametrize("changes", [1, 24])
def test_it_costs_few_queries_however_long_it_is(
    acme: Tenant, alder: Customer, people: dict[str, User], signed_in: Any, changes: int
) -> None:
    rename(acme, alder, people["manager"], changes)
    client = signed_in(people["owner"])
    with CaptureQueriesContext(connection) as queries:
        client.get(history_url(alder))
    assert len(asked(queries)) <= 12, "\n".join(asked(queries))
