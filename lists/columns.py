"""A column, declared once: list, sort, filter, column picker, export, import, sample file and format help
are all derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, QuerySet
from django.db.models.expressions import Combinable
from django.utils.module_loading import import_string
from import_export.widgets import Widget

from lists.cells import Writer, text
from lists.parts import Part


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet of rows.

    `expression` yields its value in a queryset; `order` names the indexed NOT NULL field that sorts it ('' for
    a column that can't be sorted). `cell` writes its cell in the list (lists/cells.py), also given what `beside`
    names: further values of the same query, or functions that make them; `guarded` names the permission that one
    of them takes. `widget` makes the import-export widget that cleans a cell, and `attribute`
    says where the cleaned value goes; without a widget the column is not imported. `filter` makes its filter
    (lists/filters.py). `tells_country` marks the column that says in which country the cells of an imported row
    are read.
    """

    key: str
    label: str
    expression: str | Combinable
    exported: str | Combinable | None = None  # its value in a file, where that is another one
    heading: str = ""  # the label above the list's cells, where a shorter one does
    help: str = ""
    synonyms: tuple[str, ...] = ()
    permission: str = ""
    order: str = ""
    shown: int = 0  # its place in the list of somebody who has chosen no columns; 0 leaves it out
    numeric: bool = False
    cell: Writer = text
    beside: Mapping[str, str | Combinable | Callable[[], Combinable]] = field(default_factory=dict)
    guarded: Mapping[str, str] = field(default_factory=dict)
    card: str = ""  # where it stands on a phone's card: "name", "meta", "end" or "status"; '' leaves it out
    filter: Callable[[], Any] | None = None
    widget: Callable[[], Widget] | None = None
    attribute: str = ""
    mandatory: bool = False  # whatever the tenant's settings say
    tells_country: bool = False
    example: str = ""

    def visible_to(self, user: Any) -> bool:
        return not self.permission or user.has_perm(self.permission)

    @property
    def in_file(self) -> str | Combinable:
        """Yields its value in an exported file."""
        return self.expression if self.exported is None else self.exported

    def as_seen_by(self, user: Any) -> Column:
        """The column without what the person may not see beside its value."""
        hidden = {name for name, permission in self.guarded.items() if not user.has_perm(permission)}
        if not hidden:
            return self
        return replace(self, beside={name: of for name, of in self.beside.items() if name not in hidden})


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of one app, under one heading.

    They are the main row's own, or with a `part` those of a row beside it, whose fields their `attribute` names.
    `relations` are joins that the columns' expressions begin with ("primary_contact__name"): a query has one only
    when it reads one of its columns. Each must lead to one row at the most. `filters` makes those that belong to
    no column, and `options` the query of what they offer where that is the tenant's own: rows of the filter's name,
    position, label, key, colour, and whether it is retired.
    """

    label: str
    columns: tuple[Column, ...] = field(default=())
    relations: Mapping[str, FilteredRelation] = field(default_factory=dict)
    filters: Callable[[], Mapping[str, Any]] = dict
    options: Callable[[], QuerySet[Any, Any]] | None = None
    part: Part | None = None


def customer_groups() -> list[ColumnGroup]:
    """The groups that the installed apps add to the customer, in the order of CUSTOMER_COLUMNS."""
    return [import_string(path) for path in settings.CUSTOMER_COLUMNS]


def flatten(groups: Iterable[ColumnGroup]) -> dict[str, Column]:
    """All columns by key, in order. Raises ValueError for a key declared twice."""
    columns: dict[str, Column] = {}
    for group in groups:
        for column in group.columns:
            if column.key in columns:
                raise ValueError(f"Two columns are named {column.key!r}.")
            columns[column.key] = column
    return columns
