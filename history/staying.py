"""What stays when an operation is undone though nobody touched it: what others use, and what it was added with.

An imported customer whom somebody edited keeps its contact and its address, and one whose contact was edited, or to
whom somebody gave another one, stays with all that came with it.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import QuerySet

from history.holding import above, key_above
from history.models import Operation, TrackedModel
from history.records import HistoryRow
from history.trace_lists import Trace, TraceList
from history.traces import AT_A_TIME, Model, Traces, counted
from tenants.queries import AmongMany

Since = Mapping[
    Model, Collection[int]
]  # the ids of rows that others may have written since, of every model that matters
Users = dict[int, list[str]]  # a row's id → what other rows refer to it, in words


def keep_what_stays(original: Operation, found: Sequence[Traces], *, since: Since | None = None) -> None:
    """Of the traces that are told to be taken back, take what has to stay. `since` are the rows that others may have
    written since, where it is known.

    Rows that refer to others are looked at first, for what stays uses what it refers to. A query for each ten thousand
    added rows and each model that may refer to them; two more for each model of which rows stay together.
    """
    by_model = {part.model: part for part in found}
    # What stays as the operation left it.
    unwritten: dict[Model, array[int]] = defaultdict(lambda: array("q"))
    for owners in reversed(found):
        parts = below(owners, found)
        _keep_with_edited(original, owners, parts, unwritten)
        used = _keep_used(original, owners, by_model, unwritten, since)
        for part in parts if used else ():
            _keep_with_used(owners, part, used, unwritten)


def below(owners: Traces, found: Sequence[Traces]) -> list[Traces]:
    """What belongs to such rows."""
    return [part for part in found if part.model.told_below and above(part.model) is owners.model]


# What was added together with what somebody edited since


def _keep_with_edited(
    original: Operation, owners: Traces, parts: Sequence[Traces], unwritten: dict[Model, array[int]]
) -> None:
    """Counts as edited, too; so does what has lost to somebody what came with it. One query for each model of which
    added rows were edited, one for each of which some were deleted, and one for each whose rows stay with others."""
    owner_name = owners.model._meta.verbose_name
    # By owner: what was edited, and how it is called by the owner and by what else belongs to it.
    touched = {
        trace.id: (trace, "", f"its {owner_name}")
        for trace in owners.added.written_since()
        if not trace.is_gone
    }
    for part in parts:
        written = list(part.added.written_since())
        own = {trace.id: trace for trace in written if not trace.is_gone}
        gone = {trace.id: trace for trace in written if trace.is_gone}
        name = part.model._meta.verbose_name
        words = f"its {name}", f"{_a(str(name))} of its {owner_name}"
        for key, owner in owners_of(part.model).filter(AmongMany("pk", own)) if own else ():
            touched.setdefault(owner, (own[key], *words))
        for key, owner in owners_then(original, part.model, gone) if gone else ():
            touched.setdefault(owner, (gone[key], *words))
    if not parts or not touched:
        return
    added = {trace.id for trace in owners.added if trace.id in touched}
    kept = {key: found for key, found in touched.items() if key in added}
    _touch(owners, {key: (trace, words) for key, (trace, words, _) in kept.items()}, unwritten)
    for part in parts:
        rows = owners_of(part.model).filter(AmongMany(key_above(part.model), kept))
        _touch(part, {key: (kept[owner][0], kept[owner][2]) for key, owner in rows}, unwritten)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _touch(part: Traces, why: Mapping[int, tuple[Trace, str]], unwritten: dict[Model, array[int]]) -> None:
    """Those in `why` are touched as what they belong together with is, which is called so."""
    traces = TraceList()
    for trace in part.added:
        if trace.id in why and not trace.touched:
            unwritten[part.model].append(trace.id)
            other, through = why[trace.id]
            trace = replace(trace, touched=other.touched, fate=other.fate, last=None, through=through)
        traces.append(trace)
    part.added = traces


def owners_then(original: Operation, model: Model, ids: Collection[int]) -> QuerySet[Any, Any]:
    """The same of rows as the operation wrote them, which may be gone."""
    versions: QuerySet[Any, Any] = model.history.model.objects.order_by()
    wrote = versions.filter(AmongMany("id", ids), operation_id=original.pk)
    return wrote.values_list("id", key_above(model))


def owners_of(model: Model) -> QuerySet[Any, Any]:
    """Of its rows the ids, and those of what they belong to."""
    return model.objects.order_by().values_list("pk", key_above(model))


# What others use


def _keep_used(
    original: Operation,
    part: Traces,
    by_model: Mapping[Model, Traces],
    unwritten: dict[Model, array[int]],
    since: Since | None,
) -> list[int]:
    """Keep those that rows refer to which stay themselves; answers their ids."""
    columns = referring(part.model)
    staying = {
        column: _uses(original, column, unwritten[column.model])
        for column in columns
        if column.model in unwritten
    }
    reasons: dict[int, str] = {}
    for at in range(0, len(part.added) if columns else 0, AT_A_TIME):
        ids = part.added.untouched_ids(at, at + AT_A_TIME)
        used: Users = defaultdict(list)
        for column in columns:
            numbers = Counter(_used_by_others(original, column, ids, by_model.get(column.model), since))
            for key in ids if column in staying else ():
                numbers[key] += staying[column][key]
            tell(used, column.model, numbers)
        reasons |= in_words(used)
    _let_stay(part, reasons, unwritten)
    return list(reasons)


def _used_by_others(
    original: Operation, column: Any, ids: list[int], part: Traces | None, since: Since | None
) -> Iterator[int]:
    """To which of those ids rows refer, again and again, that the operation wasn't the last to write."""
    if not ids:
        return
    users = column.model._base_manager.order_by().filter(AmongMany(column.attname, ids))
    if not issubclass(column.model, TrackedModel):
        yield from users.values_list(column.attname, flat=True)
        return
    if since is not None:
        users = users.filter(AmongMany("pk", since[column.model]))
    rows = users.exclude(last_operation_id=original.pk).values_list("pk", column.attname)
    yield from (key for pk, key in rows if part is None or not _goes_back(part, pk))


