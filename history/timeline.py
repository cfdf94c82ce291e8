"""What happened to a row and to those below it: operation by operation, each field from old to new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import groupby, pairwise
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.lookups import Exact

from history.models import Operation
from history.standing import through
from history.values import Names, capitalised, names_of, text_of
from tenants.fields import is_computed
from tenants.models import User

PAGE = 25
UNTOLD = frozenset({"id", "tenant", "created_at", "updated_at", "last_operation"})


class AnyOf(Exact):
    """Equal to one of an array's, which is made first: for `IN (SELECT …)` the planner may read the whole table."""

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return f"= ANY {rhs}"


def own_name(version: Any) -> str:
    return str(getattr(version, "name", ""))


@dataclass(frozen=True)
class Followed:
    """Rows whose history is told: those of `model` whose column `key` holds the subject's id.

    A model whose `key` is not the id names it in `told_below` too, so that its history has an index for it.
    """

    model: type[models.Model]
    key: str = "id"
    words: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)  # field → how its values read
    readings: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)  # the same, of a whole version
    name: Callable[[Any], str] = own_name  # how a row is called, of a version of it
    guarded: Mapping[str, str] = field(default_factory=dict)  # field → the permission to read it
    withheld: frozenset[str] = frozenset()  # fields that are not told

    def visible_to(self, user: User) -> Followed:
        """Without what the person may not read."""
        hidden = {name for name, permission in self.guarded.items() if not user.has_perm(permission)}
        return replace(self, withheld=self.withheld | hidden) if hidden else self

    @property
    def history(self) -> type[models.Model]:
        manager = self.model._meta.simple_history_manager_attribute  # type: ignore[attr-defined]
        return getattr(self.model, manager).model  # type: ignore[no-any-return]

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        """The columns that are told."""
        untold = UNTOLD | {self.key} | self.withheld
        columns = self.model._meta.concrete_fields
        return [column for column in columns if column.name not in untold and not is_computed(column)]


@dataclass(frozen=True)
class Change:
    """One field, in words. '' stands for nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """What one operation did to one row. `kind` is what the row is ("Contact"), '' for the subject itself."""

    kind: str
    name: str
    act: str  # "added", "changed" or "deleted"
    changes: list[Change]
    withheld: bool = False  # whether it changed something else, which may not be told


@dataclass(frozen=True)
class Entry:
    operation: Operation
    rows: list[RowChange]
    is_undone: bool = False

    @property
    def began(self) -> bool:
        """Whether the subject is there since then, so that undoing would take it away."""
        return any(not row.kind and row.act == "added" for row in self.rows)


@dataclass(frozen=True)
class Timeline:
    """A page of entries, newest first. `older` is where the next page begins, None at the end."""

    entries: list[Entry]
    older: int | None


@dataclass(frozen=True)
class _Step:
    """A row before and after one operation; None where it did not exist."""

    followed: Followed
    operation_id: int
    before: Any
    after: Any

    @property
    def row(self) -> Any:
        """The row as it was after it; a deleted one as it was before."""
        return self.after or self.before

    def withholds(self) -> bool:
        """Whether it changed something that may not be told."""
        both = self.before is not None and self.after is not None
        names = [self.followed.model._meta.get_field(name).attname for name in self.followed.withheld]  # type: ignore[union-attr]
        return both and any(getattr(self.before, name) != getattr(self.after, name) for name in names)

    def differences(self) -> Iterator[tuple[models.Field[Any, Any], Any, Any]]:
        for column in self.followed.fields:
            old = getattr(self.before, column.attname, None)
            new = getattr(self.after, column.attname, None)
            whole = self.before is None or self.after is None
            if old != new and not (whole and _says_nothing(column, new if self.before is None else old)):
                yield column, old, new


def _says_nothing(column: models.Field[Any, Any], value: Any) -> bool:
    """Whether a new or deleted row's value is the one that every row begins with."""
    return value in (None, "", {}, []) or (isinstance(value, bool) and value == column.get_default())


def timeline(
    followed: Sequence[Followed], subject_id: int, *, before: int | None = None, limit: int = PAGE
) -> Timeline:
    """Entries about the subject, from operations older than `before`. The first of `followed` is the subject.

    One query for the operations, one for each of `followed` that they wrote, one at most for names.
    """
    found = _operations(followed, subject_id, before, limit + 1)
    shown = found[:limit]
    steps = [
        step
        for place, group in enumerate(followed)
        if (wrote := [operation.pk for operation in shown if getattr(operation, f"wrote_{place}")])
        for step in _steps(group, wrote, **{group.key: subject_id})
    ]
    names = _names_in(steps)
    rows = defaultdict(list)
    for step in steps:
        rows[step.operation_id].append(_row_change(step, names, subject=step.followed is followed[0]))
    entries = [Entry(one, rows[one.pk], getattr(one, "was_undone", False)) for one in shown]
    return Timeline(entries, shown[-1].pk if len(found) > limit else None)


