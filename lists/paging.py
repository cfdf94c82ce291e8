"""One page of a list by keyset: it starts after (or ends before) a row, never at a number.

Rows that come or go meanwhile move nothing: no row is lost and none is shown twice. A page costs the same at
the end of a million rows as at the start.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from lists.columns import Column

SIZES = (25, 50, 100)
SIZE = 50
COUNTED = 10_000  # totals are exact up to this
BIGGEST_ID = 2**63 - 1
END = "end"  # `before=end` is the last page


@dataclass(frozen=True)
class Order:
    """By one column, then by id, in one direction."""

    column: Column
    descending: bool = False

    @property
    def key(self) -> str:
        return f"-{self.column.key}" if self.descending else self.column.key

    @property
    def opposite(self) -> Order:
        return Order(self.column, not self.descending)

    def fields(self, *, backwards: bool = False) -> tuple[str, str]:
        sign = "-" if self.descending is not backwards else ""
        return f"{sign}{self.column.order}", f"{sign}id"


@dataclass(frozen=True)
class Cursor:
    """A place in an order: the row with this value and id.

    `position` is the row's number when the cursor was made; it is only shown, never searched by.
    """

    order: str
    value: Any
    pk: int
    position: int | None = None

    def encode(self) -> str:
        value = self.value if isinstance(self.value, str) else self.value.isoformat()
        text = json.dumps(
            [self.order, value, self.pk, self.position], ensure_ascii=False, separators=(",", ":")
        )
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, queryset: QuerySet[Any], order: Order) -> Cursor:
    """The cursor in an address. Raises ValueError for anything that was not made for this order."""
    try:
        parts = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except RecursionError as error:
        raise ValueError(text) from error
    if not (isinstance(parts, list) and len(parts) == 4):
        raise ValueError(text)
    key, value, pk, position = parts
    if key != order.key or not isinstance(value, str) or "\x00" in value:
        raise ValueError(text)
    if type(pk) is not int or not 0 < pk <= BIGGEST_ID:
        raise ValueError(text)
    if position is not None and (type(position) is not int or not 0 < position <= BIGGEST_ID):
        raise ValueError(text)
    field = queryset.model._meta.get_field(order.column.order)
    try:
        converted = field.to_python(value)
        value.encode()  # a lone surrogate is no text
        if isinstance(converted, datetime):
            converted = _in_utc(converted)
    except (ValidationError, OverflowError) as error:
        raise ValueError(text) from error
    return Cursor(key, converted, pk, position)


def _in_utc(moment: datetime) -> datetime:
    """Raises ValueError without a time zone, OverflowError where UTC would leave the calendar."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Page:
    """Rows as tuples, in the order of the list, and the cursors that lead on from here."""

    rows: list[tuple[Any, ...]]
    previous: Cursor | None = None
    next: Cursor | None = None
    start: int | None = None  # the first row's number, from 1, as far as it is known


def read_page(
    queryset: QuerySet[Any],
    order: Order,
    lookups: Sequence[str | Combinable],
    *,
    size: int,
    after: Cursor | None = None,
    before: Cursor | None = None,
    last: bool = False,
    total: int | None = None,
) -> Page:
    """One page, in one query. A row is (order value, id, *lookups).

    `last` asks for the last page; with the exact `total` it begins where walking forward would begin it.
    """
    backwards = last or before is not None
    wanted = ((total - 1) % size + 1 if total else size) if last else size
    rows = queryset.order_by(*order.fields(backwards=backwards))
    if place := before or after:
        rows = rows.filter(_beyond(order, place, backwards=backwards))
    found = list(rows.values_list(order.column.order, "pk", *lookups)[: wanted + 1])
    more, found = len(found) > wanted, found[:wanted]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    start = _start(len(found), more=more, after=after, before=before, last=last, total=total)
    earlier = more if backwards else after is not None
    later = before is not None if backwards else more
    return Page(
        rows=found,
        previous=_cursor(order, found[0], start) if earlier else None,
        next=_cursor(order, found[-1], start + len(found) - 1 if start else None) if later else None,
        start=start,
    )


def _beyond(order: Order, place: Cursor, *, backwards: bool) -> Any:
    """A row comparison, which one index condition serves."""
    comparison = TupleLessThan if order.descending is not backwards else TupleGreaterThan
    return comparison(Tuple(F(order.column.order), F("id")), (place.value, place.pk))


def _cursor(order: Order, row: tuple[Any, ...], position: int | None) -> Cursor:
    return Cursor(order.key, row[0], row[1], position)


def _start(
    count: int,
    *,
    more: bool,
    after: Cursor | None,
    before: Cursor | None,
    last: bool,
    total: int | None,
) -> int | None:
    if before is not None or last:
        if not more:
            return 1  # the list's beginning is on this page
        if before is not None:
            return before.position - count if before.position and before.position > count else None
        return total - count + 1 if total else None
    if after is None:
        return 1
    return after.position + 1 if after.position else None


@dataclass(frozen=True)
class Total:
    """How many rows match; beyond COUNTED only that there are more."""

    number: int
    exact: bool

    @property
    def known(self) -> int | None:
        return self.number if self.exact else None


def count_up_to(queryset: QuerySet[Any], most: int) -> Total:
    """One query that reads `most` + 1 rows at the most."""
    number = queryset.order_by()[: most + 1].count()
    return Total(min(number, most), number <= most)
