"""Selecting and acting as a person does, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.test import Client

from customers.models import Customer
from lists.models import Selection
from marketing.models import Status
from tenants.context import tenant
from tenants.models import Tenant

LIST = "/acme/customers/"
SELECT = "/acme/lists/customers/selection/"


def select(client: Client, action: str, ids: Iterable[int] = (), *, query: str = "", **data: Any) -> str:
    """Press a button of the bar. Returns the page it leads to."""
    answer = client.post(f"{SELECT}{query}", {"action": action, "selected": list(ids), **data})
    assert answer.status_code == 302, answer.status_code
    return answer["Location"]


def select_all(client: Client, action: str, query: str = "", without: str = "") -> str:
    return select(client, action, query=query, all="1", without=without)


def said(client: Client, address: str = LIST) -> list[str]:
    """The messages that the next page shows."""
    return [str(message) for message in client.get(address).context["messages"]]


def status_named(company: Tenant, name: str) -> str:
    with tenant(company):
        return str(Status.objects.get(name=name).pk)


def names(company: Tenant, **values: Any) -> set[str]:
    with tenant(company):
        return set(Customer.objects.filter(**values).values_list("name", flat=True))


def numbers(answer: Any) -> dict[str, str]:
    """What the page says would happen."""
    found = re.search(r'<dl class="bulk-numbers">(.*?)</dl>', answer.content.decode(), re.DOTALL)
    assert found
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[1]))


def selection(company: Tenant) -> Selection:
    """The latest."""
    with tenant(company):
        found: Selection = Selection.objects.latest("pk")
        return found
