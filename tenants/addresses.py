"""Addresses outside any tenant, asked for from anywhere, and those of rows, asked for by the hundred."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_resolver, get_script_prefix, get_urlconf, reverse


def public_address(request: HttpRequest | None, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page of ROOT_URLCONF, also while a tenant's page is served.

    A tenant's slug is the end of the script prefix, so it is taken off again.
    Raises NoReverseMatch for a name that is not in ROOT_URLCONF.
    """
    prefix = get_script_prefix()
    tenant = getattr(request, "tenant", None)
    if tenant is not None:
        prefix = prefix.removesuffix(f"{tenant.slug}/")
    return prefix + get_resolver(settings.ROOT_URLCONF).reverse(name, *args, **kwargs)


def row_address(name: str, pk: int) -> str:
    """What `reverse(name, args=[pk])` gives, for a page that shows many: only the first of a company is reversed."""
    before, behind = _around(name, get_script_prefix(), get_urlconf())
    return f"{before}{pk}{behind}"


@lru_cache(maxsize=1024)
def _around(name: str, prefix: str, urlconf: str | None) -> tuple[str, str]:
    """What stands around a row's id in its address. An address has no other number behind that."""
    before, behind = reverse(name, urlconf, args=[0]).rsplit("0", 1)
    return before, behind
