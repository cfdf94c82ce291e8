"""Parts that other apps add to the page that edits a customer: settings.CUSTOMER_SECTIONS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from customers.models import Customer

# Buttons of the form that show it again with what they ask for, and save nothing.
ASKING = ("add", "refresh")


@dataclass(frozen=True)
class Mistake:
    """A line of the summary of errors: where, what it is called there, what is wrong."""

    href: str
    label: str
    message: str


class Part(Protocol):
    """What one Save saves."""

    def is_valid(self) -> bool: ...

    def has_changed(self) -> bool:
        """Asked after is_valid()."""

    def try_save(self) -> Any:
        """None, with the error on the part, when the database refuses it."""

    def warnings(self) -> list[str]:
        """What the person should know about what was saved."""

    def forgive(self) -> None:
        """Show what was typed without saying what is wrong: nobody asked to save it yet."""


class Section(Part, Protocol):
    """A form or formset on the edit page, saved with the customer in one operation.

    The page writes `{{ section }}`, which has a heading, inside its own <form>.
    """

    slug: str  # the id on the page
    title: str

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong, for the summary at the top of the page."""

    def open(self, asked: Mapping[str, str]) -> None:
        """Show what the page's address asks for; called when the page is opened."""


# (customer, POST data or None, the member) → section; None for who may not change it
SectionFactory = Callable[[Customer, Any, Any], Section | None]


def sections_of(customer: Customer, data: Any, by: Any) -> list[Section]:
    factories: list[SectionFactory] = [import_string(path) for path in settings.CUSTOMER_SECTIONS]
    return [section for factory in factories if (section := factory(customer, data, by))]


def is_asking(data: Mapping[str, Any] | None) -> bool:
    """Whether what was sent asks for more to fill in, and not to be saved."""
    return data is not None and any(name in data for name in ASKING)
