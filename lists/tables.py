"""A page of rows as a django-tables2 table. It is given the rows in order and neither counts nor sorts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.db.models.expressions import Combinable
from django.template import Context
from django.template.engine import Engine
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django_tables2.data import TableListData

from lists.columns import Column
from lists.listing import Listing
from lists.paging import Order, Page

PLAIN = "lists/cells/text.html"


def lookups_of(columns: Sequence[Column]) -> list[str | Combinable]:
    """What one query reads for these columns: of each its value, then what stands beside it."""
    found = [lookup for column in columns for lookup in (column.expression, *column.beside.values())]
    return [lookup() if callable(lookup) else lookup for lookup in found]


class PageData(TableListData):  # type: ignore[misc]  # untyped library
    def order_by(self, aliases: Any) -> None:
        """The rows come in order."""


class Cells(tables.Column):  # type: ignore[misc]  # untyped library
    """A declared column, with the template of its cells."""

    def __init__(self, declared: Column) -> None:
        super().__init__(verbose_name=declared.heading or declared.label, orderable=bool(declared.order))
        self.declared = declared
        names = [f"col-{declared.card}" if declared.card else "", "num" if declared.numeric else ""]
        self.classes = " ".join(filter(None, names))
        self.opening = f'<td class="{self.classes}">' if self.classes else "<td>"
        self.is_plain = declared.cell == PLAIN


@dataclass(frozen=True)
class Head:
    """A column's heading: where a click leads, and how the list is sorted by it now."""

    key: str
    label: str
    classes: str
    address: str = ""
    sorted: str = ""  # "ascending", "descending" or ''


class ListTable(tables.Table):  # type: ignore[misc]  # untyped library
    def __init__(self, listing: Listing, columns: Sequence[Column], page: Page) -> None:
        self.listing = listing
        super().__init__(
            PageData(page.rows),
            order_by=listing.order.key,
            extra_columns=[(column.key, Cells(column)) for column in columns],
            template_name="lists/table.html",
        )

    def heads(self) -> Iterator[Head]:
        order = self.listing.order
        for bound in self.columns:
            cells = bound.column
            if not bound.orderable:
                yield Head(bound.name, bound.header, cells.classes)
                continue
            here = cells.declared.key == order.column.key
            leads_to = order.opposite if here else Order(cells.declared)
            direction = ("descending" if order.descending else "ascending") if here else ""
            yield Head(
                bound.name, bound.header, cells.classes, self.listing.address(order=leads_to), direction
            )

    def lines(self) -> Iterator[str]:
        """Of each row its cells, as HTML."""
        cells = [bound.column for bound in self.columns]
        if not cells:
            return
        renders = [_render_plain if one.is_plain else _template(one.declared.cell) for one in cells]
        taken = len(self.listing.declaration.link_takes)
        context = Context()
        # The cells are tiny: one context for all of them, bound once, costs a third of rendering each by itself.
        bound_to = _template(PLAIN)
        with context.render_context.push_state(bound_to), context.bind_template(bound_to):
            for row in self.data:
                context["pk"] = row[1]
                context["address"] = self.listing.declaration.link(*row[1 : 2 + taken])
                yield mark_safe("".join(_tags(cells, renders, row[2 + taken :], context)))  # noqa: S308  escaped by the cells


def _tags(
    columns: Sequence[Cells], renders: Sequence[Any], row: tuple[Any, ...], context: Context
) -> Iterator[str]:
    """The cells of one row, of which `row` holds the values."""
    at = 0
    for cells, render in zip(columns, renders, strict=True):
        value, beside = row[at], cells.declared.beside
        at += 1 + len(beside)
        if cells.is_plain:
            yield f"{cells.opening}{render(value)}</td>"
            continue
        context["value"] = value
        context["beside"] = dict(zip(beside, row[at - len(beside) : at], strict=True))
        yield f"{cells.opening}{render.nodelist.render(context)}</td>"


def _render_plain(value: Any) -> str:
    """What the template of plain text gives, for most cells are no more."""
    return "" if value is None else conditional_escape(value)


def _template(name: str) -> Any:
    """From the engine's cache."""
    return Engine.get_default().get_template(name)
