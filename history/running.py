"""Operations that are not over yet: what the company's dashboard and a page of their own show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from history.answers import UNFINISHED
from history.models import Operation
from history.operation_views import operations_for, percent, time_left
from tenants.models import User
from tenants.views import TenantRequest, page, permission

MOST = 10
SEE = "history.view_operation"


@dataclass(frozen=True)
class Going:
    """An operation, how far it is (0 to 100, None where that is not known), and how long it will take."""

    operation: Operation
    percent: int | None
    time_left: str | None


def running(user: User) -> Sequence[Going]:
    """The latest ones of which the person may read. One query."""
    if not user.has_perm(SEE):
        return []
    found = operations_for(user).filter(state__in=UNFINISHED)
    return [Going(operation, percent(operation), time_left(operation)) for operation in found[:MOST]]


@permission(SEE)
@require_safe
def show(request: TenantRequest) -> HttpResponse:
    """A page; for htmx the card of the dashboard, which asks again as long as something is going on."""
    context = {"title": "Running", "nav": "activity", "running": running(request.user)}
    return page(request, "history/running.html", context, fragment="running")
