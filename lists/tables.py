"""A page of rows as a django-tables2 table. It is given the rows in order and neither counts nor sorts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import django_tables2 as tables
from django.db.models.expressions import Combinable
from django.utils.safestring import mark_safe
from django_tables2.data import TableListData

from lists.cells import Cell
from lists.columns import Column
from lists.listing import Listing
from lists.paging import Order, Page


def lookups_of(columns: Sequence[Column]) -> list[str | Combinable]:
    """What one query reads for these columns: of each its value, then what stands beside it."""
    found = [lookup for column in columns for lookup in (column.expression, *column.beside.values())]
    return [lookup() if callable(lookup) else lookup for lookup in found]


class PageData(TableListData):  # type: ignore[misc]  # untyped library
    def order_by(self, aliases: Any) -> None:
        """The rows come in order."""


class Cells(tables.Column):  # type: ignore[misc]  # untyped library
    """A declared column, with the tag that its cells begin with."""

    def __init__(self, declared: Column) -> None:
        super().__init__(verbose_name=declared.heading or declared.label, orderable=bool(declared.order))
        self.declared = declared
        names = [f"col-{declared.card}" if declared.card else "", "num" if declared.numeric else ""]
        self.classes = " ".join(filter(None, names))
        self.opening = f'<td class="{self.classes}">' if self.classes else "<td>"


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
        declaration, selecting = self.listing.declaration, self.listing.selecting
        cells = [bound.column for bound in self.columns]
        first = 2 + len(declaration.link_takes)  # what comes before the columns' values
        for row in self.data:
            address = declaration.link(*row[1:first])
            tags = "".join(_tags(cells, row[first:], row[1], address))
            tick = _tick(row[1], row[first]) if selecting else ""
            yield mark_safe(f"{tick}{tags}")  # noqa: S308  escaped by the cells


def _tags(columns: Sequence[Cells], row: tuple[Any, ...], pk: int, address: str) -> Iterator[str]:
    """The cells of one row, of which `row` holds the values."""
    at = 0
    for cells in columns:
        beside = cells.declared.beside
        after = at + 1 + len(beside)
        cell = Cell(row[at], dict(zip(beside, row[at + 1 : after], strict=True)), pk, address)
        at = after
        yield f"{cells.opening}{cells.declared.cell(cell)}</td>"


def _tick(pk: int, name: str) -> str:
    """The cell that selects a row."""
    return (
        f'<td class="col-check"><label class="check-hit"><input type="checkbox" name="selected" value="{pk}"'
        f' aria-label="Select {escape(name)}"></label></td>'
    )
