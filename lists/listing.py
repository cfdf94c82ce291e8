"""A list as one person sees it at one address: filters, order, page, total, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import QueryDict

from lists.columns import Column
from lists.declaration import ListDeclaration
from lists.filters import Facet, ListFilterSet, filterset_class
from lists.models import ListSettings
from lists.paging import (
    COUNTED,
    END,
    SIZES,
    Cursor,
    Order,
    Page,
    Total,
    count_up_to,
    decode_cursor,
    read_page,
)
from tenants.models import User
from tenants.numbers import grouped

LONGEST_NAMED = 40
MOST_NAMED = 5


class Listing:
    """What the query string names wins; what it leaves out is as the person has chosen (`settings`), or else as
    the list declares. What is malformed in the query string is left out and stands in `ignored`.

    At most one query for the options of the filters, one for the rows and one for the capped total; none before
    they are asked for.
    """

    def __init__(
        self, declaration: ListDeclaration, user: User, query: QueryDict, settings: ListSettings | None = None
    ) -> None:
        self.declaration = declaration
        self.settings = settings or ListSettings(list=declaration.name)
        self.user = user
        self.query = query
        self.columns = declaration.columns(user)
        self.ignored: list[str] = []
        self.filterset = self._filterset()
        for name, value in self.filterset.refused:
            self._ignore(name, value)
        self.order = self._order()
        self.size = self._size()
        self.shown = self._shown()
        self.after, self.before, self.last = self._place()
        self._ignore_unknown()

    @cached_property
    def queryset(self) -> QuerySet[Any]:
        """The rows that match, in no order."""
        found: QuerySet[Any] = self.filterset.qs
        return found

    @cached_property
    def total(self) -> Total:
        return count_up_to(self.queryset, COUNTED)

    @property
    def facets(self) -> list[Facet]:
        """The pills; those that the person has put away come along hidden, so that a change finds its place."""
        return self.filterset.facets(self.settings.filters)

    def page(self, lookups: Sequence[str | Combinable]) -> Page:
        """Rows of the order's value, the id, what the row's link takes, then `lookups`. One query."""
        return read_page(
            self.queryset,
            self.order,
            [*self.declaration.link_takes, *lookups],
            size=self.size,
            after=self.after,
            before=self.before,
            last=self.last,
            total=self.total.known if self.last else None,
        )

    # What the page says

    @property
    def is_filtered(self) -> bool:
        return bool(self.filterset.chosen)

    @property
    def sentence(self) -> str:
        """“12 customers: status Lead or Active; containing “alder”. By name.”"""
        number = grouped(self.total.number)
        noun = self.declaration.noun(self.filterset.chosen, self.total.number if self.total.exact else 2)
        words = [word for word in self.filterset.words if word]
        narrowed = f": {'; '.join(words)}" if words else ""
        return f"{'' if self.total.exact else 'More than '}{number} {noun}{narrowed}"

    @property
    def ignored_words(self) -> str:
        more = len(self.ignored) - MOST_NAMED
        return "; ".join(self.ignored[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")

    @property
    def order_words(self) -> str:
        label = self.order.column.label
        return f"Sorted by {label[0].lower()}{label[1:]}{', descending' if self.order.descending else ''}"

    def span(self, page: Page) -> str:
        """“51–100 of 1,024”; without numbers that are not known."""
        total = grouped(self.total.number)
        of = f"of {total}" if self.total.exact else f"of more than {total}"
        if not page.rows:
            return ""
        end = (page.start or 0) + len(page.rows) - 1
        if page.start is None or (self.total.exact and end > self.total.number):
            return f"{len(page.rows)} {of}"
        first, last = (grouped(number) for number in (page.start, end))
        return f"{first}–{last} {of}"

    # Addresses

    def address(
        self,
        *,
        without: str = "",
        order: Order | None = None,
        size: int | None = None,
        **place: str,
    ) -> str:
        """This list's query string, tidy, with a change; a change leads to the first page unless `place` says else."""
        order, size = order or self.order, size or self.size
        found = {name: values for name, values in self.filterset.chosen.items() if name != without}
        if order.key != self.declaration.sort:
            found["sort"] = [order.key]
        if size != self.settings.size:
            found["size"] = [str(size)]
        if self.columns_named:
            found["columns"] = [self.columns_named]
        found |= {name: [value] for name, value in place.items()}
        return f"?{urlencode(found, doseq=True)}"

    @property
    def bare_address(self) -> str:
        """Without filters, in the same order."""
        return f"?{urlencode(self.kept())}"

    @property
    def here(self) -> str:
        """The tidy address of what is shown."""
        if self.last:
            return self.address(before=END)
        if self.before:
            return self.address(before=self.before.encode())
        return self.address(after=self.after.encode()) if self.after else self.address()

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form has to carry along: order and size where they are not the default."""
        found = []
        if self.order.key != self.declaration.sort:
            found.append(("sort", self.order.key))
        if self.size != self.settings.size:
            found.append(("size", str(self.size)))
        if self.columns_named:
            found.append(("columns", self.columns_named))
        return found

    @property
    def link(self) -> str:
        """The query string that shows a colleague the same, whatever they have chosen for themselves."""
        found = {
            **self.filterset.chosen,
            "sort": [self.order.key],
            "size": [str(self.size)],
            "columns": [",".join(column.key for column in self.shown)],
        }
        return f"?{urlencode(found, doseq=True, safe=',')}"

    # Reading the query string

    def _filterset(self) -> ListFilterSet:
        filters = self.declaration.all_filters(self.user)
        options = self.declaration.options(self.user)
        return filterset_class(filters.items())(self.query, self.declaration.rows(), options=options)

    def _ignore(self, name: str, value: str) -> None:
        self.ignored.append(f"{_named(name)} = {_named(value)}")

    def _order(self) -> Order:
        default = self._order_named(self.declaration.sort)
        assert default is not None, f"{self.declaration.name} can't be sorted by {self.declaration.sort}"
        wanted = self.query.get("sort", "")
        if not wanted:
            return default
        order = self._order_named(wanted)
        if order is None:
            self._ignore("sort", wanted)
        return order or default

    def _order_named(self, key: str) -> Order | None:
        column = self.columns.get(key.removeprefix("-"))
        return Order(column, key.startswith("-")) if column and column.order else None

    def _size(self) -> int:
        wanted = self.query.get("size", "")
        if wanted in map(str, SIZES):
            return int(wanted)
        if wanted:
            self._ignore("size", wanted)
        return self.settings.size

    @property
    def columns_named(self) -> str:
        """The columns that the query string names, as it stands in an address."""
        return ",".join(column.key for column in self.shown) if self.query.get("columns") else ""

    def _shown(self) -> list[Column]:
        """The columns of the table, in order; the one that leads to the row's page is always there, first."""
        wanted = self.query.get("columns", "")
        if wanted:
            keys = [key.strip() for key in wanted.split(",") if key.strip()]
            for key in keys:
                if key not in self.columns:
                    self._ignore("columns", key)
        elif self.settings.columns is not None:
            keys = self.settings.columns
        else:
            keys = self.declaration.declared(self.columns)
        known = [key for key in dict.fromkeys(keys) if key in self.columns and key != self.declaration.lead]
        return [self.columns[key] for key in (self.declaration.lead, *known)]

    def _place(self) -> tuple[Cursor | None, Cursor | None, bool]:
        after, before = self.query.get("after", ""), self.query.get("before", "")
        if after and before:
            self._ignore("before", before)
            before = ""
        if before == END:
            return None, None, True
        return self._cursor("after", after), self._cursor("before", before), False

    def _cursor(self, name: str, text: str) -> Cursor | None:
        if not text:
            return None
        try:
            return decode_cursor(text, self.declaration.queryset(), self.order)
        except ValueError:
            self._ignore(name, text)
            return None

    def _ignore_unknown(self) -> None:
        known = {*self.filterset.inputs, "sort", "size", "columns", "after", "before"}
        for name in self.query:
            if name not in known:
                self._ignore(name, self.query.get(name) or "")


def _named(text: str) -> str:
    """Fit for a message: printable and short."""
    text = "".join(char if char.isprintable() else "�" for char in text)
    return text if len(text) <= LONGEST_NAMED else f"{text[:LONGEST_NAMED]}…"
