"""The rows of a list that match: how many there are, and those of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from history.answers import Question
from lists.declaration import ListDeclaration
from lists.filters import ListFilterSet
from lists.paging import COUNTED, Cursor, Narrowed, Order, Page, Total, count_up_to, find, read_page
from tenants.database import TooSlow, at_most, by_index

COUNTING = 5_000  # milliseconds that counting all rows that match may take


@dataclass
class Matches:
    """One query for the capped total and one for the rows, or three in all where the list is narrowed and long;
    none before they are asked for. `after`, `before` and `last` say which page it is."""

    declaration: ListDeclaration
    filterset: ListFilterSet
    order: Order
    size: int
    after: Cursor | None
    before: Cursor | None
    last: bool

    @cached_property
    def queryset(self) -> QuerySet[Any]:
        """In no order."""
        found: QuerySet[Any] = self.filterset.qs
        return found

    @property
    def total(self) -> Total:
        return self._found[0]

    @cached_property
    def told(self) -> Total:
        """The total as the page says it: beyond COUNTED the exact one where it was counted, and still holds."""
        if self.total.exact:
            return self.total
        last = self._question.last
        return Total(last.value, True) if last and self._question.holds else self.total

    def count(self) -> bool:
        """Count all that match, so that `told` is exact; False where that takes too long. Reads every row."""
        try:
            with at_most(COUNTING):
                answer = self._question.ask(self.queryset.order_by().count)
        except TooSlow:
            return False
        self.told = Total(answer.value, True)
        return True

    def page(self, lookups: Sequence[str | Combinable]) -> Page:
        """Rows of the order's value, the id, what the row's link takes, then `lookups`."""
        return read_page(
            self._source,
            self.order,
            [*self.declaration.link_takes, *lookups],
            size=self.size,
            after=self.after,
            before=self.before,
            last=self.last,
            total=self.total.known if self.last else None,
        )

    @cached_property
    def _found(self) -> tuple[Total, list[int] | None]:
        """How many match, and the ids of the page where they are found along with that."""
        with by_index():
            if self._is_walked or self.filterset.counts:
                return count_up_to(self.queryset, COUNTED), None
            return find(
                self.queryset,
                self.order,
                size=self.size,
                after=self.after,
                before=self.before,
                last=self.last,
                most=COUNTED,
            )

    @property
    def _source(self) -> QuerySet[Any] | Narrowed:
        if self._is_walked:
            return self.queryset
        return Narrowed(self.queryset, self.declaration.rows(), *self._found)

    @property
    def _is_walked(self) -> bool:
        """Whether an index has them in their order."""
        return not self.filterset.chosen or self.filterset.sorts(self.order.column.order)

    @cached_property
    def _question(self) -> Question:
        """The same for all who ask for the same rows."""
        asked = repr(self.queryset.order_by().values("pk").query.sql_with_params())
        return Question(f"{self.declaration.name}:{sha256(asked.encode()).hexdigest()}")
