from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from tenants.database.privileges import not_leakproof


@register(Tags.database)
def application_role(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The role must be held by row-level security, and its filters should be able to use their indexes."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        try:
            connection.ensure_connection()
        except ImproperlyConfigured as problem:
            found.append(Error(str(problem), id="tenants.E001"))
            continue
        if slow := not_leakproof(connection.connection):
            found.append(
                Warning(
                    f"Searches can't use their indexes: {', '.join(slow)} are not marked LEAKPROOF.",
                    hint="Run `manage.py provision` as a superuser; a restored dump does not carry the mark.",
                    id="tenants.W001",
                )
            )
    return found
