"""Which tenant the running code works for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from tenants.models import Tenant

_current: ContextVar[int | None] = ContextVar("tenant_id", default=None)


class NoTenant(RuntimeError):
    """A tenant's rows were asked for while no tenant was active."""


def current_tenant_id() -> int | None:
    return _current.get()


def require_tenant_id() -> int:
    """The active tenant's id. Raises NoTenant."""
    tenant_id = _current.get()
    if tenant_id is None:
        raise NoTenant("No tenant is active. Wrap the code in `with tenant(…):`.")
    return tenant_id


@contextmanager
def tenant(target: Tenant | int) -> Iterator[None]:
    """Work for one tenant, in one transaction (a savepoint inside another).

    What fails inside is rolled back. Contexts nest; leaving one restores the tenant of the outer one.
    """
    tenant_id = target if isinstance(target, int) else target.pk
    outer = _current.get()
    nested = connection.in_atomic_block
    token = _current.set(tenant_id)
    try:
        with transaction.atomic():
            if nested:
                connection.apply_tenant(tenant_id)  # type: ignore[attr-defined]  # our backend
            yield
            # RELEASE SAVEPOINT would keep the inner value; a rollback restores the outer one by itself.
            if nested and not connection.needs_rollback:
                connection.apply_tenant(outer)  # type: ignore[attr-defined]
    finally:
        _current.reset(token)


def read_one_moment() -> None:
    """Until its end the open transaction sees the database as it is now, and changes nothing. Call it first in it."""
    connection.read_one_moment()  # type: ignore[attr-defined]  # our backend


def interruption() -> Callable[[], None]:
    """Something to call in another thread, to end what this one waits for of the database: OperationalError."""
    return connection.connection.cancel  # type: ignore[no-any-return]  # psycopg's
