"""What the page that edits a customer sends, as a browser would: everything it shows, with changes."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from customers.models import Customer


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


class Sent(HTMLParser):
    """The values that a browser would send of the page's form, without a button's."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.select = ""
        self.textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            if "selected" in given or self.select not in self.values:
                self.values[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.textarea = name
            self.values[name] = ""
        elif tag == "input" and name and name not in ("q", "csrfmiddlewaretoken"):
            if given.get("type") != "checkbox":
                self.values[name] = given.get("value") or ""
            elif "checked" in given:
                self.values[name] = given.get("value") or "on"

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")


def edit_url(customer: Customer, query: str = "") -> str:
    return f"/acme/customers/{customer.pk}/edit/{query}"


def sent(answer: Any) -> dict[str, str]:
    """What the shown page would send if nothing were changed."""
    return Sent(answer.content.decode()).values


def shown(client: Client, customer: Customer, query: str = "") -> dict[str, str]:
    return sent(client.get(edit_url(customer, query)))


def without(data: dict[str, str], *names: str) -> dict[str, str]:
    """With these tick boxes not ticked."""
    return {name: value for name, value in data.items() if name not in names}
