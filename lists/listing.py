"""A list as one person sees it at one address: filters, order, page, total, and the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from lists.columns import Column, flatten
from lists.declaration import ListDeclaration
from lists.filters import Facet, ListFilterSet, Option, filterset_class
from lists.matches import Matches
from lists.models import ListSettings, SavedView
from lists.paging import END, SIZES, Cursor, Order, Page, Total, decode_cursor
from tenants.models import User
from tenants.numbers import grouped

LONGEST_NAMED = 40
MOST_NAMED = 5
MARKER = re.compile(r"[1-9][0-9]{0,17}")  # the id of a view
# What mail programs, advertisements and the like put behind a link: never one of ours, and no filter.
ADDED_BY_OTHERS = re.compile(r"utm_\w+|mc_[ce]id|[a-z]{1,4}clid|_hs\w+|mkt_tok")
NO_VIEW = "none"  # `view=none` is the list without the view that it opens with


class Listing:
    """What the query string names wins; what it leaves out is as the person has chosen (`settings`), or else as
    the list declares. What is malformed in the query string is left out and stands in `ignored`; `unread` has what
    of it, for all that is known, would have narrowed the list.

    `marker` is the id of the saved view that the address names (NO_VIEW for none, '' where it says nothing); `view`
    is that one, once lists.saved has found that the person may open it.

    One query for the options of the filters; those for the rows that match are asked by `matches`.
    """

    view: SavedView | None = None

    def __init__(
        self,
        declaration: ListDeclaration,
        user: User,
        query: QueryDict,
        settings: ListSettings | None = None,
        *,
        options: Mapping[str, Sequence[Option]] | None = None,
    ) -> None:
        self.declaration = declaration
        self.options = declaration.options(user) if options is None else options
        self.settings = settings or ListSettings(list=declaration.name)
        self.user = user
        self.query = query
        self.columns = declaration.columns(user)
        self.ignored: list[str] = []
        self.unread: list[tuple[str, str]] = []
        self.left_out: set[str] = set()  # columns and filters that there are, though not for this person
        self.marker = self._marker()
        self.filterset = self._filterset()
        for name, value in self.filterset.refused:
            self._leave_unread(name, value)
        self.order = self._order()
        self.size = self._size()
        self.shown = self._shown()
        self.after, self.before, self.last = self._place()
        self.matches = Matches(
            declaration, self.filterset, self.order, self.size, self.after, self.before, self.last
        )
        self.actions = declaration.bulk_actions(user)
        self.selecting = query.get("select") == "1" and bool(self.actions)
        self._ignore_unknown()

    @property
    def total(self) -> Total:
        return self.matches.total

    @property
    def told(self) -> Total:
        return self.matches.told

    @cached_property
    def facets(self) -> list[Facet]:
        """The pills; those that the person has put away come along hidden, so that a change finds its place."""
        return self.filterset.facets(self.settings.filters)

    @property
    def put_away(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.hidden]

    # What the page says

    @property
    def is_filtered(self) -> bool:
        return bool(self.filterset.chosen)

    @property
    def sentence(self) -> str:
        """“12 customers: status Lead or Active; containing “alder””"""
        return f"{self.counted}{self.narrowed}"

    @property
    def counted(self) -> str:
        """“12 customers”, “More than 10,000 customers”"""
        number, exact = self.told.number, self.told.exact
        noun = self.declaration.noun(self.filterset.chosen, number if exact else 2)
        return f"{'' if exact else 'More than '}{grouped(number)} {noun}"

    @property
    def narrowed(self) -> str:
        """“: status Lead or Active; containing “alder””"""
        words = [word for word in self.filterset.words if word]
        return f": {'; '.join(words)}" if words else ""

    @property
    def ignored_words(self) -> str:
        return _some(self.ignored)

    @property
    def unread_words(self) -> str:
        """“status = 12 is not understood”, “status = 12; colour = red are not understood”; '' where the rows are those
        that the query string asks for."""
        named = [self._told(name, value) for name, value in self.unread]
        return f"{_some(named)} {'is' if len(named) == 1 else 'are'} not understood" if named else ""

    @property
    def left_out_words(self) -> str:
        """“2 columns and 1 filter that you may not see are left out”"""
        filters = sum(name.startswith("filter ") for name in self.left_out)
        counted = [(len(self.left_out) - filters, "column"), (filters, "filter")]
        named = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counted if number]
        return f"{' and '.join(named)} that you may not see {'is' if len(self.left_out) == 1 else 'are'} left out"

    @property
    def order_words(self) -> str:
        label = self.order.column.label
        return f"Sorted by {label[0].lower()}{label[1:]}{', descending' if self.order.descending else ''}"

    def span(self, page: Page) -> str:
        """“51–100”, before “of 1,024”; without numbers that are not known."""
        if not page.rows:
            return ""
        end = (page.start or 0) + len(page.rows) - 1
        if page.start is None or (self.told.exact and end > self.told.number):
            return str(len(page.rows))
        return "–".join(grouped(number) for number in (page.start, end))

    @property
    def of(self) -> str:
        """“of 1,024”, “of more than 10,000”"""
        return f"of {'' if self.told.exact else 'more than '}{grouped(self.told.number)}"

    # Addresses

    def address(
        self,
        *,
        without: str = "",
        order: Order | None = None,
        selecting: bool | None = None,
        **place: str,
    ) -> str:
        """This list's query string, tidy, with a change; a change leads to the first page unless `place` says else."""
        order = order or self.order
        found = {name: values for name, values in self.filterset.chosen.items() if name != without}
        if order.key != self.declaration.sort:
            found["sort"] = [order.key]
        if self.size != self.settings.size:
            found["size"] = [str(self.size)]
        if self.columns_named:
            found["columns"] = [self.columns_named]
        if self.selecting if selecting is None else selecting:
            found["select"] = ["1"]
        if self.marker:
            found["view"] = [self.marker]
        found |= {name: [value] for name, value in place.items()}
        return f"?{urlencode(found, doseq=True)}"

    @property
    def export_address(self) -> str:
        """Of the page that asks how to export what is shown; '' for who may not."""
        if not self.declaration.may_export(self.user):
            return ""
        return f"{self.declaration.export_address}{self.with_unread(self.address())}"

    def with_unread(self, address: str) -> str:
        """So that what is then to be done to all rows that match is refused instead of done to others too."""
        more = urlencode(self.unread)
        return f"{address}{'&' if more and address != '?' else ''}{more}"

    @property
    def selection_address(self) -> str:
        """Of this page, for what is done to its rows or to all that match."""
        return self.with_unread(self.here)

    @property
    def bare_address(self) -> str:
        """Without filters, in the same order."""
        return f"?{urlencode(self.kept())}"

    @property
    def here(self) -> str:
        """The tidy address of what is shown."""
        return self.address(**self.place)

    @property
    def place(self) -> dict[str, Any]:
        """Which page it is, as it stands in an address."""
        if self.last:
            return {"before": END}
        if self.before:
            return {"before": self.before.encode()}
        return {"after": self.after.encode()} if self.after else {}

    @property
    def switched(self) -> str:
        """This page with tick boxes, or without where it has them."""
        return self.address(selecting=not self.selecting, **self.place)

    @property
    def matching(self) -> str:
        """What tells which rows match, whatever their order and the page."""
        return urlencode(sorted(self.filterset.chosen.items()), doseq=True)

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form has to carry along: order and size where they are not the default."""
        found = []
        if self.order.key != self.declaration.sort:
            found.append(("sort", self.order.key))
        if self.size != self.settings.size:
            found.append(("size", str(self.size)))
        if self.columns_named:
            found.append(("columns", self.columns_named))
        if self.selecting:
            found.append(("select", "1"))
        if self.marker:
            found.append(("view", self.marker))
        return found

    @property
    def state(self) -> str:
        """What a saved view keeps, as a query string without its "?": filters, order and columns."""
        found = {
            **self.filterset.chosen,
            "sort": [self.order.key],
            "columns": [",".join(column.key for column in self.shown)],
        }
        return urlencode(found, doseq=True, safe=",")

    @property
    def link(self) -> str:
        """The query string that shows a colleague the same, whatever they have chosen for themselves."""
        view = f"&view={self.view.pk}" if self.view and self.view.is_shared else ""
        return f"?{self.state}&size={self.size}{view}"

    # Reading the query string

    def _filterset(self) -> ListFilterSet:
        filters = self.declaration.all_filters(self.user)
        return filterset_class(filters.items())(self.query, self.declaration.rows(), options=self.options)

    def _ignore(self, name: str, value: str) -> None:
        self.ignored.append(self._told(name, value))

    def _told(self, name: str, value: str) -> str:
        """ "Status = 12": a filter by its label, what else the address holds by its name."""
        known = self.declaration.all_filters(self.user).get(name)
        return f"{known.label if known else _named(name)} = {_named(value)}"

    def _order(self) -> Order:
        default = self._order_named(self.declaration.sort)
        assert default is not None, f"{self.declaration.name} can't be sorted by {self.declaration.sort}"
        wanted = self.query.get("sort", "")
        if not wanted:
            return default
        order = self._order_named(wanted)
        if order is None:
            self._ignore_column("sort", wanted.removeprefix("-"), wanted)
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
                    self._ignore_column("columns", key, key)
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
        known = {*self.filterset.inputs, "sort", "size", "columns", "after", "before", "select", "view"}
        for name in self.query:
            column, _, _ = name.partition(".")
            unseen = self._unseen(column) if name not in known else None
            if unseen and unseen.filter:
                self.left_out.add(f"filter {column}")
                self.unread.append((name, self.query.get(name) or ""))
            elif name not in known and not ADDED_BY_OTHERS.fullmatch(name):
                self._leave_unread(name, self.query.get(name) or "")

    def _leave_unread(self, name: str, value: str) -> None:
        self._ignore(name, value)
        self.unread.append((name, value))

    def _ignore_column(self, name: str, key: str, value: str) -> None:
        if self._unseen(key):
            self.left_out.add(key)
        else:
            self._ignore(name, value)

    def _unseen(self, key: str) -> Column | None:
        """The column of that key if there is one, though not for this person."""
        return None if key in self.columns else flatten(self.declaration.groups()).get(key)

    def _marker(self) -> str:
        """A view's id or NO_VIEW; who has a list that opens with a view is never led to its bare address."""
        wanted = self.query.get("view", "")
        if wanted == NO_VIEW or MARKER.fullmatch(wanted):
            return wanted
        if wanted:
            self._ignore("view", wanted)
        return NO_VIEW if self.settings.view_id else ""


def _some(named: list[str]) -> str:
    more = len(named) - MOST_NAMED
    return "; ".join(named[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _named(text: str) -> str:
    """Fit for a message: printable and short."""
    text = "".join(char if char.isprintable() else "�" for char in text)
    return text if len(text) <= LONGEST_NAMED else f"{text[:LONGEST_NAMED]}…"
