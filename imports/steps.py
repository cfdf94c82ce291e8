"""What a worker does for an import, a batch at a time (history/long.py): checking the rows, carrying the plan out."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Model
from django.utils import timezone

from customers.models import Customer
from history.long import Refused
from history.models import Operation
from imports.drafting import BATCH as BATCH
from imports.drafting import Draft, SheetPlanner
from imports.duplicates import refuse_duplicates, warn_of_alike
from imports.entries import EntryPlanner
from imports.fields import fields_for
from imports.files import spool_path
from imports.models import Clock, ImportRun, PlanRow
from imports.planning import CUSTOMER, Planner
from imports.reasons import with_reasons
from imports.subjects import SUBJECTS
from imports.writing import MANAGED, Table, keep_rows, leave_out, tables, write_rows
from lists.columns import customer_groups
from lists.sheets import Row
from lists.spool import read_spool
from tenants.constraints import CompositeForeignKey
from tenants.models import Membership
from tenants.queries import AmongMany

GONE = "The file is no longer here. Upload it again."
REFUSED = "The database refused this row: {}."
TAKEN = "customers_customer_reference"  # the constraint on references
Action, Outcome = PlanRow.Action, PlanRow.Outcome
CARRIED_OUT = (Action.CREATE, Action.UPDATE)
SUMMED = ("created", "updated", "unchanged", "skipped", "failed")


def importer(run: ImportRun, running: Operation) -> Membership:
    """Who asked for it. Raises Refused when they may not do such things any more."""
    by = running.by
    if by is None or by.membership is None or not SUBJECTS[run.subject].may_be_imported_by(by):
        raise Refused("Whoever asked for it may not import any longer.")
    return by.membership


def planner_for(run: ImportRun, by: Membership) -> SheetPlanner:
    entry = SUBJECTS[run.subject].entry
    if entry is None:
        return Planner(run.decided, by=by)
    return EntryPlanner(entry, run.decided, fields_for(by.user, run.subject), by=by)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for objects that only refer to each other: very many are made here that all are needed, and the
    looking would take a quarter of the time. What else runs in the process has its own looked for afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class CheckStep:
    """A batch of the check. One object checks one file; a worker that died is followed by another object."""

    def __init__(self) -> None:
        self.planner: SheetPlanner | None = None
        self.rows: Iterator[Row] = iter(())

    def __call__(self, running: Operation) -> bool:
        run = ImportRun.objects.get(checking=running)
        if self.planner is None:
            self.planner = self._begin(run, running)
        rows = list(islice(self.rows, BATCH))
        with uncollected():
            drafts = self.planner.plan(rows)
            keep_rows(run, drafts)
            self._keep(run, self.planner, drafts)
        running.position += len(rows)
        if len(rows) == BATCH:
            return True
        _close(run, running)
        return False

    def _begin(self, run: ImportRun, running: Operation) -> SheetPlanner:
        """From the start, or where the worker before stopped."""
        path = spool_path(run)
        if not path.is_file():
            raise Refused(GONE)
        planner = planner_for(run, importer(run, running))
        planned = PlanRow.objects.filter(run=run).order_by()
        if running.position == 0:
            planned.delete()
            run.plan = {}
        else:
            planner.go_on(run.plan.get("entries", {}), planned.filter(action=Action.UNCHANGED))
        planner.look_through(read_spool(path))
        self.rows = with_reasons(read_spool(path, running.position), run.headings)
        return planner

    def _keep(self, run: ImportRun, planner: SheetPlanner, drafts: Sequence[Draft]) -> None:
        """What the plan needs besides its rows: which columns it writes, and entries that are not there yet."""
        columns = run.plan.setdefault("columns", {})
        for label, kinds in columns_of(drafts).items():
            for kind, names in kinds.items():
                of_label = columns.setdefault(label, {})
                of_label[kind] = sorted(names.union(of_label.get(kind, ())))
        run.plan["entries"] = planner.new_entries
        run.save(update_fields=["plan"])


def columns_of(drafts: Sequence[Draft]) -> dict[str, dict[str, set[str]]]:
    """What they write: by the model's label, of new rows and of changed ones, the columns."""
    found: dict[str, dict[str, set[str]]] = {}
    for draft in drafts:
        for label, write in draft.writes.items():
            kinds = found.setdefault(label, {})
            kinds.setdefault("new" if write["new"] else "changed", set()).update(write)
    apart = {"new", "seen", *MANAGED}
    return {label: {kind: names - apart for kind, names in kinds.items()} for label, kinds in found.items()}


def _close(run: ImportRun, running: Operation) -> None:
    """All rows are planned."""
    entry = SUBJECTS[run.subject].entry
    refuse_duplicates(run, entry)
    warn_of_alike(run, entry)
    rows = PlanRow.objects.filter(run=run).order_by()
    counts = dict(rows.values_list("action").annotate(number=Count("pk")).values_list("action", "number"))
    run.plan["counts"] = {action: counts.get(action, 0) for action in Action.values}
    run.plan["warnings"] = rows.exclude(warnings=[]).count()
    run.plan["entries"] = _wanted_entries(run)
    run.save(update_fields=["plan"])
    running.total = running.position
    running.counts = {"rows": running.position}


