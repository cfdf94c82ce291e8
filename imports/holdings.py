"""The timed imports that run in a member's name, for when the member leaves."""

from __future__ import annotations

from django.urls import reverse

from company.holdings import Holding
from imports.models import Schedule
from tenants.models import Membership


def _count(member: Membership) -> int:
    return int(Schedule.objects.filter(owner=member.user_id).count())


def _url(member: Membership) -> str:
    return reverse("timed:list")


def _hand_over(member: Membership, to: Membership | None) -> int:
    """Without anybody to take over they are paused."""
    rows = Schedule.objects.filter(owner=member.user_id)
    return int(rows.update(owner=to.user) if to else rows.update(is_active=False))


TIMED = Holding(name="owner", label="Timed imports", count=_count, url=_url, hand_over=_hand_over)
