"""Cards that other apps add to a customer's home: settings.CUSTOMER_CARDS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from customers.models import Customer
from tenants.models import User


@dataclass(frozen=True)
class Card:
    """A card beside the key facts. `template` is given the page's context and, as `card`, this one."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


# (customer, who looks at it) → card, None for nothing. Asks one query at most: the page has twelve.
CardFactory = Callable[[Customer, User], Card | None]


def cards_of(customer: Customer, user: User) -> list[Card]:
    """The cards that the person may see, in the order of the settings."""
    factories: list[CardFactory] = [import_string(path) for path in settings.CUSTOMER_CARDS]
    return [card for factory in factories if (card := factory(customer, user))]