def _wanted_entries(run: ImportRun) -> dict[str, dict[str, list[Any]]]:
    """The new entries of our lists that rows will have which go in."""
    rows, wanted = PlanRow.objects.filter(run=run, action__in=CARRIED_OUT).order_by(), {}
    for name, entries in run.plan.get("entries", {}).items():
        had = set(rows.values_list(f"writes__{CUSTOMER}__{name}_id", flat=True).distinct())
        wanted[name] = {key: entry for key, entry in entries.items() if entry[0] in had}
    return {name: entries for name, entries in wanted.items() if entries}


def written_models() -> list[type[Model]]:
    """What an import may write to, in the order in which rows need each other."""
    return list(dict.fromkeys([Customer, *(group.part.model for group in customer_groups() if group.part)]))


def run_step(running: Operation) -> bool:
    """A batch of the import."""
    run = ImportRun.objects.get(operation=running)
    by = importer(run, running)
    if running.position == 0:
        _begin(run, running, by)
    left = PlanRow.objects.filter(run=run, action__in=CARRIED_OUT, number__gt=run.carried)
    numbers = list(left.order_by("number").values_list("number", flat=True)[:BATCH])
    _write(run, running, numbers, tables(run.plan["columns"], written_models()))
    _count(run, running, numbers)
    running.position += len(numbers)
    if numbers:
        run.carried = numbers[-1]
        run.save(update_fields=["carried"])
    if len(numbers) == BATCH:
        return True
    if sum(running.counts[name] for name in SUMMED) != running.counts["rows"]:
        raise Refused("Not every row of the file is accounted for. Undo the import, and tell us.")
    _release_followers(run)
    return False


def _release_followers(run: ImportRun) -> None:
    """The timed imports that come after the one which began this run are due as soon as it is done."""
    if run.schedule_id:
        followers = Clock.objects.filter(schedule__after=run.schedule_id, schedule__is_active=True)
        followers.update(next_at=timezone.now())


def _begin(run: ImportRun, running: Operation, by: Membership) -> None:
    running.makes_settled = True
    running.save(update_fields=["makes_settled"])
    planned = run.plan["counts"]
    running.counts = {
        "rows": sum(planned.values()),
        "created": 0,
        "updated": 0,
        "unchanged": planned[Action.UNCHANGED],
        "skipped": planned[Action.SKIP],
        "failed": planned[Action.ERROR],
        "warnings": run.plan["warnings"],
    }
    for name, entries in run.plan.get("entries", {}).items():
        _add_entries(Customer._meta.get_field(name).related_model, list(entries.values()), by)


def _add_entries(model: Any, entries: list[tuple[int, str]], by: Membership) -> None:
    """Those that the plan promised. Raises Refused."""
    if entries and not by.user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}"):
        raise Refused(f"Whoever asked for it may not add {model._meta.verbose_name_plural} any longer.")
    for pk, name in entries:
        entry = model(pk=pk, name=name)
        entry.place_last()
        try:
            with transaction.atomic():
                model.objects.bulk_create([entry])
        except IntegrityError as error:
            raise Refused(f"“{name}” was added by somebody else meanwhile. Check the file again.") from error


def _write(run: ImportRun, running: Operation, numbers: list[int], into: Sequence[Table]) -> None:
    """Carry those rows out. When the database refuses, by halves, down to the rows that it refuses."""
    if not numbers:
        return
    try:
        with transaction.atomic():
            write_rows(run, running, numbers, into)
    except IntegrityError as error:
        if len(numbers) == 1:
            leave_out(run, {numbers[0]: (Outcome.FAILED, REFUSED.format(_broken(error)))})
            return
        half = len(numbers) // 2
        _write(run, running, numbers[:half], into)
        _write(run, running, numbers[half:], into)


def _broken(error: IntegrityError) -> str:
    """What is wrong with a row, as the constraint tells that refused it."""
    named = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in written_models():
        for constraint in model._meta.constraints:
            if constraint.name == named and isinstance(constraint, CompositeForeignKey):
                column: Any = model._meta.get_field(constraint.field)
                return f"its {column.verbose_name} is no longer there"
    if named == TAKEN:
        return "another customer has its reference"
    return "something else has the same reference, or what it refers to is gone"


def _count(run: ImportRun, running: Operation, numbers: list[int]) -> None:
    rows = PlanRow.objects.filter(AmongMany("number", numbers), run=run).order_by()
    came_to = rows.values_list("action", "outcome").annotate(number=Count("pk"))
    found: Counter[str] = Counter()
    for action, outcome, number in came_to:
        done = {Action.CREATE: "created", Action.UPDATE: "updated"}
        found[done[action] if not outcome else "failed"] += number
    running.counts |= {name: running.counts[name] + number for name, number in found.items()}
