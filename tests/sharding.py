"""Gives a test database the shape of one that is sharded by tenant, on stock Postgres.

Citus distributes tables by `tenant_id` and insists that every primary key, unique constraint and foreign key
carries it. Hash partitions insist on the same, so what works here has that shape.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from tenants.allowlist import OUTSIDE_POLICY
from tenants.constraints import POLICY

PARTITIONS = 2

TENANT_TABLES = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL(%s) ORDER BY 1
"""
# The definitions to make again on the partitioned table; its primary key gets the tenant instead.
INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
"""
UNIQUE = """
    SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'u'
"""
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))
"""
POLICIES = "SELECT polname::text FROM pg_policy WHERE polrelid = %s::regclass"
PRIMARY = """
    SELECT attname::text FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE conrelid = %s::regclass AND contype = 'p'
"""


def shard(connection: psycopg.Connection) -> list[str]:
    """Recreate the empty tenant tables in hash partitions; their names. `connection` is the owner's.

    Raises psycopg.Error for a key or an index that a sharded database would refuse.
    """
    with connection.transaction():
        tables = [str(name) for (name,) in connection.execute(TENANT_TABLES, [list(OUTSIDE_POLICY)])]
        keys = connection.execute(FOREIGN_KEYS, [tables, tables]).fetchall()
        for table, name, _ in keys:
            _run(connection, "ALTER TABLE {} DROP CONSTRAINT {}", table, name)
        for table in tables:
            _recreate(connection, table)
        for table, name, definition in keys:
            _run(connection, f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {definition}", table, name)
    return tables


def _recreate(connection: psycopg.Connection, table: str) -> None:
    (key,) = connection.execute(PRIMARY, [table]).fetchone() or ("",)
    unique = connection.execute(UNIQUE, [table]).fetchall()
    indexes = connection.execute(INDEXES, [table]).fetchall()
    ((policy,),) = connection.execute(POLICIES, [table]).fetchall()
    new = f"{table}_new"
    _run(
        connection,
        "CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH (tenant_id)",
        new,
        table,
    )
    _run(connection, "DROP TABLE {}", table)
    _run(connection, "ALTER TABLE {} RENAME TO {}", new, table)
    for number in range(PARTITIONS):
        _run(
            connection,
            f"CREATE TABLE {{}} PARTITION OF {{}} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})",
            f"{table}_{number}",
            table,
        )
    _run(connection, "ALTER TABLE {} ADD PRIMARY KEY (tenant_id, {})", table, key)
    for name, definition in unique:
        _run(connection, f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {definition}", table, name)
    for (definition,) in indexes:
        connection.execute(definition)
    _run(connection, "ALTER TABLE {} ENABLE ROW LEVEL SECURITY", table)
    _run(connection, "ALTER TABLE {} FORCE ROW LEVEL SECURITY", table)
    _run(connection, f"CREATE POLICY {{}} ON {{}} USING ({POLICY}) WITH CHECK ({POLICY})", policy, table)


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
