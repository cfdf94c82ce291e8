"""A column, declared once: list, sort, filter, column picker, export, import, sample file and format help
are all derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models.expressions import Combinable
from django.utils.module_loading import import_string
from import_export.widgets import Widget


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet of rows.

    `expression` yields its value in a queryset; `order` names the indexed NOT NULL field that sorts it ('' for
    a column that can't be sorted). `cell` is the template of its cell in the list, given `value`, the row's `pk`
    and what `beside` names: further values of the same query. `widget` makes the import-export widget that
    cleans a cell, and `attribute` says where the cleaned value goes; without a widget the column is not
    imported. `filter` makes its filter (lists/filters.py).
    """

    key: str
    label: str
    expression: str | Combinable
    help: str = ""
    synonyms: tuple[str, ...] = ()
    permission: str = ""
    order: str = ""
    shown: bool = False  # in the list of somebody who has chosen no columns
    numeric: bool = False
    cell: str = "lists/cells/text.html"
    beside: Mapping[str, str | Combinable] = field(default_factory=dict)
    card: str = ""  # where it stands on a phone's card: "name", "meta", "end" or "status"; '' leaves it out
    filter: Callable[[], Any] | None = None
    widget: Callable[[], Widget] | None = None
    attribute: str = ""
    mandatory: bool = False  # whatever the tenant's settings say
    example: str = ""

    def visible_to(self, user: Any) -> bool:
        return not self.permission or user.has_perm(self.permission)


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of one app, under one heading."""

    label: str
    columns: tuple[Column, ...] = field(default=())


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
