"""What the database itself says about tables, policies, keys, indexes and rights.

Read from the catalogue, not from the models: a table made by hand in a migration is held to the same rules.
"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tenants.allowlist import OUTSIDE_POLICY
from tests.isolation.catalogue import (
    PUBLIC,
    TABLES,
    all_tables,
    foreign_keys,
    names,
    rows,
    tenant_column,
    tenant_tables,
)

pytestmark = pytest.mark.django_db

POLICY = "(tenant_id = (current_setting('app.tenant_id'::text))::bigint)"


def test_every_table_outside_the_policy_is_on_the_list_and_every_listed_one_exists() -> None:
    with_policy = names("SELECT DISTINCT polrelid::regclass::text FROM pg_policy")
    assert all_tables() - with_policy == set(OUTSIDE_POLICY)
    assert all(OUTSIDE_POLICY.values()), "each needs a reason"


def test_every_tenant_table_says_whose_its_rows_are() -> None:
    for_sure = names(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_type t ON t.oid = atttypid "
        "WHERE attname = 'tenant_id' AND attnotnull AND typname = 'int8'"
    )
    assert set(tenant_tables()) - for_sure == set()


def test_every_tenant_table_forces_row_level_security() -> None:
    forced = names(f"SELECT relname FROM pg_class WHERE {TABLES} AND relrowsecurity AND relforcerowsecurity")
    assert forced == set(tenant_tables())


def test_every_tenant_table_has_the_one_policy() -> None:
    """For all statements and roles, permissive, raising when no tenant is set."""
    found = rows(
        "SELECT polrelid::regclass::text, polcmd::text, polpermissive, polroles::int[], "
        "pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy ORDER BY 1"
    )
    assert found == [(table, "*", True, [0], POLICY, POLICY) for table in tenant_tables()]


def test_every_index_of_a_tenant_table_begins_with_the_tenant() -> None:
    """Unique ones too, or a duplicate would tell that another tenant has the value. Only the primary key is less."""
    others = rows(
        f"SELECT r.relname, indexrelid::regclass::text FROM pg_index JOIN pg_class r ON r.oid = indrelid "
        f"WHERE r.relname = ANY(%s) AND NOT indisprimary AND indkey[0] IS DISTINCT FROM {tenant_column('r')}",
        [tenant_tables()],
    )
    assert others == []


def test_every_tenant_table_can_be_referred_to_within_the_tenant() -> None:
    """A unique (tenant_id, id) is what composite foreign keys point at. History tables are pointed at by none."""
    pointed_at = names(
        "SELECT r.relname FROM pg_constraint c JOIN pg_class r ON r.oid = conrelid "
        "WHERE contype = 'u' AND pg_get_constraintdef(c.oid) = 'UNIQUE (tenant_id, id)'"
    )
    assert {t for t in tenant_tables() if "_historical" not in t} - pointed_at == set()


def test_every_foreign_key_to_a_tenants_rows_carries_the_tenant() -> None:
    """Checks of foreign keys pass row-level security by, so a single-column key would reach other tenants."""
    inside = [key for key in foreign_keys() if key["to_tenant_rows"]]
    assert inside
    for key in inside:
        assert key["columns"][0] == "tenant_id", key
        assert key["to_columns"] == ["tenant_id", "id"], key
        assert not key["deferrable"], key


def test_single_column_foreign_keys_lead_only_to_tables_outside_the_policy() -> None:
    single = [key for key in foreign_keys() if len(key["columns"]) == 1]
    assert {key["to"] for key in single} <= set(OUTSIDE_POLICY)
    assert {key["to"] for key in single} == {"tenants_tenant", "tenants_user"}


def test_every_foreign_key_has_been_validated() -> None:
    assert [key for key in foreign_keys() if not key["validated"]] == []


def test_nothing_reads_past_the_policy() -> None:
    """Views run with their owner's rights, as do SECURITY DEFINER functions; triggers surprise sharding."""
    assert names(f"SELECT relname FROM pg_class WHERE {PUBLIC} AND relkind IN ('v', 'm', 'f')") == set()
    assert (
        names("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace")
        == set()
    )
    on_tenant_tables = names(
        "SELECT tgname FROM pg_trigger JOIN pg_class r ON r.oid = tgrelid "
        "WHERE NOT tgisinternal AND r.relname = ANY(%s)",
        [tenant_tables()],
    )
    assert on_tenant_tables == set()


def test_the_tests_run_as_a_role_that_row_level_security_holds() -> None:
    (role,) = rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication "
        "FROM pg_roles WHERE rolname = current_user AND current_user = session_user"
    )
    assert role == ("clientele_app", False, False, False, False, False)
    assert names("SELECT relname FROM pg_class WHERE relowner = current_user::regrole") == set()
    assert rows("SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole") == []


def test_a_temporary_table_does_not_stand_in_for_a_real_one() -> None:
    assert rows("SHOW search_path") == [("public, pg_temp",)]


def test_the_application_role_may_read_and_write_rows_and_nothing_else() -> None:
    rights = rows(
        "SELECT r.relname, array_agg(privilege_type ORDER BY privilege_type)::text[], bool_or(is_grantable) "
        f"FROM pg_class r, aclexplode(relacl) WHERE {TABLES} "
        "AND grantee = current_user::regrole GROUP BY 1 ORDER BY 1"
    )
    assert rights == [
        (table, ["DELETE", "INSERT", "SELECT", "UPDATE"], False) for table in sorted(all_tables())
    ]
    to_everybody = names(f"SELECT relname FROM pg_class, aclexplode(relacl) WHERE {PUBLIC} AND grantee = 0")
    assert to_everybody == set()
    (schema,) = rows(
        "SELECT has_schema_privilege('public', 'USAGE'), has_schema_privilege('public', 'CREATE')"
    )
    assert schema == (True, False)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine ()",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE customers_customer",
        "DROP POLICY customers_customer_tenant ON customers_customer",
        "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE customers_customer NO FORCE ROW LEVEL SECURITY",
        "SET ROLE clientele_owner",
        "SET SESSION AUTHORIZATION clientele_owner",
        "ALTER ROLE clientele_app BYPASSRLS",
        "CREATE ROLE another",
        "COPY customers_customer TO PROGRAM 'cat'",
    ],
)
def test_the_application_role_cannot_free_itself(statement: str) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert getattr(refusal.value.__cause__, "sqlstate", "") == "42501", "insufficient privilege"
