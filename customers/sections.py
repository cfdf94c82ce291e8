"""Parts that other apps add to the page that edits a customer: settings.CUSTOMER_SECTIONS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from customers.models import Customer


class Section(Protocol):
    """A form or formset on the edit page, saved with the customer in one operation.

    The page writes `{{ section }}` inside its own <form>.
    """

    def is_valid(self) -> bool: ...

    def has_changed(self) -> bool: ...

    def try_save(self) -> Any:
        """None, with the error on the section, when the database refuses it."""


# (customer, POST data or None, the member) → section
SectionFactory = Callable[[Customer, Any, Any], Section]


def sections_of(customer: Customer, data: Any, by: Any) -> list[Section]:
    factories: list[SectionFactory] = [import_string(path) for path in settings.CUSTOMER_SECTIONS]
    return [factory(customer, data, by) for factory in factories]
