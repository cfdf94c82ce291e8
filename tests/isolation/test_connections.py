"""Connections are used by one tenant after another. Nothing of the one may be left for the next.

These tests commit, as requests do: a rolled-back transaction would clean up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from pytest_django import Settings

from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.people import add_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def test_pages(settings: Settings) -> None:
    settings.TENANT_URLCONF = "tests.isolation.pages"


@pytest.fixture
def companies(transactional_db: None, acme: Tenant, globex: Tenant) -> tuple[Tenant, Tenant]:
    """Acme's owner is a viewer in Globex, so that one person's requests go to both."""
    add_member(globex, User.objects.get(email="owner@acme.example"), "viewer")
    return acme, globex


@pytest.fixture
def owner(companies: object, signed_in: Callable[[User], Client]) -> Client:
    client = signed_in(User.objects.get(email="owner@acme.example"))
    client.raise_request_exception = False
    return client


@pytest.fixture
def pool_of_one(companies: object) -> Iterator[None]:
    """All of this process's transactions go through one pooled connection, as with psycopg's pool."""
    before = {key: connection.settings_dict[key] for key in ("OPTIONS", "CONN_MAX_AGE")}
    connection.close()
    pool: dict[str, Any] = {"min_size": 1, "max_size": 1, "timeout": 5}
    connection.settings_dict.update({"OPTIONS": {"pool": pool}, "CONN_MAX_AGE": 0})
    yield
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # psycopg 3 only
    connection.settings_dict.update(before)


@pytest.fixture
def persistent(companies: object) -> Iterator[None]:
    """The connection stays open between requests (CONN_MAX_AGE)."""
    before = connection.settings_dict["CONN_MAX_AGE"]
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = 600
    yield
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = before


def left_behind() -> tuple[str, int]:
    """The setting as the next one to use the connection finds it, and which connection that is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true), pg_backend_pid()")
        setting, backend = cursor.fetchone()
    return setting or "", backend


def visit_both(owner: Client, companies: tuple[Tenant, Tenant], *, give_back: bool) -> set[int]:
    """Requests to one company and the other in turn; the database connections that served them."""
    backends = set()
    for company in (*companies, *companies):
        seen = owner.get(f"/{company.slug}/what-it-sees/").json()
        assert (seen["context"], seen["database"]) == (company.pk, company.pk)
        if give_back:
            connection.close()
        setting, backend = left_behind()
        assert setting == ""
        backends |= {seen["backend"], backend}
    return backends


def test_a_pooled_connection_carries_no_tenant_to_the_next(
    companies: tuple[Tenant, Tenant], pool_of_one: None, owner: Client
) -> None:
    assert len(visit_both(owner, companies, give_back=True)) == 1, "one connection served everybody"


def test_a_pooled_connection_is_clean_after_a_failed_request(
    companies: tuple[Tenant, Tenant], pool_of_one: None, owner: Client
) -> None:
    for page in ("raises", "database-error", "template-raises"):
        assert owner.get(f"/acme/{page}/").status_code == 500
        connection.close()
        assert left_behind()[0] == ""
    with tenant(companies[0]):
        assert not Segment.objects.filter(name="Written").exists()


def test_a_persistent_connection_carries_no_tenant_to_the_next(
    companies: tuple[Tenant, Tenant], persistent: None, owner: Client
) -> None:
    assert len(visit_both(owner, companies, give_back=False)) == 1


def test_a_new_transaction_inside_the_context_has_the_tenant_again(companies: tuple[Tenant, Tenant]) -> None:
    """A batch job commits within its context, or finds that its connection was lost: the backend sets it anew."""
    acme, _ = companies
    with tenant(acme):
        transaction.set_rollback(True)
    with tenant(acme), operation("edit", by=None):
        Segment.objects.create(name="Kept")
    assert left_behind()[0] == ""
    with tenant(acme):
        assert Segment.objects.filter(name="Kept").exists()


def test_connections_of_several_threads_keep_their_own_tenants(companies: tuple[Tenant, Tenant]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def seen_in(company: Tenant) -> set[int]:
        try:
            found: set[int] = set()
            for _ in range(20):
                with tenant(company):
                    found |= set(Segment.objects.values_list("tenant_id", flat=True))
            return found
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(seen_in, companies)) == [{company.pk} for company in companies]
