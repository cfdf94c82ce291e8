"""Imports that begin by the clock, are looked at by rules, and are carried out without anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone

from customers.models import Customer
from history.long import WORKER_DIED, Progress, Refused, ask_for, carry_on, do_in_one_piece, give_up
from history.models import Operation
from imports import files, reading, runs, tasks, unattended
from imports.choices import Choices
from imports.fields import importable_columns
from imports.formats import objection
from imports.matching import columns_named, formats_named, match, refusal
from imports.models import Clock, ImportRun, Schedule
from imports.sources import NoFile, file_of
from imports.steps import CheckStep, run_step
from imports.subjects import SUBJECTS
from tenants.context import tenant
from tenants.models import Membership, Tenant, User

LOST = timedelta(days=1)  # a run of which nobody has heard for so long is over
Stage, State, Kind = ImportRun.Stage, Operation.State, Operation.Kind


# By the clock


def start_due(company: Tenant, now: datetime) -> list[ImportRun]:
    """Begin a run of whatever is due. Several may do so at once: each is begun once. Call it inside the tenant."""
    zone, begun = ZoneInfo(company.timezone), []
    for clock in _held_clocks(Q(next_at__lte=now) | ~Q(zone=company.timezone)):
        schedule = clock.schedule
        if clock.next_at and clock.next_at <= now:
            if is_going(schedule, now):
                continue  # as soon as that one is over
            begun.append(_begin(schedule))
        set_clock(clock, now, zone)
    return begun


def _held_clocks(which: Q) -> QuerySet[Clock]:
    """Those that are set, for us alone until the transaction ends; without those that somebody else holds."""
    found: QuerySet[Clock] = Clock.objects.filter(which, next_at__isnull=False, schedule__is_active=True)
    held = found.select_for_update(skip_locked=True, of=("self",))
    return held.select_related("schedule__owner").order_by("next_at", "pk")


def set_clock(clock: Clock, now: datetime, zone: ZoneInfo) -> None:
    """To when it is due first after `now`."""
    clock.next_at, clock.zone = clock.schedule.next_time(now, zone), zone.key
    clock.save(update_fields=["next_at", "zone"])


def start_now(schedule: Schedule) -> ImportRun | None:
    """Begin a run, whenever the next one is due. None as long as one is going. Call it inside the tenant."""
    Clock.objects.select_for_update(of=("self",)).get(schedule=schedule)
    return None if is_going(schedule, timezone.now()) else _begin(schedule)


def is_going(schedule: Schedule, now: datetime) -> bool:
    going = ImportRun.objects.filter(schedule=schedule, told_at=None, at__gt=now - LOST)
    return bool(going.exists())


def _begin(schedule: Schedule) -> ImportRun:
    run = ImportRun(
        subject=schedule.subject, by=schedule.owner, name=schedule.name, size=0, choices=schedule.choices
    )
    run.schedule = schedule
    run.reading = ask_for(
        Kind.CHECK, by=schedule.owner, total=None, summary=f"Fetching {schedule}", source=schedule.name
    )
    run.save()
    tasks.carry_through.later(run_id=run.pk)
    return run


# What a worker does


def carry_through(tenant_id: int, run_id: int) -> None:
    """Whatever is left to be done of a run, until it is over or somebody has to look at it. A worker that died is
    followed by another one, which goes on from there."""
    run = Unattended(tenant_id, run_id)
    if run.now().told_at:
        return
    try:
        with suppress(runs.NotNow, ImportRun.DoesNotExist):  # somebody has taken it in hand
            run.go_on()
    except OperationalError:
        raise  # the job is run again
    except Exception:
        finish(tenant_id, run_id)  # the operation has failed, and says so
        raise
    finish(tenant_id, run_id)


@dataclass(frozen=True)
class Unattended:
    """A run that a worker takes from one stage to the next."""

    tenant_id: int
    run_id: int

    def now(self) -> ImportRun:
        with tenant(self.tenant_id):
            return unattended.as_it_is(ImportRun(pk=self.run_id))

    def go_on(self) -> None:
        run = self.now()
        if run.reading and not run.reading.is_over:
            do_in_one_piece(self.tenant_id, run.reading.pk, self.fetch)
            run = self.now()
        if run.found is None:
            return
        if run.checking is None:
            choices = self.decided()
            if choices is None:
                return
            unattended.check(run, choices, by=run.by)
        else:
            carry_on(self.tenant_id, run.checking.pk, CheckStep())
        run = self.now()
        if run.operation:
            carry_on(self.tenant_id, run.operation.pk, run_step)
        elif run.stage == Stage.READY and not self.is_held():
            unattended.carry_out(run, by=run.by)

    def fetch(self, progress: Progress) -> Callable[[Operation], None]:
        """Brings the file here, and reads it."""
        run = self.now()
        with tenant(self.tenant_id):
            company = Tenant.objects.get(pk=self.tenant_id)
            if run.schedule is None:
                raise Refused("The timed import was deleted.")
            if not run.schedule.may_be_changed_by(run.by):
                raise Refused(f"{run.by} may not do this import any longer.")
        files.remove(run)  # what a worker that died has brought
        try:
            with file_of(run.schedule, company.slug) as file:
                kept, size, digest = files.keep(self.tenant_id, _watched(file.pieces, progress))
        except NoFile as error:
            raise Refused(str(error)) from error
        with tenant(self.tenant_id):
            found = ImportRun.objects.filter(pk=run.pk)
            found.update(name=runs.told(file.name), file=kept, size=size, sha256=digest)
        return reading.read_rows(self.tenant_id, progress.operation_id, progress)

    def decided(self) -> Choices | None:
        """How the file is imported; None where its columns are not what they should be, and somebody has to look."""
        run = self.now()
        columns, formats = (run.schedule.columns, run.schedule.formats) if run.schedule else ({}, {})
        with tenant(self.tenant_id):
            try:
                choices = choices_for(run.headings, run.decided, columns, run.by, run.subject, formats)
                if refused := objection(run, choices, run.by):
                    raise ValueError(refused)
            except ValueError as error:
                self._hold(str(error))
                return None
        return choices

    def is_held(self) -> bool:
        """Whether somebody has to look at the plan first."""
        run = self.now()
        with tenant(self.tenant_id):
            entry = SUBJECTS[run.subject].entry
            rows: Any = entry.model if entry else Customer
            there = rows.objects.count()
            objection = (
                run.schedule.objection(run.plan["counts"], there)
                if run.schedule
                else "The timed import was deleted."
            )
            self._hold(objection)
        return bool(objection)

    def _hold(self, why: str) -> None:
        ImportRun.objects.filter(pk=self.run_id).update(held=why)


def _watched(pieces: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    for piece in pieces:
        progress.at(0, None)  # somebody may have it stopped
        yield piece


def choices_for(
    headings: Sequence[str],
    decided: Choices,
    columns: Mapping[str, str],
    by: User,
    subject: str,
    formats: Mapping[str, str] | None = None,
) -> Choices:
    """How a file with these headings is imported; `columns` has our columns by heading, and where it has none, they
    are told by the headings; `formats` those of the columns that were chosen. Raises ValueError where that can't be
    told."""
    if columns:
        named = columns_named(headings, columns, by, subject)
    else:
        named = match(headings, [], importable_columns(by, subject), subject)
    choices = replace(
        decided,
        columns={at: key for at, key in named.items() if key},
        formats=formats_named(headings, formats or {}),
    )
    if refused := refusal(choices, by, subject) or _gone(choices):
        raise ValueError(refused)
    return choices


def _gone(choices: Choices) -> str:
    """What new customers were to get and the company doesn't have any longer, '' if there is nothing."""
    for attribute, key in choices.defaults.items():
        field: Any = Customer._meta.get_field(attribute.removesuffix("_id"))
        model = field.related_model
        rows = Membership.objects.current() if model is Membership else model.objects.all()
        if not rows.filter(pk=key).exists():
            return f"The {field.verbose_name} that new customers were to get is no longer there."
    return ""


def finish(tenant_id: int, run_id: int) -> None:
    """Nothing more happens to the run by itself: have its owner told."""
    with tenant(tenant_id):
        if ImportRun.objects.filter(pk=run_id, told_at=None).update(told_at=timezone.now()):
            tasks.tell_owner.later(run_id=run_id)


def died(*, tenant_id: int, run_id: int) -> None:
    """The workers of a run died too often."""
    with tenant(tenant_id):
        going = unattended.as_it_is(ImportRun(pk=run_id)).going
    if going:
        give_up(tenant_id, going.pk, WORKER_DIED)
    finish(tenant_id, run_id)
