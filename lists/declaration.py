"""What a list says about itself. Its page, its filters, its export read nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string

from lists.bulk import BulkAction
from lists.columns import Column, ColumnGroup, flatten
from lists.filters import ListFilter, Option
from tenants.models import User


@dataclass(frozen=True, kw_only=True)
class ListDeclaration:
    """One list of rows: what is in it, in which columns, and what it can be narrowed by.

    `filters` are those that neither a column nor a group declares. `options` gives, for a person, what each filter
    offers: one query for all of them. `link` is the page of a row, given its id and the values of the fields that
    `link_takes` names. `noun` says what the rows are, for the filters
    that are set.
    """

    name: str
    title: str
    queryset: Callable[[], QuerySet[Any]]
    groups: Callable[[], Sequence[ColumnGroup]]
    link: Callable[..., str]
    noun: Callable[[Mapping[str, list[str]], int], str]
    sort: str
    permission: str  # to see it
    url_name: str  # of its page
    export_permission: str = ""
    export_url_name: str = ""  # of the page that asks what to export; '' for a list that can't be
    lead: str = "name"  # the column that leads to the row's page
    link_takes: tuple[str, ...] = ()
    filters: Callable[[], dict[str, ListFilter]] = dict
    options: Callable[[User], Mapping[str, Sequence[Option]]] = lambda user: {}
    bulk: Callable[[], Sequence[BulkAction]] = tuple  # what can be done to many rows at once
    bulk_permission: str = ""  # to select rows

    @property
    def address(self) -> str:
        """Of its page."""
        return reverse(self.url_name)

    def may_export(self, user: User) -> bool:
        return bool(self.export_url_name) and user.has_perm(self.export_permission)

    @property
    def export_address(self) -> str:
        return reverse(self.export_url_name)

    @property
    def is_empty(self) -> bool:
        """Whether it has no rows at all. One query, which finds the first in an index: without an order (exists()
        has none) the database would look through the rows of other companies that lie before."""
        lead = flatten(self.groups())[self.lead]
        return not self.queryset().order_by(lead.order, "pk").values_list("pk")[:1]

    def columns(self, user: User) -> dict[str, Column]:
        """By key, in order: those the person may see."""
        declared = flatten(self.groups()).items()
        return {key: column.as_seen_by(user) for key, column in declared if column.visible_to(user)}

    @staticmethod
    def declared(columns: Mapping[str, Column]) -> list[str]:
        """The keys of those that are shown to somebody who has chosen none, in their order."""
        shown = [column for column in columns.values() if column.shown]
        return [column.key for column in sorted(shown, key=lambda column: column.shown)]

    def rows(self) -> QuerySet[Any]:
        """All rows, from which every column can be read."""
        # Cloned: a query writes its own name for the relation into what it is given.
        relations = {
            name: relation.clone() for group in self.groups() for name, relation in group.relations.items()
        }
        found: QuerySet[Any] = self.queryset().annotate(**relations)
        return found

    def bulk_actions(self, user: User) -> list[BulkAction]:
        """What the person may do to selected rows."""
        may_select = not self.bulk_permission or user.has_perm(self.bulk_permission)
        return [one for one in self.bulk() if may_select and user.has_perm(one.permission)]

    def all_filters(self, user: User) -> dict[str, ListFilter]:
        """By name, in the order of their pills: those of the columns that the person may see, then the others."""
        # django-filter keeps filters in the order of their making.
        columns = self.columns(user).items()
        return {key: column.filter() for key, column in columns if column.filter} | self.own_filters()

    def own_filters(self) -> dict[str, ListFilter]:
        """Those of no column: the groups', then the list's."""
        found = {name: made for group in self.groups() for name, made in group.filters().items()}
        return found | self.filters()


def all_lists() -> list[ListDeclaration]:
    """Those of settings.LISTS."""
    return [import_string(path) for path in settings.LISTS]


def list_named(name: str) -> ListDeclaration | None:
    return next((declared for declared in all_lists() if declared.name == name), None)
