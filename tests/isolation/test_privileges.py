"""The product refuses to run as a database role that row-level security does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import embedded
from tenants.database import as_owner
from tenants.database.base import DatabaseWrapper
from tenants.database.privileges import LEAKPROOF, not_leakproof

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def connected_as(role: str) -> Iterator[None]:
    before = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = role
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = before


def superuser() -> psycopg.Connection:
    """A connection to this test run's database as the server's superuser; nothing it does is kept."""
    conninfo = embedded.superuser_conninfo(Path(settings.EMBEDDED_POSTGRES["data"]))
    return psycopg.connect(make_conninfo(conninfo, dbname=connection.settings_dict["NAME"]))


PRIVILEGED = {"clientele_owner": "bypasses row-level security", "postgres": "is a superuser"}


@pytest.mark.parametrize("role", PRIVILEGED)
def test_a_privileged_role_is_refused_at_the_first_connection(role: str) -> None:
    with connected_as(role), pytest.raises(ImproperlyConfigured, match=PRIVILEGED[role]):
        connection.ensure_connection()


@pytest.mark.parametrize("role", PRIVILEGED)
def test_a_privileged_role_is_refused_again_at_the_next(role: str) -> None:
    with connected_as(role):
        for _ in range(2):
            with pytest.raises(ImproperlyConfigured, match="DATABASE_URL names the role"):
                connection.ensure_connection()
            assert connection.connection is None or connection.connection.closed
        assert not {vetted for vetted in DatabaseWrapper._vetted if role in vetted}


@pytest.mark.parametrize("role", PRIVILEGED)
def test_the_system_check_names_the_role_and_what_to_do(role: str) -> None:
    with connected_as(role), pytest.raises(CommandError) as refusal:
        call_command("check", databases=["default"])
    assert f"'{role}'" in str(refusal.value)
    assert "Use the application role" in str(refusal.value)


def test_the_application_role_passes_the_system_check() -> None:
    assert [found.id for found in run_checks(databases=["default"]) if "tenants." in str(found.id)] == []


def test_a_role_that_owns_a_table_is_refused() -> None:
    """An owner may switch row-level security off, whatever else it may not do."""
    with superuser() as server:
        server.execute("ALTER TABLE marketing_segment OWNER TO clientele_app")
        server.execute("SET SESSION AUTHORIZATION clientele_app")
        from tenants.database.privileges import role_problem

        assert "owns the product's tables" in role_problem(server)
        server.rollback()


def test_migrations_may_connect_as_the_owner_and_the_application_comes_back() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("clientele_owner",)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("clientele_app",)


def test_functions_without_the_leakproof_mark_are_named() -> None:
    with superuser() as server:
        assert not_leakproof(server) == []
        server.execute("ALTER FUNCTION pg_catalog.texticlike(text, text) NOT LEAKPROOF")
        assert not_leakproof(server) == ["texticlike"]
        server.rollback()


def test_the_system_check_warns_of_searches_that_cannot_use_their_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tenants.checks.not_leakproof", lambda connection: list(LEAKPROOF))
    (warning,) = [found for found in run_checks(databases=["default"]) if found.id == "tenants.W001"]
    assert "textlike" in str(warning.msg)
    assert "manage.py provision" in str(warning.hint)


def test_a_role_held_by_the_policy_cannot_add_a_foreign_key_unchecked() -> None:
    """Postgres checks an added key as the table's owner. Were the policy to hide rows in silence, the check
    would pass over rows that break the key; since it raises without a tenant, it can't."""
    with superuser() as server:
        server.execute("CREATE ROLE held_owner NOBYPASSRLS")
        server.execute("GRANT CREATE, USAGE ON SCHEMA public TO held_owner")
        server.execute("SET ROLE held_owner")
        for table in ("held_parent", "held_child"):
            server.execute(
                f"CREATE TABLE {table} (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, parent bigint);"
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
                f"CREATE POLICY p ON {table} USING (tenant_id = current_setting('app.tenant_id')::bigint)"
            )
        with pytest.raises(psycopg.Error, match=r"app\.tenant_id"):
            server.execute("ALTER TABLE held_child ADD FOREIGN KEY (parent) REFERENCES held_parent (id)")
        server.rollback()
