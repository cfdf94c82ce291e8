"""Which rows of a very long operation stay when it is undone, found by what others have written since.

Whatever stays has something that came later: an edit, a contact that was given, a row that uses it. So all that the
operation wrote need not be looked through, only what later writing leads to, which is mostly little.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import Q, Value

from history.holding import above, key_above
from history.models import Operation, TrackedModel
from history.standing import parts_of
from history.staying import keep_what_stays, owners_of, owners_then, referring
from history.traces import Model, Traces, forget, traces_of, written
from tenants.queries import AmongMany

MOST = 50_000  # versions that others wrote since; a request does not wait until more are looked through
# What is done at once is over after a shorter time than this, so what began before has written nothing since.
AT_ONCE = timedelta(hours=1)
Ids = dict[Model, set[int]]


def what_stays(original: Operation) -> list[Traces] | None:
    """The operation's traces with all that can't be taken back, but few of the others; None where others have written
    more than MOST versions of rows since.

    What they tell to be left (`Traces.left`) is what those of all its rows do. The number of queries depends on which
    models it wrote, not on how many rows.
    """
    wrote, parts = written(original), parts_of(original)
    since = _written_since(original, wrote, parts)
    if since is None:
        return None
    ids = {model: _of(original, model, _led_to(model, since)) for model in wrote}
    _add_what_lost(original, ids)
    _add_what_belongs(ids)
    found = traces_of(original, only=ids)
    forget(found, parts)
    keep_what_stays(original, found, since=since)
    return found


def _written_since(original: Operation, wrote: Collection[Model], parts: Collection[Operation]) -> Ids | None:
    """The ids of rows that others may have written since, of the models that the operation wrote and of those that
    refer to them; `parts` are undos that have taken back a part of it, and no others. Two queries."""
    known = [*wrote, *_tracked_users(wrote)]
    by_others = _by_others_since(original, parts)
    queries = [
        model.history.model.objects.filter(those)
        .order_by()
        .values_list(Value(place, output_field=models.IntegerField()), "id")[: MOST + 1]
        for place, model in enumerate(known)
        for those in by_others
    ]
    rows = reduce(lambda one, other: one.union(other, all=True), queries)[: MOST + 1]
    since: Ids = {model: set() for model in known}
    for number, (place, key) in enumerate(rows, 1):
        if number > MOST:
            return None
        since[known[place]].add(key)
    return since


def _tracked_users(wrote: Collection[Model]) -> list[Model]:
    users = {column.model for model in wrote for column in referring(model)}
    return [user for user in users if issubclass(user, TrackedModel) and user not in wrote]


def _by_others_since(original: Operation, parts: Collection[Operation]) -> list[Q]:
    """Conditions for the versions of all operations that began later, and of those earlier ones that were not over
    then; but for `parts`. Two of them: with one, the planner would read all of a company of which it knows nothing. One
    query."""
    at_once = Q(begun_at=None, at__gte=original.at - AT_ONCE)
    long = Q(begun_at__isnull=False) & (Q(ended_at=None) | Q(ended_at__gte=original.at))
    earlier = Operation.objects.filter(at_once | long, pk__lt=original.pk).order_by()
    return [
        Q(operation_id__gt=original.pk) & ~Q(operation_id__in=[undo.pk for undo in parts]),
        Q(AmongMany("operation_id", earlier.values_list("pk", flat=True))),
    ]


def _led_to(model: Model, since: Ids) -> set[int]:
    """The ids of its rows that were written since, or to which such rows refer, or such as have no history."""
    found = set(since[model])
    for column in referring(model):
        users = column.model._base_manager.order_by()
        if column.model in since:
            users = users.filter(AmongMany("pk", since[column.model]))
        found |= _referred_to(column, users)
    return found


def _referred_to(column: Any, rows: models.QuerySet[Any]) -> set[int]:
    return set(rows.exclude(**{column.attname: None}).values_list(column.attname, flat=True).distinct())


def _of(original: Operation, model: Model, ids: set[int]) -> set[int]:
    """Those that the operation wrote."""
    return {key for key, _ in owners_then(original, model, ids)}


def _add_what_lost(original: Operation, ids: Ids) -> None:
    """Add what rows belonged to that are gone, and refer to nothing any longer."""
    for part in ids:
        if part.told_below and above(part) in ids:
            ids[above(part)].update(owner for _, owner in owners_then(original, part, ids[part]))


def _add_what_belongs(ids: Ids) -> None:
    """Add what belongs to rows, and what all of them refer to: in the order in which keep_what_stays() goes from one to
    the other. What the rows belong to is there: they refer to it, and were written since themselves."""
    for owners in reversed(ids):
        parts = [part for part in ids if part.told_below and above(part) is owners]
        for part in parts:
            rows = owners_of(part).filter(AmongMany(key_above(part), ids[owners]))
            ids[part].update(key for key, _ in rows)
        for user in (owners, *parts):
            rows = user.objects.order_by().filter(AmongMany("pk", ids[user]))
            for target in ids:
                for column in referring(target):
                    if column.model is user:
                        ids[target] |= _referred_to(column, rows)
