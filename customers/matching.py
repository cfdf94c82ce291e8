"""Which customer a row of a file stands for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import Lower
from import_export.instance_loaders import BaseInstanceLoader

from customers.models import Customer, reference_key
from tenants.fields import fold, tidy

ROW = "row number"  # the dataset's own column: which row of the file a row is


def name_key(name: str) -> str:
    return " ".join(tidy(name).casefold().split())


class CustomerLoader(BaseInstanceLoader):  # type: ignore[misc]  # untyped library
    """Finds the customers of a file, all in one query.

    A row with a reference stands for the customer who has it. A row without one stands for the customer with
    its e-mail address (where several share the address, or several rows give it: with that address and name),
    and without an address either for the customer of that name. So a file can be imported twice.
    """

    def __init__(self, resource: Any, dataset: Any) -> None:
        super().__init__(resource, dataset)
        self.rows_by_key: dict[Any, int] = {}
        values = list(map(resource.identity, dataset.dict))
        self.emails = Counter(email for reference, email, _ in values if not reference and email)
        self.by_reference: dict[str, Customer] = {}
        self.by_email: dict[str, list[Customer]] = {}
        self.by_name: dict[str, list[Customer]] = {}
        found = list(self._candidates(values))
        for customer in found:
            self._remember(customer)
        resource.load_parts(found)

    def _candidates(self, values: list[tuple[str, str, str]]) -> Any:
        references = {reference for reference, _, _ in values if reference}
        names = {fold(name) for reference, email, name in values if not (reference or email)}
        wanted = Q(reference_key__in=references) if references else Q(pk__in=[])
        if self.emails:
            wanted |= Q(email_key__in=list(self.emails))
        if names:
            wanted |= Q(sort_name__in=names)
        found = self.resource.get_queryset().alias(email_key=Lower(F("email"))).filter(wanted).order_by("pk")
        return found.select_for_update(of=("self",)) if self.resource.for_writing else found

    def _remember(self, customer: Customer) -> None:
        if customer.reference:
            self.by_reference[customer.reference_key] = customer
        if customer.email:
            self.by_email.setdefault(customer.email.casefold(), []).append(customer)
        self.by_name.setdefault(name_key(customer.name), []).append(customer)

    def get_instance(self, row: dict[str, Any]) -> Customer | None:
        """The row's customer, None for a new one. Raises ValidationError where that can't be told."""
        reference, email, name = self.resource.identity(row)
        if reference:
            found = [self.by_reference[reference]] if reference in self.by_reference else []
        elif email:
            found = self.by_email.get(email, [])
            if len(found) > 1 or self.emails[email] > 1:
                found = [customer for customer in found if name_key(customer.name) == name]
        else:
            found = self.by_name.get(name, [])
        if len(found) > 1:
            found = self._as_in(row, found) or found
        if len(found) > 1:
            raise ValidationError(
                "Several customers have this name and e-mail address. Give the row the reference of the one meant."
            )
        customer = found[0] if found else None
        self._refuse_second(row, customer.pk if customer else (reference or (email, name)))
        return customer

    def _as_in(self, row: dict[str, Any], found: list[Customer]) -> list[Customer]:
        """One of several that no row stands for yet and that is as the row says: it changes nothing. So an
        export can be imported again, also where customers can't be told apart."""
        return [
            customer
            for customer in found
            if customer.pk not in self.rows_by_key and self.resource.is_as_in(row, customer)
        ][:1]

    def _refuse_second(self, row: dict[str, Any], key: Any) -> None:
        number = row[ROW]
        first = self.rows_by_key.setdefault(key, number)
        if first != number:
            raise ValidationError(
                f"This is the same customer as in row {first}. Leave one of the rows out, "
                "or give each its own reference."
            )


def identity(reference: str, email: str, name: str) -> tuple[str, str, str]:
    """What tells a row's customer, as compared; all of it may be ''."""
    return reference_key(reference), tidy(email).casefold(), name_key(name)
