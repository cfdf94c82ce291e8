from typing import Any

from django.http import HttpRequest

from tenants.models import Membership


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame around every page shows: the tenant, and the tenants the person may switch to."""

    def memberships() -> list[Membership]:
        if not request.user.is_authenticated:
            return []
        return list(
            Membership.objects.filter(user=request.user).select_related("tenant").order_by("tenant__name")
        )

    return {
        "tenant": getattr(request, "tenant", None),
        "membership": getattr(request, "membership", None),
        "memberships": memberships,
    }
