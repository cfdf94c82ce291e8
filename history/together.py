"""Rows that were added or deleted together with what belongs to them: each goes with all of it, or stays with all.

An imported customer goes in one transaction with its contacts and addresses. While it is held nobody gives it another
one, and whoever has been quicker keeps it whole. When that is undone it comes back in one transaction with them, so
that nobody sees it without, wherever the undo is stopped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from history.holding import above, key_above
from history.models import Operation
from history.reversal import JUST_NOW, Reasons, Step, bring_back, take_out
from history.staying import Users, in_words, owners_of, stays_with, tell, users_of
from history.trace_lists import Trace, TraceList
from history.traces import AT_A_TIME, Model, Traces
from tenants.queries import AmongMany

Owned = list[tuple[int, Trace]]  # rows, each with the id of what it belongs to


def alone(step: Step, part: Traces, found: Sequence[Traces]) -> TraceList:
    """Of its rows that are taken out, or brought back, those that go by themselves, for what they belong to goes not:
    it was there before, or is gone for another reason. A query for each ten thousand."""
    rows = _going(step, part).untouched()
    owners = next((one for one in found if one is not part and above(part.model) is one.model), None)
    with_them = _going(step, owners) if owners else TraceList()
    if not with_them:
        return rows
    found_alone = TraceList()
    for at in range(0, len(rows), AT_A_TIME):
        some = rows[at : at + AT_A_TIME]
        together = {
            key
            for key, owner in _owned(step, part.model, some)
            if (trace := with_them.of(owner)) and not trace.touched
        }
        for trace in some:
            if trace.id not in together:
                found_alone.append(trace)
    return found_alone


def _going(step: Step, part: Traces) -> TraceList:
    return part.deleted if step is bring_back else part.added


def _owned(step: Step, model: Model, traces: Iterable[Trace]) -> QuerySet[Any, Any]:
    """Of those rows the ids, and those of what they belong to: of deleted ones, as they come back."""
    if step is not bring_back:
        return owners_of(model).filter(AmongMany("pk", [trace.id for trace in traces]))
    known = [trace.before for trace in traces if trace.before]
    versions: QuerySet[Any] = model.history.model.objects.filter(AmongMany("history_id", known)).order_by()
    return versions.values_list("id", key_above(model))


@dataclass
class Whole:
    """What came of it: of the rows themselves, those that stay and why; of what belongs to them, by model, those that
    stay and why, those of them that may go by themselves later, and how many have gone."""

    stay: Reasons = field(default_factory=dict)
    parts: dict[Model, Reasons] = field(default_factory=lambda: defaultdict(dict))
    later: dict[Model, list[Trace]] = field(default_factory=dict)
    gone: Counter[Model] = field(default_factory=Counter)

    def let_go(self, step: Step, original: Operation, model: Model, rows: Owned, why: str) -> list[Trace]:
        """Take back what belongs to rows that don't stay. `why` is the reason of the others. Answers those that the
        database refused."""
        going = [trace for owner, trace in rows if owner not in self.stay]
        refused = step(original, model, going)
        self.parts[model] |= {trace.id: why for owner, trace in rows if owner in self.stay} | refused
        self.gone[model] = len(going) - len(refused)
        return [trace for trace in going if trace.id in refused]


def bring_back_together(
    original: Operation, owners: Model, parts: Sequence[Traces], traces: Sequence[Trace]
) -> Whole:
    """Bring back those rows, each with what the operation has deleted of `parts`. One query more for each of them."""
    whole = Whole(bring_back(original, owners, list(traces)))
    ids = [trace.id for trace in traces]
    for part in reversed(parts):
        why = f"its {owners._meta.verbose_name} was not brought back"
        refused = whole.let_go(bring_back, original, part.model, _deleted_with(part, ids), why)
        whole.later[part.model] = refused
    return whole


def _deleted_with(part: Traces, owners: Collection[int]) -> Owned:
    """What was deleted of what belonged to them. It looks through all versions of that: asked for those of the
    operation, the planner might go through the whole operation each time."""
    key = key_above(part.model)
    versions = part.model.history.model.objects.filter(AmongMany(key, owners)).order_by("id")
    deleted = []
    for version, pk, owner in versions.values_list("history_id", "id", key):
        trace = part.deleted.of(pk)
        if trace and not trace.touched and trace.before == version:
            deleted.append((owner, trace))
    return deleted


def take_out_together(
    original: Operation, owners: Model, parts: Sequence[Traces], traces: Sequence[Trace]
) -> Whole:
    """Take out those rows, each with what the operation has added of `parts`. All are held until the end."""
    ids = [trace.id for trace in traces]
    live = _held(original, owners, traces)
    whole = Whole({key: JUST_NOW for key in ids if key not in live})
    used: Users = defaultdict(list)
    written: dict[int, list[str]] = defaultdict(list)
    came = {part.model: _came(original, part, ids, whole, used, written) for part in parts}
    told = {key: f"somebody changed its {' and '.join(names)} just now" for key, names in written.items()}
    whole.stay = {**in_words(used), **users_of(owners, live, but=list(came)), **told, **whole.stay}
    for model, rows in came.items():
        whole.let_go(take_out, original, model, rows, stays_with(owners))
    whole.stay |= take_out(original, owners, [trace for trace in traces if trace.id not in whole.stay])
    return whole


# By which way back rows go together with what belongs to them.
TOGETHER: dict[Step, Callable[[Operation, Model, Sequence[Traces], Sequence[Trace]], Whole]] = {
    bring_back: bring_back_together,
    take_out: take_out_together,
}


def _held(original: Operation, model: Model, traces: Sequence[Trace]) -> list[int]:
    """The ids of those rows that nobody has written since, held until the end like the others."""
    left = {trace.id: trace.last or original.pk for trace in traces}
    held = model.objects.filter(AmongMany("pk", left)).order_by("pk").select_for_update(of=("self",))
    return [pk for pk, last in held.values_list("pk", "last_operation_id") if last == left[pk]]


def _came(
    original: Operation,
    part: Traces,
    owners: Collection[int],
    whole: Whole,
    used: Users,
    written: dict[int, list[str]],
) -> Owned:
    """What came with them and is as it was left, each with whose it is.

    What came with them and was written just now stays, and its owner is told in `written`. Of what else they have is
    told in `used`.
    """
    key = key_above(part.model)
    held = part.model.objects.filter(AmongMany(key, owners)).order_by("pk").select_for_update(of=("self",))
    came, others, just_now = [], Counter[int](), set()
    for pk, owner, last in held.values_list("pk", key, "last_operation_id"):
        trace = part.added.of(pk)
        if trace and not trace.touched and (trace.last or original.pk) == last:
            came.append((owner, trace))
        elif trace and (not trace.touched or trace.is_gone):
            whole.parts[part.model][pk] = JUST_NOW
            just_now.add(owner)
        else:
            others[owner] += 1
    needed = users_of(part.model, [trace.id for _, trace in came])
    others.update(owner for owner, trace in came if trace.id in needed)
    tell(used, part.model, others)
    for owner in just_now:
        written[owner].append(str(part.model._meta.verbose_name))
    return came
