"""Queries that are made into SQL once: for the long ones that takes several times as long as their answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tenants.context import require_tenant_id

COMPANIES = 1_000  # whose SQL a process keeps


class Kept:
    """A queryset of values that depends on the active tenant and nothing else: no person, no moment, no setting."""

    def __init__(self, make: Callable[[], QuerySet[Any, tuple[Any, ...]]]) -> None:
        self._sql = lru_cache(maxsize=COMPANIES)(lambda tenant_id: make().query.sql_with_params())

    def rows(self) -> list[tuple[Any, ...]]:
        """As the database has them now. One query."""
        with connection.cursor() as cursor:
            cursor.execute(*self._sql(require_tenant_id()))
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
