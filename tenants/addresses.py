"""Addresses outside any tenant, asked for from anywhere."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_resolver, get_script_prefix


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
