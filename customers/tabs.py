"""The tabs of a customer's page. Apps add theirs in settings.CUSTOMER_TABS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from customers.models import Customer


@dataclass(frozen=True)
class Tab:
    """A part of the customer's page with an address of its own (`url_name`, called with the customer's id).

    Its view loads the customer with customers.access.get_customer, checks `permission` and answers with
    customers.profile.show_tab. `count` is shown beside the title; it may ask one query.
    """

    slug: str
    title: str
    url_name: str
    permission: str = "customers.view_customer"
    count: Callable[[Customer], int | None] | None = None


@dataclass(frozen=True)
class TabLink:
    slug: str
    title: str
    url: str
    count: int | None
    is_current: bool


HOME = Tab("home", "Home", "customers:detail")
MARKETING = Tab("marketing", "Marketing", "customers:marketing")
HISTORY = Tab("history", "History", "customers:history", permission="history.view_operation")


def tab_links(customer: Customer, user: Any, current: Tab) -> list[TabLink]:
    """The tabs that the person may open, in the order of the settings."""
    tabs: list[Tab] = [import_string(path) for path in settings.CUSTOMER_TABS]
    return [
        TabLink(
            slug=tab.slug,
            title=tab.title,
            url=reverse(tab.url_name, args=[customer.pk]),
            count=tab.count(customer) if tab.count else None,
            is_current=tab == current,
        )
        for tab in tabs
        if user.has_perm(tab.permission)
    ]
