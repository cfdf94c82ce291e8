"""Questions to the database's catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from tenants.allowlist import OUTSIDE_POLICY

PUBLIC = "relnamespace = 'public'::regnamespace"
TABLES = f"{PUBLIC} AND relkind IN ('r', 'p') AND NOT relispartition"


def rows(query: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def names(query: str, params: Sequence[Any] = ()) -> set[str]:
    return {row[0] for row in rows(query, params)}


def all_tables() -> set[str]:
    return names(f"SELECT relname FROM pg_class WHERE {TABLES}")


def tenant_tables() -> list[str]:
    return sorted(all_tables() - set(OUTSIDE_POLICY))


def tenant_column(table: str) -> str:
    """SQL for the number of the column tenant_id of the pg_class row called `table`; NULL if it has none."""
    return f"(SELECT attnum FROM pg_attribute WHERE attrelid = {table}.oid AND attname = 'tenant_id')"


def columns_of(numbers: str, table: str) -> str:
    """SQL for the names of the columns whose numbers are in the array `numbers`, in that order."""
    return (
        f"ARRAY(SELECT attname::text FROM unnest({numbers}) WITH ORDINALITY key(number, place) "
        f"JOIN pg_attribute ON attrelid = {table} AND attnum = number ORDER BY place)"
    )


def foreign_keys() -> list[dict[str, Any]]:
    """Every foreign key from or to a tenant table: where from, where to, by which columns."""
    found = rows(
        f"SELECT conname::text, t.relname::text, r.relname::text, {columns_of('conkey', 'conrelid')}, "
        f"{columns_of('confkey', 'confrelid')}, condeferrable, convalidated, "
        f"{tenant_column('r')} IS NOT NULL "
        "FROM pg_constraint JOIN pg_class t ON t.oid = conrelid JOIN pg_class r ON r.oid = confrelid "
        "WHERE contype = 'f' AND (t.relname = ANY(%s) OR r.relname = ANY(%s))",
        [tenant_tables(), tenant_tables()],
    )
    keys = ("name", "table", "to", "columns", "to_columns", "deferrable", "validated", "to_tenant_rows")
    return [dict(zip(keys, row, strict=True)) for row in found]
