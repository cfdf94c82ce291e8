"""An import that is done in one process from the first byte to the last row, whatever its size: at a terminal, or by
the clock. Its operations are those of any other import, but no worker takes them up by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from history.long import Step, Watch, ask_for, carry_on, in_turns
from history.models import Operation
from imports import files, reading, runs, tasks
from imports.choices import Choices
from imports.models import ImportRun
from imports.steps import CheckStep, run_step
from tenants.context import require_tenant_id, tenant
from tenants.models import User

Kind = Operation.Kind
Watched = Callable[[Step], Step]  # a step that somebody watches


def unwatched(step: Step) -> Step:
    return step


def begin(
    name: str, chunks: Iterable[bytes], *, by: User, subject: str, sheet: str = "", heading: int = 0
) -> ImportRun:
    """Store the file, to be read."""
    kept, size, digest = files.keep(require_tenant_id(), chunks)
    run = ImportRun(subject=subject, by=by, name=runs.told(name), file=kept, size=size, sha256=digest)
    run.choices = Choices(sheet=sheet, heading=heading).as_json()
    run.reading = ask_for(Kind.CHECK, by=by, total=None, summary=f"Reading {run.name}", source=run.name)
    run.save()
    return run


def as_it_is(run: ImportRun) -> ImportRun:
    """The run as the database has it. Call it inside the tenant."""
    beside = ("by", "reading", "checking", "operation", "schedule")
    found: ImportRun = ImportRun.objects.select_related(*beside).get(pk=run.pk)
    return found


def read(run: ImportRun, watch: Watch | None = None) -> None:
    assert run.tenant_id
    assert run.reading_id
    reading.read(run.tenant_id, run.reading_id, watch)


def check(run: ImportRun, choices: Choices, *, by: User, watched: Watched = unwatched) -> None:
    """Make the plan. Raises NotNow."""
    tenant_id = run.tenant_id
    assert tenant_id
    with tenant(tenant_id):
        asked = runs.ask_for_check(run, choices, by=by)
    in_turns(lambda: carry_on(tenant_id, asked.pk, watched(CheckStep())))


def carry_out(
    run: ImportRun, *, by: User, watched: Watched = unwatched, looked_after: int | None = None
) -> None:
    """Do what the plan says. So many seconds later a worker goes on with it, if it should not be over by then: where
    nobody would notice that this process was killed. Raises NotNow."""
    tenant_id = run.tenant_id
    assert tenant_id
    with tenant(tenant_id):
        asked = runs.ask_for_import(run, by=by)
        if looked_after:
            tasks.carry_out.in_a_while(looked_after, operation_id=asked.pk)
    in_turns(lambda: carry_on(tenant_id, asked.pk, watched(run_step)))
