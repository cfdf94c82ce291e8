"""What members may hold, so that nobody is removed who still looks after something.

Apps that hang rows on a member declare a Holding and name it in `MEMBER_HOLDINGS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.models import Membership, Tenant


@dataclass(frozen=True)
class Holding:
    """One thing a member may hold.

    `name` is the field that refers to the member; where the company makes it mandatory, somebody has to take
    over. `count` says how many rows that member holds, `url` where they are listed. `hand_over` gives all of
    them to another member, or to nobody, and returns how many: set-based, inside an operation.
    """

    name: str
    label: str
    count: Callable[[Membership], int]
    url: Callable[[Membership], str]
    hand_over: Callable[[Membership, Membership | None], int]

    def needs_somebody(self, tenant: Tenant) -> bool:
        return self.name in tenant.mandatory_fields


def holdings() -> list[Holding]:
    """The declared ones, in the order of the settings."""
    return [import_string(path) for path in settings.MEMBER_HOLDINGS]


def held_by(member: Membership) -> list[tuple[Holding, int]]:
    """What that member holds, with how many of each; what it is none of is left out."""
    counted = [(holding, holding.count(member)) for holding in holdings()]
    return [(holding, count) for holding, count in counted if count]
