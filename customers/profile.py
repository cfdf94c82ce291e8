"""What the pages of one customer have in common, and the questions they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

from customers.fields import language_name
from customers.models import Customer
from customers.tabs import Tab, tab_links
from history.timeline import Followed
from tenants import phones
from tenants.models import User
from tenants.views import wants_fragment

FOLLOWED = Followed(Customer, words={"phone": phones.display, "language": language_name})


@dataclass(frozen=True)
class Impact:
    """So many things that hang on a customer: Impact("contact", "contacts", 3)."""

    one: str
    many: str
    count: int

    def __str__(self) -> str:
        return f"{self.count} {self.one if self.count == 1 else self.many}"


def impact_of_deleting(customer: Customer) -> list[Impact]:
    """What would be deleted along with the customer. Apps add theirs in settings.CUSTOMER_IMPACTS."""
    impacts = (import_string(path)(customer) for path in settings.CUSTOMER_IMPACTS)
    return [impact for impact in impacts if impact.count]


def followed_models(user: User) -> list[Followed]:
    """The customer and what belongs to it, whose history the customer's timeline tells that person."""
    followed: list[Followed] = [import_string(path) for path in settings.CUSTOMER_HISTORY]
    return [group.visible_to(user) for group in followed]


def crumbs(customer: Customer | None = None) -> list[tuple[str, str]]:
    """The way to a page below the list, or below a customer."""
    way = [("Customers", reverse("customers:list"))]
    return way if customer is None else [*way, (customer.name, customer.get_absolute_url())]


def show_tab(
    request: HttpRequest,
    customer: Customer,
    tab: Tab,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A tab as a page; for htmx the tab alone, with the row of tabs brought up to date.

    `template` extends `tab_frame` and fills the block `tab`.
    """
    fragment = wants_fragment(request)
    shared = {
        "tab_frame": "customers/tab.html" if fragment else "customers/profile.html",
        "nav": "customers",
        "customer": customer,
        "crumbs": crumbs(),
        "tab": tab,
        "tabs": tab_links(customer, request.user, tab),
    }
    response = TemplateResponse(request, template, {**shared, **(context or {})}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
