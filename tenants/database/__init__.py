"""Postgres, with the tenant set at the start of every transaction. See docs/decisions/tenant-isolation.md."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Reconnect as the role that owns the schema, for migrations; the application role again afterwards.

    Not inside a transaction. Raises ImproperlyConfigured where no owner is configured.
    """
    if not settings.DATABASE_OWNER:
        raise ImproperlyConfigured(
            "DATABASE_OWNER_URL is not set. Migrations need the role that owns the schema; "
            "the application role of DATABASE_URL may not change it."
        )
    if connection.in_atomic_block:
        raise RuntimeError("The database role can't change inside a transaction.")
    connection.ensure_connection()  # so that HOST is known where the server starts on demand
    owner = {key: value for key, value in settings.DATABASE_OWNER.items() if key not in {"NAME", "OPTIONS"}}
    before = {key: connection.settings_dict[key] for key in owner}
    connection.close()
    connection.settings_dict.update(owner)
    connection.as_owner = True  # type: ignore[attr-defined]  # our backend
    try:
        yield
    finally:
        connection.as_owner = False  # type: ignore[attr-defined]
        connection.close()
        connection.settings_dict.update(before)


def refresh_statistics() -> None:
    """Let the planner know what the tables hold after many rows came at once: until then it plans for few rows,
    and a list takes twice as long. Not inside a transaction."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
