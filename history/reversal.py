"""The three ways back: rows that were deleted come back, changed ones change back, added ones go.

Each works through the given rows a thousand at a time and answers with those the database refused, and why. A
refused row costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from history.models import Operation, TrackedModel, TrackedQuerySet
from history.operations import operation
from history.staying import users_of
from history.timeline import UNTOLD
from history.trace_lists import Trace
from history.traces import Model, as_it_was
from tenants.constraints import CompositeForeignKey
from tenants.queries import AmongMany

CHUNK = 1_000
JUST_NOW = "somebody changed it just now"
Reasons = dict[int, str]  # a row's id → why it stays as it is
Step = Callable[[Operation, Model, list[Trace]], Reasons]


def bring_back(original: Operation, model: Model, traces: list[Trace]) -> Reasons:
    reasons: Reasons = {}
    for chunk in _chunks(traces):
        rows = list(_as_before(model, chunk).values())
        reasons |= _write(rows, _rows(model).bring_back)
    return reasons


def change_back(original: Operation, model: Model, traces: list[Trace]) -> Reasons:
    reasons: Reasons = {}
    for chunk in _chunks(traces):
        before, live = _as_before(model, chunk), _hold(original, model, chunk)
        reasons |= {trace.id: JUST_NOW for trace in chunk if trace.id not in live}
        reasons |= {key: "what it was before is no longer kept" for key in live if key not in before}
        fields: set[str] = set()
        rows = []
        for key in live.keys() & before.keys():
            changed = _differences(live[key], before[key])
            for column in changed:
                setattr(live[key], column.attname, getattr(before[key], column.attname))
            fields |= {column.name for column in changed}
            if changed:
                rows.append(live[key])
        taken = _taken(model, rows)
        reasons |= taken
        reasons |= _write([row for row in rows if row.pk not in taken], _saving(model, sorted(fields)))
    return reasons


def take_out(original: Operation, model: Model, traces: list[Trace]) -> Reasons:
    reasons: Reasons = {}
    for chunk in _chunks(traces):
        live = _hold(original, model, chunk)
        reasons |= {trace.id: JUST_NOW for trace in chunk if trace.id not in live and not trace.touched}
        used = users_of(model, list(live))
        reasons |= used
        rows = [row for key, row in live.items() if key not in used]
        reasons |= _write(rows, _taking_out(model))
    return reasons


def _saving(model: Model, fields: list[str]) -> Callable[[list[Any]], object]:
    return lambda rows: _rows(model).bulk_update(rows, fields)


def _taking_out(model: Model) -> Callable[[list[Any]], object]:
    return lambda rows: _rows(model).filter(AmongMany("pk", [row.pk for row in rows])).take_out()


def _rows(model: Model) -> TrackedQuerySet[Any]:
    rows = model.objects.order_by()
    assert isinstance(rows, TrackedQuerySet)
    return rows


def _chunks(traces: list[Trace]) -> Iterator[list[Trace]]:
    for start in range(0, len(traces), CHUNK):
        yield traces[start : start + CHUNK]


def _hold(original: Operation, model: Model, chunk: list[Trace]) -> dict[int, Any]:
    """The rows as they are, by id, held until the end. Without those that have been written since."""
    last = {trace.id: trace.last or original.pk for trace in chunk}
    held = model.objects.order_by("pk").select_for_update(of=("self",))
    rows = held.filter(AmongMany("pk", last), last_operation_id__in=set(last.values()))
    return {row.pk: row for row in rows if row.last_operation_id == last[row.pk]}


def _as_before(model: Model, chunk: list[Trace]) -> dict[int, Any]:
    """The rows as they were, by id, not saved; derived columns are left to be computed."""
    known = [trace.before for trace in chunk if trace.before]
    versions = model.history.model.objects.filter(AmongMany("history_id", known)).order_by("id")
    return {version.id: as_it_was(version) for version in versions}


def _differences(row: Any, before: Any) -> list[Any]:
    return [
        column
        for column in type(row).history.model.tracked_fields
        if column.name not in UNTOLD and getattr(row, column.attname) != getattr(before, column.attname)
    ]


def _taken(model: Model, rows: list[Any]) -> Reasons:
    """Rows that shall have a flag which only one may have (the primary contact's), while another one has it. It may
    give it back in this round: who waits for that would be refused together with all that are written beside it.

    One query for each such flag, or none."""
    reasons: Reasons = {}
    for constraint in model._meta.constraints:
        flag = _flag_of(constraint)
        wanting = [row for row in rows if flag and getattr(row, flag)]
        if not wanting:
            continue
        columns: list[Any] = [model._meta.get_field(name) for name in constraint.fields if name != "tenant"]  # type: ignore[attr-defined]
        among = {
            f"{column.name}__in": {getattr(row, column.attname) for row in wanting} for column in columns
        }
        names = [column.attname for column in columns]
        held = model.objects.filter(**{str(flag): True}, **among).order_by().values_list("pk", *names)
        holders = {tuple(of): pk for pk, *of in held}
        for row in wanting:
            holder = holders.get(tuple(getattr(row, name) for name in names), row.pk)
            if holder != row.pk:
                reasons[row.pk] = _in_a_sentence(str(constraint.violation_error_message))
    return reasons


def _flag_of(constraint: models.BaseConstraint) -> str:
    """The flag that only one may have, where the constraint says so, else ''."""
    condition = constraint.condition if isinstance(constraint, models.UniqueConstraint) else None
    match condition.children if condition else []:
        case [(str(flag), True)]:
            return flag
    return ""


def _write(rows: list[Any], write: Callable[[list[Any]], object]) -> Reasons:
    """Write them together. When the database refuses, by halves, down to the rows that it refuses."""
    if not rows:
        return {}
    try:
        with operation(Operation.Kind.UNDO, by=None):  # a part of the running one: it is taken back alone
            write(rows)
    except IntegrityError as error:
        if len(rows) == 1:
            return {rows[0].pk: _reason(rows[0], error)}
        half = len(rows) // 2
        return _write(rows[:half], write) | _write(rows[half:], write)
    return {}


def _reason(row: TrackedModel, error: IntegrityError) -> str:
    broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for constraint in row._meta.constraints:
        if isinstance(constraint, CompositeForeignKey):
            if constraint.name == broken:
                column: Any = row._meta.get_field(constraint.field)
                return f"its {column.verbose_name} is no longer there"
            continue
        try:
            constraint.validate(type(row), row)
        except ValidationError as refusal:
            return _in_a_sentence(refusal.messages[0])
    return "something else is in its place, or what it needs is no longer there"


def _in_a_sentence(message: str) -> str:
    message = message.rstrip(".")
    return message[:1].lower() + message[1:]
