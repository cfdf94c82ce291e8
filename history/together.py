"""Taking out rows that were added together with what belongs to them: each goes with all of it, or stays with all.

An imported customer goes in one transaction with its contacts and addresses. While it is held nobody gives it another
one, and whoever has been quicker keeps it whole.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from history.holding import above, key_above
from history.models import Operation
from history.reversal import JUST_NOW, Reasons, take_out
from history.staying import Users, in_words, owners_of, stays_with, tell, users_of
from history.trace_lists import Trace, TraceList
from history.traces import AT_A_TIME, Model, Traces
from tenants.queries import AmongMany


def below(owners: Traces, found: Sequence[Traces]) -> list[Traces]:
    """What belongs to such rows, after what refers to it."""
    return [part for part in reversed(found) if part.model.told_below and above(part.model) is owners.model]


def alone(part: Traces, found: Sequence[Traces]) -> TraceList:
    """Of its rows that are taken out those that go by themselves, for what they belong to stays: it was there before.
    A query for each ten thousand."""
    added = part.added.untouched()
    owners = next((one for one in found if one is not part and above(part.model) is one.model), None)
    if owners is None or not owners.added:
        return added
    with_owner = array("q")
    for at in range(0, len(added), AT_A_TIME):
        ids = added.untouched_ids(at, at + AT_A_TIME)
        for key, owner in owners_of(part.model).filter(AmongMany("pk", ids)):
            trace = owners.added.of(owner)
            if trace and not trace.touched:
                with_owner.append(key)
    together = set(with_owner)
    return TraceList(trace for trace in added if trace.id not in together)


@dataclass
class Whole:
    """What came of it: of the rows themselves, those that stay and why; of what belongs to them, by model, those that
    stay and why, and how many have gone."""

    stay: Reasons = field(default_factory=dict)
    parts: dict[Model, Reasons] = field(default_factory=dict)
    gone: Counter[Model] = field(default_factory=Counter)


def take_out_together(
    original: Operation, owners: Model, parts: Sequence[Traces], traces: Sequence[Trace]
) -> Whole:
    """Take out those rows, each with what the operation has added of `parts`. All are held until the end."""
    ids = [trace.id for trace in traces]
    live = _held(original, owners, traces)
    whole = Whole({key: JUST_NOW for key in ids if key not in live})
    used: Users = defaultdict(list)
    came = {part.model: _came(original, part, ids, used) for part in parts}
    models = list(came)
    whole.stay = {**in_words(used), **users_of(owners, live, but=models), **whole.stay}
    for model, rows in came.items():
        whole.parts[model] = {trace.id: stays_with(owners) for owner, trace in rows if owner in whole.stay}
        going = [trace for owner, trace in rows if owner not in whole.stay]
        refused = take_out(original, model, going)
        whole.parts[model] |= refused
        whole.gone[model] = len(going) - len(refused)
    whole.stay |= take_out(original, owners, [trace for trace in traces if trace.id not in whole.stay])
    return whole


def _held(original: Operation, model: Model, traces: Sequence[Trace]) -> list[int]:
    """The ids of those rows that nobody has written since, held until the end like the others."""
    left = {trace.id: trace.last or original.pk for trace in traces}
    held = model.objects.filter(AmongMany("pk", left)).order_by("pk").select_for_update(of=("self",))
    return [pk for pk, last in held.values_list("pk", "last_operation_id") if last == left[pk]]


def _came(original: Operation, part: Traces, owners: Collection[int], used: Users) -> list[tuple[int, Trace]]:
    """What came with them and is as it was left, each with whose it is. Of what else they have is told in `used`."""
    key = key_above(part.model)
    held = part.model.objects.filter(AmongMany(key, owners)).order_by("pk").select_for_update(of=("self",))
    came, others = [], Counter[int]()
    for pk, owner, last in held.values_list("pk", key, "last_operation_id"):
        trace = part.added.of(pk)
        if trace and not trace.touched and (trace.last or original.pk) == last:
            came.append((owner, trace))
        else:
            others[owner] += 1
    needed = users_of(part.model, [trace.id for _, trace in came])
    others.update(owner for owner, trace in came if trace.id in needed)
    tell(used, part.model, others)
    return came
