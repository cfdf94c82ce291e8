"""One page of a list by keyset: it starts after (or ends before) a row, never at a number.

Rows that come or go meanwhile move nothing: no row is lost and none is shown twice. A page costs the same at
the end of a million rows as at the start.

How the rows of a page are found depends on how many match (docs/decisions/lists-at-a-million.md):

- all of them: the index of the order is walked;
- few of them, COUNTED at the most: they are gathered by the indexes of what narrows them, and sorted; where no index
  alone counts them, that is one with the counting (`find`);
- many of them: the index of the order is walked as far as WINDOW rows, of which a page will match; if that is not
  so, because the order has to do with what narrows the list, they are gathered all the same.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

from lists.columns import Column

SIZES = (25, 50, 100)
SIZE = 50
COUNTED = 10_000  # totals are exact up to this
WINDOW = 10_000  # how far an order is walked in search of rows that match
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
        value = self.value.isoformat() if isinstance(self.value, datetime) else str(self.value)
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
        if isinstance(converted, int):
            field.run_validators(converted)  # of what the database can hold
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


@dataclass(frozen=True)
class Narrowed:
    """`rows` are those of `all` that match: `total`, as far as that is known. Both are in no order. `found` are the
    ids of the page, where they are known already, the nearest to its place first."""

    rows: QuerySet[Any]
    all: QuerySet[Any]
    total: Total
    found: Sequence[int] | None = None
    window: int = WINDOW


def read_page(
    source: QuerySet[Any] | Narrowed,
    order: Order,
    lookups: Sequence[str | Combinable],
    *,
    size: int,
    after: Cursor | None = None,
    before: Cursor | None = None,
    last: bool = False,
    total: int | None = None,
) -> Page:
    """One page, in one query; of a list that is narrowed, in three at the most. A row is (order value, id, *lookups).

    `last` asks for the last page; with the exact `total` it begins where walking forward would begin it.
    """
    backwards = last or before is not None
    wanted = ((total - 1) % size + 1 if total else size) if last else size
    asked = Asked(order, before or after, backwards, wanted + 1, lookups)
    found = asked.read(source) if isinstance(source, Narrowed) else asked.values(asked.walked(source))
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


@dataclass(frozen=True)
class Asked:
    """The `number` rows of an order from a place on; the nearest to the place come first."""

    order: Order
    place: Cursor | None
    backwards: bool
    number: int
    lookups: Sequence[str | Combinable]

    def read(self, source: Narrowed) -> list[tuple[Any, ...]]:
        if source.found is not None:
            return self.shown(source, source.found[: self.number])
        if source.total.exact:
            return self.shown(source, self.gathered(source.rows).values("pk"))
        end = self._end_of_window(source)
        if end is None:
            return self.shown(source, self.walked(source.rows).values("pk"))
        within = source.rows.filter(_beyond(self.order, end, backwards=not self.backwards))
        found = self.shown(source, self.walked(within).values("pk"))
        if len(found) == self.number:
            return found
        return self.shown(source, self.gathered(source.rows).values("pk"))

    def walked(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """In an order that an index has."""
        return self._from_here(rows).order_by(*self.order.fields(backwards=self.backwards))[: self.number]

    def gathered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """In the same order, which the database can't tell that an index has: it has to take what narrows the rows."""
        value = Coalesce(self.order.column.order, self.order.column.order)
        by_value, by_id = (value, F("id"))
        if self.order.descending is not self.backwards:
            return self._from_here(rows).order_by(by_value.desc(), by_id.desc())[: self.number]
        return self._from_here(rows).order_by(by_value, by_id)[: self.number]

    def shown(self, source: Narrowed, ids: QuerySet[Any] | Sequence[int]) -> list[tuple[Any, ...]]:
        """What is shown of them is read when they are found: nothing is joined to rows that are sorted away."""
        found = source.all.filter(pk__in=ids)
        return self.values(found.order_by(*self.order.fields(backwards=self.backwards)))

    def values(self, rows: QuerySet[Any]) -> list[tuple[Any, ...]]:
        return list(rows.values_list(self.order.column.order, "pk", *self.lookups))

    def _from_here(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(_beyond(self.order, self.place, backwards=self.backwards)) if self.place else rows

    def _end_of_window(self, source: Narrowed) -> Cursor | None:
        """The first row beyond the window; None where it holds all that are left. Read from the index alone."""
        ordered = self._from_here(source.all).order_by(*self.order.fields(backwards=self.backwards))
        found = ordered.values_list(self.order.column.order, "pk")[source.window : source.window + 1].first()
        return Cursor(self.order.key, *found) if found else None


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


FIND = """WITH found (id, value) AS MATERIALIZED ({rows})
SELECT (SELECT count(*) FROM found), ARRAY(
    SELECT id FROM found {beyond} ORDER BY value {direction}, id {direction} LIMIT {number}
)
"""


def find(
    rows: QuerySet[Any],
    order: Order,
    *,
    size: int,
    after: Cursor | None = None,
    before: Cursor | None = None,
    last: bool = False,
    most: int,
) -> tuple[Total, list[int] | None]:
    """How many match, and the ids of a page of them and one more, as Narrowed takes them; None where more than
    `most` match. One query, which looks for them once."""
    backwards, place = last or before is not None, before or after
    descending = order.descending is not backwards
    matching, values = (
        rows.order_by()[: most + 1].values_list("pk", order.column.order).query.sql_with_params()
    )
    statement = FIND.format(
        rows=matching,
        beyond=f"WHERE (value, id) {'<' if descending else '>'} (%s, %s)" if place else "",
        direction="DESC" if descending else "ASC",
        number=size + 1,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *((place.value, place.pk) if place else ())])
        number, ids = cursor.fetchone()
    exact = number <= most
    return Total(min(number, most), exact), ids if exact else None
