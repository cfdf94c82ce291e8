"""What the application role must not be able to do, and what it should have."""

from __future__ import annotations

from typing import Any

LEAKPROOF = ("textlike", "texticlike", "jsonb_contains")

ROLE = """
    SELECT rolname, rolsuper, rolbypassrls,
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relowner = r.oid)
    FROM pg_roles r WHERE rolname = current_user
"""


def role_problem(connection: Any) -> str:
    """Why row-level security would not hold this connection's role, or ''. `connection` is psycopg's."""
    name, superuser, bypass, owner = connection.execute(ROLE).fetchone()
    reason = (
        "is a superuser"
        if superuser
        else "bypasses row-level security"
        if bypass
        else "owns the product's tables"
        if owner
        else ""
    )
    if not reason:
        return ""
    return (
        f"DATABASE_URL names the role '{name}', which {reason}, so that tenants would not be kept apart. "
        "Use the application role that `manage.py provision` makes."
    )


def not_leakproof(connection: Any) -> list[str]:
    """The functions behind our filters that may not use an index under row-level security."""
    rows = connection.execute(
        "SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY(%s) AND NOT proleakproof ORDER BY 1",
        [list(LEAKPROOF)],
    ).fetchall()
    return [name for (name,) in rows]
