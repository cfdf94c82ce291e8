"""Opening a company: its owner and the lists it starts with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tenants.roles import Role


@transaction.atomic
def open_tenant(*, slug: str, name: str, owner: User, **profile: Any) -> Tenant:
    """A new tenant with `owner` as its owner and lists to start with.

    Raises ValidationError for a slug that is taken, reserved or malformed.
    """
    opened = Tenant(slug=slug, name=name, **profile)
    opened.full_clean()
    opened.skip_history_when_saving = True  # type: ignore[attr-defined]  # no operation can exist before it
    opened.save()
    del opened.skip_history_when_saving  # type: ignore[attr-defined]
    with tenant(opened), operation(Operation.Kind.OPEN, by=owner):
        opened.save()
        Membership.objects.create(tenant=opened, user=owner, role=Role.OWNER)
        for path in settings.TENANT_STARTERS:
            import_string(path)()
    return opened
