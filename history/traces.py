"""What an operation did to which rows, and whether somebody touched them since."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, reduce
from graphlib import TopologicalSorter
from itertools import chain, groupby, islice
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, OuterRef, Subquery, Value, Window
from django.db.models.functions import FirstValue
from django.utils import timezone
from django.utils.formats import date_format

from history.models import Operation, TrackedModel
from history.trace_lists import Trace, TraceList
from history.values import capitalised
from tenants.models import User
from tenants.queries import AmongMany

Model = type[TrackedModel]
# A row's model, its id, by which operation somebody wrote it meanwhile, and the reason: see KeptRow.
Left = tuple[Model, int, int | None, str]
AT_A_TIME = 10_000  # rows that are read of the history


@dataclass
class Traces:
    """What one operation did to the rows of one model. `staying` are the ids of those that it added and that stay
    though nobody touched them, by the reason."""

    model: Model
    added: TraceList = field(default_factory=TraceList)
    changed: TraceList = field(default_factory=TraceList)
    deleted: TraceList = field(default_factory=TraceList)
    staying: dict[str, array[int]] = field(default_factory=dict)

    def forget(self, operations: Collection[int]) -> None:
        """Leave out what those operations were the last to touch since."""
        self.added, self.changed, self.deleted = (
            TraceList(one for one in traces if one.touched not in operations)
            for traces in (self.added, self.changed, self.deleted)
        )

    def touched(self) -> Iterator[Trace]:
        """Those that can't be taken back, for somebody touched them since. What is added and gone is no matter."""
        added = (trace for trace in self.added if not trace.is_gone)
        return (trace for trace in chain(added, self.changed, self.deleted) if trace.touched)

    def left(self) -> Iterator[Left]:
        """All that can't be taken back: what somebody touched since, and what stays for the sake of others."""
        for trace in self.touched():
            yield self.model, trace.id, trace.touched, trace.deed
        for reason, ids in self.staying.items():
            for key in ids:
                yield self.model, key, None, reason

    def permissions(self, *, own: bool) -> set[str]:
        """What one needs to take all of it back: what one needed to do it, for those who did (`own`). Of several rows
        of a model with a permission `bulk_edit_…` that one too."""
        app, name = self.model._meta.app_label, self.model._meta.model_name
        declared = {codename for codename, _ in self.model._meta.permissions}
        restore, bulk = f"restore_{name}", f"bulk_edit_{name}"
        needed = {
            "delete" if not own else "add": self.added,
            "change": self.changed,
        }
        found = {f"{app}.{action}_{name}" for action, traces in needed.items() if traces}
        if self.deleted:
            action = f"delete_{name}" if own else restore if restore in declared else f"add_{name}"
            found.add(f"{app}.{action}")
        if bulk in declared and len(self.added) + len(self.changed) + len(self.deleted) > 1:
            found.add(f"{app}.{bulk}")
        return found

    def in_words(self) -> Iterator[str]:
        """What taking it back comes to: "2 customers go back to what they were"."""
        for traces, one, many in (
            (self.deleted, "is brought back", "are brought back"),
            (self.changed, "goes back to what it was", "go back to what they were"),
            (self.added, "is deleted", "are deleted"),
        ):
            if number := len(traces.untouched()):
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


def traces_of(
    operation: Operation, *, sample: int | None = None, only: Mapping[Model, Collection[int]] | None = None
) -> list[Traces]:
    """What the operation did, model by model, parents first. One query, and one for each model it wrote; more where
    somebody touched rows since, see _but_undone. What stays for the sake of other rows is told by history/staying.py.

    With `sample`, of so many rows of each model at the most, whichever they are, and without looking whether what
    touched them was undone. With `only`, of the rows with those ids, and of no other models.
    """
    if only is not None:
        return [_traces(model, operation, only=ids) for model, ids in only.items()]
    return [_traces(model, operation, sample=sample) for model in written(operation)]


def forget(found: Iterable[Traces], undos: Iterable[Operation]) -> None:
    """Leave out what those have taken back."""
    if done := {undo.pk for undo in undos}:
        for part in found:
            part.forget(done)


def rows_of(operation: Operation, most: int) -> int:
    """How many versions of rows it wrote, counted up to `most` + 1 of each model. Two queries or more."""
    return sum(
        model.history.model.objects.filter(operation_id=operation.pk).order_by()[: most + 1].count()
        for model in written(operation)
    )


