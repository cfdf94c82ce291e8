"""Postgres, with the tenant set at the start of every transaction. See docs/decisions/tenant-isolation.md."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


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


class TooSlow(Exception):
    """A statement took longer than whoever asked would wait."""


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """No statement inside takes longer. Raises TooSlow, and what was done inside is taken back."""
    try:
        with transaction.atomic():
            connection.limit_statements(milliseconds)  # type: ignore[attr-defined]  # our backend
            yield
            # RELEASE SAVEPOINT would keep the limit; a rollback takes it back by itself.
            connection.limit_statements(0)  # type: ignore[attr-defined]
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


@contextmanager
def joining_at_once() -> Iterator[None]:
    """Statements inside join whole sets: for those that are large where the planner can't know it, such as the
    elements of an array, of which it expects ten. Inside a transaction."""
    with transaction.atomic():
        connection.join_at_once(True)  # type: ignore[attr-defined]  # our backend
        yield
        # RELEASE SAVEPOINT would keep it; a rollback takes it back by itself.
        connection.join_at_once(False)  # type: ignore[attr-defined]


@contextmanager
def by_index() -> Iterator[None]:
    """Statements inside find rows by an index. For those that stop at a number of rows: the planner takes the rows of
    every tenant for mixed, and would begin where those of others lie. Inside a transaction."""
    connection.read_by_index(True)  # type: ignore[attr-defined]  # our backend
    yield
    connection.read_by_index(False)  # type: ignore[attr-defined]  # what fails is rolled back, and this with it


def refresh_statistics() -> None:
    """Let the planner know what the tables hold after many rows came at once: until then it plans for few rows,
    and a list takes twice as long. Not inside a transaction."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
