"""The rows of one operation, a part at a time: those that it wrote, with what it changed of them, and those that an
undo left as they were. All of them can be looked through, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from history.holding import above, key_above
from history.models import KeptRow, Operation, TrackedModel
from history.timeline import Followed, RowChange, changes_by
from history.traces import (
    Model,
    as_they_were_last,
    called_by_number,
    called_row,
    counted,
    parents_first,
    told,
    written,
)
from tenants.fields import fold
from tenants.models import User
from tenants.views import read_number

PART = 50  # rows
COUNTED = 10_000  # so many rows are counted


@dataclass(frozen=True)
class Part:
    """Rows by their keys, in order, and what the addresses of the parts beside it say: '' where there is none."""

    keys: list[int]
    previous: str = ""
    next: str = ""


def part_of(rows: QuerySet[Any, Any], key: str, query: Mapping[str, str]) -> Part:
    """The part of `rows` that an address asks for: `after` one of them or `before` one, else the first. Where nothing
    is there, the first. One query, which reads no more rows than it shows."""
    after, before = read_number(query.get("after", "")), read_number(query.get("before", ""))
    keys = rows.order_by(key).values_list(key, flat=True).distinct()
    if before:
        found = list(keys.filter(**{f"{key}__lt": before}).order_by(f"-{key}")[: PART + 1])
        shown = found[:PART][::-1]
        before_it = f"before={shown[0]}" if len(found) > PART else ""
        part = Part(shown, before_it, f"after={shown[-1]}") if shown else Part([])
    else:
        found = list((keys.filter(**{f"{key}__gt": after}) if after else keys)[: PART + 1])
        shown = found[:PART]
        before_it = f"before={shown[0]}" if after and shown else ""
        part = Part(shown, before_it, f"after={shown[-1]}" if len(found) > PART else "")
    return part if part.keys or not (after or before) else part_of(rows, key, {})


@dataclass(frozen=True)
class Row:
    """How a row is called, its page ('' where there is none), and what was done to it where that may be told."""

    name: str
    address: str
    change: RowChange | None = None


@dataclass(frozen=True)
class Rows:
    """Rows of one kind that an operation wrote: how many, in words, and some of them. `more`: there are others, and
    how many where that is known."""

    kind: str
    words: str
    part: Part
    shown: list[Row]
    more: str = ""


def first_rows(operation: Operation) -> Iterator[Rows]:
    """Those it wrote, kind by kind, some of each and by their names. Three queries for each kind, or four."""
    for model in written(operation):
        part = part_of(_rows_of(operation, model), "id", {})
        shown = sorted(_named(model, part.keys).values(), key=lambda row: (fold(row.name), row.name))
        yield _rows(operation, model, part, shown)


def kind_of(operation: Operation, query: Mapping[str, str]) -> Model | None:
    """The kind of rows that an address asks for: `kind`, else the first. None where it wrote none. One query."""
    found = written(operation)
    wanted = query.get("kind", "")
    return next((model for model in found if wanted in ("", model._meta.label_lower)), None)


def rows_with_changes(operation: Operation, model: Model, user: User, query: Mapping[str, str]) -> Rows:
    """A part of the rows of one kind. Three queries, and three more at most for their names and what was changed."""
    part = part_of(_rows_of(operation, model), "id", query)
    followed = _followed(model, user)
    changes = changes_by(operation, followed, part.keys) if followed else {}
    named = _named(model, part.keys)
    shown = [Row(named[key].name, named[key].address, changes.get(key)) for key in part.keys if key in named]
    return _rows(operation, model, part, shown)


@dataclass(frozen=True)
class KeptPart:
    """Rows that an undo left as they were, each with the reason."""

    part: Part
    shown: list[tuple[Row, str]]


def kept_rows(undo: Operation, query: Mapping[str, str]) -> KeptPart:
    """A part of them, as was decided then. Two queries, and two at most for each kind of row among them.

    Undos of before there were such rows have told of the first ones by their names.
    """
    rows = KeptRow.objects.filter(operation=undo)
    part = part_of(rows, "place", query)
    if not part.keys:
        early = undo.counts.get("kept_rows", [])
        return KeptPart(part, [(Row(name, ""), reason) for name, reason in early])
    models = {model._meta.label_lower: model for model in parents_first()}
    kept = [
        (models[row.model], row)
        for row in rows.filter(place__in=part.keys).select_related("touched__by").order_by("place")
        if row.model in models
    ]
    ids: dict[Model, list[int]] = defaultdict(list)
    for model, row in kept:
        ids[model].append(row.row)
    named = {model: _named(model, keys) for model, keys in ids.items()}
    shown = [
        (
            named[model].get(row.row) or Row(called_by_number(model, row.row), ""),
            told(row.reason, row.touched) if row.touched else row.reason,
        )
        for model, row in kept
    ]
    return KeptPart(part, shown)


def _rows_of(operation: Operation, model: Model) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = model.history.model.objects.filter(operation_id=operation.pk).order_by()
    return rows


def _rows(operation: Operation, model: Model, part: Part, shown: list[Row]) -> Rows:
    kind = model._meta.label_lower
    number = _rows_of(operation, model).values("id").distinct()[: COUNTED + 1].count()
    if number > COUNTED:
        return Rows(kind, f"More than {counted(model, COUNTED)}", part, shown, "many more")
    left = number - len(shown)
    return Rows(kind, counted(model, number), part, shown, f"{left:,} more" if left else "")


def _named(model: Model, keys: list[int]) -> dict[int, Row]:
    """Those rows by their ids; gone ones as they were called last. A query, or two."""
    rows = as_they_were_last(model, set(keys))
    return {key: Row(called_row(row), page_of(row)) for key, row in rows.items()}


def page_of(row: TrackedModel) -> str:
    """The page of a row, or of the one it belongs to; '' where there is none, or the row is gone."""
    if row._state.adding:
        return ""
    owner: Any = above(type(row))
    shown = owner(pk=getattr(row, key_above(type(row)))) if row.told_below else row
    return str(shown.get_absolute_url()) if hasattr(shown, "get_absolute_url") else ""


def _followed(model: Model, user: User) -> Followed | None:
    """How changes of such rows are told to the person, as a customer's timeline tells them; None where they are not."""
    declared: list[Followed] = [import_string(path) for path in settings.CUSTOMER_HISTORY]
    return next((one.visible_to(user) for one in declared if one.model is model), None)