def numbers_of(operation: Operation) -> Counter[Model]:
    """How many rows of each model it wrote, parents first. Two queries or more, of the indexes only: of a million rows
    each takes 0.2 s."""
    return Counter(
        {
            model: model.history.model.objects.filter(operation_id=operation.pk)
            .order_by()
            .aggregate(rows=Count("id", distinct=True))["rows"]
            for model in written(operation)
        }
    )


def written(operation: Operation) -> list[Model]:
    """The models of which the operation wrote rows, parents first. One query, of the indexes only."""
    known = parents_first()
    queries = [
        model.history.model.objects.filter(operation_id=operation.pk)
        .order_by()
        .values_list(Value(place, output_field=models.IntegerField()))[:1]
        for place, model in enumerate(known)
    ]
    found = reduce(lambda one, other: one.union(other, all=True), queries)
    return [known[place] for place in sorted(place for (place,) in found)]


def _traces(
    model: Model, operation: Operation, *, sample: int | None = None, only: Collection[int] | None = None
) -> Traces:
    history = model.history.model.objects.order_by()
    wrote = history.filter(operation_id=operation.pk)
    if only is not None:
        wrote = wrote.filter(AmongMany("id", only))
    if sample is not None:
        wrote = history.filter(history_id__in=wrote.values("history_id")[:sample])
    of_row = history.filter(id=OuterRef("id"))
    later = of_row.filter(history_id__gt=OuterRef("history_id")).order_by("-history_id")
    earlier = of_row.filter(history_id__lt=OuterRef("history_id")).order_by("-history_id")
    others = later.exclude(operation_id=operation.pk)
    # A window, not a query for each row: the planner would look for each among all that the operation wrote.
    ended = Window(FirstValue("history_type"), partition_by="id", order_by="-history_id")
    rows = (
        wrote.order_by("id", "history_id")
        .distinct("id")
        .annotate(
            ended=ended,
            before=Subquery(earlier.values("history_id")[:1]),
            touched=Subquery(others.values("operation_id")[:1]),
            fate=Subquery(others.values("history_type")[:1]),
        )
        .values_list("id", "history_id", "history_type", "ended", "before", "touched", "fate")
    )
    found = Traces(model)
    touched_by: set[int] = set()
    read = rows if sample is not None else rows.iterator(chunk_size=AT_A_TIME)
    for key, version, began, ended, before, touched, fate in read:
        was_there, is_there = began != "+", ended != "-"
        if began == "-" and before is None:
            before = version  # a deleted row's last version tells what it was
        trace = Trace(key, before, touched, fate or "", deleted=was_there and not is_there)
        if was_there and is_there:
            found.changed.append(trace)
        elif was_there:
            found.deleted.append(trace)
        elif is_there:
            found.added.append(trace)
        if touched:
            touched_by.add(touched)
    if sample is None and touched_by:
        _but_undone(found, operation, touched_by)
    return found


def _but_undone(found: Traces, operation: Operation, touched_by: set[int]) -> None:
    """Rows count as untouched where everything that was done to them since was undone.

    Only where an undo of something else was last can that be. One query tells which do, and two or three more for
    each ten thousand traces with such rows among them.
    """
    undoes = _undoes(touched_by)
    undos = {key for key, undone in undoes.items() if undone and undone != operation.pk}
    if undos:
        found.added, found.changed, found.deleted = (
            TraceList(_looked_through(found.model, operation, traces, undos, undoes))
            for traces in (found.added, found.changed, found.deleted)
        )


Undoes = dict[int, int | None]  # an operation → the one that it undoes


def _undoes(operations: Iterable[int]) -> Undoes:
    return dict(Operation.objects.filter(pk__in=set(operations)).order_by().values_list("pk", "undoes_id"))


def _looked_through(
    model: Model, operation: Operation, traces: TraceList, undos: set[int], undoes: Undoes
) -> Iterator[Trace]:
    """The traces; of those that one of `undos` touched last, by what it left undone. `undoes` is added to."""
    for at in range(0, len(traces), AT_A_TIME):
        some = traces[at : at + AT_A_TIME]
        asked = [trace.id for trace in some if trace.touched in undos]
        since = _since(model, operation, asked) if asked else {}
        wrote = {version.operation for versions in since.values() for version in versions}
        if unknown := wrote - undoes.keys():
            undoes.update(_undoes(unknown))
        for trace in some:
            yield _reduced(trace, operation.pk, since[trace.id], undoes) if trace.id in since else trace


