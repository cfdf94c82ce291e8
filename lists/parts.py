"""The rows beside the main one that a group of columns belongs to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.db.models import Model, QuerySet


class Part:
    """A row beside the main one, one at most: a customer's primary contact, say.

    `model` is what it is a row of, and `owner` its foreign key to the main row. What the columns show must be
    what `rows` finds, or where there is none `stand_in`, so that an export imports without a change.
    """

    model: ClassVar[type[Model]]
    owner: ClassVar[str]

    def rows(self) -> QuerySet[Any]:
        """The rows that are the part of whom they belong to."""
        raise NotImplementedError

    def make(self, owner: Any) -> Any:
        """A new one, not saved."""
        raise NotImplementedError

    def stand_in(self, owner: Any) -> Any:
        """What the columns show of an owner who has none, None for nothing. Never saved."""
        return None

    def complete(self, row: Any, owner: Any) -> None:
        """Fill in what a new one has by itself."""

    def problems(self, row: Any, owner: Any) -> list[tuple[str, str]]:
        """What is wrong with it as a whole: field and message, which says what to do. It is not saved then."""
        return []

    def warnings(self, row: Any, owner: Any) -> list[tuple[str, str]]:
        """What to look at: field and message."""
        return []

    def load(self, owners: Collection[int], *, lock: bool) -> dict[int, Any]:
        """Those of many owners, by the owner's id. One query."""
        found = self.rows().filter(**{f"{self.owner}__in": owners})
        if lock:
            found = found.select_for_update(of=("self",))
        return {getattr(row, f"{self.owner}_id"): row for row in found} if owners else {}
