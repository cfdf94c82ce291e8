"""The rows beside the main one that a group of columns belongs to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet

Values = dict[str, Any]  # of a row, by the attributes of its model


class Part:
    """A row beside the main one, one at most: a customer's primary contact, say.

    `model` is what it is a row of, and `owner` its foreign key to the main row. What the columns show must be
    what `rows` finds, or where there is none `stand_in`, so that an export imports without a change.
    Rows are given as their values; an owner's are those named in `takes`.
    """

    model: ClassVar[type[Model]]
    owner: ClassVar[str]
    takes: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> QuerySet[Any]:
        """The rows that are the part of whom they belong to."""
        raise NotImplementedError

    def make(self, owner: Values) -> Values:
        """What a new one has that is not the model's default."""
        raise NotImplementedError

    def stand_in(self, owner: Values) -> Values | None:
        """What the columns show of an owner who has none, None for nothing. Never saved."""
        return None

    def complete(self, row: Values, owner: Values) -> None:
        """Fill in what a new one has by itself."""

    def problems(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        """What is wrong with it as a whole: field and message, which says what to do. It is not saved then."""
        return []

    def warnings(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        """What to look at: field and message."""
        return []
