"""What an operation did to which rows, and whether somebody touched them since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, reduce
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.utils import timezone
from django.utils.formats import date_format

from history.models import Operation, TrackedModel
from history.values import capitalised
from tenants.models import User

Model = type[TrackedModel]


@dataclass(frozen=True, slots=True)
class Trace:
    """What one operation did to one row.

    `before` is the row's version before it (a history_id), None where none is known; `touched` the latest
    operation by which another one wrote the row since, None for nobody, and `fate` what that did: '+', '~' or '-'.
    """

    id: int
    before: int | None
    touched: int | None = None
    fate: str = ""
    deleted: bool = False

    @property
    def deed(self) -> str:
        """What was done to the row since."""
        if self.fate == "-":
            return "deleted again" if self.deleted else "deleted since"
        return "brought back since" if self.deleted or self.fate == "+" else "edited since"


@dataclass
class Traces:
    """What one operation did to the rows of one model."""

    model: Model
    added: list[Trace] = field(default_factory=list)
    changed: list[Trace] = field(default_factory=list)
    deleted: list[Trace] = field(default_factory=list)

    @property
    def touched(self) -> list[Trace]:
        """Those that can't be taken back, for somebody touched them since. What is added and gone is no matter."""
        added = [trace for trace in self.added if trace.fate != "-"]
        return [trace for trace in (*added, *self.changed, *self.deleted) if trace.touched]

    def permissions(self, *, own: bool) -> set[str]:
        """What one needs to take all of it back: what one needed to do it, for those who did (`own`)."""
        app, name = self.model._meta.app_label, self.model._meta.model_name
        restore = f"restore_{name}"
        guarded = any(codename == restore for codename, _ in self.model._meta.permissions)
        needed = {
            "delete" if not own else "add": self.added,
            "change": self.changed,
        }
        found = {f"{app}.{action}_{name}" for action, traces in needed.items() if traces}
        if self.deleted:
            action = restore if guarded else f"{'delete' if own else 'add'}_{name}"
            found.add(f"{app}.{action}")
        return found

    def in_words(self) -> Iterator[str]:
        """What taking it back comes to: "2 customers go back to what they were"."""
        for traces, one, many in (
            (self.deleted, "is brought back", "are brought back"),
            (self.changed, "goes back to what it was", "go back to what they were"),
            (self.added, "is deleted", "are deleted"),
        ):
            if number := len(untouched(traces)):
                yield f"{counted(self.model, number)} {one if number == 1 else many}"


@dataclass(frozen=True)
class Kept:
    """A row that stayed as it is. `by` and `at` say who touched it since, and when, if that is why."""

    model: Model
    id: int
    name: str
    reason: str
    by: User | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.reason})"


def untouched(traces: Iterable[Trace]) -> list[Trace]:
    return [trace for trace in traces if not trace.touched]


def counted(model: type[models.Model], number: int) -> str:
    meta = model._meta
    return f"{number:,} {meta.verbose_name if number == 1 else meta.verbose_name_plural}"


@cache
def parents_first() -> list[Model]:
    """Every tracked model, after those that its rows refer to."""
    tracked = [model for model in apps.get_models() if issubclass(model, TrackedModel)]
    order: TopologicalSorter[Model] = TopologicalSorter()
    for model in tracked:
        targets = {column.related_model for column in model._meta.concrete_fields if column.is_relation}
        order.add(model, *(target for target in tracked if target in targets and target is not model))
    return list(order.static_order())


def traces_of(operation: Operation) -> list[Traces]:
    """What the operation did, model by model, parents first. One query, and one for each model it wrote."""
    return [_traces(model, operation) for model in _written(operation)]


def _written(operation: Operation) -> list[Model]:
    """The models with rows in the operation. One query, of the indexes only."""
    known = parents_first()
    queries = [
        model.history.model.objects.filter(operation_id=operation.pk)
        .order_by()
        .values_list(Value(place, output_field=models.IntegerField()))[:1]
        for place, model in enumerate(known)
    ]
    found = reduce(lambda one, other: one.union(other, all=True), queries)
    return [known[place] for place in sorted(place for (place,) in found)]


def _traces(model: Model, operation: Operation) -> Traces:
    history = model.history.model.objects.order_by()
    of_row = history.filter(id=OuterRef("id"))
    later = of_row.filter(history_id__gt=OuterRef("history_id")).order_by("-history_id")
    earlier = of_row.filter(history_id__lt=OuterRef("history_id")).order_by("-history_id")
    own, others = later.filter(operation_id=operation.pk), later.exclude(operation_id=operation.pk)
    rows = (
        history.filter(operation_id=operation.pk)
        .order_by("id", "history_id")
        .distinct("id")
        .annotate(
            ended=Subquery(own.values("history_type")[:1]),
            before=Subquery(earlier.values("history_id")[:1]),
            touched=Subquery(others.values("operation_id")[:1]),
            fate=Subquery(others.values("history_type")[:1]),
        )
        .values_list("id", "history_id", "history_type", "ended", "before", "touched", "fate")
    )
    found = Traces(model)
    for key, version, began, ended, before, touched, fate in rows:
        was_there, is_there = began != "+", (ended or began) != "-"
        if began == "-" and before is None:
            before = version  # a deleted row's last version tells what it was
        trace = Trace(key, before, touched, fate or "", deleted=was_there and not is_there)
        if was_there and is_there:
            found.changed.append(trace)
        elif was_there:
            found.deleted.append(trace)
        elif is_there:
            found.added.append(trace)
    return found


def kept_for_others(found: Iterable[Traces]) -> list[Kept]:
    """The rows that somebody touched since, with who and when."""
    touched = [(part, trace) for part in found for trace in part.touched]
    if not touched:
        return []
    operations = Operation.objects.select_related("by").in_bulk({trace.touched for _, trace in touched})
    names = called((part.model, trace.id) for part, trace in touched)
    return [
        kept_for(operations[trace.touched], part.model, trace.id, names[part.model, trace.id], trace.deed)
        for part, trace in touched
        if trace.touched
    ]


def kept_for(operation: Operation, model: Model, key: int, name: str, deed: str = "edited since") -> Kept:
    who = operation.by.name if operation.by else "Clientele"
    when = date_format(timezone.localtime(operation.at), "DATETIME_FORMAT")
    return Kept(model, key, name, f"{deed} by {who}, {when}", operation.by, operation.at)


def called(rows: Iterable[tuple[Model, int]]) -> dict[tuple[Model, int], str]:
    """How those rows are called, by (model, id); gone ones as they were last. Two queries for each model."""
    wanted: dict[Model, set[int]] = defaultdict(set)
    for model, key in rows:
        wanted[model].add(key)
    return {(model, key): name for model, keys in wanted.items() for key, name in _names(model, keys)}


def _names(model: Model, keys: set[int]) -> Iterator[tuple[int, str]]:
    live: dict[int, Any] = model.objects.in_bulk(keys)
    gone = _last_versions(model, keys - live.keys()) if len(live) < len(keys) else {}
    for key, row in (live | gone).items():
        yield key, str(row) or f"{capitalised(str(model._meta.verbose_name))} {key}"


def _last_versions(model: Model, keys: set[int]) -> dict[int, TrackedModel]:
    history = model.history.model
    versions = history.objects.filter(id__in=keys).order_by("id", "-history_id").distinct("id")
    return {version.id: as_it_was(version) for version in versions}


def as_it_was(version: Any) -> Any:
    """The row of which this is a version, not saved; what can be computed is left out."""
    columns = [column.attname for column in version.tracked_fields]
    return version.instance_type(**{name: getattr(version, name) for name in columns})