@dataclass(frozen=True, slots=True)
class _Written:
    operation: int
    deed: str  # '+', '~' or '-'


def _since(model: Model, operation: Operation, keys: list[int]) -> dict[int, list[_Written]]:
    """Who wrote those rows since the operation began with them, and what they did, in order. One query.

    It reads the rows' whole history: which of it came later would have to be asked row by row.
    """
    versions = model.history.model.objects.filter(AmongMany("id", keys)).order_by("id", "history_id")
    rows = versions.values_list("id", "operation_id", "history_type").iterator(chunk_size=AT_A_TIME)
    found: dict[int, list[_Written]] = {}
    for key, by, deed in rows:
        if key in found:
            found[key].append(_Written(by, deed))
        elif by == operation.pk:
            found[key] = [_Written(by, deed)]
    return found


def _reduced(trace: Trace, operation: int, since: list[_Written], undoes: Undoes) -> Trace:
    """The trace, by what is left of it where what was undone counts as if it had never been.

    An undo wrote the row only where nothing else was left of what came after the undone operation; so it has brought
    back what was there before that one, whoever had written that.
    """
    stands = operation  # whose the row is
    before: dict[int, int] = {}  # an operation → whose it was before
    deeds: dict[int, str] = {}
    for by, versions in groupby(since, key=lambda version: version.operation):
        deeds[by] = list(versions)[-1].deed
        if by != operation:
            before.setdefault(by, stands)
            stands = before.get(undoes[by] or 0, by)
    if stands != operation:
        return replace(trace, touched=stands, fate=deeds[stands])
    return replace(trace, touched=None, fate="", last=since[-1].operation)


def number_left(found: Iterable[Traces]) -> int:
    """How many rows can't be taken back."""
    return sum(1 for part in found for _ in part.left())


def kept_for_others(found: Iterable[Traces], start: int = 0, stop: int | None = None) -> list[Kept]:
    """The rows that can't be taken back, with who touched them since and when; all, or those from one place to
    another."""
    left = list(islice((row for part in found for row in part.left()), start, stop))
    if not left:
        return []
    operations = Operation.objects.select_related("by").in_bulk(
        {touched for *_, touched, _ in left if touched}
    )
    names = called((model, key) for model, key, *_ in left)
    return [
        kept_for(operations[touched], model, key, names[model, key], why)
        if touched
        else Kept(model, key, names[model, key], why)
        for model, key, touched, why in left
    ]


def kept_for(operation: Operation, model: Model, key: int, name: str, deed: str = "edited since") -> Kept:
    return Kept(model, key, name, told(deed, operation), operation.by, operation.at)


def told(deed: str, operation: Operation) -> str:
    """ "edited since by Agent, 2 May 2026, 14:05" """
    who = operation.by.name if operation.by else "Clientele"
    when = date_format(timezone.localtime(operation.at), "DATETIME_FORMAT")
    return f"{deed} by {who}, {when}"


def called(rows: Iterable[tuple[Model, int]]) -> dict[tuple[Model, int], str]:
    """How those rows are called, by (model, id); gone ones as they were last. Two queries for each model."""
    wanted: dict[Model, set[int]] = defaultdict(set)
    for model, key in rows:
        wanted[model].add(key)
    return {
        (model, key): called_row(row)
        for model, keys in wanted.items()
        for key, row in as_they_were_last(model, keys).items()
    }


def called_row(row: TrackedModel) -> str:
    return str(row) or called_by_number(type(row), row.pk)


def called_by_number(model: Model, key: int) -> str:
    return f"{capitalised(str(model._meta.verbose_name))} {key}"


def as_they_were_last(model: Model, keys: set[int]) -> dict[int, TrackedModel]:
    """Those rows, by id; gone ones as they were last. A query, and one more where any is gone."""
    live: dict[int, TrackedModel] = model.objects.in_bulk(keys)
    gone = _last_versions(model, keys - live.keys()) if len(live) < len(keys) else {}
    return live | gone


def _last_versions(model: Model, keys: set[int]) -> dict[int, TrackedModel]:
    history = model.history.model
    versions = history.objects.filter(id__in=keys).order_by("id", "-history_id").distinct("id")
    return {version.id: as_it_was(version) for version in versions}


def as_it_was(version: Any) -> Any:
    """The row of which this is a version, not saved; what can be computed is left out."""
    columns = [column.attname for column in version.tracked_fields]
    return version.instance_type(**{name: getattr(version, name) for name in columns})
