"""Which tenant the database sees, through nesting, errors and rollbacks."""

import pytest
from django.db import DatabaseError, connection, transaction

from customers.models import Customer
from tenants.context import NoTenant, current_tenant_id, tenant
from tenants.models import Tenant


def database_tenant() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        return str(cursor.fetchone()[0] or "")


def test_without_a_tenant_rows_cannot_be_asked_for(acme: Tenant) -> None:
    with pytest.raises(NoTenant):
        Customer.objects.count()


def test_without_a_tenant_the_database_refuses_too(acme: Tenant) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM customers_customer")


def test_contexts_nest_and_restore_the_outer_tenant(acme: Tenant, globex: Tenant) -> None:
    with tenant(acme):
        with tenant(globex):
            assert (database_tenant(), current_tenant_id()) == (str(globex.pk), globex.pk)
        assert (database_tenant(), current_tenant_id()) == (str(acme.pk), acme.pk)
    assert (database_tenant(), current_tenant_id()) == ("", None)


def test_an_exception_inside_restores_the_outer_tenant(acme: Tenant, globex: Tenant) -> None:
    with tenant(acme):
        with pytest.raises(KeyError), tenant(globex):
            raise KeyError
        assert (database_tenant(), current_tenant_id()) == (str(acme.pk), acme.pk)
        with tenant(globex):
            pass
        assert (database_tenant(), current_tenant_id()) == (str(acme.pk), acme.pk)


def test_a_database_error_inside_restores_the_outer_tenant(acme: Tenant, globex: Tenant) -> None:
    with tenant(acme):
        with pytest.raises(DatabaseError), tenant(globex), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert (database_tenant(), current_tenant_id()) == (str(acme.pk), acme.pk)


def test_a_swallowed_rollback_restores_the_outer_tenant(acme: Tenant, globex: Tenant) -> None:
    with tenant(acme):
        with tenant(globex):
            transaction.set_rollback(True)
        assert (database_tenant(), current_tenant_id()) == (str(acme.pk), acme.pk)