def _goes_back(part: Traces, pk: int) -> bool:
    """Whether that row is taken back as well, though it was written since: all of that was undone."""
    traces = (part.added.of(pk), part.changed.of(pk))
    return any(trace is not None and not trace.touched for trace in traces)


def _uses(original: Operation, column: Any, ids: Sequence[int]) -> Counter[int]:
    """How many of those rows, that the operation was the last to write, refer to which."""
    numbers: Counter[int] = Counter()
    for at in range(0, len(ids), AT_A_TIME):
        users = column.model._base_manager.order_by().filter(AmongMany("pk", ids[at : at + AT_A_TIME]))
        users = users.filter(last_operation_id=original.pk)
        numbers.update(users.values_list(column.attname, flat=True))
    return numbers


def _keep_with_used(
    owners: Traces, part: Traces, used: Collection[int], unwritten: dict[Model, array[int]]
) -> None:
    """What was added with them stays with them. One query."""
    reason = stays_with(owners.model)
    rows = owners_of(part.model).filter(AmongMany(key_above(part.model), used))
    with_used = {key for key, _ in rows}
    added = (trace.id for trace in part.added if trace.id in with_used and not trace.touched)
    _let_stay(part, dict.fromkeys(added, reason), unwritten)


def stays_with(owner: Model) -> str:
    return f"stays with its {owner._meta.verbose_name}"


def _let_stay(part: Traces, reasons: Mapping[int, str], unwritten: dict[Model, array[int]]) -> None:
    if not reasons:
        return
    part.added = TraceList(trace for trace in part.added if trace.id not in reasons)
    unwritten[part.model].extend(reasons)
    for key, reason in reasons.items():
        part.staying.setdefault(reason, array("q")).append(key)


# In general


def referring(model: Model) -> list[Any]:
    """The columns by which rows refer to rows of the model."""
    relations = model._meta.get_fields(include_hidden=True)
    columns = [relation.field for relation in relations if isinstance(relation, models.ManyToOneRel)]
    return [column for column in columns if not issubclass(column.model, HistoryRow)]


def users_of(model: Model, ids: list[int], *, but: Collection[Model] = ()) -> dict[int, str]:
    """Id → what other rows refer to it now, in words, without those of some models. One query for each model that
    may."""
    used: Users = defaultdict(list)
    for column in referring(model) if ids else ():
        if column.model not in but:
            users = column.model._base_manager.order_by().filter(AmongMany(column.attname, ids))
            tell(used, column.model, Counter(users.values_list(column.attname, flat=True)))
    return in_words(used)


def tell(used: Users, model: type[models.Model], numbers: Mapping[int, int]) -> None:
    for key, number in numbers.items():
        if number:
            used[key].append(counted(model, number))


def in_words(used: Users) -> dict[int, str]:
    return {key: f"still used by {' and '.join(users)}" for key, users in used.items()}
