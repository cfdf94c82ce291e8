"""What new customers get where a file says nothing, and nobody has chosen anything else."""

from __future__ import annotations

from typing import Any

from customers.models import Customer
from marketing.models import Channel, Segment, Status
from tenants.models import User

LISTS: dict[str, Any] = {"segment": Segment, "status": Status, "channel": Channel}


def usual_starts(user: User) -> dict[str, str]:
    """In words, by the customer's field; fields that get nothing are left out. A query for each list."""
    kind = Customer._meta.get_field("kind").get_default()
    usual = {name: model.default() for name, model in LISTS.items()}
    return {
        "kind": str(dict(Customer.Kind.choices)[kind]),
        **{name: str(entry) for name, entry in usual.items() if entry},
        "responsible_manager": user.name or user.email,
    }
