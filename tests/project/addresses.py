"""The addresses of the two URL configurations, by name, and what answers there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tenants.context import tenant
from tenants.models import Tenant
from tests.project.permission_table import Address


def patterns(urlconf: str) -> dict[str, URLPattern]:
    """Every address by its full name ("customers:list"). An address without a name goes by its path."""
    return dict(_walk(get_resolver(urlconf), ""))


def _walk(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            inside = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from _walk(found, inside)
        else:
            yield f"{namespace}{found.name or found.pattern}", found


def url(address: Address, company: Tenant, *, rows_of: Tenant | None = None) -> str:
    """The address in `company`, of a row of `rows_of` (by default its own)."""
    with tenant(rows_of or company):
        args: list[Any] = address.args()
    return f"/{company.slug}{reverse(address.name, urlconf='config.urls_tenant', args=args)}"