def changes_by(operation: Operation, followed: Followed, ids: Collection[int]) -> dict[int, RowChange]:
    """What the operation did to those rows, by their ids. One query, and one at most for names."""
    steps = list(_steps(followed, [operation.pk], id__in=ids))
    names = _names_in(steps)
    return {step.row.id: _row_change(step, names, subject=True) for step in steps}


def _operations(
    followed: Sequence[Followed], subject_id: int, before: int | None, limit: int
) -> list[Operation]:
    """The latest that wrote rows of the subject; `wrote_0`, … on them say of which of `followed`."""
    latest, wrote = [], {}
    for place, group in enumerate(followed):
        rows = group.history._default_manager.order_by().filter(**{group.key: subject_id})
        wrote[f"wrote_{place}"] = Exists(rows.filter(operation_id=OuterRef("pk")))
        if before is not None:
            rows = rows.filter(operation_id__lt=before)
        latest.append(
            rows.order_by("-operation_id").values_list("operation_id", flat=True).distinct()[:limit]
        )
    operations = Operation.objects.select_related("by").filter(pk__in=_union(latest, all=False))
    undone = Exists(through(Operation.objects.filter(undoes=OuterRef("pk"), is_undone=False)))
    return list(operations.annotate(**wrote, was_undone=undone).order_by("-pk")[:limit])


def _steps(followed: Followed, operation_ids: list[int], **of: Any) -> list[_Step]:
    """One query: the rows `of` somebody that those operations wrote, and for each the one before it."""
    history = followed.history._default_manager.order_by()
    wrote = history.filter(operation_id__in=operation_ids, **of)
    preceding = (
        history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
        .order_by("-history_id")
        .values("history_id")[:1]
    )
    ids = ArraySubquery(wrote.annotate(preceding=Subquery(preceding)).values("preceding"))
    previous = history.filter(AnyOf(F("history_id"), ids))
    found: Iterable[Any] = wrote.union(previous, all=True)
    versions = {row.history_id: row for row in found}
    told = set(operation_ids)
    in_order = sorted(versions.values(), key=lambda row: (row.id, row.history_id))
    return [
        step
        for _, rows in groupby(in_order, key=lambda row: row.id)
        for step in _steps_of_row(followed, list(rows))
        if step.operation_id in told
    ]


def _steps_of_row(followed: Followed, versions: list[Any]) -> Iterator[_Step]:
    """Versions of one row in order; those of one operation in a row are one step."""
    runs = [list(run) for _, run in groupby(versions, key=lambda row: row.operation_id)]
    for previous, run in pairwise([[None], *runs]):
        first, last = run[0], run[-1]
        before = previous[-1] if first.history_type != "+" else None
        if last.history_type == "-":
            yield _Step(followed, last.operation_id, before or last, None)
        else:
            unknown = before is None and first.history_type != "+"  # its beginning is no longer kept
            yield _Step(followed, last.operation_id, last if unknown else before, last)


def _names_in(steps: Iterable[_Step]) -> Names:
    """The names of what they refer to. One query at most."""
    return names_of(
        (column.related_model, value)
        for step in steps
        for column, *values in step.differences()
        if column.is_relation
        for value in values
    )


def _row_change(step: _Step, names: Names, *, subject: bool) -> RowChange:
    meta = step.followed.model._meta
    return RowChange(
        kind="" if subject else capitalised(str(meta.verbose_name)),
        name=step.followed.name(step.row),
        act="deleted" if step.after is None else "added" if step.before is None else "changed",
        changes=[
            Change(
                capitalised(str(column.verbose_name)),
                _text(step.followed, column, old, step.before, names),
                _text(step.followed, column, new, step.after, names),
            )
            for column, old, new in step.differences()
        ],
        withheld=step.withholds(),
    )


def _text(followed: Followed, column: models.Field[Any, Any], value: Any, version: Any, names: Names) -> str:
    if value and column.name in followed.readings:
        return followed.readings[column.name](version)
    read = followed.words.get(column.name)
    return read(value) if read and value else text_of(column, value, names)


def _union(queries: Iterable[models.QuerySet[Any, Any]], *, all: bool) -> models.QuerySet[Any, Any]:
    return reduce(lambda left, right: left.union(right, all=all), queries)
