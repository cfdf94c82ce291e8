"""Importing customers, without the page: what goes in, what is changed, what stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from customers.models import Customer
from history.models import Operation
from marketing.models import Channel, Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.loading import import_customers, plan_import

NORTHWIND = Path(settings.BASE_DIR, "config/demo/northwind-customers.csv")

People = dict[str, User]


@pytest.fixture
def northwind() -> bytes:
    return NORTHWIND.read_bytes()


def test_the_northwind_file_goes_in_as_it_is(acme: Tenant, people: People, northwind: bytes) -> None:
    with tenant(acme):
        outcome = import_customers(northwind, by=people["manager"], file_name="northwind-customers.csv")
        assert outcome.errors == []
        assert (outcome.rows, outcome.created, outcome.written) == (91, 91, True)
        assert outcome.ignored_columns == ["fax"]
        customer = Customer.objects.get(reference="ANTON")
        assert customer.name == "Antonio Moreno Taquería"


def test_an_import_is_one_operation_with_history(acme: Tenant, people: People, northwind: bytes) -> None:
    with tenant(acme):
        outcome = import_customers(northwind, by=people["manager"], file_name="northwind-customers.csv")
        running = Operation.objects.get(kind="import")
        assert (running.by, running.source) == (people["manager"], "northwind-customers.csv")
        assert running.counts == {
            "rows": 91,
            "created": 91,
            "updated": 0,
            "unchanged": 0,
            "skipped": 0,
            "failed": 0,
            "warnings": len({warning.row for warning in outcome.warnings}),
        }
        records = Customer.history.filter(operation=running)
        assert records.count() == 91
        assert set(records.values_list("history_type", flat=True)) == {"+"}


def test_new_customers_get_the_companys_defaults(acme: Tenant, people: People, northwind: bytes) -> None:
    with tenant(acme):
        import_customers(northwind, by=people["manager"], file_name="n.csv")
        customer = Customer.objects.get(reference="ALFKI")
        assert customer.segment == Segment.default()
        assert customer.status == Status.default()
        assert customer.channel == Channel.default()
        assert customer.responsible_manager == people["manager"].membership
        assert customer.kind == Customer.Kind.COMPANY


def test_an_unquoted_comma_in_an_address_moves_no_value(
    acme: Tenant, people: People, northwind: bytes
) -> None:
    with tenant(acme):
        outcome = import_customers(northwind, by=people["manager"], file_name="n.csv")
        assert Customer.objects.get(reference="BLONP").phone == "88.60.15.31"
        assert Customer.objects.get(reference="BLAUS").phone == "+4962108460"  # Germany
    assert any(notice.startswith("24 rows hold a comma") for notice in outcome.notices)


def test_the_same_file_again_changes_nothing(acme: Tenant, people: People, northwind: bytes) -> None:
    with tenant(acme):
        import_customers(northwind, by=people["manager"], file_name="n.csv")
        again = import_customers(northwind, by=people["admin"], file_name="n.csv")
        assert (again.created, again.updated, again.unchanged, again.written) == (0, 0, 91, False)
        assert Operation.objects.filter(kind="import").count() == 1
        assert Customer.history.count() == 91


def test_a_plan_writes_nothing(acme: Tenant, people: People, northwind: bytes) -> None:
    with tenant(acme):
        outcome = plan_import(northwind, by=people["manager"], file_name="n.csv")
        assert (outcome.created, outcome.written) == (91, False)
        assert Customer.objects.count() == 0
        assert not Operation.objects.filter(kind="import").exists()


def test_what_no_database_holds_is_told_as_a_mistake(acme: Tenant, people: People) -> None:
    with tenant(acme):
        outcome = plan_import(
            b"Name,Reference\nAl\x00der,C-1\nBirch,C\x00-2\n", by=people["manager"], file_name="n.csv"
        )
        assert [(error.row, error.column) for error in outcome.errors] == [
            (2, "Customer name"),
            (3, "Reference"),
        ]
