from typing import Any

from django.http import HttpRequest

from tenants.models import Membership


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame around every page shows: the tenant, and the tenants the person may switch to."""

    def memberships() -> list[Membership]:
        """Found already where a tenant is served."""
        if not request.user.is_authenticated:
            return []
        found: list[Membership] | None = getattr(request, "memberships", None)
        return list(Membership.objects.of_person(request.user)) if found is None else found

    return {
        "tenant": getattr(request, "tenant", None),
        "membership": getattr(request, "membership", None),
        "memberships": memberships,
    }
