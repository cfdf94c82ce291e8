from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.people import lists_of


@pytest.fixture
def alder(acme: Tenant, people: dict[str, User]) -> Customer:
    """A customer of Acme, added by its manager."""
    return add_customer(
        acme, people["manager"], name="Alder Bikes", reference="C-1", email="hello@alder.example"
    )


def add_customer(company: Tenant, by: User, **values: Any) -> Customer:
    """A customer with everything that is mandatory."""
    with tenant(company), operation("add", by=by):
        manager = Membership.objects.get(tenant=company, user=by)
        given = {"name": "Alder Bikes", "responsible_manager": manager, **lists_of(company), **values}
        return Customer.objects.create(**given)


@pytest.fixture
def short_form(acme: Tenant, people: dict[str, User]) -> Callable[..., dict[str, Any]]:
    """What the short form sends when everything mandatory is filled in."""

    def filled(**values: Any) -> dict[str, Any]:
        with tenant(acme):
            lists = {name: entry.pk for name, entry in lists_of(acme).items()}
            manager = Membership.objects.get(tenant=acme, user=people["agent"]).pk
        return {"name": "Birch Foods", "kind": "company", **lists, "responsible_manager": manager, **values}

    return filled


def asked(queries: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, without the bookkeeping of transactions."""
    bookkeeping = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL", "BEGIN", "COMMIT")
    return [query["sql"] for query in queries if not query["sql"].startswith(bookkeeping)]


@pytest.fixture
def agent(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["agent"])


@pytest.fixture
def manager(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])
